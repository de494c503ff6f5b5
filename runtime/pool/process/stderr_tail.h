// The end of what a worker wrote to stderr, for errors that want to say why it did not start.
#pragma once

#include <string>
#include <string_view>

namespace rr::pool {

// One thread.
class StderrTail {
 public:
  static constexpr std::size_t kKept = 8 * 1024;

  void append(std::string_view chunk) {
    if (chunk.size() > kKept) chunk.remove_prefix(chunk.size() - kKept);
    text_.append(chunk);
    if (text_.size() > 2 * kKept) text_.erase(0, text_.size() - kKept);
  }
  void clear() { text_.clear(); }

  // The last lines, whole ones where possible, without white space around them.
  std::string_view lines(std::size_t count) const {
    std::string_view text = text_;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
      text.remove_suffix(1);
    }
    std::size_t begin = text.size();
    while (begin > 0) {
      if (text[begin - 1] == '\n' && --count == 0) break;
      --begin;
    }
    return text.substr(begin);
  }

 private:
  std::string text_;
};

}  // namespace rr::pool
