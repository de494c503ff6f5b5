#include "runtime/plugins/http/service.h"

#include <chrono>

#include "runtime/plugins/http/access_log.h"
#include "runtime/plugins/http/exchange.h"

namespace rr::http {
namespace {

constexpr HeaderView kTextHeaders[] = {{"Content-Type", "text/plain; charset=utf-8"},
                                       {"X-Content-Type-Options", "nosniff"}};
// What is read away to keep a connection whose client was answered before (spec 02 #76).
constexpr std::int64_t kLongBody = 256 * 1024;

}  // namespace

Service::Service(const HttpConfig& config, Pool& pool, std::shared_ptr<const Chain> chain,
                 std::optional<FileOwner> upload_owner, Logger log)
    : pool_(pool),
      chain_(std::move(chain)),
      log_(log),
      uploads_(config.uploads, upload_owner,
               [log](std::string_view message, std::string_view reason) {
                 log.error(message, kv("error", reason));
               }),
      rules_{.max_bytes = config.max_request_size.count * 1024 * 1024,
             .raw = config.raw_body,
             .uploads = &uploads_},
      codec_(config.codec == Codec::proto ? ContextCodec::proto : ContextCodec::json),
      error_status_(static_cast<int>(config.internal_error_code)),
      access_logs_(config.access_logs),
      shows_errors_(config.pool.debug),
      forms_first_(config.pool.mode == pool::Mode::process),
      reads_always_(config.pool.mode == pool::Mode::classic) {}

// Takes a request through the middleware, unless it has been. False: one of them has answered.
bool Service::admit(Exchange& exchange) const {
  if (exchange.reached_handler()) return true;
  if (chain_ && (exchange.on_its_way() || !chain_->admit(exchange, exchange.passage())))
    return false;
  exchange.reach_handler();
  return true;
}

// Who is answered by middleware need not send a long body first.
bool Service::admit_early(Exchange& exchange) const {
  if (!chain_ || exchange.request().head.content_length <= kLongBody) return true;
  exchange.remember_request();
  const bool through = admit(exchange);
  exchange.passage().hold(chain_);  // the configuration may change before the body is here
  return through;
}

// The middleware has its say in refusals too: browsers look for CORS fields in them.
void Service::refuse(net::http::Transaction& transaction, const Refusal& refusal) const {
  if (!admit(static_cast<Exchange&>(transaction))) return;
  log_failure("request forming error", transaction,
              std::string_view(refusal.text).substr(0, refusal.text.size() - 1));
  transaction.answer_at_once({.status = refusal.status, .headers = kTextHeaders}, refusal.text);
}

void Service::refuse_unheard(net::http::Transaction& transaction, std::string_view reason) const {
  static_cast<Exchange&>(transaction).reach_handler();
  const Refusal refusal = malformed_body(reason);
  log_failure("request forming error", transaction,
              std::string_view(refusal.text).substr(0, refusal.text.size() - 1));
  transaction.answer_at_once({.status = refusal.status, .headers = kTextHeaders}, refusal.text);
}

Service::BodyPlan Service::head_complete(net::http::Transaction& transaction) {
  const HttpRequest& request = transaction.request();
  if (!reads_always_ && !reads_body(request)) return BodyPlan::skip;
  if (request.head.content_length > 0 &&
      static_cast<std::uint64_t>(request.head.content_length) > rules_.max_bytes) {
    refuse(transaction, body_too_large());
    return BodyPlan::refuse;
  }
  return admit_early(static_cast<Exchange&>(transaction)) ? BodyPlan::read : BodyPlan::refuse;
}

void Service::handle(net::http::Transaction* transaction) {
  auto* exchange = static_cast<Exchange*>(transaction);
  ExchangePtr owned(exchange);
  exchange->serve_with(*this);
  exchange->leave_other_row(chain_.get());  // a request has one configuration
  const HttpRequest& request = exchange->request();
  // Of a body that was collected under another limit.
  if (request.body.size() > rules_.max_bytes) {
    refuse(*exchange, body_too_large());
    return exchange->conclude();
  }
  if (request(request.head.target) == "*" && request(request.head.method) == "OPTIONS") {
    exchange->answer_at_once({.status = 200}, {});
    return exchange->conclude();
  }
  if (!admit(*exchange)) return exchange->conclude();
  if (files_ && files_->answer(*exchange)) return exchange->conclude();
  if (forms_first_ && !exchange->form()) {
    refuse(*exchange, *exchange->refusal());
    return exchange->conclude();
  }
  pool_.submit(std::move(owned));
}

void Service::body_failed(net::http::Transaction& transaction, BodyError error,
                          std::string_view reason) {
  switch (error) {
    case BodyError::too_large:
      return refuse(transaction, body_too_large());
    case BodyError::cut_off:
      return refuse(transaction, malformed_body("unexpected EOF"));
    case BodyError::malformed:
      return refuse(transaction, malformed_body(reason));
  }
}

// What middleware answered is no record (spec 02 §4.1), nor what never came that far.
void Service::answered(net::http::Transaction& transaction) {
  if (log_.enabled(log::Level::info) && static_cast<Exchange&>(transaction).reached_handler())
    http::log_access(log_, transaction, access_logs_ ? AccessRecord::full : AccessRecord::brief);
}

void Service::log_failure(std::string_view message, const net::http::Transaction& exchange,
                          std::string_view error) const {
  const auto now = Clock::now();
  log_.error(message, kv("start", started_at(exchange)),
             kv("elapsed", std::chrono::duration_cast<std::chrono::milliseconds>(
                               now - exchange.request().received)
                               .count()),
             kv("error", error));
}

void Service::log_dropped_body(const net::http::Transaction& exchange) const {
  log_.warn("informational response body was dropped", kv("status", exchange.status()));
}

std::string Service::escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace rr::http
