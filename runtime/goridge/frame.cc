#include "runtime/goridge/frame.h"

#include <cstring>

namespace rr::goridge {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMinWords = 3;
constexpr std::size_t kMaxWords = 3 + kMaxOptions;
constexpr std::size_t kChecksummed = 6;  // bytes the checksum covers

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xEDB88320u : 0u);
    table[i] = value;
  }
  return table;
}
constexpr auto kCrcTable = make_crc_table();

std::uint32_t checksum(const char* header) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (std::size_t i = 0; i < kChecksummed; ++i) {
    crc = kCrcTable[(crc ^ static_cast<std::uint8_t>(header[i])) & 0xFF] ^ (crc >> 8);
  }
  return ~crc;
}

// Byte by byte, so that the wire is little-endian on any host; compilers make one move of it.
void store(char* out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<char>(value >> (8 * i));
}

std::uint32_t load(const char* in) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(in[i])) << (8 * i);
  }
  return value;
}

}  // namespace

std::size_t encode(const Header& header, char* out) {
  if (header.option_count > kMaxOptions) return 0;
  out[0] = static_cast<char>(kVersion << 4 | (kMinWords + header.option_count));
  out[1] = static_cast<char>(header.flags);
  store(out + 2, header.payload_bytes);
  store(out + 6, checksum(out));
  out[10] = static_cast<char>(header.stream);
  out[11] = 0;
  for (std::size_t i = 0; i < header.option_count; ++i) {
    store(out + kHeaderBytes + 4 * i, header.options[i]);
  }
  return header.size();
}

Parse FrameReader::parse(std::string_view bytes) {
  need_ = kHeaderBytes;
  fault_ = Fault::none;
  if (bytes.size() < kHeaderBytes) return Parse::incomplete;
  const char* in = bytes.data();
  // Checksum first: what fails it is not a frame, whatever its other fields seem to say.
  if (load(in + 6) != checksum(in)) return malformed(Fault::checksum);
  const std::size_t words = static_cast<std::uint8_t>(in[0]) & 0x0F;
  if (words < kMinWords || words > kMaxWords) return malformed(Fault::header_length);
  header_.flags = static_cast<std::uint8_t>(in[1]);
  header_.stream = static_cast<std::uint8_t>(in[10]);
  header_.option_count = static_cast<std::uint8_t>(words - kMinWords);
  header_.payload_bytes = load(in + 2);
  if (header_.payload_bytes > max_payload_) return malformed(Fault::too_long);
  need_ = frame_size();
  if (bytes.size() < header_.size()) return Parse::incomplete;
  for (std::size_t i = 0; i < header_.option_count; ++i) {
    header_.options[i] = load(in + kHeaderBytes + 4 * i);
  }
  return bytes.size() < need_ ? Parse::incomplete : Parse::complete;
}

}  // namespace rr::goridge
