// The host table's functions (include/rr/host.h): one door for the extension into this runtime.
#include "rr/host.h"

#include <cmath>
#include <vector>

#include "runtime/php/answer.h"
#include "runtime/php/request.h"
#include "runtime/php/script_log.h"
#include "runtime/php/services.h"
#include "runtime/php/state.h"
#include "runtime/php/worker.h"

namespace rr::php {
namespace {

rr_text text_of(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view_of(rr_text text) {
  return {text.data, text.size};
}

TimePoint deadline_in(double seconds) {
  if (seconds < 0 || !std::isfinite(seconds) || seconds > 1e9) return TimePoint::max();
  return Clock::now() +
         std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

// Headers as the exchange takes them; the vector is the state's, so nothing is allocated when warm.
HttpResponseHead head_from(State& state, int status, const rr_header* headers, size_t count) {
  state.header_views.clear();
  for (size_t i = 0; i < count; ++i) {
    state.header_views.push_back({view_of(headers[i].name), view_of(headers[i].value)});
  }
  return {status, {}, state.header_views};
}

HttpExchange* http_in_hand() {
  State* state = current_state();
  return state ? state->http : nullptr;
}

extern "C" {

int in_worker() {
  return current_state() != nullptr;
}

int worker_id() {
  State* state = current_state();
  return state ? state->work.worker_id() : 0;
}

rr_text mode() {
  State* state = current_state();
  return state ? text_of(state->config.mode) : rr_text{"", 0};
}

rr_text server_version() {
  return text_of(RR_VERSION);
}

void recycle() {
  State* state = current_state();
  if (!state) return;
  state->recycle_wanted = true;
  state->work.recycle();
}

int next(double seconds) {
  State* state = current_state();
  if (!state) return RR_NEXT_STOP;
  if (!take_exchange(*state, deadline_in(seconds)))
    return state->stop_seen ? RR_NEXT_STOP : RR_NEXT_TIMEOUT;
  return state->http ? RR_NEXT_HTTP : RR_NEXT_OTHER;
}

void hand_back() {
  State* state = current_state();
  if (state && state->exchange) release_exchange(*state);
}

void done() {
  if (State* state = current_state()) drop_exchange(*state);
}

int busy() {
  State* state = current_state();
  return state && state->exchange;
}

int answered() {
  State* state = current_state();
  return state && state->exchange && state->exchange_answered;
}

int cancelled() {
  State* state = current_state();
  if (!state || !state->exchange) return 0;
  return state->exchange->aborted() || state->answer.client_gone ||
         state->exchange->state() == ExchangeState::taken_over;
}

int ready_descriptor() {
  State* state = current_state();
  if (!state) return -1;
  state->selects = true;
  return wait_by_descriptor(*state);
}

int begin_superglobals() {
  State* state = current_state();
  return state && superglobals_begin(*state) ? RR_NEXT_HTTP : RR_NEXT_STOP;
}

void end_superglobals(int failed) {
  if (State* state = current_state()) superglobals_end(*state, failed != 0);
}

int http_request(rr_http_request* out) {
  State* state = current_state();
  if (!state || !state->request) return 0;
  const HttpRequest& request = *state->request;
  const HttpHead& head = request.head;
  out->method = text_of(request(head.method));
  out->target = text_of(request(head.target));
  out->path = text_of(request(head.path));
  out->query = text_of(request(head.query));
  out->scheme = text_of(head.tls ? "https" : "http");
  out->host = text_of(request(head.host));
  out->content_type = text_of(request(head.content_type));
  out->remote_address = text_of(request(head.remote_address));
  out->protocol = text_of(protocol_name(head.version));
  out->body = text_of(request.body);
  out->field_count = request.fields.size();
  out->remote_port = head.remote_port;
  out->received_at = static_cast<double>(request.received_unix_us) / 1e6;
  return 1;
}

rr_header http_field(size_t index) {
  const HttpRequest& request = *current_state()->request;
  const HttpField& field = request.fields[index];
  return {text_of(request(field.name)), text_of(request(field.value))};
}

size_t http_attribute_count() {
  State* state = current_state();
  return state && state->request ? state->request->attributes.size() : 0;
}

rr_header http_attribute(size_t index) {
  const HttpRequest& request = *current_state()->request;
  const HttpField& attribute = request.attributes[index];
  return {text_of(request(attribute.name)), text_of(request(attribute.value))};
}

void rewind_body() {
  if (State* state = current_state()) state->body_read = 0;
}

void server_variables(void* array) {
  State* state = current_state();
  if (!state || !state->request) return;
  if (!state->method) {
    request_route_worker(*state);
    request_note_texts(*state);
  }
  register_request_variables(*state, static_cast<zval*>(array));
}

int http_inform(int status, const rr_header* headers, size_t count) {
  HttpExchange* http = http_in_hand();
  return http && http->inform(head_from(*current_state(), status, headers, count));
}

int http_respond(int status, const rr_header* headers, size_t count, rr_text body) {
  HttpExchange* http = http_in_hand();
  if (!http) return 0;
  State& state = *current_state();
  state.exchange_answered = true;
  state.answer.finished = true;
  bool sent =
      http->respond(head_from(state, status, headers, count), {view_of(body), nullptr, nullptr});
  state.answer.client_gone = !sent;
  return sent;
}

int http_start(int status, const rr_header* headers, size_t count) {
  HttpExchange* http = http_in_hand();
  if (!http) return 0;
  State& state = *current_state();
  state.exchange_answered = true;
  state.answer.started = true;
  bool sent = http->start(head_from(state, status, headers, count));
  state.answer.client_gone = !sent;
  return sent;
}

int http_write(rr_text chunk) {
  HttpExchange* http = http_in_hand();
  if (!http) return 0;
  State& state = *current_state();
  if (state.answer.client_gone) return 0;
  bool sent = http->write({view_of(chunk), nullptr, nullptr});
  state.answer.client_gone = !sent;
  return sent;
}

int http_trailers(const rr_header* fields, size_t count) {
  HttpExchange* http = http_in_hand();
  if (!http) return 0;
  std::vector<HeaderView> trailers;
  trailers.reserve(2 * count);
  for (size_t i = 0; i < count; ++i) {
    trailers.push_back({"Trailer", view_of(fields[i].name)});
    trailers.push_back({view_of(fields[i].name), view_of(fields[i].value)});
  }
  return http->add_trailers(trailers);
}

int http_finish() {
  HttpExchange* http = http_in_hand();
  if (!http) return 0;
  State& state = *current_state();
  if (state.answer.finished) return 1;
  state.answer.finished = true;
  return http->finish();
}

void http_fail(int status, rr_text message) {
  State* state = current_state();
  if (!state || !state->http) return;
  if (status == 500 && !state->answer.started) {
    // The pool knows what its operator wants clients to see of it.
    state->answer.finished = true;
    fail_exchange(*state, Error{Errc::soft_job, "worker_exec", std::string(view_of(message))});
    return;
  }
  log_php(state->log, 3, view_of(message));
  answer_status(*state, status);
}

int finish_request() {
  State* state = current_state();
  if (!state || state->style == Style::none || state->answer.finished) return 0;
  php_output_end_all();
  if (!SG(headers_sent)) php_header();
  answer_finish(*state);
  return 1;
}

int wire_request(unsigned* flags, rr_text* context, rr_text* body, rr_text* error) {
  State* state = current_state();
  if (!state || !state->exchange) return 0;
  state->wire.flags = 0;
  state->wire.context.clear();
  state->wire.body = {};
  Result<void> encoded = state->exchange->encode(state->wire);
  if (!encoded) {
    state->wire_error = encoded.error().text();
    fail_exchange(*state, encoded.error());
    *error = text_of(state->wire_error);
    return 0;
  }
  *flags = state->wire.flags;
  *context = text_of(state->wire.context);
  *body = text_of(state->wire.body);
  return 1;
}

int wire_answer(unsigned flags, int more, rr_text context, rr_text body) {
  State* state = current_state();
  if (!state || !state->exchange) return 0;
  state->exchange_answered = true;
  WireAnswer frame;
  frame.flags = static_cast<std::uint8_t>(flags);
  frame.more = more != 0;
  frame.context = view_of(context);
  frame.body = view_of(body);
  bool wanted = state->exchange->answer(frame);
  if (!wanted) state->answer.client_gone = true;
  return wanted;
}

void wire_error(rr_text message) {
  State* state = current_state();
  if (!state || !state->exchange) return;
  fail_exchange(*state, Error{Errc::soft_job, "worker_exec", std::string(view_of(message))});
}

void write_log(int level, rr_text message) {
  State* state = current_state();
  if (!state) return;
  log_php(state->log,
          level >= RR_LOG_ERROR     ? 3
          : level >= RR_LOG_WARNING ? 4
                                    : 6,
          view_of(message));
}

}  // extern "C"

}  // namespace
}  // namespace rr::php

extern "C" const rr_host rr_host_table = {
    .size = sizeof(rr_host),
    .abi = RR_HOST_ABI,
    .in_worker = rr::php::in_worker,
    .worker_id = rr::php::worker_id,
    .mode = rr::php::mode,
    .server_version = rr::php::server_version,
    .recycle = rr::php::recycle,
    .next = rr::php::next,
    .hand_back = rr::php::hand_back,
    .done = rr::php::done,
    .busy = rr::php::busy,
    .answered = rr::php::answered,
    .cancelled = rr::php::cancelled,
    .ready_descriptor = rr::php::ready_descriptor,
    .superglobals_begin = rr::php::begin_superglobals,
    .superglobals_end = rr::php::end_superglobals,
    .http_request = rr::php::http_request,
    .http_field = rr::php::http_field,
    .rewind_body = rr::php::rewind_body,
    .server_variables = rr::php::server_variables,
    .http_inform = rr::php::http_inform,
    .http_respond = rr::php::http_respond,
    .http_start = rr::php::http_start,
    .http_write = rr::php::http_write,
    .http_trailers = rr::php::http_trailers,
    .http_finish = rr::php::http_finish,
    .http_fail = rr::php::http_fail,
    .finish_request = rr::php::finish_request,
    .wire_request = rr::php::wire_request,
    .wire_answer = rr::php::wire_answer,
    .wire_error = rr::php::wire_error,
    .log = rr::php::write_log,
    .http_attribute_count = rr::php::http_attribute_count,
    .http_attribute = rr::php::http_attribute,
    .services = &rr::php::services_table,
};
