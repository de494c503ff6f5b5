#include "runtime/plugins/inside/recent_errors.h"

#include <algorithm>
#include <string_view>

namespace rr::inside {
namespace {

// PHP's traces have values of arguments.
std::string without_trace(std::string_view message) {
  constexpr std::string_view kTrace = "\nStack trace:\n";
  std::string out;
  for (;;) {
    const std::size_t begin = message.find(kTrace);
    out += message.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    // What follows the trace: an exception's place, or what caused it.
    message.remove_prefix(begin + kTrace.size());
    while (message.starts_with('#'))
      message.remove_prefix(std::min(message.find('\n'), message.size() - 1) + 1);
    if (!message.empty()) out += '\n';
  }
}

}  // namespace

void RecentErrors::add(const Event& event, std::chrono::system_clock::time_point when) {
  PastError error{when, event.plugin, event.type, without_trace(event.message)};
  if (error.message.size() > kMaxMessage) {
    error.message.resize(kMaxMessage);
    error.message += "…";
  }
  const std::lock_guard lock(mutex_);
  ++count_;
  latest_.push_front(std::move(error));
  if (latest_.size() > kKept) latest_.pop_back();
}

std::vector<PastError> RecentErrors::list() const {
  const std::lock_guard lock(mutex_);
  return {latest_.begin(), latest_.end()};
}

std::uint64_t RecentErrors::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace rr::inside
