#include "runtime/core/control.h"

#include <pthread.h>

namespace rr {

Control::Control() = default;

Control::~Control() {
  stop();
}

void Control::start() {
  std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  pool_.emplace(kThreads);
  work_.emplace(io_.get_executor());
  control_thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "rr-control");
    control_thread_id_ = std::this_thread::get_id();
    io_.run();
  });
}

void Control::begin_call() {
  if (busy_.fetch_add(1, std::memory_order_relaxed) < kThreads) return;
  std::lock_guard lock(mutex_);
  const std::size_t threads = kThreads + more_threads_.size();
  if (!running_ || threads >= kMaxThreads || busy_.load(std::memory_order_relaxed) <= threads)
    return;
  try {
    more_threads_.emplace_back([this] {
      pthread_setname_np(pthread_self(), "rr-blocking");
      pool_->attach();
    });
  } catch (const std::system_error&) {
    // No thread to be had: the call waits for one of the others.
  }
}

void Control::stop() {
  std::vector<std::thread> more;
  {
    std::lock_guard lock(mutex_);
    if (!running_) return;
    running_ = false;
    more = std::move(more_threads_);
  }
  pool_->join();
  for (std::thread& each : more) each.join();
  work_.reset();
  io_.stop();
  control_thread_.join();
}

}  // namespace rr
