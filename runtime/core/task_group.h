// Coroutines of the control plane, and the group that each belongs to.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace rr {

namespace asio = boost::asio;

template <class T>
using Task = asio::awaitable<T>;

// Tasks that live and end together: stopping means cancel(), then join(). Any thread, except
// join().
//
// A task that is cancelled sees operation_aborted from what it waits for and ends; an exception
// that leaves a task, other than that one, ends the process, as with std::thread.
class TaskGroup {
 public:
  // `home` runs one thing at a time: the control thread, or a strand. Outlives the tasks' frames.
  explicit TaskGroup(asio::any_io_executor home);
  // Tasks that are left (join() gave up on them) may outlive the group.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts the task on its home, at once when called there. A closed group drops it: false.
  bool spawn(Task<void> task);
  // Takes no more tasks.
  void close();
  // close(), and asks every running task to end.
  void cancel();
  // close(), and waits until the last task has ended; false: some run past the deadline. Not on the
  // home's thread.
  bool join(std::chrono::steady_clock::time_point deadline);
  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // of the group and of every task: one may outlive the group
};

}  // namespace rr
