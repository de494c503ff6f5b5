#include "runtime/plugins/kv/drivers/boltdb/record.h"

#include <openssl/sha.h>

namespace rr::keyvalue::boltdb {

namespace {

constexpr std::size_t kLongest = 511;
constexpr std::size_t kBeginning = kLongest - SHA256_DIGEST_LENGTH;

constexpr std::uint8_t kEnds = 1;  // flags of a record
constexpr std::uint8_t kZulu = 2;
constexpr std::size_t kHead = 1 + 8 + 2;  // of one that ends

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// So that moments before 1970 sort before the others.
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

}  // namespace

std::string stored_key(std::string_view key) {
  if (key.size() < kLongest) return std::string(key);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  std::string stored(key.substr(0, kBeginning));
  return stored.append(reinterpret_cast<const char*>(digest), sizeof digest);
}

std::string encode(const Record& record) {
  std::string bytes;
  bytes.reserve(kHead + record.value.size());
  const Timeout& timeout = record.timeout;
  if (timeout.is_set()) {
    bytes += static_cast<char>(kEnds | (timeout.zulu ? kZulu : 0));
    append_big_endian(bytes, static_cast<std::uint64_t>(timeout.at), 8);
    append_big_endian(bytes, static_cast<std::uint16_t>(timeout.offset), 2);
  } else {
    bytes += '\0';
  }
  return bytes.append(record.value);
}

std::optional<Record> decode_record(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto flags = static_cast<std::uint8_t>(bytes.front());
  Record record;
  if ((flags & kEnds) == 0) {
    record.value = bytes.substr(1);
    return record;
  }
  if (bytes.size() < kHead) return std::nullopt;
  record.timeout.at = static_cast<Moment>(big_endian(bytes.substr(1, 8)));
  record.timeout.offset = static_cast<std::int16_t>(big_endian(bytes.substr(9, 2)));
  record.timeout.zulu = (flags & kZulu) != 0;
  record.value = bytes.substr(kHead);
  return record;
}

std::string deadline_key(Moment at) {
  std::string key;
  append_big_endian(key, static_cast<std::uint64_t>(at) ^ kSign, 8);
  return key;
}

Moment moment_of(std::string_view deadline_key) {
  return static_cast<Moment>(big_endian(deadline_key.substr(0, 8)) ^ kSign);
}

}  // namespace rr::keyvalue::boltdb
