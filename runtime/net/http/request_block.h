// The flat block a request is parsed into: the bytes of its head as they were read, and plain-data
// tables of offsets into them. One owner at a time; kept and reused while a connection is warm.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "rr/http.h"

namespace rr::net::http {

// Input buffer and parse result in one: the socket is read straight into it, so a head is never
// copied. What follows the head in the same read is the body's beginning or the next request.
class RequestBlock {
 public:
  HttpHead head;
  std::vector<HttpField> fields;

  // ---- input side: room to read into, then commit what came
  char* room(std::size_t at_least);  // at least so many writable bytes after size()
  std::size_t room_size() const { return capacity_ - size_; }
  void commit(std::size_t bytes) { size_ += bytes; }
  const char* data() const { return data_.get(); }
  char* data() { return data_.get(); }
  std::size_t size() const { return size_; }

  // Appends text that is not the client's (an address) and returns where it is. Only after the
  // head was parsed: bytes that follow the head must have been taken out before.
  TextSpan append(std::string_view text);
  void truncate(std::size_t size) { size_ = size; }

  // Forgets the request but keeps the memory (unless it has grown past 64 KiB).
  void clear();

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace rr::net::http
