#include "runtime/net/http3/timers.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace rr::net::http3 {
namespace {

constexpr std::size_t kMostAtOnce = 64;  // then others see what is ready

}  // namespace

Timers::~Timers() {
  stop();
}

Result<void> Timers::start() {
  clock_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (clock_ < 0) return Error(Errc::io, "", std::string("timerfd_create: ") + strerror(errno));
  handle_ = reactor_.add(clock_, *this);
  on_ready({});
  return {};
}

void Timers::stop() {
  if (clock_ < 0) return;
  while (!reactor_.try_own(handle_)) std::this_thread::yield();
  reactor_.close(handle_);
  std::lock_guard lock(mutex_);
  ::close(clock_);
  clock_ = -1;
}

void Timers::set(Timer& timer, TimePoint when) {
  std::lock_guard lock(mutex_);
  if (when >= timer.at_) return;
  if (timer.at_ != TimePoint::max()) waiting_.erase({timer.at_, &timer});
  timer.at_ = when;
  waiting_.emplace(when, &timer);
  if (when < armed_) arm_locked();
}

void Timers::arm_locked() {
  if (clock_ < 0) return;
  armed_ = waiting_.empty() ? TimePoint::max() : waiting_.begin()->first;
  itimerspec spec{};
  if (armed_ != TimePoint::max()) {
    // Zero would switch it off.
    const auto ns = std::max<std::int64_t>(1, armed_.time_since_epoch().count());
    spec.it_value = {static_cast<time_t>(ns / 1'000'000'000),
                     static_cast<long>(ns % 1'000'000'000)};
  }
  timerfd_settime(clock_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Timers::take_due(TimePoint now, std::vector<Timer*>& due) {
  std::lock_guard lock(mutex_);
  while (!waiting_.empty() && waiting_.begin()->first <= now && due.size() < kMostAtOnce) {
    Timer* timer = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    timer->at_ = TimePoint::max();
    due.push_back(timer);
  }
  // Where more are due it rings at once, for whoever waits.
  arm_locked();
}

void Timers::on_ready(Readiness) {
  std::vector<Timer*> due;
  do {
    std::uint64_t rings;
    [[maybe_unused]] const auto count = ::read(clock_, &rings, sizeof rings);
    due.clear();
    const TimePoint now = Clock::now();
    take_due(now, due);
    for (Timer* timer : due) timer->on_timer(now);
  } while (!reactor_.let_go(handle_));
}

}  // namespace rr::net::http3
