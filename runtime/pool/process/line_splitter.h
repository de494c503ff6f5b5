// Turns what a process writes into lines.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace rr::pool {

// One thread. Lines keep their newline: a record of RoadRunner's has it, too.
class LineSplitter {
 public:
  static constexpr std::size_t kLongest = 64 * 1024;  // then a line is cut

  // Calls `emit` with each whole line.
  template <class Emit>
  void feed(std::string_view bytes, Emit&& emit) {
    while (!bytes.empty()) {
      const std::size_t room = kLongest - rest_.size();
      std::size_t end = bytes.substr(0, room).find('\n');
      end = end == std::string_view::npos ? std::min(room, bytes.size()) : end + 1;
      const bool whole = bytes[end - 1] == '\n' || end == room;
      if (whole && rest_.empty()) {
        emit(bytes.substr(0, end));
      } else {
        rest_.append(bytes.substr(0, end));
        if (whole) flush(emit);
      }
      bytes.remove_prefix(end);
    }
  }
  // What has no newline yet is a line, too, when nothing follows it.
  template <class Emit>
  void flush(Emit&& emit) {
    if (rest_.empty()) return;
    emit(std::string_view(rest_));
    rest_.clear();
  }
  bool unfinished() const { return !rest_.empty(); }

 private:
  std::string rest_;
};

}  // namespace rr::pool
