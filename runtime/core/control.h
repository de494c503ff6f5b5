// The control plane's threads: one that runs every home strand, a few for calls that block.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <thread>

namespace rr {

namespace asio = boost::asio;

// Thread-safe but for start() and stop(), which belong to the main thread.
class Control {
 public:
  explicit Control(unsigned blocking_threads = 4);
  ~Control();  // stops

  asio::io_context& io() { return io_; }
  // For what may wait: disk, DNS, resets. Never for what never ends.
  asio::thread_pool& blocking() { return blocking_; }

  void start();
  // Ends both; what was posted and has not run is dropped.
  void stop();

 private:
  asio::io_context io_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  asio::thread_pool blocking_;
  std::thread thread_;
};

}  // namespace rr
