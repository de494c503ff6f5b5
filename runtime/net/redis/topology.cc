#include "runtime/net/redis/topology.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <random>

namespace rr::redis {

namespace {

constexpr unsigned kSlots = 16384;

// CRC16 of the XMODEM kind, as redis computes it.
constexpr std::array<std::uint16_t, 256> make_crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned value = i << 8;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 0x8000U) != 0 ? (value << 1) ^ 0x1021U : value << 1;
    table[i] = static_cast<std::uint16_t>(value);
  }
  return table;
}
constexpr auto kCrcTable = make_crc_table();

std::size_t any_of(std::size_t count) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  return random() % count;
}

std::string join(const std::string& host, std::string_view port) {
  const bool wide = host.find(':') != std::string::npos;
  return (wide ? "[" + host + "]" : host) + ":" + std::string(port);
}

std::string host_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

// Pools by address; they stay.
class Pools {
 public:
  Pools(const Settings& settings, TlsContext* tls, Connection::Login login)
      : settings_(settings), tls_(tls), login_(std::move(login)) {}

  Pool& at(const std::string& address) {
    std::lock_guard lock(mutex_);
    auto& pool = pools_[address];
    if (!pool) pool = std::make_unique<Pool>(address, settings_, tls_, login_);
    return *pool;
  }
  std::vector<Pool*> all() {
    std::lock_guard lock(mutex_);
    std::vector<Pool*> all;
    for (const auto& [address, pool] : pools_) all.push_back(pool.get());
    return all;
  }
  void tidy() {
    for (Pool* pool : all()) pool->tidy();
  }

 private:
  const Settings& settings_;
  TlsContext* const tls_;
  const Connection::Login login_;
  std::mutex mutex_;  // guards pools_
  std::map<std::string, std::unique_ptr<Pool>> pools_;
};

// A master and what copies it.
struct Group {
  Pool* master = nullptr;
  std::vector<Pool*> replicas;
};

Pool* choose(const Group& group, Access access, const Settings& settings) {
  const bool near = settings.route_by_latency;
  const bool any = settings.route_randomly;
  if (access == Access::write || group.replicas.empty() || (!near && !any && !settings.read_only))
    return group.master;
  if (!near && !any) return group.replicas[any_of(group.replicas.size())];
  std::vector<Pool*> all = group.replicas;
  all.push_back(group.master);
  if (!near) return all[any_of(all.size())];
  return *std::ranges::min_element(all, {},
                                   [](const Pool* each) { return each->latency_us.load(); });
}

void measure(Pool& pool) {
  constexpr std::int64_t kUnreachable = 60'000'000;
  auto lease = pool.take();
  if (!lease) {
    pool.latency_us = kUnreachable;
    return;
  }
  const TimePoint before = Clock::now();
  if (auto reply = (*lease)->run(Command{"PING"}); !reply) {
    lease->broken();
    pool.latency_us = kUnreachable;
    return;
  }
  pool.latency_us =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - before).count();
}

class Single final : public Topology {
 public:
  Single(const Settings& settings, TlsContext* tls)
      : pools_(settings, tls, {settings.username, settings.password, settings.db}),
        only_(pools_.at(settings.addrs.front())) {}

  Result<Pool*> pick(std::string_view, Access) override { return &only_; }
  Result<std::vector<Pool*>> masters() override { return std::vector<Pool*>{&only_}; }
  Pool& at(const std::string& address) override { return pools_.at(address); }
  void doubt() override {}
  void tidy() override { pools_.tidy(); }
  std::vector<Pool*> pools() override { return pools_.all(); }
  bool is_cluster() const override { return false; }

 private:
  Pools pools_;
  Pool& only_;
};

// ---------------------------------------------------------------- sentinels

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
    group.master = &pools_.at(join(master->items[0].text, master->items[1].text));
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
      group.replicas.push_back(&pools_.at(join(facts["ip"], facts["port"])));
    }
    if (!settings_.route_by_latency) return;
    measure(*group.master);
    for (Pool* replica : group.replicas) measure(*replica);
  }

  const Settings& settings_;
  const Logger log_;
  Pools sentinels_;
  Pools pools_;
  std::mutex mutex_;  // guards the rest
  bool known_ = false;
  Group group_;
};

// ---------------------------------------------------------------- cluster

class Cluster final : public Topology {
 public:
  Cluster(const Settings& settings, TlsContext* tls)
      : settings_(settings),
        pools_(settings, tls,
               {settings.username, settings.password, 0,
                settings.read_only || settings.route_by_latency || settings.route_randomly}) {}

