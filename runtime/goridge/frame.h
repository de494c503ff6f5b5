// Goridge frames (spec 01 §1): pure wire format, no I/O. Fuzzed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rr::goridge {

// Byte 1, a bit mask.
namespace flag {
inline constexpr std::uint8_t control = 0x01;
inline constexpr std::uint8_t codec_raw = 0x04;
inline constexpr std::uint8_t codec_json = 0x08;
inline constexpr std::uint8_t codec_msgpack = 0x10;
inline constexpr std::uint8_t codec_gob = 0x20;
inline constexpr std::uint8_t error = 0x40;
inline constexpr std::uint8_t codec_proto = 0x80;
}  // namespace flag

// Byte 10, a bit mask.
namespace stream {
inline constexpr std::uint8_t more = 0x01;
inline constexpr std::uint8_t stop = 0x02;
inline constexpr std::uint8_t ping = 0x04;
inline constexpr std::uint8_t pong = 0x08;
}  // namespace stream

inline constexpr std::size_t kHeaderBytes = 12;
inline constexpr std::size_t kMaxOptions = 10;
inline constexpr std::size_t kMaxHeaderBytes = kHeaderBytes + 4 * kMaxOptions;

// Header of a frame. Plain value.
struct Header {
  std::uint8_t flags = 0;
  std::uint8_t stream = 0;
  std::uint8_t option_count = 0;
  std::array<std::uint32_t, kMaxOptions> options{};
  std::uint32_t payload_bytes = 0;

  std::size_t size() const { return kHeaderBytes + 4 * option_count; }
};

// Writes header bytes (size() of them) to `out`, which has room for kMaxHeaderBytes. Returns
// size(); 0, and nothing is written, when there are more options than kMaxOptions.
std::size_t encode(const Header& header, char* out);

enum class Parse : std::uint8_t {
  incomplete,  // need() says how many bytes make progress
  complete,
  malformed,  // fault() says why
};

enum class Fault : std::uint8_t {
  none,
  checksum,
  header_length,  // outside 3..13 words
  too_long,       // payload over the limit
};

// Takes frames out of a byte stream. The header is checked as soon as its 12 bytes are there: the
// checksum does not cover options, so garbage never makes it wait for more.
class FrameReader {
 public:
  explicit FrameReader(std::uint32_t max_payload) : max_payload_(max_payload) {}

  // `bytes` starts at a frame. On complete, header() and the views into `bytes` are valid and
  // frame_size() bytes belong to it.
  Parse parse(std::string_view bytes);
  const Header& header() const { return header_; }
  std::string_view payload(std::string_view bytes) const {
    return bytes.substr(header_.size(), header_.payload_bytes);
  }
  std::size_t frame_size() const { return header_.size() + header_.payload_bytes; }
  // Incomplete: bytes the whole frame takes, as far as known.
  std::size_t need() const { return need_; }
  // Malformed: why. The bytes are worth nothing from there on.
  Fault fault() const { return fault_; }

 private:
  Parse malformed(Fault fault) {
    fault_ = fault;
    return Parse::malformed;
  }

  std::uint32_t max_payload_;
  Header header_;
  std::size_t need_ = kHeaderBytes;
  Fault fault_ = Fault::none;
};

}  // namespace rr::goridge
