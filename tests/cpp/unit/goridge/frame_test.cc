// Frame codec: the vectors of spec 01 §2, and every way a byte stream can be cut or broken.
#include "runtime/goridge/frame.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rr::goridge {
namespace {

using namespace std::string_literals;

std::string unhex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (char c : text) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

struct Vector {
  const char* name;
  const char* hex;
  std::uint8_t flags;
  std::uint8_t stream;
  std::vector<std::uint32_t> options;
  std::string payload;
};

const std::vector<Vector>& vectors() {
  static const std::vector<Vector> all = {
      {"A",
       "13 09 0d 00 00 00 3a 6b fa cb 00 00 7b 22 73 74 6f 70 22 3a 74 72 75 65 7d",
       flag::control | flag::codec_json,
       0,
       {},
       R"({"stop":true})"},
      {"B",
       "13 09 0c 00 00 00 5f 0c 46 73 00 00 7b 22 70 69 64 22 3a 34 32 34 32 7d",
       flag::control | flag::codec_json,
       0,
       {},
       R"({"pid":4242})"},
      {"C",
       "13 01 0c 00 00 00 9e 47 36 43 00 00 7b 22 70 69 64 22 3a 37 30 30 31 7d",
       flag::control,
       0,
       {},
       R"({"pid":7001})"},
      {"D",
       "14 08 0c 00 00 00 57 15 23 53 00 00 07 00 00 00 7b 22 61 22 3a 31 7d 68 65 6c 6c 6f",
       flag::codec_json,
       0,
       {7},
       R"({"a":1}hello)"},
      {"E",
       "14 00 0e 00 00 00 1d 96 5a c9 00 00 09 00 00 00 7b 22 73 22 3a 32 30 30 7d 48 45 4c 4c 4f",
       0,
       0,
       {9},
       R"({"s":200}HELLO)"},
      {"F",
       "14 80 05 00 00 00 8e a1 bd af 00 00 03 00 00 00 08 c8 01 6f 6b",
       flag::codec_proto,
       0,
       {3},
       "\x08\xc8\x01ok"},
      {"G", "14 00 05 00 00 00 1c 11 5b 1e 00 00 00 00 00 00 68 65 6c 6c 6f", 0, 0, {0}, "hello"},
      {"H",
       "14 00 0d 00 00 00 f3 39 ef db 00 00 0d 00 00 00 7b 22 73 74 6f 70 22 3a 74 72 75 65 7d",
       0,
       0,
       {13},
       R"({"stop":true})"},
      {"I", "13 40 04 00 00 00 88 1e 11 e3 00 00 62 6f 6f 6d", flag::error, 0, {}, "boom"},
      {"J",
       "14 00 0a 00 00 00 4a 01 38 46 01 00 09 00 00 00 7b 22 73 22 3a 32 30 30 7d 61",
       0,
       stream::more,
       {9},
       R"({"s":200}a)"},
      {"K",
       "14 00 01 00 00 00 4b 86 39 91 05 00 00 00 00 00 66",
       0,
       stream::more | stream::ping,
       {0},
       "f"},
      {"L", "14 00 00 00 00 00 2e e1 85 29 00 00 00 00 00 00", 0, 0, {0}, ""},
      {"M", "13 00 00 00 00 00 96 d1 80 34 08 00", 0, stream::pong, {}, ""},
      {"N", "13 00 00 00 00 00 96 d1 80 34 02 00", 0, stream::stop, {}, ""},
      {"O",
       "15 08 0f 00 00 00 1c 69 ca 8a 00 00 01 00 00 00 0b 00 00 00 72 70 63 2e 56 65 72 73 69 6f "
       "6e 74 72 75 65",
       flag::codec_json,
       0,
       {1, 11},
       "rpc.Versiontrue"},
      {"P",
       "15 08 15 00 00 00 e7 de 6e b5 00 00 01 00 00 00 0b 00 00 00 72 70 63 2e 56 65 72 73 69 6f "
       "6e 22 32 30 32 35 2e 31 2e 35 22",
       flag::codec_json,
       0,
       {1, 11},
       R"(rpc.Version"2025.1.5")"},
      {"Q",
       "15 48 26 00 00 00 e1 d1 03 0f 00 00 02 00 00 00 07 00 00 00 66 6f 6f 2e 42 61 72 72 70 63 "
       "3a 20 63 61 6e 27 74 20 66 69 6e 64 20 73 65 72 76 69 63 65 20 66 6f 6f 2e 42 61 72",
       flag::codec_json | flag::error,
       0,
       {2, 7},
       "foo.Barrpc: can't find service foo.Bar"},
      {"R",
       "15 80 0b 00 00 00 18 05 3e 84 00 00 02 01 00 00 06 00 00 00 6b 76 2e 48 61 73 0a 03 6d "
       "65 6d",
       flag::codec_proto,
       0,
       {258, 6},
       "kv.Has\x0a\x03mem"},
  };
  return all;
}

std::string vector_bytes(char name) {
  for (const auto& v : vectors()) {
    if (v.name[0] == name) return unhex(v.hex);
  }
  return {};
}

constexpr std::uint32_t kLimit = 1u << 30;

// Header from parts, with the checksum the bytes need.
std::string frame(std::uint8_t flags, std::vector<std::uint32_t> options,
                  std::string_view payload) {
  Header header;
  header.flags = flags;
  header.option_count = static_cast<std::uint8_t>(options.size());
  for (std::size_t i = 0; i < options.size(); ++i) header.options[i] = options[i];
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  char out[kMaxHeaderBytes];
  const auto size = encode(header, out);
  return std::string(out, size).append(payload);
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

// `bytes` with a checksum that fits its first six.
std::string resealed(std::string bytes) {
  const auto crc = crc32(std::string_view(bytes).substr(0, 6));
  for (int i = 0; i < 4; ++i) bytes[6 + i] = static_cast<char>(crc >> (8 * i));
  return bytes;
}

// spec:01#1
TEST(Frame, EncodesEveryVectorToItsBytes) {
  for (const auto& v : vectors()) {
    Header header;
    header.flags = v.flags;
    header.stream = v.stream;
    header.option_count = static_cast<std::uint8_t>(v.options.size());
    for (std::size_t i = 0; i < v.options.size(); ++i) header.options[i] = v.options[i];
    header.payload_bytes = static_cast<std::uint32_t>(v.payload.size());
    char out[kMaxHeaderBytes];
    const auto size = encode(header, out);
    EXPECT_EQ(std::string(out, size) + v.payload, unhex(v.hex)) << v.name;
  }
}

// spec:01#1
TEST(Frame, DecodesEveryVectorToItsParts) {
  for (const auto& v : vectors()) {
    const auto bytes = unhex(v.hex);
    FrameReader reader(kLimit);
    ASSERT_EQ(reader.parse(bytes), Parse::complete) << v.name;
    EXPECT_EQ(reader.header().flags, v.flags) << v.name;
    EXPECT_EQ(reader.header().stream, v.stream) << v.name;
    ASSERT_EQ(reader.header().option_count, v.options.size()) << v.name;
    for (std::size_t i = 0; i < v.options.size(); ++i) {
      EXPECT_EQ(reader.header().options[i], v.options[i]) << v.name;
    }
    EXPECT_EQ(reader.payload(bytes), v.payload) << v.name;
    EXPECT_EQ(reader.frame_size(), bytes.size()) << v.name;
  }
}

// spec:01#2
TEST(Frame, ChecksumCoversTheFirstSixBytesOnly) {
  FrameReader reader(kLimit);
  auto broken = vector_bytes('A');
  broken[6] = static_cast<char>(broken[6] ^ 1);
  EXPECT_EQ(reader.parse(broken), Parse::malformed);
  EXPECT_EQ(reader.fault(), Fault::checksum);

  for (std::size_t at : {10, 11}) {
    auto bytes = vector_bytes('A');
    bytes[at] = '\xff';
    EXPECT_EQ(reader.parse(bytes), Parse::complete) << at;
  }
  auto split = vector_bytes('G');
  split[12] = 1;
  ASSERT_EQ(reader.parse(split), Parse::complete);
  EXPECT_EQ(reader.header().options[0], 1u);
  EXPECT_EQ(reader.payload(split), "hello");
}

// spec:01#3
TEST(Frame, VersionIsNotChecked) {
  auto bytes = vector_bytes('E');
  bytes[0] = static_cast<char>(0xF0 | (bytes[0] & 0x0F));
  FrameReader reader(kLimit);
  EXPECT_EQ(reader.parse(resealed(bytes)), Parse::complete);
}

// spec:01#4
TEST(Frame, ByteByByteIsOneFrame) {
  const auto bytes = vector_bytes('D');
  FrameReader reader(kLimit);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(reader.parse(std::string_view(bytes).substr(0, size)), Parse::incomplete) << size;
    EXPECT_GT(reader.need(), size);
    EXPECT_EQ(reader.need(), size < kHeaderBytes ? kHeaderBytes : bytes.size());
  }
  EXPECT_EQ(reader.parse(bytes), Parse::complete);
}

// spec:01#4
TEST(Frame, ThreeFramesInOneRead) {
  const auto bytes = vector_bytes('D') + vector_bytes('E') + vector_bytes('M');
  FrameReader reader(kLimit);
  std::string_view rest = bytes;
  std::vector<std::string> payloads;
  while (!rest.empty()) {
    ASSERT_EQ(reader.parse(rest), Parse::complete);
    payloads.emplace_back(reader.payload(rest));
    rest.remove_prefix(reader.frame_size());
  }
  EXPECT_EQ(payloads, (std::vector<std::string>{R"({"a":1}hello)", R"({"s":200}HELLO)", ""}));
}

// spec:01#5 spec:01#60
TEST(Frame, CutFramesStayIncomplete) {
  const auto bytes = vector_bytes('D');
  FrameReader reader(kLimit);
  for (std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{12}, std::size_t{14},
                           std::size_t{16}, bytes.size() - 1}) {
    EXPECT_EQ(reader.parse(std::string_view(bytes).substr(0, size)), Parse::incomplete) << size;
  }
}

