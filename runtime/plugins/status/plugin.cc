#include "runtime/plugins/status/plugin.h"

#include "runtime/plugins/status/messages.h"

namespace rr::status {

namespace {

constexpr HeaderView kJson[] = {{"Content-Type", "text/plain; charset=utf-8"}};
constexpr HeaderView kText[] = {{"Content-Type", "text/plain; charset=utf-8"},
                                {"X-Content-Type-Options", "nosniff"}};

Error failed(std::string_view op, std::string_view inner, const std::string& why) {
  return Error(Errc::invalid, std::string(op).append(":\n\t").append(inner), why);
}

}  // namespace

StatusPlugin::StatusPlugin() {
  add_method("Status", Question::alive, "status");
  add_method("Ready", Question::ready, "ready");
}

void StatusPlugin::add_method(const char* name, Question question, const char* op) {
  methods_.add<Request>(name, [this, question, op](const Request& request) -> Result<Response> {
    const std::string outer = std::string("checker_rpc_") + op;
    const std::string inner = std::string("checker_plugin_") + op;
    if (!checks_->has(request.plugin))
      return failed(outer, inner, "no such plugin: " + request.plugin);
    auto code = checks_->ask(request.plugin, question);
    if (!code) return failed(outer, inner, code.error().text());
    return Response{.code = code->value_or(0), .message = {}};
  });
}

void StatusPlugin::init(Context& context) {
  context_ = &context;
  config_ = context.section<StatusConfig>("status");
  context.provide<RpcService>(*this);
}

Result<void> StatusPlugin::serve() {
  checks_.emplace(context_->all<WorkerHost>(), context_->all<HealthCheck>());
  pipelines_ = context_->all<PipelineHost>();
  if (config_.dashboard) dashboard_.emplace(*config_.dashboard, context_->get<Inside>());
  constexpr std::chrono::minutes kMinute(1);
  server_.emplace(
      context_->get<net::DataPlane>(), context_->get<Control>(),
      net::http1::ConnectionLimits{.header = config_.check_timeout,
                                   .body = config_.check_timeout,
                                   .write = kMinute,
                                   .idle = kMinute},
      [this](HttpExchange& exchange) { answer(exchange); }, context_->logger("status"));
  return server_->open(config_.address);
}

void StatusPlugin::stop(TimePoint deadline) {
  if (server_) server_->stop(deadline);
}

void StatusPlugin::answer(HttpExchange& exchange) const {
  const HttpRequest& request = exchange.request();
  if (dashboard_ && dashboard_->serves(request(request.head.path)))
    return dashboard_->answer(exchange);
  const Page said = page(request(request.head.path), request(request.head.query));
  const bool text = said.body.ends_with('\n');
  exchange.respond(
      {.status = said.status,
       .headers = text ? std::span<const HeaderView>(kText) : std::span<const HeaderView>(kJson)},
      PinnedBytes{said.body});
}

Page StatusPlugin::page(std::string_view path, std::string_view query) const {
  const int unavailable = static_cast<int>(config_.unavailable_status_code);
  const bool health = path == "/health";
  if (!health && path != "/ready" && path != "/jobs") return {404, "404 page not found\n"};
  if (stopping_.load(std::memory_order_relaxed))
    return {health ? 200 : unavailable, "service is shutting down\n"};
  if (path == "/jobs") return jobs_page(pipelines_, unavailable);
  return health_page(*checks_, health ? Question::alive : Question::ready, query, unavailable);
}

}  // namespace rr::status
