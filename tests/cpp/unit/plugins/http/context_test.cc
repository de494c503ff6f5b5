#include "runtime/plugins/http/context.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sample_request.h"

namespace rr::http {
namespace {

using Json = nlohmann::json;

std::string encoded(ContextCodec codec, const ContextInput& input) {
  ContextEncoder encoder;
  std::string out = "rest of the last one";
  encoder.encode(codec, input, out);
  return out;
}

Json json(const ContextInput& input) {
  return Json::parse(encoded(ContextCodec::json, input));
}

Json json(const std::string& text) {
  SampleRequest request(text);
  return json(ContextInput(*request));
}

// A reader of protobuf that knows nothing of the encoder: field number to values.
using Message = std::map<std::uint64_t, std::vector<std::string>>;

Message message(std::string_view bytes) {
  Message out;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes.at(at++));
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.size()) {
    const std::uint64_t tag = varint();
    const std::uint64_t number = varint();
    if ((tag & 7) == 0) {
      out[tag >> 3].push_back(std::to_string(number));
    } else {
      EXPECT_EQ(tag & 7, 2);
      out[tag >> 3].emplace_back(bytes.substr(at, number));
      at += number;
    }
  }
  return out;
}

std::map<std::string, std::vector<std::string>> map_field(const Message& m, std::uint64_t field) {
  std::map<std::string, std::vector<std::string>> out;
  if (!m.contains(field)) return out;
  for (const std::string& bytes : m.at(field)) {
    Message entry = message(bytes);
    out[entry[1].at(0)] = message(entry[2].at(0))[1];
  }
  return out;
}

// spec:02#1
TEST(HttpContext, InJsonHasTheKeysOfRoadRunner) {
  SampleRequest request("GET /?hello=world HTTP/1.1\r\nHost: example.org\r\ninput: sample\r\n\r\n");
  EXPECT_EQ(encoded(ContextCodec::json, ContextInput(*request)),
            R"({"remoteAddr":"127.0.0.1","protocol":"HTTP/1.1","method":"GET",)"
            R"("uri":"http://example.org/?hello=world","headers":{"Input":["sample"]},)"
            R"("cookies":{},"rawQuery":"hello=world","parsed":false,"uploads":null,)"
            R"("attributes":{}})");
}

// spec:02#1
TEST(HttpContext, InProtobufHasTheFieldsOfRoadRunner) {
  SampleRequest request(
      "POST /?q=1 HTTP/1.0\r\nHost: e\r\ninput: sample\r\nINPUT: 2\r\nx-empty:\r\nCookie: "
      "a=b%20c\r\n\r\n");
  ContextInput input(*request);
  input.parsed = true;
  input.uploads = "{}";
  const HeaderView attributes[] = {{"ip", "1"}, {"ip", "2"}, {"other", "x"}};
  input.attributes = attributes;
  Message m = message(encoded(ContextCodec::proto, input));
  EXPECT_EQ(m[1].at(0), "127.0.0.1");
  EXPECT_EQ(m[2].at(0), "HTTP/1.0");
  EXPECT_EQ(m[3].at(0), "POST");
  EXPECT_EQ(m[4].at(0), "http://e/?q=1");
  using Map = std::map<std::string, std::vector<std::string>>;
  EXPECT_EQ(map_field(m, 5),
            (Map{{"Input", {"sample", "2"}}, {"X-Empty", {""}}, {"Cookie", {"a=b%20c"}}}));
  EXPECT_EQ(map_field(m, 6), (Map{{"a", {"b c"}}}));
  EXPECT_EQ(m[7].at(0), "q=1");
  EXPECT_EQ(m[8].at(0), "1");
  EXPECT_EQ(m[9].at(0), "{}");
  EXPECT_EQ(map_field(m, 10), (Map{{"ip", {"1", "2"}}, {"other", {"x"}}}));
}

TEST(HttpContext, InProtobufLeavesOutDefaults) {
  SampleRequest request("GET / HTTP/1.1\r\nHost: e\r\n\r\n", "");
  EXPECT_EQ(encoded(ContextCodec::proto, ContextInput(*request)),
            "\x12\x08HTTP/1.1\x1a\x03GET\x22\x09http://e/");
}

// spec:02#2
TEST(HttpContext, CanonicalisesNamesAndKeepsOneValueALine) {
  const Json headers = json(
      "GET / HTTP/1.1\r\nHost: example.org\r\nx-foo-bar: 1\r\nX-FOO-BAR:   2  \r\n"
      "x-foo-bar: 3, 4\r\nX_Under_Score: u\r\nx-empty:\r\nConnection: keep-alive, x-foo\r\n"
      "Keep-Alive: timeout=5\r\nTE: trailers\r\nUpgrade: websocket\r\nProxy-Connection: x\r\n"
      "Via: 1.1 p\r\nDNT: 1\r\nAuthorization: Basic dTpw\r\nIf-None-Match: \"x\"\r\n"
      "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc")["headers"];
  EXPECT_EQ(headers, Json::parse(R"({"Content-Length": ["3"], "Te": ["trailers"],
    "X-Foo-Bar": ["1", "2", "3, 4"], "Via": ["1.1 p"], "If-None-Match": ["\"x\""], "Dnt": ["1"],
    "Proxy-Connection": ["x"], "X_under_score": ["u"], "Upgrade": ["websocket"],
    "Keep-Alive": ["timeout=5"], "Connection": ["keep-alive, x-foo"], "X-Empty": [""],
    "Content-Type": ["text/plain"], "Authorization": ["Basic dTpw"]})"));
}

