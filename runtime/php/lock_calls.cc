// Locks for scripts on this process' threads. A script that waits for one waits on its own thread.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "runtime/php/services.h"

namespace rr::php {

namespace {

using std::chrono::microseconds;

// Rounded up: what is not 0 stays so, which would mean something else.
microseconds time_of(double seconds) {
  constexpr double kLongest = 3e9 * 1e6;  // a hundred years; the plugin has a limit of its own
  return microseconds(static_cast<std::int64_t>(std::min(std::ceil(seconds * 1e6), kLongest)));
}

template <class Run>
int ask(std::string_view method, rr_text resource, rr_text owner, int* done, rr_text* error,
        Run run) noexcept {
  LockManager* locks = offered().locks;
  if (locks == nullptr) return no_service(method, "lock", error);
  if (!is_text(resource) || !is_text(owner)) return no_text(error);
  return guarded(error, [&] {
    const Result<bool> had = run(*locks);
    if (!had) return refused(had.error(), error);
    *done = *had;
    return int{RR_OK};
  });
}

}  // namespace

namespace lock_calls {

int acquire(void*, const rr_lock_request* request, uint64_t* fence, rr_text* error) noexcept {
  LockManager* locks = offered().locks;
  const bool shared = request->shared != 0;
  if (locks == nullptr) return no_service(shared ? "lock.LockRead" : "lock.Lock", "lock", error);
  if (!is_text(request->resource) || !is_text(request->owner)) return no_text(error);
  return guarded(error, [&]() -> int {
    const auto had = locks->acquire({.resource = view_of(request->resource),
                                     .id = view_of(request->owner),
                                     .mode = shared ? LockMode::shared : LockMode::exclusive,
                                     .ttl = time_of(request->ttl),
                                     .wait = time_of(request->wait),
                                     .given_up = nobody_waits});
    if (!had) return refused(had.error(), error);
    *fence = *had;
    if (*had != 0 || request->wait <= 0 || !nobody_waits()) return RR_OK;
    *error = keep_text("nobody waits for the answer of this request any more");
    return RR_CANCELLED;
  });
}

int release(void*, rr_text resource, rr_text owner, int* done, rr_text* error) noexcept {
  return ask("lock.Release", resource, owner, done, error,
             [&](LockManager& locks) { return locks.release(view_of(resource), view_of(owner)); });
}

int force_release(void*, rr_text resource, int* done, rr_text* error) noexcept {
  return ask("lock.ForceRelease", resource, {"", 0}, done, error,
             [&](LockManager& locks) { return locks.force_release(view_of(resource)); });
}

int exists(void*, rr_text resource, rr_text owner, int* done, rr_text* error) noexcept {
  return ask("lock.Exists", resource, owner, done, error,
             [&](LockManager& locks) { return locks.exists(view_of(resource), view_of(owner)); });
}

int refresh(void*, rr_text resource, rr_text owner, double ttl, int* done,
            rr_text* error) noexcept {
  return ask("lock.UpdateTTL", resource, owner, done, error, [&](LockManager& locks) {
    return locks.update_ttl(view_of(resource), view_of(owner), time_of(ttl));
  });
}

}  // namespace lock_calls

}  // namespace rr::php
