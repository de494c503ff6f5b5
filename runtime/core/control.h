// The control plane's threads: everything that is not per request (supervisor, RPC, brokers, timers
// of plugins) runs here, as coroutines on one thread, and waits for blocking calls on a few others.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/core/task_group.h"

namespace rr {

// Created before and destroyed after every plugin. Threads exist from start() to stop() only and
// have the signal mask of the thread that called start().
class Control {
 public:
  Control();
  ~Control();  // stop()
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // Main thread. Nothing runs before start(); what is posted waits for it.
  void start();
  // Main thread, when all plugins have stopped and before they are destroyed. Waits for the
  // blocking calls that run, then ends the control thread; what still waits there is dropped with
  // this object.
  void stop();

  // Any thread, any time. Its one thread is the home of control-plane objects.
  asio::io_context& io() { return io_; }
  // Any thread, from start() on. A small pool: calls that wait for others belong into block().
  asio::thread_pool& blocking() { return *pool_; }
  bool on_control_thread() const { return std::this_thread::get_id() == control_thread_id_; }

  // In a coroutine on its home: runs `call` on a pool thread and resumes with what it returned. One
  // more thread is made when all are busy, up to kMaxThreads; threads stay. `call` does not throw;
  // it cannot be cancelled. One that owns something gets a name first and is moved in (style.md §7:
  // g++ 12 destroys such temporaries of a co_await twice).
  template <class Call>
  Task<std::invoke_result_t<Call&>> block(Call call);

  static constexpr std::size_t kThreads = 4;
  // A call may wait for another (a lock for its release): a fixed small pool would never get to it.
  static constexpr std::size_t kMaxThreads = 256;

 private:
  void begin_call();
  void end_call() { busy_.fetch_sub(1, std::memory_order_relaxed); }

  asio::io_context io_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::optional<asio::thread_pool> pool_;
  std::thread control_thread_;
  std::atomic<std::thread::id> control_thread_id_{};
  std::atomic<std::size_t> busy_{0};  // calls of block() that run or wait for a thread

  std::mutex mutex_;  // guards the two below
  std::vector<std::thread> more_threads_;
  bool running_ = false;
};

template <class Call>
Task<std::invoke_result_t<Call&>> Control::block(Call call) {
  using Value = std::invoke_result_t<Call&>;
  static_assert(std::is_nothrow_move_constructible_v<Value>);
  begin_call();
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Value)>(
      [this, &call](auto handler) {
        asio::post(*pool_, [this, handler = std::move(handler), call = std::move(call)]() mutable {
          Value value = call();
          end_call();
          // Posted, not called: the coroutine goes on at home.
          auto home = asio::get_associated_executor(handler);
          asio::post(home, [handler = std::move(handler), value = std::move(value)]() mutable {
            std::move(handler)(std::move(value));
          });
        });
      },
      asio::use_awaitable);
}

}  // namespace rr
