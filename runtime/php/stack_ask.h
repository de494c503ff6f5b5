// A question to an interpreter: what do you run? Its own thread answers, where it can look at its
// stack; nobody else may look at it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rr/pool.h"

namespace rr::php {

// Shared by who asks and the interpreter that is asked: either may be gone first. Thread-safe.
class StackAsk {
 public:
  struct Answer {
    std::optional<RunningExchange> running;  // none: between two, or the script boots
    std::vector<std::string> frames;         // see WorkerStack; none: it waits for work
  };
  // `hear` is called on the interpreter's thread, in the middle of the script: it must be quick,
  // not throw, and not use the interpreter. May be empty.
  explicit StackAsk(std::function<void(const Answer&)> hear = {}) : hear_(std::move(hear)) {}

  TimePoint asked() const { return asked_; }  // when it was made
  // Who asks: the answer, null when there is none by then. It stays as it is.
  const Answer* wait_until(TimePoint deadline);
  // Who asks: no answer is wanted any more. False: it has been given.
  bool withdraw();

  // The interpreter. Nothing happens when it has been withdrawn.
  void answer(const Answer& answer);
  bool wanted() const;

 private:
  enum class State : std::uint8_t { asked, answered, withdrawn };

  const std::function<void(const Answer&)> hear_;
  const TimePoint asked_ = Clock::now();
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  State state_ = State::asked;
  Answer answer_;
};

}  // namespace rr::php