// spec:02#72
TEST(HttpContext, HidesFramingFieldsOfAChunkedRequest) {
  EXPECT_EQ(json("POST / HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n"
                 "Content-Length: 7\r\n\r\nabc")["headers"],
            Json::object());
}

TEST(HttpContext, GroupsFieldsOfManyNamesToo) {
  std::string text = "GET / HTTP/1.1\r\nHost: e\r\n";
  for (int i = 0; i < 300; ++i)
    text += "x-" + std::to_string(i % 100) + ": " + std::to_string(i) + "\r\n";
  text += "X-7: last\r\nTrailer: x\r\n";
  const Json headers = json(text + "\r\n")["headers"];
  EXPECT_EQ(headers.size(), 100);
  EXPECT_EQ(headers["X-7"], Json({"7", "107", "207", "last"}));
}

TEST(HttpContext, LeavesANameWithOtherThanTokenBytesAsItIs) {
  char out[16];
  EXPECT_EQ(std::string(out, write_canonical_name("x y-z", out)), "x y-z");
  EXPECT_EQ(std::string(out, write_canonical_name("x-yZ-", out)), "X-Yz-");
}

// spec:02#107
TEST(HttpContext, ReplacesHeaderBytesThatAreNoUtf8InJsonOnly) {
  SampleRequest request(
      "GET / HTTP/1.1\r\nHost: e\r\nX-Bytes: \xE9\xFF\r\nX-Good: \xC3\xA9\r\n\r\n");
  const ContextInput input(*request);
  EXPECT_EQ(json(input)["headers"]["X-Bytes"][0], "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(json(input)["headers"]["X-Good"][0], "\xC3\xA9");
  EXPECT_EQ(map_field(message(encoded(ContextCodec::proto, input)), 5)["X-Bytes"].at(0),
            "\xE9\xFF");
}

// spec:02#4
TEST(HttpContext, CarriesCookiesBesideTheirField) {
  const Json context =
      json("GET / HTTP/1.1\r\nHost: e\r\nCookie: a=b%20c; d=e; bad=%zz\r\nCookie: a=2\r\n\r\n");
  EXPECT_EQ(context["cookies"], Json::parse(R"({"a":"2","d":"e"})"));
  EXPECT_EQ(context["headers"]["Cookie"], Json({"a=b%20c; d=e; bad=%zz", "a=2"}));
}

// spec:02#59e
TEST(HttpContext, TakesTheAddressThatMiddlewareSet) {
  SampleRequest request("GET / HTTP/1.1\r\nHost: e\r\n\r\n", "@");
  ContextInput input(*request);
  EXPECT_EQ(json(input)["remoteAddr"], "@");
  input.remote_address = "9.10.11.12";
  EXPECT_EQ(json(input)["remoteAddr"], "9.10.11.12");
}

TEST(HttpContext, CarriesParsedUploadsAndAttributes) {
  SampleRequest request("POST / HTTP/1.1\r\nHost: e\r\n\r\n");
  ContextInput input(*request);
  input.parsed = true;
  input.uploads = R"({"f":{"name":"x"}})";
  const HeaderView attributes[] = {{"ip", "1"}, {"a\"", "\n"}, {"ip", "2"}};
  input.attributes = attributes;
  const Json context = json(input);
  EXPECT_EQ(context["parsed"], true);
  EXPECT_EQ(context["uploads"], Json::parse(R"({"f":{"name":"x"}})"));
  EXPECT_EQ(context["attributes"], Json::parse(R"({"ip":"1","a\"":"\n"})"));
}

TEST(HttpContext, NamesEachVersion) {
  SampleRequest request("GET / HTTP/1.1\r\nHost: e\r\n\r\n");
  request->head.version = HttpVersion::http2;
  EXPECT_EQ(json(ContextInput(*request))["protocol"], "HTTP/2.0");
  request->head.version = HttpVersion::http3;
  EXPECT_EQ(json(ContextInput(*request))["protocol"], "HTTP/3.0");
}

// spec:02#85
TEST(HttpContext, KeepsTheCaseOfMethods) {
  EXPECT_EQ(json("get / HTTP/1.1\r\nHost: e\r\n\r\n")["method"], "get");
  EXPECT_EQ(json("M-SEARCH / HTTP/1.1\r\nHost: e\r\n\r\n")["method"], "M-SEARCH");
}

TEST(HttpContext, OfTheNextRequestHasNothingOfTheLast) {
  ContextEncoder encoder;
  std::string out;
  SampleRequest first("GET /" + std::string(5000, 'x') +
                      "?a=1 HTTP/1.1\r\nHost: e\r\nA: 1\r\nCookie: b=%41\r\n\r\n");
  SampleRequest second("GET /2 HTTP/1.1\r\nHost: e\r\n\r\n");
  for (ContextCodec codec : {ContextCodec::json, ContextCodec::proto}) {
    encoder.encode(codec, ContextInput(*first), out);
    encoder.encode(codec, ContextInput(*second), out);
    EXPECT_EQ(out, encoded(codec, ContextInput(*second)));
  }
}

}  // namespace
}  // namespace rr::http
