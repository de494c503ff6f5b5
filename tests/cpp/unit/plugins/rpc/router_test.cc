// What is answered to a call, byte by byte; texts are RoadRunner's.
#include "runtime/plugins/rpc/router.h"

#include <gtest/gtest.h>

#include "tests/cpp/unit/plugins/rpc/echo_service.h"

namespace rr::rpc {
namespace {

namespace flag = goridge::flag;
using namespace std::string_literals;

struct Reply {
  int flags;
  std::string body;
  friend bool operator==(const Reply&, const Reply&) = default;
  friend void PrintTo(const Reply& reply, std::ostream* out) {
    *out << std::hex << reply.flags << " " << testing::PrintToString(reply.body);
  }
};

class RpcRouter : public testing::Test {
 protected:
  Reply answer(std::uint8_t flags, std::string_view method, std::string_view body) {
    const std::string frame = router_.answer(goridge::RpcMessage{flags, 7, method, body});
    goridge::FrameReader reader(1 << 20);
    EXPECT_EQ(reader.parse(frame), goridge::Parse::complete);
    EXPECT_EQ(reader.frame_size(), frame.size());
    const auto reply = goridge::rpc_message(reader.header(), reader.payload(frame));
    EXPECT_EQ(reply->sequence, 7u);
    EXPECT_EQ(reply->method, method);
    EXPECT_EQ(reader.header().stream, 0);
    return {reply->flags, std::string(reply->body)};
  }
  Reply json(std::string_view method, std::string_view body) {
    return answer(flag::codec_json, method, body);
  }

