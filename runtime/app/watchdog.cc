#include "runtime/app/watchdog.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "runtime/core/quiet_thread.h"
#include "runtime/core/sd_notify.h"

namespace rr::app {
namespace {

// 0 where the variable is not a number.
std::int64_t number_of(const char* variable) {
  const char* value = std::getenv(variable);
  const std::string_view text = value != nullptr ? value : "";
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = failed == std::errc() && end == text.data() + text.size();
  return whole && number > 0 ? number : 0;
}

}  // namespace

Duration Watchdog::interval(int watchdog_sec) {
  Duration wanted = std::chrono::seconds(std::max(0, watchdog_sec));
  const std::int64_t process = number_of("WATCHDOG_PID");
  const std::int64_t allowed_us =
      process == 0 || process == getpid() ? number_of("WATCHDOG_USEC") : 0;
  constexpr std::int64_t kDay = 86'400'000'000;  // the product stays far from the type's end
  const Duration half = std::chrono::microseconds(std::min(allowed_us, kDay)) / 2;
  if (half == Duration::zero()) return wanted;
  return wanted == Duration::zero() ? half : std::min(wanted, half);
}

Watchdog::Watchdog(Duration interval, Control& control, net::DataPlane& plane, Logger log)
    : interval_(interval), control_(control), plane_(plane), log_(log) {
  thread_ = quiet_thread([this] { run(); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::run() {
  pthread_setname_np(pthread_self(), "rr-watchdog");
  std::unique_lock lock(mutex_);
  while (!ended_) {
    // Also owned by what is posted, which a stuck control thread runs when this is long over.
    const auto answered = std::make_shared<std::atomic<bool>>(false);
    asio::post(control_.io(), [answered] { answered->store(true, std::memory_order_release); });
    const std::uint64_t rounds = plane_.guard_rounds();
    plane_.note_deadline(Clock::now());
    if (changed_.wait_for(lock, interval_, [this] { return ended_; })) return;
    tell(answered->load(std::memory_order_acquire), plane_.guard_rounds() != rounds);
  }
}

void Watchdog::tell(bool control_moves, bool guard_moves) {
  const bool moves = control_moves && guard_moves;
  if (moves) {
    sd_notify("WATCHDOG=1");
    if (!fed_) log_.info("the server moves again: systemd's watchdog is fed");
  } else if (fed_) {
    log_.error("the server does not move: systemd's watchdog is not fed",
               kv("control thread", control_moves ? "moves" : "stuck"),
               kv("data plane", guard_moves ? "moves" : "stuck"));
  }
  fed_ = moves;
}

}  // namespace rr::app
