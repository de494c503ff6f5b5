#include <map>
#include <mutex>

#include "runtime/net/redis/nodes.h"
#include "runtime/net/redis/topology.h"

namespace rr::redis {

namespace {

// Asks them who the master is, and anew when a server turns out to be none.
class Sentinels final : public Topology {
 public:
  Sentinels(const Settings& settings, TlsContext* tls, Logger log)
      : settings_(settings),
        log_(log),
        sentinels_(settings, tls, {"", settings.sentinel_password}),
        pools_(settings, tls, {settings.username, settings.password, settings.db}) {}

  Result<Pool*> pick(std::string_view, Access access) override {
    auto group = current();
    if (!group) return std::move(group).error();
    return choose(*group, access, settings_);
  }
  Result<std::vector<Pool*>> masters() override {
    auto group = current();
    if (!group) return std::move(group).error();
    return std::vector<Pool*>{group->master};
  }
  Pool& at(const std::string& address) override { return pools_.at(address); }
  void doubt() override {
    std::lock_guard lock(mutex_);
    known_ = false;
  }
  void tidy() override {
    doubt();
    static_cast<void>(current());  // who waits for it hears of errors
    pools_.tidy();
  }
  std::vector<Pool*> pools() override { return pools_.all(); }
  bool is_cluster() const override { return false; }

 private:
  Result<Group> current() {
    std::lock_guard lock(mutex_);  // one asks, the others wait for the answer
    if (known_) return group_;
    Error last(Errc::network, "", "redis: no sentinel was asked");
    for (const std::string& address : settings_.addrs) {
      auto group = ask(sentinels_.at(address));
      if (!group) {
        last = std::move(group).error();
        continue;
      }
      if (group_.master != nullptr && group_.master != group->master)
        log_.info("redis has another master", log::kv("address", group->master->address()));
      group_ = std::move(*group);
      known_ = true;
      return group_;
    }
    return Error(Errc::network, "",
                 "redis: all sentinels specified in configuration are unreachable: " + last.text());
  }

  Result<Group> ask(Pool& sentinel) {
    auto lease = sentinel.take();
    if (!lease) return std::move(lease).error();
    auto master =
        (*lease)->run(Command{"SENTINEL", "get-master-addr-by-name", settings_.master_name});
    if (!master) {
      lease->broken();
      return std::move(master).error();
    }
    if (!master->is(Reply::Kind::list) || master->items.size() < 2) {
      return Error(Errc::network, "",
                   "redis: the sentinel at " + sentinel.address() + " knows no master \"" +
                       settings_.master_name + "\" " + master->text);
    }
    Group group;
    group.master = &pools_.at(join_address(master->items[0].text, master->items[1].text));
    if (settings_.route_by_latency || settings_.route_randomly) add_replicas(*lease, group);
    return group;
  }

  void add_replicas(Pool::Lease& lease, Group& group) {
    auto replicas = lease->run(Command{"SENTINEL", "replicas", settings_.master_name});
    if (!replicas) return lease.broken();
    for (const Reply& each : replicas->items) {
      std::map<std::string, std::string> facts;
      for (std::size_t i = 0; i + 1 < each.items.size(); i += 2)
        facts[each.items[i].text] = each.items[i + 1].text;
      if (facts["flags"].find("down") != std::string::npos || facts["ip"].empty()) continue;
      group.replicas.push_back(&pools_.at(join_address(facts["ip"], facts["port"])));
    }
    if (settings_.route_by_latency) measure(group);
  }

  const Settings& settings_;
  const Logger log_;
  Pools sentinels_;
  Pools pools_;
  std::mutex mutex_;  // guards the rest
  bool known_ = false;
  Group group_;
};

}  // namespace

std::unique_ptr<Topology> make_sentinels(const Settings& settings, TlsContext* tls, Logger log) {
  return std::make_unique<Sentinels>(settings, tls, log);
}

}  // namespace rr::redis
