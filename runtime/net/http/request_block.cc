#include "runtime/net/http/request_block.h"

#include <algorithm>
#include <cstring>

namespace rr::net::http {
namespace {

constexpr std::size_t kFirstCapacity = 4096;
constexpr std::size_t kKeptCapacity = 64 * 1024;

}  // namespace

char* RequestBlock::room(std::size_t at_least) {
  if (capacity_ - size_ < at_least) {
    const std::size_t capacity = std::max({kFirstCapacity, capacity_ * 2, size_ + at_least});
    auto data = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ != 0) std::memcpy(data.get(), data_.get(), size_);
    data_ = std::move(data);
    capacity_ = capacity;
  }
  return data_.get() + size_;
}

TextSpan RequestBlock::append(std::string_view text) {
  const TextSpan span{static_cast<std::uint32_t>(size_), static_cast<std::uint32_t>(text.size())};
  if (!text.empty()) std::memcpy(room(text.size()), text.data(), text.size());
  size_ += text.size();
  return span;
}

void RequestBlock::clear() {
  head = HttpHead{};
  fields.clear();
  size_ = 0;
  if (capacity_ > kKeptCapacity) {
    data_.reset();
    capacity_ = 0;
  }
  if (fields.capacity() > kKeptCapacity / sizeof(HttpField)) fields = std::vector<HttpField>();
}

}  // namespace rr::net::http
