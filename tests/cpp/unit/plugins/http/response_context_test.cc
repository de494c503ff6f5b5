#include "runtime/plugins/http/response_context.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rr::http {
namespace {

constexpr std::uint8_t kJson = 0x08;
constexpr std::uint8_t kProto = 0x80;

// "status name=value|…", or the error.
std::string seen(std::uint8_t flags, std::string_view context) {
  ResponseContext decoder;
  if (auto decoded = decoder.decode(flags, context); !decoded) {
    EXPECT_FALSE(decoder.has_head());
    EXPECT_TRUE(decoder.headers().empty());
    return decoded.error().message;
  }
  if (!decoder.has_head()) return "no head";
  std::string out = std::to_string(decoder.status()) + " ";
  for (const HeaderView& header : decoder.headers()) {
    out.append(header.name).append("=").append(header.value).append("|");
  }
  return out;
}

std::string malformed(std::string_view json) {
  const std::string text = seen(kJson, json);
  return text.starts_with("malformed JSON context: ") ? text.substr(24) : "accepted: " + text;
}

// spec:02#101
TEST(HttpResponseContext, ReadsJson) {
  EXPECT_EQ(seen(kJson, R"({"status":201,"headers":{"X-A":["1","2"]}})"), "201 X-A=1|X-A=2|");
  EXPECT_EQ(
      seen(kJson,
           " {\n\"headers\" : { \"A\" : [ \"b\" , \"c\" ] , \"D\":[] } , \"status\" : 404 } "),
      "404 A=b|A=c|");
  EXPECT_EQ(seen(kJson, "{}"), "0 ");
}

TEST(HttpResponseContext, TakesAnEmptyPhpArrayForNoHeaders) {
  EXPECT_EQ(seen(kJson, R"({"status":200,"headers":[]})"), "200 ");
  EXPECT_EQ(seen(kJson, R"({"status":200,"headers":null})"), "200 ");
}

TEST(HttpResponseContext, WithoutCodecIsJsonWhenItBeginsLikeIt) {
  EXPECT_EQ(seen(0, R"({"status":200})"), "200 ");
  EXPECT_EQ(seen(0, "\x08\x01"), "unknown payload codec: 0");
}

// spec:02#101
TEST(HttpResponseContext, OfAnotherCodecIsAnError) {
  EXPECT_EQ(seen(0x10, "\x93\x01\x02\x03"), "unknown payload codec: 16");
  EXPECT_EQ(seen(0x04, "{}"), "unknown payload codec: 4");
}

// The end marker of SDK streams has flags 0 and nothing in it.
TEST(HttpResponseContext, ThatIsEmptyHasNoHeadWhateverItsCodec) {
  EXPECT_EQ(seen(0, ""), "no head");
  EXPECT_EQ(seen(kProto, ""), "no head");
  EXPECT_EQ(seen(0x10, ""), "no head");
}

TEST(HttpResponseContext, ReadsProtobuf) {
  EXPECT_EQ(
      seen(kProto, std::string_view("\x08\xc8\x01\x12\x08\x0a\x01\x58\x12\x03\x0a\x01\x31", 13)),
      "200 X=1|");
  EXPECT_EQ(seen(kProto, "\x12\x0b\x12\x06\x0a\x01\x31\x0a\x01\x32\x0a\x01\x58\x08\x01"),
            "1 X=1|X=2|");  // value before key
  EXPECT_EQ(seen(kProto, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "-1 ");
  EXPECT_EQ(seen(kProto, "\x08\x64\x18\x05\x22\x01\x61\x2d\x31\x31\x31\x31"),
            "100 ");  // unknown fields
}

// spec:02#101
TEST(HttpResponseContext, RefusesBrokenProtobuf) {
  for (std::string_view bytes :
       {std::string_view("\xff\xff\xff"), std::string_view("\x08"),
        std::string_view("\x12\x05\x0a"), std::string_view("\x12\x02\x0a\x05"),
        std::string_view("\x0b"), std::string_view("\0\0", 2),
        std::string_view("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
        std::string_view("\x2d\x01")}) {
    EXPECT_EQ(seen(kProto, bytes), "malformed protobuf context");
  }
}

TEST(HttpResponseContext, Unescapes) {
  EXPECT_EQ(
      seen(kJson, R"({"status":200,"headers":{"\u0058\/":["\"\\\b\f\n\r\t","\u00e9\u20AC"]}})"),
      "200 X/=\"\\\b\f\n\r\t|X/=\xC3\xA9\xE2\x82\xAC|");
  EXPECT_EQ(seen(kJson, R"({"headers":{"a":["\ud83d\ude00","\ud83dx","\ude00","\ud83d\u0041"]}})"),
            "0 a=\xF0\x9F\x98\x80|a=\xEF\xBF\xBDx|a=\xEF\xBF\xBD|a=\xEF\xBF\xBD"
            "A|");
}

