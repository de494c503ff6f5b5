#include "runtime/core/task_group.h"

#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>

namespace rr {

struct TaskGroup::State {
  explicit State(asio::any_io_executor executor) : home(std::move(executor)) {}

  asio::any_io_executor home;
  std::list<asio::cancellation_signal> signals;  // home only; one of each task that has begun
  bool cancelled = false;                        // home only

  mutable std::mutex mutex;  // guards the two below
  std::condition_variable ended;
  std::size_t count = 0;
  bool closed = false;

  bool enter() {
    std::lock_guard lock(mutex);
    if (closed) return false;
    ++count;
    return true;
  }
  void leave() {
    std::lock_guard lock(mutex);
    if (--count == 0) ended.notify_all();
  }
};

namespace {

bool is_cancellation(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor home)
    : state_(std::make_shared<State>(std::move(home))) {}

TaskGroup::~TaskGroup() {
  close();
}

bool TaskGroup::spawn(Task<void> task) {
  if (!state_->enter()) return false;
  // The signal is touched on the home only, so the task starts there.
  asio::dispatch(state_->home, [state = state_, task = std::move(task)]() mutable {
    if (state->cancelled) {
      // Its frame goes first: what it holds is gone when join() returns.
      { const Task<void> dropped = std::move(task); }
      state->leave();
      return;
    }
    const auto signal = state->signals.emplace(state->signals.end());
    asio::co_spawn(state->home, std::move(task),
                   asio::bind_cancellation_slot(signal->slot(),
                                                [state, signal](const std::exception_ptr& error) {
                                                  if (error && !is_cancellation(error))
                                                    std::rethrow_exception(error);
                                                  state->signals.erase(signal);
                                                  state->leave();
                                                }));
  });
  return true;
}

void TaskGroup::close() {
  std::lock_guard lock(state_->mutex);
  state_->closed = true;
}

void TaskGroup::cancel() {
  close();
  asio::dispatch(state_->home, [state = state_] {
    state->cancelled = true;
    // A task may end inside emit(), and its signal with it.
    for (auto each = state->signals.begin(); each != state->signals.end();) {
      (each++)->emit(asio::cancellation_type::terminal);
    }
  });
}

bool TaskGroup::join(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  return state_->ended.wait_until(lock, deadline, [this] { return state_->count == 0; });
}

std::size_t TaskGroup::size() const {
  std::lock_guard lock(state_->mutex);
  return state_->count;
}

}  // namespace rr
