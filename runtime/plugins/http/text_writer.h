// Appends bytes to a std::string through a bare cursor: a capacity check per piece, not per byte.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace rr::http {

// While one lives, the string belongs to it and has a meaningless tail; finish() (or the
// destructor) cuts it. Not for sharing, not for storing.
class TextWriter {
 public:
  // Continues at the end of `out`. `expected`: how many bytes probably come.
  TextWriter(std::string& out, std::size_t expected) : out_(out), size_(out.size()) {
    out_.resize(size_ + expected);
  }
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;
  ~TextWriter() { finish(); }

  // A place with room for `bytes`; the caller writes there and says with commit() how far it got.
  char* room(std::size_t bytes) {
    if (out_.size() - size_ < bytes) out_.resize(out_.size() + out_.size() / 2 + bytes);
    return out_.data() + size_;
  }
  void commit(const char* end) { size_ = static_cast<std::size_t>(end - out_.data()); }

  void put(char c) {
    *room(1) = c;
    ++size_;
  }
  void put(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }

  void finish() { out_.resize(size_); }

 private:
  std::string& out_;
  std::size_t size_;
};

}  // namespace rr::http
