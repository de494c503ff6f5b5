#include "runtime/plugins/metrics/plugin.h"

#include <array>

#include "runtime/net/compress/encoder.h"
#include "runtime/net/compress/negotiation.h"
#include "runtime/plugins/metrics/exposition.h"

namespace rr::metrics {

namespace {

using namespace std::chrono_literals;
namespace compress = net::compress;

constexpr net::http1::ConnectionLimits kLimits{
    .header = 2min, .body = 2min, .write = 2min, .idle = 1h};

}  // namespace

void MetricsPlugin::init(Context& context) {
  context_ = &context;
  config_ = context.section<MetricsConfig>("metrics");
  rpc_.emplace(registry_, context.logger("metrics"));
  for (const auto& [name, collect] : config_.collect) {
    if (auto declared = registry_.declare(collect.spec(name)); !declared)
      throw ConfigError(std::vector<std::string>{"metrics_plugin_init"}, declared.error().message);
  }
  context.provide<Metrics>(registry_);
  context.provide<RpcService>(*rpc_);
}

Result<void> MetricsPlugin::add_sources() {
  pools_ = PoolMetrics::of(context_->all<WorkerHost>());
  std::vector<const MetricsSource*> sources{&process_};
  for (const auto& each : pools_) sources.push_back(each.get());
  for (const MetricsSource* each : context_->all<MetricsSource>()) sources.push_back(each);
  for (const MetricsSource* each : sources) {
    if (auto added = registry_.add_source(*each); !added) return added;
  }
  return {};
}

Result<void> MetricsPlugin::serve() {
  if (auto added = add_sources(); !added)
    return std::move(added).error().in("metrics_plugin_serve");
  server_.emplace(
      context_->get<net::DataPlane>(), context_->get<Control>(), kLimits,
      [this](HttpExchange& exchange) { answer(exchange); }, context_->logger("metrics"));
  return server_->open(config_.address);
}

void MetricsPlugin::stop(TimePoint deadline) {
  if (server_) server_->stop(deadline);
}

// On every path, by any method.
void MetricsPlugin::answer(HttpExchange& exchange) const {
  constexpr std::array kOffered{compress::Encoding::gzip};
  const std::string text = exposition(registry_.collect());
  if (compress::choose(exchange.request().field("Accept-Encoding"), kOffered)) {
    constexpr HeaderView kHeaders[] = {{"Content-Type", kContentType},
                                       {"Content-Encoding", "gzip"}};
    std::string packed;
    const auto encoder = compress::Encoder::take(compress::Encoding::gzip);
    encoder->encode(text, compress::Encoder::Flush::finish, packed);
    exchange.respond({.headers = kHeaders}, PinnedBytes{packed});
    return;
  }
  constexpr HeaderView kHeaders[] = {{"Content-Type", kContentType}};
  exchange.start({.headers = kHeaders});
  exchange.write(PinnedBytes{text});
  exchange.finish();
}

}  // namespace rr::metrics
