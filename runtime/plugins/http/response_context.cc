#include "runtime/plugins/http/response_context.h"

#include <array>
#include <charconv>

#include "rr/protobuf.h"
#include "rr/utf8.h"
#include "runtime/plugins/http/ascii.h"

namespace rr::http {
namespace {

constexpr std::uint8_t kJson = 0x08;
constexpr std::uint8_t kProto = 0x80;
constexpr std::uint8_t kCodecs = 0xBC;  // raw, json, msgpack, gob, proto
constexpr std::size_t kMaxDepth = 64;   // of values under unknown keys

// What ends a run of plain bytes within a JSON string.
constexpr std::array<bool, 256> kStops = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

}  // namespace

// Strict JSON (RFC 8259), bounded: one pass, no recursion. Unknown keys are passed over; a list
// stands for an empty object, because that is what PHP makes of an empty array.
class JsonReader {
 public:
  JsonReader(ResponseContext& into, std::string_view text)
      : into_(into), text_(text), at_(text.data()), end_(at_ + text.size()) {}

  // Null, or what is wrong.
  const char* read() {
    if (!take('{')) return "no object";
    if (!members([&](std::string_view key) {
          if (key == "status") return status();
          if (key == "headers") return headers();
          return skip();
        })) {
      return failure_;
    }
    space();
    return at_ == end_ ? nullptr : "text after the object";
  }

 private:
  bool fail(const char* why) {
    failure_ = why;
    return false;
  }

  void space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  // The next byte after white space, 0 at the end.
  char peek() {
    space();
    return at_ < end_ ? *at_ : '\0';
  }

  bool take(char c) {
    if (peek() != c || at_ == end_) return false;
    ++at_;
    return true;
  }

  bool word(std::string_view expected) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(expected)) {
      return fail("no value");
    }
    at_ += expected.size();
    return true;
  }

  // After '{': calls member(key) at each value.
  template <class Member>
  bool members(Member member) {
    if (take('}')) return true;
    do {
      std::string_view key;
      if (!string(key)) return false;
      if (!take(':')) return fail("no colon after a key");
      if (!member(key)) return false;
    } while (take(','));
    return take('}') ? true : fail("object without an end");
  }

  bool status() {
    if (peek() == 'n') return word("null");
    std::string_view digits;
    if (!number(digits)) return false;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), into_.status_);
    if (error != std::errc() || stop != digits.data() + digits.size()) {
      return fail("status is no integer");
    }
    return true;
  }

  bool headers() {
    if (peek() == 'n') return word("null");
    if (take('[')) return take(']') ? true : fail("headers are no object");
    if (!take('{')) return fail("headers are no object");
    return members([&](std::string_view name) { return values(name); });
  }

  bool values(std::string_view name) {
    if (peek() == 'n') return word("null");
    if (!take('[')) return fail("values of a header are no list");
    if (take(']')) return true;
    do {
      HeaderView header{name, {}};
      if (!string(header.value)) return false;
      into_.headers_.push_back(header);
    } while (take(','));
    return take(']') ? true : fail("list without an end");
  }

  bool number(std::string_view& out) {
    space();
    const char* begin = at_;
    const auto digits = [&] {
      const char* first = at_;
      while (at_ < end_ && *at_ >= '0' && *at_ <= '9') ++at_;
      return at_ > first;
    };
    const auto next = [&](char c) { return at_ < end_ && *at_ == c ? (++at_, true) : false; };
    next('-');
    const bool zero = next('0');
    if (!zero && !digits()) return fail("no value");
    if (next('.') && !digits()) return fail("malformed number");
    if (next('e') || next('E')) {
      if (!next('+')) next('-');
      if (!digits()) return fail("malformed number");
    }
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    return true;
  }

  bool string(std::string_view& out) {
    if (!take('"')) return fail("no string");
    const char* begin = at_;
    while (at_ < end_ && !kStops[ascii::byte(*at_)]) ++at_;
    if (at_ == end_) return fail("string without an end");
    if (*at_ == '"') {
      out = {begin, static_cast<std::size_t>(at_ - begin)};
      ++at_;
      return true;
    }
    return escaped(begin, out);
  }

  // From the first escape on; `begin` is where the string began.
  bool escaped(const char* begin, std::string_view& out) {
    std::string& buffer = into_.unescaped_;
    // Once is enough: no string is longer than what it is written as, and views must stay.
    if (buffer.empty()) buffer.reserve(text_.size());
    const std::size_t start = buffer.size();
    buffer.append(begin, at_);
    while (at_ < end_ && *at_ != '"') {
      if (*at_ == '\\') {
        if (!escape(buffer)) return false;
      } else if (kStops[ascii::byte(*at_)]) {
        return fail("control byte in a string");
      } else {
        const char* run = at_;
        while (at_ < end_ && !kStops[ascii::byte(*at_)]) ++at_;
        buffer.append(run, at_);
      }
    }
    if (at_ == end_) return fail("string without an end");
    ++at_;
    out = std::string_view(buffer).substr(start);
    return true;
  }

  bool escape(std::string& buffer) {
    if (end_ - at_ < 2) return fail("string without an end");
    const char c = at_[1];
    at_ += 2;
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
    if (auto i = kLetters.find(c); i != kLetters.npos) {
      buffer += kBytes[i];
      return true;
    }
    std::uint32_t rune = 0;
    if (c != 'u' || !hex4(rune)) return fail("malformed escape");
    if (rune >= 0xD800 && rune < 0xE000) {
      // A pair is one character; half of one is none.
      std::uint32_t low = 0;
      const char* mark = at_;
      const bool pair = rune < 0xDC00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u' &&
                        (at_ += 2, hex4(low)) && low >= 0xDC00 && low < 0xE000;
      if (!pair) at_ = mark;
      rune = pair ? 0x10000 + ((rune & 0x3FF) << 10 | (low & 0x3FF)) : 0xFFFD;
    }
    char bytes[4];
    buffer.append(bytes, utf8::encode(rune, bytes));
    return true;
  }

  bool hex4(std::uint32_t& out) {
    if (end_ - at_ < 4) return false;
    out = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = ascii::hex(*at_++);
      if (digit < 0) return false;
      out = out << 4 | static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  // Any one value.
  bool skip() {
    std::uint64_t objects = 0;  // bit d: level d is an object
    std::size_t depth = 0;
    for (;;) {
      if (!scalar_or_open(objects, depth)) return false;
      // Values end here, and with them perhaps what they stand in.
      for (;;) {
        if (opened_) break;
        if (depth == 0) return true;
        const bool object = (objects >> (depth - 1) & 1) != 0;
        if (take(',')) {
          if (object && !key()) return false;
          break;
        }
        if (!take(object ? '}' : ']')) return fail("list or object without an end");
        --depth;
      }
    }
  }

  bool key() {
    std::string_view ignored;
    if (!string(ignored)) return false;
    return take(':') ? true : fail("no colon after a key");
  }

  bool scalar_or_open(std::uint64_t& objects, std::size_t& depth) {
    opened_ = false;
    std::string_view ignored;
    switch (peek()) {
      case '"':
        return string(ignored);
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      case '{':
      case '[':
        break;
      default:
        return number(ignored);
    }
    const bool object = *at_++ == '{';
    if (take(object ? '}' : ']')) return true;
    if (depth == kMaxDepth) return fail("nested too deeply");
    objects = (objects & ~(std::uint64_t{1} << depth)) | std::uint64_t{object} << depth;
    ++depth;
    opened_ = true;
    return object ? key() : true;
  }

  ResponseContext& into_;
  const std::string_view text_;
  const char* at_;
  const char* const end_;
  const char* failure_ = "no value";
  bool opened_ = false;
};

