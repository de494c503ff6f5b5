#include "runtime/plugins/http/exchange.h"

#include <array>
#include <memory>
#include <vector>

#include "runtime/net/http/response.h"
#include "runtime/plugins/http/context.h"
#include "runtime/plugins/http/response_context.h"
#include "runtime/plugins/http/service.h"

namespace rr::http {
namespace {

constexpr std::size_t kKept = 64;  // exchanges a thread keeps for reuse

constexpr HeaderView kTextHeaders[] = {{"Content-Type", "text/plain; charset=utf-8"},
                                       {"X-Content-Type-Options", "nosniff"}};

std::vector<std::unique_ptr<Exchange>>& free_list() {
  thread_local std::vector<std::unique_ptr<Exchange>> list;
  return list;
}

ResponseContext& response_context() {
  thread_local ResponseContext context;
  return context;
}

bool is(std::string_view name, std::string_view other) {
  return net::http::equals_ignoring_case(name, other);
}

// Headers of an interim answer say nothing about a body (spec 02 §3.1).
std::span<const HeaderView> without_framing(std::span<const HeaderView> headers) {
  thread_local std::vector<HeaderView> kept;
  kept.clear();
  for (const HeaderView& header : headers) {
    if (!is(header.name, "Content-Length") && !is(header.name, "Transfer-Encoding"))
      kept.push_back(header);
  }
  return kept;
}

}  // namespace

Exchange* Exchange::make() {
  auto& list = free_list();
  Exchange* exchange;
  if (list.empty()) {
    exchange = new Exchange;
  } else {
    exchange = list.back().release();
    list.pop_back();
  }
  exchange->service_ = nullptr;
  return exchange;
}

Passage& Exchange::passage() {
  on_its_way_ = true;
  if (!passage_) passage_ = std::make_unique<Passage>();
  return *passage_;
}

void Exchange::leave_other_row(const void* chain) {
  if (!on_its_way_ || !passage_->held() || passage_->held() == chain) return;
  begin_again();
  passage_->clear();
  on_its_way_ = reached_ = false;
}

void Exchange::dispose() {
  if (on_its_way_) passage_->clear();
  on_its_way_ = reached_ = false;
  recycle();
  formed_ = false;
  body_.uploads.reset();  // removes what PHP has left of them
  body_.storage.clear();
  body_.uploads_json.clear();
  body_.parsed = false;
  refusal_.reset();
  auto& list = free_list();
  std::unique_ptr<Exchange> self(this);
  if (list.size() < kKept) list.push_back(std::move(self));
}

bool Exchange::form() {
  if (!formed_) {
    formed_ = true;
    refusal_ = form_body(request(), service_->body_rules(), body_);
  }
  return !refusal_;
}

Result<void> Exchange::encode(WireRequest& out) {
  if (!form()) return Error(Errc::invalid, "", refusal_->text);
  thread_local ContextEncoder encoder;
  ContextInput input(request());
  input.parsed = body_.parsed;
  input.uploads = body_.uploads_json;
  thread_local std::vector<HeaderView> attributes;
  attributes.clear();
  for (const HttpField& each : request().attributes)
    attributes.push_back({request()(each.name), request()(each.value)});
  input.attributes = attributes;
  encoder.encode(service_->codec(), input, out.context);
  out.flags = codec_flag(service_->codec());
  out.body = body_.bytes;
  return {};
}

bool Exchange::answer(const WireAnswer& frame) {
  if (ended()) return false;
  ResponseContext& context = response_context();
  if (auto decoded = context.decode(frame.flags, frame.context); !decoded) {
    service_->log_failure("write response (chunk) error", *this, decoded.error().message);
    if (started()) return answer_body({.flags = 0, .more = frame.more, .context = {}, .body = {}});
    fail(decoded.error());
    return false;
  }
  if (context.has_head() && !started()) return answer_head(frame);
  if (context.has_head() && !add_trailers(context.headers())) return false;
  return answer_body(frame);
}

// A frame with a status before any final one.
bool Exchange::answer_head(const WireAnswer& frame) {
  const ResponseContext& context = response_context();
  const auto status = static_cast<int>(context.status());
  if (!valid_status(context.status())) {
    service_->log_failure("write response (chunk) error", *this,
                          unknown_status_text(context.status()));
    respond_text(500, unknown_status_text(context.status()));
    return false;
  }
  if (status >= 200) {
    const HttpResponseHead head{.status = status, .headers = context.headers()};
    if (!frame.more) return respond(head, PinnedBytes{frame.body});
    if (!start(head)) return false;
    return frame.body.empty() || write_no_wait(PinnedBytes{frame.body});
  }
  bool alive = true;
  if (status == 101) {
    service_->log_failure("101 Switching Protocols is not supported, the frame was ignored", *this,
                          {});
  } else {
    alive = inform({.status = status, .headers = without_framing(context.headers())});
    if (!frame.body.empty()) service_->log_dropped_body(*this);
  }
  // An answer that ends without a final status.
  if (!frame.more) return respond({.status = 200}, {});
  return alive;
}

bool Exchange::answer_body(const WireAnswer& frame) {
  if (!started()) {
    // A body that nobody gave a head for.
    const HttpResponseHead head{.status = 200};
    if (!frame.more && frame.body.empty()) return respond(head, {});
    if (!start(head)) return false;
  }
  if (!frame.body.empty() && !write_no_wait(PinnedBytes{frame.body})) return false;
  return frame.more || finish();
}

void Exchange::respond_text(int status, std::string_view text) {
  respond({.status = status, .headers = kTextHeaders}, PinnedBytes{text});
}

void Exchange::answer_error(const Error& error) {
  if (refusal_) {
    service_->log_failure("request forming error", *this, refusal_->text);
    respond_now({.status = refusal_->status, .headers = kTextHeaders}, refusal_->text);
    return;
  }
  if (started()) {
    service_->log_failure("read stream", *this, error.text());
    abandon_stream();
    return;
  }
  service_->log_failure("execute", *this, error.text());
  constexpr HeaderView no_workers{"No-Workers", "true"};
  if (service_->shows_errors()) {
    const std::string text = Service::escaped(error.text()) + "\n";
    respond_now({.status = service_->error_status(), .headers = kTextHeaders}, text);
  } else if (error.code == Errc::no_free_workers) {
    respond_now({.status = service_->error_status(), .headers = {&no_workers, 1}}, {});
  } else {
    respond_now({.status = service_->error_status()}, {});
  }
}

}  // namespace rr::http
