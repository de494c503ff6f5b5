// The wire format of protobuf, as far as the messages of RoadRunner's protocols need it: a reader
// that goes through the fields of a message in place, and the pieces a message is written of.
//
//   for (proto::Reader fields(message); fields.next();) {
//     if (fields.is(1, proto::Wire::bytes)) name = fields.bytes();
//   }
//
// Values; no thread rules. Fuzzed (fuzz/kv.cc, fuzz/response_context.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rr::proto {

enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

// Proto3: fields in any order, unknown ones are the caller's to pass over.
class Reader {
 public:
  explicit Reader(std::string_view message) : rest_(message) {}

  // To the next field; false at the end, and where the bytes are no message. Views stay valid as
  // long as the message.
  bool next() {
    if (rest_.empty()) return false;
    std::uint64_t tag = 0;
    if (!read_varint(rest_, tag) || tag >> 3 == 0 || tag >> 32 != 0) return stop();
    number_ = static_cast<std::uint32_t>(tag >> 3);
    wire_ = static_cast<Wire>(tag & 7);
    value_ = 0;
    std::size_t length = 0;
    switch (wire_) {
      case Wire::varint:
        if (!read_varint(rest_, value_)) return stop();
        break;
      case Wire::bytes: {
        std::uint64_t size = 0;
        if (!read_varint(rest_, size) || size > rest_.size()) return stop();
        length = static_cast<std::size_t>(size);
        break;
      }
      case Wire::fixed64:
        length = 8;
        break;
      case Wire::fixed32:
        length = 4;
        break;
      default:
        return stop();
    }
    if (length > rest_.size()) return stop();
    bytes_ = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }
  // After the last next(): whether the whole of it was a message.
  bool good() const { return good_; }

  bool is(std::uint32_t number, Wire wire) const { return number_ == number && wire_ == wire; }
  std::uint64_t value() const { return value_; }     // of a varint
  std::string_view bytes() const { return bytes_; }  // of every other kind

  // Takes one from the front of `from`; false when there is none of at most 64 bits.
  static bool read_varint(std::string_view& from, std::uint64_t& out) {
    out = 0;
    for (std::size_t i = 0; i < 10 && i < from.size(); ++i) {
      const std::uint64_t byte = static_cast<unsigned char>(from[i]);
      if (i == 9 && byte > 1) return false;
      out |= (byte & 0x7F) << (7 * i);
      if (byte < 0x80) {
        from.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }

 private:
  bool stop() {
    good_ = false;
    rest_ = {};
    return false;
  }

  std::string_view rest_;
  std::uint32_t number_ = 0;
  Wire wire_ = Wire::varint;
  std::uint64_t value_ = 0;
  std::string_view bytes_;
  bool good_ = true;
};

// ---------------------------------------------------------------- writing

inline constexpr std::size_t kMaxVarint = 10;

constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

// To `out`, which has room for kMaxVarint; returns where it ends.
inline char* write_varint(char* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

// What stands before a field; the numbers of our messages are below 16.
constexpr char tag(unsigned number, Wire wire) {
  return static_cast<char>(number << 3 | static_cast<unsigned>(wire));
}

// How many bytes a field of that many bytes takes.
constexpr std::size_t bytes_field_size(std::size_t size) {
  return 1 + varint_size(size) + size;
}
// The same, when it is left out where it is empty, as proto3 does.
constexpr std::size_t optional_field_size(std::size_t size) {
  return size == 0 ? 0 : bytes_field_size(size);
}

inline void append_varint(std::string& out, std::uint64_t value) {
  char bytes[kMaxVarint];
  out.append(bytes, write_varint(bytes, value));
}
inline void append_bytes(std::string& out, unsigned number, std::string_view bytes) {
  out += tag(number, Wire::bytes);
  append_varint(out, bytes.size());
  out += bytes;
}
inline void append_optional(std::string& out, unsigned number, std::string_view bytes) {
  if (!bytes.empty()) append_bytes(out, number, bytes);
}
// A number that is not zero: proto3 leaves that one out.
inline void append_number(std::string& out, unsigned number, std::uint64_t value) {
  if (value == 0) return;
  out += tag(number, Wire::varint);
  append_varint(out, value);
}

}  // namespace rr::proto