TEST(HttpResponseContext, KeepsViewsWhenManyStringsAreUnescaped) {
  std::string json = R"({"headers":{)";
  std::string expected = "0 ";
  for (int i = 0; i < 300; ++i) {
    if (i > 0) json += ',';
    json.append(R"("\u0041)").append(std::to_string(i)).append(R"(":["\n"])");
    expected.append("A").append(std::to_string(i)).append("=\n|");
  }
  EXPECT_EQ(seen(kJson, json + "}}"), expected);
}

TEST(HttpResponseContext, PassesOverUnknownKeys) {
  EXPECT_EQ(seen(kJson, R"({"x":{"a":[1,-2.5e+3,true,false,null,{"b":[]},{}],"c":"\n"},)"
                        R"("y":[[["z"]],"w"],"status":200,"z":0})"),
            "200 ");
}

TEST(HttpResponseContext, RefusesWhatIsNoJson) {
  EXPECT_EQ(malformed("["), "no object");
  EXPECT_EQ(malformed("{"), "no string");
  EXPECT_EQ(malformed("{\"status\":200"), "object without an end");
  EXPECT_EQ(malformed("{\"status\":200,}"), "no string");
  EXPECT_EQ(malformed("{\"status\":200}x"), "text after the object");
  EXPECT_EQ(malformed("{\"status\"200}"), "no colon after a key");
  EXPECT_EQ(malformed("{\"status\":\"200\"}"), "no value");
  EXPECT_EQ(malformed("{\"status\":200.5}"), "status is no integer");
  EXPECT_EQ(malformed("{\"status\":99999999999999999999}"), "status is no integer");
  EXPECT_EQ(malformed("{\"status\":0200}"), "object without an end");
  EXPECT_EQ(malformed("{\"status\":+200}"), "no value");
  EXPECT_EQ(malformed("{\"headers\":{\"a\":\"b\"}}"), "values of a header are no list");
  EXPECT_EQ(malformed("{\"headers\":{\"a\":[1]}}"), "no string");
  EXPECT_EQ(malformed("{\"headers\":[1]}"), "headers are no object");
  EXPECT_EQ(malformed("{\"headers\":\"\"}"), "headers are no object");
  EXPECT_EQ(malformed("{\"headers\":{\"a\":[\"b\"}}"), "list without an end");
  EXPECT_EQ(malformed("{\"a\":\"b"), "string without an end");
  EXPECT_EQ(malformed("{\"a\":\"b\\"), "string without an end");
  EXPECT_EQ(malformed("{\"a\":\"\\x\"}"), "malformed escape");
  EXPECT_EQ(malformed("{\"a\":\"\\u12g4\"}"), "malformed escape");
  EXPECT_EQ(malformed("{\"a\":\"\n\"}"), "control byte in a string");
  EXPECT_EQ(malformed("{\"a\":tru}"), "no value");
  EXPECT_EQ(malformed("{\"a\":1.}"), "malformed number");
  EXPECT_EQ(malformed("{\"a\":1e}"), "malformed number");
  EXPECT_EQ(malformed("{\"a\":[1 2]}"), "list or object without an end");
  EXPECT_EQ(malformed("{\"a\":[1,]}"), "no value");
  EXPECT_EQ(malformed(std::string_view("{\"a\"\0:1}", 8)), "no colon after a key");
}

TEST(HttpResponseContext, RefusesDeepNesting) {
  const auto nested = [](int depth) {
    return "{\"a\":" + std::string(depth, '[') + "1" + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(seen(kJson, nested(64)), "0 ");
  EXPECT_EQ(malformed(nested(65)), "nested too deeply");
  EXPECT_EQ(malformed(std::string("{\"a\":") + std::string(100000, '[')), "nested too deeply");
}

// spec:02#27
TEST(HttpResponseContext, KnowsWhichStatusCanBeSent) {
  for (std::int64_t status : {610, 42, -1, 600, 99, 0}) EXPECT_FALSE(valid_status(status));
  for (std::int64_t status : {100, 200, 299, 599}) EXPECT_TRUE(valid_status(status));
  EXPECT_EQ(unknown_status_text(610), "unknown status code from worker: 610\n");
  EXPECT_EQ(unknown_status_text(-1), "unknown status code from worker: -1\n");
}

}  // namespace
}  // namespace rr::http
