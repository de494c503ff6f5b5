#include <string>

#include <gtest/gtest.h>

#include "runtime/net/http1/request_parser.h"

namespace rr::net::http1 {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using Step = ChunkedDecoder::Step;

struct Decoded {
  Step step = Step::more;
  std::string body;
  std::string rest;
  std::string reason;
};

Decoded decode(std::string_view bytes, std::size_t read_size, const Limits& limits) {
  ChunkedDecoder decoder(limits);
  Decoded decoded;
  while (!bytes.empty() && decoded.step != Step::done && decoded.step != Step::malformed) {
    std::string_view input = bytes.substr(0, read_size);
    bytes.remove_prefix(input.size());
    std::string_view piece;
    while ((decoded.step = decoder.next(input, piece)) == Step::data) {
      EXPECT_FALSE(piece.empty());
      decoded.body += piece;
    }
    EXPECT_TRUE(decoded.step != Step::more || input.empty());
    if (decoded.step == Step::done) decoded.rest = std::string(input) + std::string(bytes);
  }
  decoded.reason = decoder.reason();
  return decoded;
}

// At once and byte by byte.
Decoded decode(std::string_view bytes, const Limits& limits = {}) {
  Decoded whole = decode(bytes, bytes.size() + 1, limits);
  const Decoded pieces = decode(bytes, 1, limits);
  EXPECT_EQ(whole.step, pieces.step);
  EXPECT_EQ(whole.body, pieces.body);
  EXPECT_EQ(whole.rest, pieces.rest);
  EXPECT_EQ(whole.reason, pieces.reason);
  return whole;
}

TEST(ChunkedDecoder, JoinsChunksAndLeavesTheNextRequest) {
  const Decoded decoded = decode("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /");
  EXPECT_EQ(decoded.step, Step::done);
  EXPECT_EQ(decoded.body, "hello world");
  EXPECT_EQ(decoded.rest, "GET /");
}

TEST(ChunkedDecoder, ReadsHexOfBothCasesAndLeadingZeros) {
  const std::string data(0x1aB, 'x');
  EXPECT_EQ(decode("01aB\r\n" + data + "\r\n000\r\n\r\n").body, data);
  EXPECT_EQ(decode("0000000000000001\r\nx\r\n0\r\n\r\n").step, Step::done);
}

TEST(ChunkedDecoder, IgnoresExtensions) {  // spec:02#71
  const Decoded decoded = decode("5;a=b\r\nhello\r\n1 ; x=\"y;z\"\r\n!\r\n0;last\r\n\r\n");
  EXPECT_EQ(decoded.step, Step::done);
  EXPECT_EQ(decoded.body, "hello!");
}

TEST(ChunkedDecoder, DiscardsTrailers) {  // spec:02#72
  const Decoded decoded =
      decode("3\r\nabc\r\n0\r\nX-Late: 1\r\nContent-Length: 7\r\nHost: evil\r\nE:\r\n\r\nrest");
  EXPECT_EQ(decoded.step, Step::done);
  EXPECT_EQ(decoded.body, "abc");
  EXPECT_EQ(decoded.rest, "rest");
}

TEST(ChunkedDecoder, RefusesMalformedSizes) {  // spec:02#70
  EXPECT_EQ(decode("x\r\n").reason, "invalid byte in chunk length");
  EXPECT_EQ(decode("\r\n").reason, "empty hex number for chunk length");
  EXPECT_EQ(decode("0x5\r\nhello\r\n0\r\n\r\n").reason, "invalid byte in chunk length");
  EXPECT_EQ(decode("+5\r\nhello\r\n0\r\n\r\n").reason, "invalid byte in chunk length");
  EXPECT_EQ(decode("-5\r\nhello\r\n0\r\n\r\n").reason, "invalid byte in chunk length");
  EXPECT_EQ(decode(" 5\r\nhello\r\n0\r\n\r\n").reason, "invalid byte in chunk length");
  EXPECT_EQ(decode("11111111111111111\r\n").reason, "http chunk length too large");
  EXPECT_EQ(decode("00000000000000005\r\n").reason, "http chunk length too large");
  for (std::string_view bytes : {"5 \r\nhello\r\n"sv, "5 5\r\n"sv, "5_\r\n"sv, ";a\r\n"sv,
                                 "5\t\r\n"sv, "5\0\r\n"sv, "5,\r\n"sv}) {
    EXPECT_EQ(decode(bytes).step, Step::malformed) << bytes;
  }
}

TEST(ChunkedDecoder, RefusesBareLineEndsInTheFraming) {  // spec:02#69
  for (std::string_view bytes :
       {"5\nhello\r\n0\r\n\r\n"sv, "5\r\nhello\n0\r\n\r\n"sv, "5\rhello"sv, "5;a\nhello"sv,
        "5;a\rb\r\nhello"sv, "5;\x01\r\nhello"sv, "0\r\n\n"sv, "0\r\n\rX"sv, "0\r\nA: b\n\r\n"sv,
        "0\r\nA: b\rc\r\n\r\n"sv, "0\n\r\n"sv, "5\r\nhello\rX"sv}) {
    EXPECT_EQ(decode(bytes).step, Step::malformed) << bytes;
  }
}

TEST(ChunkedDecoder, RefusesDataThatDoesNotEndWhereItShould) {  // spec:02#70
  const Decoded decoded = decode("5\r\nhelloXX0\r\n\r\n");
  EXPECT_EQ(decoded.step, Step::malformed);
  EXPECT_EQ(decoded.reason, "malformed chunked encoding");
}

TEST(ChunkedDecoder, RefusesTrailersThatAreNoFields) {
  for (std::string_view bytes :
       {"0\r\n A: b\r\n\r\n"sv, "0\r\n: b\r\n\r\n"sv, "0\r\nA b: c\r\n\r\n"sv, "0\r\nab\r\n\r\n"sv,
        "0\r\nA: b\0\r\n\r\n"sv}) {
    EXPECT_EQ(decode(bytes).step, Step::malformed) << bytes;
  }
}

TEST(ChunkedDecoder, BoundsExtensionsAndTrailers) {  // spec:02#70
  EXPECT_EQ(decode("5;" + std::string(4000, 'a') + "\r\nhello\r\n0\r\n\r\n").step, Step::done);
  EXPECT_EQ(decode("5;" + std::string(5000, 'a') + "\r\n").reason, "header line too long");
  EXPECT_EQ(decode("5" + std::string(5000, ' ') + ";\r\n").reason, "header line too long");
  std::string many;
  for (int i = 0; i < 10; ++i) many += "1;" + std::string(3000, 'a') + "\r\nx\r\n";
  EXPECT_EQ(decode(many).reason, "chunked encoding contains too much non-data");
  // Small chunks without extensions are fine for ever.
  std::string small;
  for (int i = 0; i < 100'000; ++i) small += "1\r\nx\r\n";
  EXPECT_EQ(decode(small + "0\r\n\r\n").step, Step::done);
  // A signature on chunks of a sensible size too.
  std::string signed_chunks;
  for (int i = 0; i < 1000; ++i) {
    signed_chunks +=
        "400;chunk-signature=" + std::string(64, 'f') + "\r\n" + std::string(1024, 'x') + "\r\n";
  }
  EXPECT_EQ(decode(signed_chunks + "0\r\n\r\n").step, Step::done);

  const Limits limits{.trailer_bytes = 20};
  EXPECT_EQ(decode("0\r\nA: " + std::string(10, 'b') + "\r\n\r\n", limits).step, Step::done);
  EXPECT_EQ(decode("0\r\nA: " + std::string(30, 'b') + "\r\n\r\n", limits).step, Step::malformed);
  EXPECT_EQ(decode("0\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\nA: b\r\n\r\n", limits).step,
            Step::malformed);
}

TEST(ChunkedDecoder, HugeSizesDoNotOverflow) {
  const Decoded decoded = decode("ffffffffffffffff\r\nabc");
  EXPECT_EQ(decoded.step, Step::more);
  EXPECT_EQ(decoded.body, "abc");
}

TEST(ChunkedDecoder, StaysMalformedUntilReset) {
  ChunkedDecoder decoder{Limits{}};
  std::string_view piece;
  std::string_view input = "x";
  EXPECT_EQ(decoder.next(input, piece), Step::malformed);
  input = "0\r\n\r\n";
  EXPECT_EQ(decoder.next(input, piece), Step::malformed);
  decoder.reset();
  EXPECT_EQ(decoder.next(input, piece), Step::done);
  EXPECT_EQ(decoder.reason(), "");
}

}  // namespace
}  // namespace rr::net::http1
