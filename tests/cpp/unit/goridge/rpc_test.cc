#include "runtime/goridge/rpc.h"

#include <string>

#include <gtest/gtest.h>

namespace rr::goridge {
namespace {

using namespace std::string_literals;

RpcMessage message(std::uint8_t flags, std::uint32_t sequence, std::string_view method,
                   std::string_view body) {
  return {flags, sequence, method, body};
}

// spec:01#42
TEST(Rpc, EncodesTheVectorsByteForByte) {
  EXPECT_EQ(encode(message(flag::codec_json, 1, "rpc.Version", "true")),
            "\x15\x08\x0f\0\0\0\x1c\x69\xca\x8a\0\0\x01\0\0\0\x0b\0\0\0rpc.Versiontrue"s);
  EXPECT_EQ(
      encode(
          message(flag::codec_json | flag::error, 2, "foo.Bar", "rpc: can't find service foo.Bar")),
      "\x15\x48\x26\0\0\0\xe1\xd1\x03\x0f\0\0\x02\0\0\0\x07\0\0\0foo.Barrpc: can't find service foo.Bar"s);
  EXPECT_EQ(encode(message(flag::codec_proto, 258, "kv.Has", "\n\3mem")),
            "\x15\x80\x0b\0\0\0\x18\x05\x3e\x84\0\0\x02\x01\0\0\x06\0\0\0kv.Has\n\3mem"s);
}

TEST(Rpc, TakesAPayloadApart) {
  Header header;
  header.flags = flag::codec_raw;
  header.option_count = 2;
  header.options = {0xffffffff, 4};
  const auto whole = rpc_message(header, "a.Bxyz");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->flags, flag::codec_raw);
  EXPECT_EQ(whole->sequence, 0xffffffff);
  EXPECT_EQ(whole->method, "a.Bx");
  EXPECT_EQ(whole->body, "yz");
  header.options[1] = 6;
  EXPECT_EQ(rpc_message(header, "a.Bxyz")->body, "");
  header.options[1] = 0;
  EXPECT_EQ(rpc_message(header, "a.Bxyz")->method, "");
}

// spec:01#44
TEST(Rpc, RefusesOtherOptionsAndAMethodBeyondThePayload) {
  Header header;
  header.options = {1, 6};
  for (const std::uint8_t count : {0, 1, 3, 10}) {
    header.option_count = count;
    EXPECT_FALSE(rpc_message(header, "a.Bxyz")) << int(count);
  }
  header.option_count = 2;
  for (const std::uint32_t size : {7u, 500u, 0xffffffffu}) {
    header.options[1] = size;
    EXPECT_FALSE(rpc_message(header, "a.Bxyz")) << size;
  }
}

// spec:01#58
TEST(Rpc, OneCodecBitCountsOfSeveral) {
  EXPECT_EQ(argument_codec(0xff), flag::codec_proto);
  EXPECT_EQ(argument_codec(0x7f), flag::codec_json);
  EXPECT_EQ(argument_codec(flag::codec_gob | flag::codec_raw | flag::codec_msgpack),
            flag::codec_gob);
  EXPECT_EQ(argument_codec(flag::codec_raw | flag::codec_msgpack), flag::codec_raw);
  EXPECT_EQ(argument_codec(flag::control | flag::error), 0);
  EXPECT_EQ(reply_codec(0xff), flag::codec_proto);
  EXPECT_EQ(reply_codec(0x7f), flag::codec_json);
  EXPECT_EQ(reply_codec(flag::codec_gob | flag::codec_raw | flag::codec_msgpack), flag::codec_raw);
  EXPECT_EQ(reply_codec(flag::codec_gob | flag::codec_msgpack), flag::codec_msgpack);
  EXPECT_EQ(reply_codec(0), flag::codec_gob);
}

}  // namespace
}  // namespace rr::goridge
