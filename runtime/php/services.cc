#include "runtime/php/services.h"

#include <utility>

#include "runtime/php/state.h"

namespace rr::php {

namespace {

// A text of more is not kept past the next call.
constexpr std::size_t kKept = 1 << 20;

Services services;

}  // namespace

void offer(const Services& those) {
  services = those;
}

const Services& offered() {
  return services;
}

rr_text keep_text(std::string text) {
  thread_local std::string kept;
  kept = std::move(text);
  if (kept.capacity() > kKept && kept.size() < kKept) kept.shrink_to_fit();
  return {kept.data(), kept.size()};
}

bool nobody_waits() {
  State* state = current_state();
  if (!state) return false;
  if (state->limits.cancel.load(std::memory_order_acquire)) return true;
  if (!state->exchange) return false;
  if (state->exchange->state() == ExchangeState::taken_over) return true;
  return !PG(ignore_user_abort) && !state->answer.finished &&
         (state->answer.client_gone || state->exchange->aborted());
}

int no_service(std::string_view method, std::string_view section, rr_text* error) {
  std::string text = "rpc: can't find service ";
  text.append(method).append(": the configuration has no section ").append(section);
  *error = keep_text(std::move(text));
  return RR_REFUSED;
}

int refused(const Error& why, rr_text* error) {
  *error = keep_text(why.text());
  return RR_REFUSED;
}

int no_text(rr_text* error) {
  *error = keep_text("goridge_read_request_body: proto: string field contains invalid UTF-8");
  return RR_REFUSED;
}

const rr_services services_table = {
    .size = sizeof(rr_services),
    .call = rpc_calls::call,
    .begin = rpc_calls::begin,
    .ready = rpc_calls::ready,
    .result = rpc_calls::result,
    .drop = rpc_calls::drop,
    .kv_find = kv_calls::find,
    .kv_get = kv_calls::get,
    .kv_has = kv_calls::has,
    .kv_set = kv_calls::set,
    .kv_expire = kv_calls::expire,
    .kv_ttl = kv_calls::ttl,
    .kv_delete = kv_calls::remove,
    .kv_clear = kv_calls::clear,
    .kv_add = kv_calls::add,
    .kv_increment = kv_calls::increment,
    .kv_compare_and_set = kv_calls::compare_and_set,
    .lock_acquire = lock_calls::acquire,
    .lock_release = lock_calls::release,
    .lock_force_release = lock_calls::force_release,
    .lock_exists = lock_calls::exists,
    .lock_refresh = lock_calls::refresh,
    .metric_declare = metric_calls::declare,
    .metric_release = metric_calls::release,
    .metric_add = metric_calls::add,
    .metric_set = metric_calls::set,
    .metric_observe = metric_calls::observe,
    .log_write = log_calls::write,
};

}  // namespace rr::php