// spec:01#7
TEST(Frame, ImpossibleHeaderLengthsAreMalformed) {
  FrameReader reader(kLimit);
  for (int words = 0; words < 16; ++words) {
    std::string bytes(12 + 64, '\0');
    bytes[0] = static_cast<char>(0x10 | words);
    const bool possible = words >= 3 && words <= 13;
    EXPECT_EQ(reader.parse(resealed(bytes)), possible ? Parse::complete : Parse::malformed)
        << words;
    if (!possible) {
      EXPECT_EQ(reader.fault(), Fault::header_length) << words;
    }
  }
}

// spec:01#8
TEST(Frame, LengthsOverTheLimitAreMalformedAtOnce) {
  std::string bytes = "\x13\x00\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00"s;
  FrameReader reader(1000);
  EXPECT_EQ(reader.parse(resealed(bytes)), Parse::malformed);
  EXPECT_EQ(reader.fault(), Fault::too_long);
  EXPECT_EQ(reader.parse(frame(0, {0}, std::string(1001, 'x'))), Parse::malformed);
  EXPECT_EQ(reader.parse(frame(0, {0}, std::string(1000, 'x'))), Parse::complete);
}

// spec:01#9
TEST(Frame, TenOptionsRoundTripAndElevenAreRefused) {
  const auto bytes = frame(flag::codec_json, {0, 1, 2, 3, 4, 5, 6, 7, 8, 0xFFFFFFFF}, "x");
  EXPECT_EQ(bytes[0], '\x1d');
  FrameReader reader(kLimit);
  ASSERT_EQ(reader.parse(bytes), Parse::complete);
  EXPECT_EQ(reader.header().option_count, 10);
  EXPECT_EQ(reader.header().options[9], 0xFFFFFFFFu);
  EXPECT_EQ(reader.payload(bytes), "x");

  Header header;
  header.option_count = 11;
  char out[kMaxHeaderBytes];
  EXPECT_EQ(encode(header, out), 0u);
}

// spec:01#24 (first half): text whose first letter implies options is found out after 12 bytes.
TEST(Frame, TextIsMalformedWithoutWaitingForTheOptionsItImplies) {
  FrameReader reader(kLimit);
  EXPECT_EQ(reader.parse("Notice: Unde"), Parse::malformed);
  EXPECT_EQ(reader.fault(), Fault::checksum);
  EXPECT_EQ(reader.parse("warning: some weird php error"), Parse::malformed);
  EXPECT_EQ(reader.parse("Could not open input file: x.php\n"), Parse::malformed);
}

}  // namespace
}  // namespace rr::goridge
