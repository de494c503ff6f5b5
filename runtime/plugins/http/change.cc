// How the plugin takes over another configuration while it runs: new workers and addresses beside
// the old ones, then the switch, then the old ones end behind what they have in hand.
#include <algorithm>
#include <utility>

#include "runtime/core/read_section.h"
#include "runtime/plugins/http/plugin.h"
#include "runtime/pool/crew.h"
#include "runtime/pool/factory.h"

namespace rr::http {

class HttpPlugin::Change final : public Reloadable::Change {
 public:
  Change(HttpPlugin& plugin, std::shared_ptr<Generation> next, Sizes configured)
      : plugin_(plugin), next_(std::move(next)), configured_(std::move(configured)) {}

  ~Change() override {
    if (!next_) return;
    // Threads of it may be stuck in their scripts.
    plugin_.factory_->retire(pools_of(next_), Duration::zero());
    close(std::move(listeners_));
  }

  Result<void> start() override {
    const HttpConfig& before = plugin_.front_->current().config();
    moves_ = next_->config().plain_addresses() != before.plain_addresses();
    if (moves_) {
      auto bound = plugin_.doors_->bind_plain(next_->config());
      if (!bound) return std::move(bound).error();
      listeners_ = std::move(bound).value();
    }
    if (auto started = next_->start(); !started) return started;
    for (auto& listener : listeners_) {
      if (auto open = listener->start(); !open) return open;
      plugin_.log_.info("http server listens", kv("address", listener->socket().address()));
    }
    return {};
  }

  void cancel() override { next_->stop(Clock::now()); }

  void use() override {
    plugin_.configured_ = configured_;
    plugin_.name_pools(next_);
    std::shared_ptr<Generation> before = plugin_.front_->replace(std::exchange(next_, nullptr));
    if (moves_) {
      close(plugin_.doors_->replace_plain(std::move(listeners_)));
      if (plugin_.keeper_) plugin_.keeper_->answered_at(plugin_.doors_->challenge_ports());
    }
    plugin_.doors_->refresh();
    plugin_.factory_->retire(pools_of(before), longest_reset(before->config()));
  }

 private:
  static Duration longest_reset(const HttpConfig& config) {
    Duration longest = config.pool.reset_timeout;
    for (const auto& [name, pool] : config.pools) longest = std::max(longest, pool.reset_timeout);
    return longest + pool::Crew::kResetGrace;
  }

  HttpPlugin& plugin_;                // outlives its changes
  std::shared_ptr<Generation> next_;  // until use(); shared as CurrentPool says
  const Sizes configured_;
  bool moves_ = false;  // to another address
  Doors::Listeners listeners_;
};

HttpPlugin::Sizes HttpPlugin::sizes_of(const HttpConfig& config) {
  Sizes sizes{{"", config.pool.num_workers}};
  for (const auto& [name, pool] : config.pools) sizes.emplace(name, pool.num_workers);
  return sizes;
}

// Workers that were added or removed by hand stay so, unless the file has changed its mind.
void HttpPlugin::keep_sizes(HttpConfig& config) const {
  const auto keep = [&](const std::string& name, pool::PoolConfig& pool, const Pool* current) {
    const auto before = configured_.find(name);
    if (!current || before == configured_.end() || before->second != pool.num_workers) return;
    pool.num_workers = current->counts().wanted;
  };
  keep("", config.pool, &pool_);
  for (auto& [name, pool] : config.pools) keep(name, pool, further(name).get());
}

std::unique_ptr<Reloadable::Change> HttpPlugin::prepare(Context& context) {
  auto config = context.section<HttpConfig>("http");
  require_door(config);
  config.reuse_port = front_->current().config().reuse_port;
  Sizes configured = sizes_of(config);
  keep_sizes(config);
  auto next = make_generation(std::move(config), context.get<pool::PoolFactory>(), context);
  return std::make_unique<Change>(*this, std::move(next), std::move(configured));
}

// Clients that have connected already are served on.
void HttpPlugin::close(Doors::Listeners listeners) {
  if (listeners.empty()) return;
  for (auto& listener : listeners) listener->stop();
  await_read_sections();
}

}  // namespace rr::http
