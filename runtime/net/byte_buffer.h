// Bytes that grow at the end and are taken from the front; no zero-filling, memory kept for reuse.
#pragma once

#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace rr::net {

class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() { std::free(data_); }

  std::string_view view() const { return {data_ + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // At least `bytes` of room to write at the end; commit() what was written.
  char* room(std::size_t bytes) {
    if (capacity_ - end_ < bytes) grow(bytes);
    return data_ + end_;
  }
  std::size_t room_size() const { return capacity_ - end_; }
  void commit(std::size_t bytes) { end_ += bytes; }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Empties it; memory past `keep` bytes is given back.
  void clear(std::size_t keep = 64 * 1024) {
    begin_ = end_ = 0;
    if (capacity_ > keep) {
      std::free(data_);
      data_ = nullptr;
      capacity_ = 0;
    }
  }

 private:
  void grow(std::size_t bytes) {
    if (begin_ > 0) {
      std::memmove(data_, data_ + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
      if (capacity_ - end_ >= bytes) return;
    }
    std::size_t wanted = capacity_ < 4096 ? 4096 : capacity_ + capacity_ / 2;
    if (wanted < end_ + bytes) wanted = end_ + bytes;
    auto* data = static_cast<char*>(std::realloc(data_, wanted));
    if (!data) throw std::bad_alloc();
    data_ = data;
    capacity_ = wanted;
  }

  char* data_ = nullptr;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace rr::net