  EchoService echo_;
  Router router_{{&echo_}};
};

// spec:01#42
TEST_F(RpcRouter, AnswersAnUnknownServiceByteForByte) {
  EXPECT_EQ(
      router_.answer(goridge::RpcMessage{flag::codec_json, 2, "foo.Bar", "true"}),
      "\x15\x48\x26\0\0\0\xe1\xd1\x03\x0f\0\0\x02\0\0\0\x07\0\0\0foo.Barrpc: can't find service foo.Bar"s);
}

// spec:01#42
TEST_F(RpcRouter, NamesWhatItCannotFind) {
  EXPECT_EQ(json("nodot", "true"), (Reply{0x48, "rpc: service/method request ill-formed: nodot"}));
  EXPECT_EQ(json("", "true"), (Reply{0x48, "rpc: service/method request ill-formed: "}));
  EXPECT_EQ(json("echo.nope", "true"), (Reply{0x48, "rpc: can't find method echo.nope"}));
  EXPECT_EQ(json("echo.", "true"), (Reply{0x48, "rpc: can't find method echo."}));
  EXPECT_EQ(json("echo.text", "true"), (Reply{0x48, "rpc: can't find method echo.text"}));
  EXPECT_EQ(json("Echo.Text", "true"), (Reply{0x48, "rpc: can't find service Echo.Text"}));
  EXPECT_EQ(json(".Text", "true"), (Reply{0x48, "rpc: can't find service .Text"}));
  EXPECT_EQ(json("a.b.c", "true"), (Reply{0x48, "rpc: can't find service a.b.c"}));
  EXPECT_EQ(json("echo.Text.x", "true"), (Reply{0x48, "rpc: can't find service echo.Text.x"}));
}

// spec:01#45
TEST_F(RpcRouter, TakesJson) {
  EXPECT_EQ(json("echo.Text", "\"a\xc3\xa4\\n\""), (Reply{0x08, "\"a\xc3\xa4\\n\""}));
  EXPECT_EQ(json("echo.Flag", "true"), (Reply{0x08, "true"}));
  EXPECT_EQ(json("echo.Any", R"({"b":1,"a":[1.5,null]})"),
            (Reply{0x08, R"({"b":1,"a":[1.5,null]})"}));
}

// spec:01#45
TEST_F(RpcRouter, NoArgumentAndNullAreTheZeroValue) {
  for (const std::string_view body : {"", "null"}) {
    EXPECT_EQ(json("echo.Text", body), (Reply{0x08, "\"\""}));
    EXPECT_EQ(json("echo.Flag", body), (Reply{0x08, "false"}));
  }
  EXPECT_EQ(answer(flag::codec_msgpack, "echo.Flag", ""), (Reply{0x10, "\xc2"}));
}

// spec:01#45
TEST_F(RpcRouter, ArgumentsThatDoNotDecodeAreErrors) {
  EXPECT_EQ(json("echo.Text", "5"),
            (Reply{0x48, "json: cannot unmarshal number into Go value of type string"}));
  EXPECT_EQ(json("echo.Text", "[]"),
            (Reply{0x48, "json: cannot unmarshal array into Go value of type string"}));
  EXPECT_EQ(json("echo.Text", "{bad").flags, 0x48);
  EXPECT_EQ(json("echo.Flag", "1").flags, 0x48);
  EXPECT_EQ(json("echo.Flag", "true x").flags, 0x48);
  EXPECT_EQ(json("echo.Text", "\"\xff\"").flags, 0x48);
  EXPECT_EQ(answer(flag::codec_msgpack, "echo.Flag", "\xc1").flags, 0x50);
}

TEST_F(RpcRouter, DeepNestingIsNoDanger) {
  const std::string deep(1 << 20, '[');
  const std::string whole = deep + std::string(1 << 20, ']');
  for (const char* method : {"echo.Text", "echo.Any"}) {
    EXPECT_EQ(json(method, deep), (Reply{0x48, "json: invalid value"}));
    EXPECT_EQ(json(method, whole), (Reply{0x48, "json: invalid value"}));
    EXPECT_EQ(answer(flag::codec_msgpack, method, std::string(1 << 20, '\x91') + "\xc0"),
              (Reply{0x50, "msgpack: invalid value"}));
  }
  EXPECT_EQ(json("echo.Any", "[[[[{}]]]]"), (Reply{0x08, "[[[[{}]]]]"}));
}

// A byte or two of each part would take a hundred in memory.
TEST_F(RpcRouter, ValuesOfTooManyPartsAreErrors) {
  std::string many = "[0";
  for (int i = 0; i < 90'000; ++i) many += ",0";
  EXPECT_EQ(json("echo.Any", many + "]").flags, 0x08);
  for (int i = 0; i < 10'000; ++i) many += ",0";
  EXPECT_EQ(json("echo.Any", many + "]"), (Reply{0x48, "json: a value of too many parts"}));
  EXPECT_EQ(answer(flag::codec_msgpack, "echo.Any", "\xdd\0\2\0\0"s + std::string(0x20000, '\xc0')),
            (Reply{0x50, "msgpack: a value of too many parts"}));
  // Announced and not there.
  EXPECT_EQ(answer(flag::codec_msgpack, "echo.Any", "\xdd\xff\xff\xff\xff"s),
            (Reply{0x50, "msgpack: invalid value"}));
}

TEST_F(RpcRouter, TakesMsgpack) {
  EXPECT_EQ(answer(flag::codec_msgpack, "echo.Text", "\xa1x"), (Reply{0x10, "\xa1x"}));
  EXPECT_EQ(answer(flag::codec_msgpack, "foo.Bar", "\xc3"),
            (Reply{0x50, "rpc: can't find service foo.Bar"}));
}

TEST_F(RpcRouter, RawDropsTheArgumentAndRefusesAResultThatIsNoBytes) {
  EXPECT_EQ(answer(flag::codec_raw, "echo.Text", "x"), (Reply{0x44, "unknown Raw payload type"}));
  EXPECT_EQ(answer(flag::codec_raw, "echo.Bytes", "x\0y"s), (Reply{0x04, "x\0y"s}));
}

TEST_F(RpcRouter, KnowsWhatMayBlock) {
  const auto blocks = [this](std::string_view method) {
    return !router_.answer_at_once(goridge::RpcMessage{flag::codec_json, 1, method, {}});
  };
  EXPECT_TRUE(blocks("echo.Wait"));
  EXPECT_FALSE(blocks("echo.Quick"));
  EXPECT_FALSE(blocks("echo.nope"));
  EXPECT_FALSE(blocks("foo.Bar"));
  EXPECT_FALSE(blocks("nodot"));
}

// spec:01#45
TEST_F(RpcRouter, BytesAreBase64InJsonAndThemselvesInOtherCodecs) {
  EXPECT_EQ(json("echo.Blob", "\"\""), (Reply{0x08, "\"\""}));
  EXPECT_EQ(json("echo.Blob", "\"f\""), (Reply{0x08, "\"Zg==\""}));
  EXPECT_EQ(json("echo.Blob", "\"fo\""), (Reply{0x08, "\"Zm8=\""}));
  EXPECT_EQ(json("echo.Blob", "\"foo?>\""), (Reply{0x08, "\"Zm9vPz4=\""}));
  EXPECT_EQ(json("echo.Blob", "\"foo?>?\""), (Reply{0x08, "\"Zm9vPz4/\""}));
  EXPECT_EQ(answer(flag::codec_msgpack, "echo.Blob", "\xa1x"), (Reply{0x10, "\xc4\x01x"}));
  EXPECT_EQ(answer(flag::codec_raw, "echo.Blob", "any"), (Reply{0x04, ""}));
  EXPECT_EQ(answer(flag::codec_proto, "echo.Blob", "").flags, 0xc0);
}

TEST_F(RpcRouter, ProtobufOfAMethodWithoutMessagesIsAnError) {
  const Reply refused{0xc0, "goridge_read_request_body: message type is not a proto"};
  EXPECT_EQ(answer(flag::codec_proto, "echo.Text", "\b\1"), refused);
  EXPECT_EQ(answer(flag::codec_proto, "echo.Text", ""), refused);
  EXPECT_EQ(answer(flag::codec_proto, "echo.nope", ""),
            (Reply{0xc0, "rpc: can't find method echo.nope"}));
  EXPECT_EQ(answer(flag::codec_proto, "echo.Bytes", "\b\1"), (Reply{0x80, "\b\1"}));
}

// spec:01#58
TEST_F(RpcRouter, WithoutACodecBitNothingDecodes) {
  const Reply refused{0x60, "goridge_read_request_body: unknown decoder used in frame"};
  EXPECT_EQ(answer(0, "echo.Text", "true"), refused);
  EXPECT_EQ(answer(flag::codec_gob, "echo.Text", "true"), refused);
  EXPECT_EQ(answer(0, "foo.Bar", "true"), (Reply{0x60, "rpc: can't find service foo.Bar"}));
}

// spec:01#58
TEST_F(RpcRouter, ProtobufBeatsJsonBeatsTheOthersAndOtherBitsAreIgnored) {
  EXPECT_EQ(answer(0x0c, "echo.Flag", "true"), (Reply{0x08, "true"}));
  EXPECT_EQ(answer(0x18, "echo.Flag", "true"), (Reply{0x08, "true"}));
  EXPECT_EQ(answer(0x09, "echo.Flag", "true"), (Reply{0x08, "true"}));
  EXPECT_EQ(answer(0x48, "echo.Flag", "true"), (Reply{0x08, "true"}));
  EXPECT_EQ(answer(0x88, "echo.Bytes", "true"), (Reply{0x80, "true"}));
}

TEST_F(RpcRouter, ErrorsOfAMethodAreItsText) {
  EXPECT_EQ(json("echo.Fail", "\"a:\\n\\tb\""), (Reply{0x48, "a:\n\tb"}));
  EXPECT_EQ(json("echo.Throw", "true"), (Reply{0x48, "thrown"}));
}

TEST_F(RpcRouter, TextThatIsNoUtf8DoesNotLoseTheReply) {
  EXPECT_EQ(answer(flag::codec_msgpack, "echo.Text", "\xa1\xff"), (Reply{0x10, "\xa1\xff"}));
  const RpcValue broken("a\xff");
  RpcMethods methods;
  methods.add<bool>("Broken", [&](bool) { return broken; });
  EXPECT_EQ(methods.call("Broken", RpcCodec::json, "").value(), "\"a\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace rr::rpc
