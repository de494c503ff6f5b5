#include "runtime/net/redis/topology.h"

#include "runtime/net/redis/nodes.h"

namespace rr::redis {

namespace {

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

}  // namespace

std::unique_ptr<Topology> make_topology(const Settings& settings, TlsContext* tls, Logger log) {
  if (!settings.master_name.empty()) return make_sentinels(settings, tls, log);
  if (settings.addrs.size() > 1) return make_cluster(settings, tls);
  return std::make_unique<Single>(settings, tls);
}

}  // namespace rr::redis
