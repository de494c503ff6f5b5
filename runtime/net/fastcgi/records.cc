#include "runtime/net/fastcgi/records.h"

#include <algorithm>
#include <string>

namespace rr::net::fastcgi {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kMostContent = 65535 & ~std::size_t{7};  // so that none needs padding

std::uint8_t byte(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

// Of a header that is there: the record with its padding.
std::size_t record_size(std::string_view header) {
  return kHeader + (std::size_t{byte(header, 4)} << 8 | byte(header, 5)) + byte(header, 6);
}

void put_pair(std::string& out, std::string_view name, std::string_view value) {
  out += static_cast<char>(name.size());
  out += static_cast<char>(value.size());
  out += name;
  out += value;
}

}  // namespace

RecordReader::Step RecordReader::next(std::string_view& input, Record& record) {
  if (std::exchange(used_, false)) partial_.clear();
  const auto fill = [&](std::size_t size) {
    const std::size_t wanted = size > partial_.size() ? size - partial_.size() : 0;
    const std::size_t taken = std::min(wanted, input.size());
    partial_.append(input.substr(0, taken));
    input.remove_prefix(taken);
    return partial_.size() >= size;
  };
  std::string_view whole = input;
  if (!partial_.empty() || input.size() < kHeader || input.size() < record_size(input)) {
    if (!fill(kHeader)) return Step::more;
    if (byte(partial_.view(), 0) == 1 && !fill(record_size(partial_.view()))) return Step::more;
    whole = partial_.view();
    used_ = true;
  }
  malformed_ |= byte(whole, 0) != 1;  // the version
  if (malformed_) return Step::malformed;
  record.type = byte(whole, 1);
  record.id = static_cast<std::uint16_t>(byte(whole, 2) << 8 | byte(whole, 3));
  record.content = whole.substr(kHeader, std::size_t{byte(whole, 4)} << 8 | byte(whole, 5));
  if (!used_) input.remove_prefix(record_size(whole));
  return Step::record;
}

bool PairReader::length(std::size_t& out) {
  if (rest_.empty()) return false;
  out = byte(rest_, 0);
  std::size_t bytes = 1;
  if (out >= 0x80) {
    if (rest_.size() < 4) return false;
    out = (out & 0x7f) << 24 | std::size_t{byte(rest_, 1)} << 16 |
          std::size_t{byte(rest_, 2)} << 8 | byte(rest_, 3);
    bytes = 4;
  }
  rest_.remove_prefix(bytes);
  return true;
}

bool PairReader::next(std::string_view& name, std::string_view& value) {
  if (rest_.empty()) return false;
  std::size_t name_size = 0;
  std::size_t value_size = 0;
  if (!length(name_size) || !length(value_size) || name_size > rest_.size() ||
      value_size > rest_.size() - name_size) {
    malformed_ = true;
    rest_ = {};
    return false;
  }
  name = rest_.substr(0, name_size);
  value = rest_.substr(name_size, value_size);
  rest_.remove_prefix(name_size + value_size);
  return true;
}

bool read_begin(std::string_view content, Begin& out) {
  if (content.size() < 3) return false;
  out.role = static_cast<std::uint16_t>(byte(content, 0) << 8 | byte(content, 1));
  out.keep_connection = (byte(content, 2) & 1) != 0;
  return true;
}

void append_record(ByteBuffer& out, Type type, std::uint16_t id, std::string_view content) {
  const std::size_t size = content.size();
  const char header[kHeader] = {1,
                                static_cast<char>(type),
                                static_cast<char>(id >> 8),
                                static_cast<char>(id),
                                static_cast<char>(size >> 8),
                                static_cast<char>(size),
                                0,
                                0};
  out.append({header, kHeader});
  out.append(content);
}

void append_stream(ByteBuffer& out, Type type, std::uint16_t id, std::string_view content) {
  while (!content.empty()) {
    const std::string_view part = content.substr(0, kMostContent);
    append_record(out, type, id, part);
    content.remove_prefix(part.size());
  }
}

void append_end(ByteBuffer& out, std::uint16_t id, Ended ended) {
  const char content[8] = {0, 0, 0, 0, static_cast<char>(ended), 0, 0, 0};
  append_record(out, Type::end_request, id, {content, sizeof content});
}

void append_unknown_type(ByteBuffer& out, std::uint8_t type) {
  const char content[8] = {static_cast<char>(type), 0, 0, 0, 0, 0, 0, 0};
  append_record(out, Type::unknown_type, 0, {content, sizeof content});
}

void append_values(ByteBuffer& out, std::string_view asked, std::uint32_t connections,
                   std::uint32_t requests) {
  std::string values;
  bool seen[3] = {};  // asking twice is answered once
  PairReader pairs(asked);
  for (std::string_view name, value; pairs.next(name, value);) {
    if (name == "FCGI_MAX_CONNS" && !std::exchange(seen[0], true)) {
      put_pair(values, name, std::to_string(connections));
    } else if (name == "FCGI_MAX_REQS" && !std::exchange(seen[1], true)) {
      put_pair(values, name, std::to_string(requests));
    } else if (name == "FCGI_MPXS_CONNS" && !std::exchange(seen[2], true)) {
      put_pair(values, name, "1");
    }
  }
  append_record(out, Type::get_values_result, 0, values);
}

}  // namespace rr::net::fastcgi