// Proto3, unknown fields passed over.
class ProtoReader {
 public:
  static bool read(ResponseContext& into, std::string_view message) {
    proto::Reader fields(message);
    while (fields.next()) {
      if (fields.is(1, proto::Wire::varint))
        into.status_ = static_cast<std::int64_t>(fields.value());
      if (fields.is(2, proto::Wire::bytes) && !entry(into, fields.bytes())) return false;
    }
    return fields.good();
  }

 private:
  static bool entry(ResponseContext& into, std::string_view message) {
    std::string_view name;
    std::string_view values;
    proto::Reader fields(message);
    while (fields.next()) {
      if (fields.is(1, proto::Wire::bytes)) name = fields.bytes();
      if (fields.is(2, proto::Wire::bytes)) values = fields.bytes();
    }
    proto::Reader each(values);
    while (each.next()) {
      if (each.is(1, proto::Wire::bytes)) into.headers_.push_back({name, each.bytes()});
    }
    return fields.good() && each.good();
  }
};

Result<void> ResponseContext::decode(std::uint8_t flags, std::string_view context) {
  has_head_ = false;
  status_ = 0;
  headers_.clear();
  unescaped_.clear();
  if (context.empty()) return {};
  const std::uint8_t codec = flags & kCodecs;
  std::string failure;
  if (codec == kJson || (codec == 0 && context.front() == '{')) {
    if (const char* why = JsonReader(*this, context).read()) {
      failure = std::string("malformed JSON context: ") + why;
    }
  } else if (codec == kProto) {
    if (!ProtoReader::read(*this, context)) failure = "malformed protobuf context";
  } else {
    failure = "unknown payload codec: " + std::to_string(codec);
  }
  if (failure.empty()) {
    has_head_ = true;
    return {};
  }
  headers_.clear();
  status_ = 0;
  return Error(Errc::decode, "", std::move(failure));
}

std::string unknown_status_text(std::int64_t status) {
  return "unknown status code from worker: " + std::to_string(status) + "\n";
}

}  // namespace rr::http
