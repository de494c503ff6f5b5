#include "ext/frames.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

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
      return "a frame is longer than is taken";
    case goridge::Fault::none:
      break;
  }
  return "";
}

}  // namespace

Frames::~Frames() {
  std::free(bytes_);
}

void Frames::clear() {
  std::free(bytes_);
  bytes_ = nullptr;
  capacity_ = begin_ = end_ = given_ = need_ = 0;
}

void Frames::swap(Frames& other) {
  std::swap(bytes_, other.bytes_);
  std::swap(capacity_, other.capacity_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
  std::swap(given_, other.given_);
  std::swap(need_, other.need_);
}

void Frames::move_rest(Frames& other) {
  const char* from = bytes_ + begin_ + given_;
  for (std::size_t left = end_ - begin_ - given_; left > 0;) {
    std::size_t size = 0;
    char* to = other.room(&size);
    size = std::min(size, left);
    std::memcpy(to, from, size);
    other.came(size);
    from += size;
    left -= size;
  }
  end_ = begin_ + given_;
}

// What was given is over.
void Frames::take() {
  begin_ += given_;
  given_ = 0;
  if (begin_ != end_) return;
  begin_ = end_ = 0;
  if (capacity_ > kKept) clear();
}

char* Frames::room(std::size_t* size) {
  take();
  if (capacity_ - end_ < kRoom) grow();
  *size = capacity_ - end_;
  return bytes_ + end_;
}

void Frames::grow() {
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

Frames::Next Frames::next(goridge::Header* header, std::string_view* payload) {
  take();
  if (begin_ == end_) return Next::none;
  goridge::FrameReader reader(max_payload_);
  const std::string_view bytes(bytes_ + begin_, end_ - begin_);
  const goridge::Parse parsed = reader.parse(bytes);
  need_ = reader.need();
  if (parsed == goridge::Parse::incomplete) return Next::none;
  if (parsed == goridge::Parse::malformed) {
    fault_ = text_of(reader.fault());
    return Next::garbage;
  }
  given_ = reader.frame_size();
  *header = reader.header();
  *payload = reader.payload(bytes);
  return Next::frame;
}

}  // namespace rr::ext
