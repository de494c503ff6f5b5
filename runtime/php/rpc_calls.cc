// Calls of RPC methods by scripts on this process' threads: what is answered without waiting runs
// on the script's thread. The rest runs on another one, which a deadline leaves behind.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "rr/exchange.h"
#include "runtime/php/services.h"

namespace rr::php {

namespace {

using namespace std::chrono_literals;

// How long a thread that waits looks away from whether somebody still wants the answer.
constexpr auto kLook = 20ms;

// One call. Shared by who runs it and who waits.
struct Running {
  std::mutex mutex;
  std::condition_variable ended;
  std::optional<Result<std::string>> result;  // guarded by mutex

  void settle(Result<std::string> with) {
    std::lock_guard lock(mutex);
    result.emplace(std::move(with));
    ended.notify_all();
  }
};

// What the table calls rr_pending is one reference to it.
using Handle = std::shared_ptr<Running>;
Handle& running_of(rr_pending* pending) {
  return *reinterpret_cast<Handle*>(pending);
}
void forget(rr_pending* pending) {
  delete reinterpret_cast<Handle*>(pending);
}

int give(Result<std::string> result, rr_text* reply) {
  if (result) {
    *reply = keep_text(std::move(*result));
    return RR_OK;
  }
  const bool stopped = result.error().code == Errc::stopped;
  *reply = keep_text(result.error().text());
  return stopped ? RR_UNREACHABLE : RR_REFUSED;
}

TimePoint deadline_in(double seconds) {
  if (seconds < 0 || !std::isfinite(seconds) || seconds > 1e9) return TimePoint::max();
  return Clock::now() +
         std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

int wait_for(Running& running, double seconds, rr_text* reply) {
  const TimePoint deadline = deadline_in(seconds);
  std::unique_lock lock(running.mutex);
  while (!running.result) {
    const TimePoint now = Clock::now();
    if (now >= deadline) {
      char text[64];
      std::snprintf(text, sizeof text, "no answer within %g s", seconds);
      *reply = keep_text(text);
      return RR_TIMED_OUT;
    }
    if (nobody_waits()) {
      *reply = keep_text("nobody waits for the answer of this request any more");
      return RR_CANCELLED;
    }
    running.ended.wait_until(lock, std::min(deadline, now + kLook));
  }
  Result<std::string> result = std::move(*running.result);
  lock.unlock();
  return give(std::move(result), reply);
}

Handle start(RpcCaller& caller, rr_text method, unsigned codec, rr_text argument) {
  auto running = std::make_shared<Running>();
  caller.begin(std::string(view_of(method)), codec, std::string(view_of(argument)),
               [running](Result<std::string> result) { running->settle(std::move(result)); });
  return running;
}

int no_caller(rr_text* error) {
  *error = keep_text("this server takes no calls");
  return RR_UNREACHABLE;
}

}  // namespace

namespace rpc_calls {

int call(void*, rr_text method, unsigned codec, rr_text argument, double seconds,
         rr_text* reply) noexcept {
  RpcCaller* caller = offered().rpc;
  if (!caller) return no_caller(reply);
  if (auto at_once = caller->call_at_once(view_of(method), codec, view_of(argument)))
    return give(std::move(*at_once), reply);
  return wait_for(*start(*caller, method, codec, argument), seconds, reply);
}

int begin(void*, rr_text method, unsigned codec, rr_text argument, rr_pending** pending,
          rr_text* error) noexcept {
  RpcCaller* caller = offered().rpc;
  if (!caller) return no_caller(error);
  Handle running;
  if (auto at_once = caller->call_at_once(view_of(method), codec, view_of(argument))) {
    running = std::make_shared<Running>();
    running->settle(std::move(*at_once));
  } else {
    running = start(*caller, method, codec, argument);
  }
  *pending = reinterpret_cast<rr_pending*>(new Handle(std::move(running)));
  return RR_OK;
}

int ready(void*, rr_pending* pending) noexcept {
  Running& running = *running_of(pending);
  std::lock_guard lock(running.mutex);
  return running.result.has_value() || nobody_waits();
}

int result(void*, rr_pending* pending, double seconds, rr_text* reply) noexcept {
  const int status = wait_for(*running_of(pending), seconds, reply);
  if (status != RR_TIMED_OUT) forget(pending);
  return status;
}

void drop(void*, rr_pending* pending) noexcept {
  forget(pending);
}

}  // namespace rpc_calls

}  // namespace rr::php
