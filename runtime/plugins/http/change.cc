// How the plugin takes over another configuration while it runs: new workers and addresses beside
// the old ones, then the switch, then the old ones end behind what they have in hand.
#include <utility>

#include "runtime/core/read_section.h"
#include "runtime/plugins/http/plugin.h"
#include "runtime/pool/crew.h"
#include "runtime/pool/factory.h"

namespace rr::http {

class HttpPlugin::Change final : public Reloadable::Change {
 public:
  Change(HttpPlugin& plugin, std::shared_ptr<Generation> next, std::uint32_t configured_workers)
      : plugin_(plugin), next_(std::move(next)), configured_workers_(configured_workers) {}

  ~Change() override {
    if (!next_) return;
    // Threads of it may be stuck in their scripts.
    plugin_.factory_->retire(pool_of(next_), Duration::zero());
    close(std::move(listeners_));
  }

  Result<void> start() override {
    const HttpConfig& before = plugin_.front_->current().config;
    moves_ = next_->config.plain_addresses() != before.plain_addresses();
    if (moves_) {
      auto bound = plugin_.doors_->bind_plain(next_->config);
      if (!bound) return std::move(bound).error();
      listeners_ = std::move(bound).value();
    }
    if (auto started = next_->pool->start(); !started) return started;
    for (auto& listener : listeners_) {
      if (auto open = listener->start(); !open) return open;
      plugin_.log_.info("http server listens", kv("address", listener->socket().address()));
    }
    return {};
  }

  void cancel() override { next_->pool->stop(Clock::now()); }

  void use() override {
    plugin_.configured_workers_ = configured_workers_;
    plugin_.pool_.replace(pool_of(next_));
    std::shared_ptr<Generation> before = plugin_.front_->replace(std::exchange(next_, nullptr));
    if (moves_) {
      close(plugin_.doors_->replace_plain(std::move(listeners_)));
    }
    plugin_.doors_->refresh();
    const Duration grace = before->config.pool.reset_timeout + pool::Crew::kResetGrace;
    plugin_.factory_->retire(pool_of(before), grace);
  }

 private:
  static std::shared_ptr<Pool> pool_of(const std::shared_ptr<Generation>& generation) {
    return {generation, generation->pool.get()};
  }

  HttpPlugin& plugin_;                // outlives its changes
  std::shared_ptr<Generation> next_;  // until use(); shared as CurrentPool says
  const std::uint32_t configured_workers_;
  bool moves_ = false;  // to another address
  Doors::Listeners listeners_;
};

std::unique_ptr<Reloadable::Change> HttpPlugin::prepare(Context& context) {
  auto config = context.section<HttpConfig>("http");
  const HttpConfig& before = front_->current().config;
  require_door(config);
  config.reuse_port = before.reuse_port;
  const std::uint32_t configured = config.pool.num_workers;
  // Workers that were added or removed by hand stay so, unless the file has changed its mind.
  if (configured == configured_workers_) config.pool.num_workers = pool_.counts().wanted;
  auto next = make_generation(std::move(config), context.get<pool::PoolFactory>(), context);
  return std::make_unique<Change>(*this, std::move(next), configured);
}

// Clients that have connected already are served on.
void HttpPlugin::close(Doors::Listeners listeners) {
  if (listeners.empty()) return;
  for (auto& listener : listeners) listener->stop();
  await_read_sections();
}

}  // namespace rr::http
