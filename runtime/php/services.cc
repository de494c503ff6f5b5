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

const rr_services services_table = {
    .size = sizeof(rr_services),
    .call = rpc_calls::call,
    .begin = rpc_calls::begin,
    .ready = rpc_calls::ready,
    .result = rpc_calls::result,
    .drop = rpc_calls::drop,
};

}  // namespace rr::php
