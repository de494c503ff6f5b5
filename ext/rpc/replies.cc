#include "ext/rpc/replies.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace rr::ext {

namespace {

constexpr std::size_t kFirst = 64 * 1024;
constexpr std::size_t kKept = 1024 * 1024;
constexpr std::size_t kRoom = 4096;

const char* text_of(goridge::Fault fault) {
  switch (fault) {
    case goridge::Fault::checksum:
      return "a checksum is wrong";
    case goridge::Fault::header_length:
      return "a header has an impossible length";
    case goridge::Fault::too_long:
      return "it is longer than 256 MiB";
    case goridge::Fault::none:
      break;
  }
  return "";
}

}  // namespace

Replies::~Replies() {
  std::free(bytes_);
}

void Replies::clear() {
  std::free(bytes_);
  bytes_ = nullptr;
  capacity_ = begin_ = end_ = given_ = need_ = 0;
}

// What was given is over.
void Replies::take() {
  begin_ += given_;
  given_ = 0;
  if (begin_ != end_) return;
  begin_ = end_ = 0;
  if (capacity_ > kKept) clear();
}

char* Replies::room(std::size_t* size) {
  take();
  if (capacity_ - end_ < kRoom) grow();
  *size = capacity_ - end_;
  return bytes_ + end_;
}

void Replies::grow() {
  if (begin_ > 0) {
    std::memmove(bytes_, bytes_ + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (capacity_ - end_ >= kRoom) return;
  const std::size_t capacity =
      std::max({kFirst, end_ + kRoom, std::min(need_, 2 * capacity_) + kRoom});
  void* grown = std::realloc(bytes_, capacity);
  if (!grown) throw std::bad_alloc();
  bytes_ = static_cast<char*>(grown);
  capacity_ = capacity;
}

Replies::Next Replies::next(goridge::RpcMessage* reply) {
  take();
  if (begin_ == end_) return Next::none;
  goridge::FrameReader reader(kMaxPayload);
  const std::string_view bytes(bytes_ + begin_, end_ - begin_);
  const goridge::Parse parsed = reader.parse(bytes);
  need_ = reader.need();
  if (parsed == goridge::Parse::incomplete) return Next::none;
  if (parsed == goridge::Parse::malformed) {
    fault_ = text_of(reader.fault());
    return Next::garbage;
  }
  const auto message = goridge::rpc_message(reader.header(), reader.payload(bytes));
  if (!message) {
    fault_ = "a frame without the two options of a reply";
    return Next::garbage;
  }
  given_ = reader.frame_size();
  *reply = *message;
  return Next::reply;
}

}  // namespace rr::ext
