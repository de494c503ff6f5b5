// Where the script of a worker is: for who asks, and for the log when an exchange is slow.
#include <chrono>
#include <utility>

#include "runtime/pool/embed/embed_worker.h"

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

// A script that has reached no safe point by then is in a call of a function written in C, or in
// one long step of the engine's.
constexpr auto kLongCall = 20ms;
// A slow exchange is logged without its stack when the script has told none for so long.
constexpr auto kLastLook = 5s;

constexpr std::string_view kNoFrames = "it ended before it came to a safe point";

std::string in_c_call(const std::string& call) {
  if (call.empty()) return "in a long step of the engine or of an extension";
  return "in a C call: " + call;
}

std::string not_safe(const std::string& call, Duration since) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(since).count();
  const std::string time =
      ms >= 1000 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
  return in_c_call(call) + ", not at a safe point for " + time;
}

}  // namespace

std::shared_ptr<php::StackAsk> EmbedWorker::ask_stack() {
  auto ask = std::make_shared<php::StackAsk>();
  std::lock_guard lock(hand_mutex_);
  return interpreter_ && interpreter_->ask_stack(ask) ? ask : nullptr;
}

WorkerStack EmbedWorker::told_stack(php::StackAsk* ask, TimePoint deadline) const {
  WorkerStack stack;
  stack.pid = pid();
  const php::StackAsk::Answer* answer = ask ? ask->wait_until(deadline) : nullptr;
  if (ask && !answer && !ask->withdraw()) answer = ask->wait_until(deadline);
  stack.state = state();
  if (answer) {
    stack.running = answer->running;
    stack.frames = answer->frames;
  }
  std::lock_guard lock(hand_mutex_);
  if (!ask || answer) {
    if (stack.frames.empty()) {
      // In classic mode a request is there before its script is.
      stack.note = stack.running ? "its script has not begun" : "waits for work";
    }
    return stack;
  }
  // Of a worker that was given up nothing is running any more, but its script is.
  if (running_) stack.running = describe(*running_, running_since_);
  stack.note =
      not_safe(interpreter_ ? interpreter_->c_call() : std::string(), Clock::now() - ask->asked());
  return stack;
}

// Guard, under hand_mutex_, while something is running. The script is asked where it is when its
// time is over and writes the record itself; one that does not come to a safe point gets one from
// here. Returns when to look again.
TimePoint EmbedWorker::watch_slow(TimePoint now) {
  const Duration limit = shared_.options.slow_exchange;
  if (limit <= Duration::zero() || slow_logged_) return TimePoint::max();
  if (!slow_ask_) {
    if (now < running_since_ + limit) return running_since_ + limit;
    slow_ask_ = std::make_shared<php::StackAsk>([this](const php::StackAsk::Answer& answer) {
      std::string call;
      {
        std::lock_guard lock(hand_mutex_);
        slow_logged_ = true;
        call = slow_call_;
      }
      if (answer.running)
        log_slow(*answer.running, answer.frames, call.empty() ? "" : "was " + in_c_call(call));
    });
    if (!interpreter_->ask_stack(slow_ask_)) slow_ask_ = nullptr;  // on its way into the script
    return now + kLongCall;
  }
  if (now < slow_ask_->asked() + kLongCall) return slow_ask_->asked() + kLongCall;
  if (slow_call_.empty()) slow_call_ = interpreter_->c_call();
  if (now < slow_ask_->asked() + kLastLook) return slow_ask_->asked() + kLastLook;
  if (!slow_ask_->withdraw()) return TimePoint::max();  // it is being logged
  slow_logged_ = true;
  log_slow(describe(*running_, running_since_), {}, not_safe(slow_call_, now - slow_ask_->asked()));
  return TimePoint::max();
}

// This thread, when an exchange ends: one that has become slow is logged, however it ends.
void EmbedWorker::end_slow() {
  const Duration limit = shared_.options.slow_exchange;
  if (limit <= Duration::zero() || !in_hand_) return;
  if (Clock::now() < running_since_ + limit) return;
  std::string call;
  {
    std::lock_guard lock(hand_mutex_);
    if (std::exchange(slow_logged_, true)) return;
    if (slow_ask_ && !slow_ask_->withdraw()) return;
    call = slow_call_;
  }
  const std::string note = call.empty() ? std::string(kNoFrames)
                                        : "was " + in_c_call(call) + "; " + std::string(kNoFrames);
  log_slow(describe(*in_hand_, running_since_), {}, note);
}

void EmbedWorker::log_slow(const RunningExchange& running, const std::vector<std::string>& frames,
                           std::string_view note) const {
  shared_.options.events.slow(running, pid(), frames, note);
}

}  // namespace rr::pool
