#include "runtime/core/control.h"

namespace rr {

Control::Control(unsigned blocking_threads) : blocking_(blocking_threads) {}

Control::~Control() { stop(); }

void Control::start() {
  work_.emplace(io_.get_executor());
  thread_ = std::thread([this] { io_.run(); });
}

void Control::stop() {
  work_.reset();
  io_.stop();
  if (thread_.joinable()) thread_.join();
  blocking_.stop();
  blocking_.join();
}

}  // namespace rr
