#include "runtime/pool/process/handshake.h"

#include <gtest/gtest.h>

#include "runtime/goridge/frame.h"

namespace rr::pool {
namespace {

using State = Handshake::State;

std::string control(std::uint8_t flags, std::string_view payload) {
  goridge::Header header;
  header.flags = flags;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  char bytes[goridge::kMaxHeaderBytes];
  return std::string(bytes, goridge::encode(header, bytes)).append(payload);
}

// spec:01#11
TEST(Handshake, AsksForThePid) {
  EXPECT_EQ(pid_request(4242), std::string("\x13\x09\x0c\x00\x00\x00\x5f\x0c\x46\x73\x00\x00", 12) +
                                   R"({"pid":4242})");
}

// spec:01#11
TEST(Handshake, AnyPositivePidIsReady) {
  for (std::uint8_t flags : {0x01, 0x09}) {
    EXPECT_EQ(Handshake().feed(control(flags, R"({"pid":7001})")), State::ready);
  }
}

TEST(Handshake, ComesInPieces) {
  Handshake handshake;
  const std::string bytes = control(1, R"({"pid":1})");
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    ASSERT_EQ(handshake.feed(bytes.substr(i, 1)), State::waiting);
  }
  EXPECT_EQ(handshake.feed(bytes.substr(bytes.size() - 1)), State::ready);
}

// spec:01#12
TEST(Handshake, RefusesOtherAnswers) {
  const auto error_of = [](const std::string& bytes) {
    Handshake handshake;
    EXPECT_EQ(handshake.feed(bytes), State::failed);
    return handshake.error();
  };
  EXPECT_EQ(error_of(control(0, R"({"pid":5})")),
            "unexpected response, header is missing, no CONTROL flag");
  EXPECT_EQ(error_of(control(64, "boom")),
            "unexpected response, header is missing, no CONTROL flag");
  EXPECT_EQ(error_of(control(1, R"({"pid":0})")), "pid should be greater than 0");
  EXPECT_EQ(error_of(control(1, R"({"pid":-1})")), "pid should be greater than 0");
  EXPECT_EQ(error_of(control(1, R"({"pid":"x"})")), "pid should be greater than 0");
  EXPECT_NE(error_of(control(1, "[]")), "");
  EXPECT_NE(error_of(control(1, "hello")), "");
}

// spec:01#13
TEST(Handshake, QuotesAllOfWhatIsNoFrame) {
  Handshake handshake;
  EXPECT_EQ(handshake.feed("warning: some"), State::draining);
  EXPECT_EQ(handshake.feed(" weird php error"), State::draining);
  EXPECT_EQ(handshake.end(), State::failed);
  EXPECT_EQ(handshake.error(),
            "\n\tgoridge_frame_receive: validation failed on the message sent to STDOUT, see: "
            "https://docs.roadrunner.dev/error-codes/stdout-crc, invalid message: "
            "warning: some weird php error");
}

// spec:01#6
TEST(Handshake, KnowsTheMissingScript) {
  Handshake handshake;
  EXPECT_EQ(handshake.feed("Could not open input file: x.php\n"), State::draining);
  handshake.end();
  EXPECT_EQ(handshake.error(),
            "\n\tgoridge_frame_receive: FileNotFound: Could not open input file: x.php\n");

  Handshake cut;
  cut.feed("Could not op");
  cut.end();
  EXPECT_EQ(cut.error(), "\n\tgoridge_frame_receive: FileNotFound: file not found");
}

// spec:01#5
TEST(Handshake, EndsWithTheWorker) {
  Handshake silent;
  silent.end();
  EXPECT_EQ(silent.error(), "EOF");
  Handshake cut;
  cut.feed("\x13\x01\x0c");
  cut.end();
  EXPECT_EQ(cut.error(), "unexpected EOF");
}

TEST(Handshake, BytesBehindTheAnswerAreStray) {
  Handshake handshake;
  EXPECT_EQ(handshake.feed(control(1, R"({"pid":1})") + "Deprecated: x"), State::draining);
  handshake.end();
  EXPECT_TRUE(handshake.error().ends_with("invalid message: Deprecated: x")) << handshake.error();
}

}  // namespace
}  // namespace rr::pool