  Result<Pool*> pick(std::string_view key, Access access) override {
    auto map = current();
    if (!map) return std::move(map).error();
    const std::uint16_t group = (*map)->slots[slot_of(key)];
    if (group == kNobody) {
      doubt();
      return Error(Errc::network, "", "CLUSTERDOWN Hash slot not served");
    }
    return choose((*map)->groups[group], access, settings_);
  }
  Result<std::vector<Pool*>> masters() override {
    auto map = current();
    if (!map) return std::move(map).error();
    std::vector<Pool*> masters;
    for (const Group& group : (*map)->groups) {
      if (std::ranges::find(masters, group.master) == masters.end())
        masters.push_back(group.master);
    }
    return masters;
  }
  Pool& at(const std::string& address) override { return pools_.at(address); }
  void doubt() override {
    std::lock_guard lock(mutex_);
    doubted_ = true;
  }
  void tidy() override {
    doubt();
    static_cast<void>(current());  // who waits for it hears of errors
    pools_.tidy();
  }
  std::vector<Pool*> pools() override { return pools_.all(); }
  bool is_cluster() const override { return true; }

 private:
  static constexpr std::uint16_t kNobody = 0xFFFF;
  struct Map {
    std::vector<Group> groups;
    std::array<std::uint16_t, kSlots> slots;
  };
  // Of this and of the calls that use it.
  using SharedMap = std::shared_ptr<const Map>;

  Result<SharedMap> current() {
    std::lock_guard lock(mutex_);  // one asks, the others wait for the answer
    if (map_ && !doubted_) return map_;
    Error last(Errc::network, "", "redis: no node was asked");
    for (Pool* node : nodes_to_ask()) {
      auto map = ask(*node);
      if (!map) {
        last = std::move(map).error();
        continue;
      }
      map_ = std::move(*map);
      doubted_ = false;
      return map_;
    }
    return last;
  }

  // Those that had slots, and those of the configuration.
  std::vector<Pool*> nodes_to_ask() {
    std::vector<Pool*> nodes;
    if (map_) {
      for (const Group& group : map_->groups) nodes.push_back(group.master);
    }
    for (const std::string& address : settings_.addrs) nodes.push_back(&pools_.at(address));
    return nodes;
  }

  Result<SharedMap> ask(Pool& node) {
    auto lease = node.take();
    if (!lease) return std::move(lease).error();
    auto reply = (*lease)->run(Command{"CLUSTER", "SLOTS"});
    if (!reply) {
      lease->broken();
      return std::move(reply).error();
    }
    if (!reply->is(Reply::Kind::list)) return Error(Errc::network, "", reply->text);
    auto map = std::make_shared<Map>();
    map->slots.fill(kNobody);
    for (const Reply& range : reply->items) add_range(*map, range, host_of(node.address()));
    if (settings_.route_by_latency) {
      for (const Group& group : map->groups) {
        measure(*group.master);
        for (Pool* replica : group.replicas) measure(*replica);
      }
    }
    return SharedMap(std::move(map));
  }

  void add_range(Map& map, const Reply& range, const std::string& host_of_asked) {
    if (range.items.size() < 3 || map.groups.size() >= kNobody) return;
    Group group;
    for (std::size_t i = 2; i < range.items.size(); ++i) {
      const std::vector<Reply>& node = range.items[i].items;
      if (node.size() < 2) continue;
      const std::string& host = node[0].text.empty() ? host_of_asked : node[0].text;
      Pool* pool = &pools_.at(join(host, std::to_string(node[1].integer)));
      if (group.master == nullptr) {
        group.master = pool;
      } else {
        group.replicas.push_back(pool);
      }
    }
    if (group.master == nullptr) return;
    const std::int64_t last = std::min<std::int64_t>(range.items[1].integer, kSlots - 1);
    for (std::int64_t slot = std::max<std::int64_t>(range.items[0].integer, 0); slot <= last;
         ++slot)
      map.slots[static_cast<std::size_t>(slot)] = static_cast<std::uint16_t>(map.groups.size());
    map.groups.push_back(std::move(group));
  }

  const Settings& settings_;
  Pools pools_;
  std::mutex mutex_;  // guards the rest
  SharedMap map_;
  bool doubted_ = false;
};

}  // namespace

unsigned slot_of(std::string_view key) {
  // Of "{tag}key" the tag counts.
  if (const std::size_t open = key.find('{'); open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1)
      key = key.substr(open + 1, close - open - 1);
  }
  unsigned crc = 0;
  for (const char c : key)
    crc = (crc << 8 & 0xFFFFU) ^ kCrcTable[(crc >> 8 ^ static_cast<unsigned char>(c)) & 0xFF];
  return crc % kSlots;
}

std::unique_ptr<Topology> make_topology(const Settings& settings, TlsContext* tls, Logger log) {
  if (!settings.master_name.empty()) return std::make_unique<Sentinels>(settings, tls, log);
  if (settings.addrs.size() > 1) return std::make_unique<Cluster>(settings, tls);
  return std::make_unique<Single>(settings, tls);
}

}  // namespace rr::redis
