#include "runtime/plugins/http/body.h"

#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sample_request.h"

namespace rr::http {
namespace {

const UploadRules kUploads{UploadsConfig{}};
const BodyRules kRules{.uploads = &kUploads};

constexpr std::string_view kUrlencoded = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data; boundary=1111";

struct Case {
  std::string method = "POST";
  std::string target = "/";
  std::string_view type;
  std::string body;
};

// "parsed: body", "raw: body" or "status text".
std::string formed(const Case& c, const BodyRules& rules = kRules) {
  std::string text = c.method + " " + c.target + " HTTP/1.1\r\nHost: e\r\n";
  if (!c.type.empty()) text += "Content-Type: " + std::string(c.type) + "\r\n";
  SampleRequest request(text + "\r\n" + c.body);
  FormedBody out;
  out.storage = "left over";
  if (auto refused = form_body(*request, rules, out)) {
    return std::to_string(refused->status) + " " + refused->text;
  }
  return (out.parsed ? "parsed: " : "raw: ") + std::string(out.bytes);
}

std::string field(std::string_view name, std::string_view value) {
  return "--1111\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}

// spec:02#6
TEST(HttpBody, ThatIsNoFormIsPassedOnAsItIs) {
  for (std::string method : {"POST", "PUT", "PATCH", "DELETE", "GET"}) {
    EXPECT_EQ(formed({method, "/", "application/json", R"({"key":"value"})"}),
              R"(raw: {"key":"value"})");
  }
  const std::string bytes("\0\xFF raw\r\n\r\n", 10);
  EXPECT_EQ(formed({"POST", "/", "", bytes}), "raw: " + bytes);
  EXPECT_EQ(formed({"POST", "/", "text/xml", ""}), "raw: ");
  EXPECT_EQ(formed({"POST", "/?x=%zz", "application/json", "{}"}), "raw: {}");
}

// spec:02#7
TEST(HttpBody, OfAFormIsItsTree) {
  for (std::string method : {"POST", "PUT", "PATCH"}) {
    EXPECT_EQ(formed({method, "/", kUrlencoded, "key=value&a[b]=1"}),
              R"(parsed: {"a":{"b":"1"},"key":"value"})");
  }
  EXPECT_EQ(formed({"POST", "/", "application/x-www-form-urlencoded; charset=UTF-8", "a=1"}),
            R"(parsed: {"a":"1"})");
}

// spec:02#112
TEST(HttpBody, KnowsMediaTypesInAnyCase) {
  EXPECT_EQ(formed({"POST", "/", "Application/X-WWW-Form-UrlEncoded", "a=1"}),
            R"(parsed: {"a":"1"})");
  EXPECT_EQ(
      formed({"POST", "/", "Multipart/Form-DATA; boundary=1111", field("a", "1") + "--1111--"}),
      R"(parsed: {"a":"1"})");
}

// spec:02#9
TEST(HttpBody, OfAMultipartFormIsTheSameTree) {
  const std::string body = field("key", "value") + field("name[]", "name1") +
                           field("name[]", "name2") + field("arr[x][y][z]", "y") +
                           field("arr[c]p", "l") + field("arr[c]z", "");
  for (std::string method : {"POST", "PUT", "DELETE"}) {
    EXPECT_EQ(formed({method, "/", kMultipart, body + "--1111--\r\n"}),
              R"(parsed: {"arr":{"c":{"p":"l","z":""},"x":{"y":{"z":"y"}}},"key":"value",)"
              R"("name":["name1","name2"]})");
  }
  EXPECT_EQ(formed({"POST", "/", kMultipart,
                    field("key", "value") + field("key", "value2") + "--1111--"}),
            R"(parsed: {"key":"value2"})");
}

// spec:02#10
TEST(HttpBody, IsNotTouchedWithRawBody) {
  const BodyRules raw{.raw = true};
  EXPECT_EQ(formed({"POST", "/?q=%zz", kUrlencoded, "a=%zz"}, raw), "raw: a=%zz");
  EXPECT_EQ(formed({"DELETE", "/?q=%zz", kUrlencoded, "a=%zz"}, raw), "raw: a=%zz");
  EXPECT_EQ(formed({"POST", "/", kMultipart, field("a", "1")}, raw), "raw: " + field("a", "1"));
}

// spec:02#11
TEST(HttpBody, OfAFormWithAnotherMethodIsEmptyButParsed) {
  EXPECT_EQ(formed({"DELETE", "/", kUrlencoded, "key=value"}), "parsed: {}");
  EXPECT_EQ(formed({"GET", "/", kUrlencoded, "key=%zz"}), "parsed: {}");
  EXPECT_EQ(formed({"POST", "/", kUrlencoded, ""}), "parsed: {}");
  EXPECT_EQ(formed({"DELETE", "/?x=%zz", kUrlencoded, ""}),
            "400 serve_http: invalid URL escape \"%zz\"\n");
}

// spec:02#12
TEST(HttpBody, OfHeadAndOptionsIsNone) {
  EXPECT_EQ(formed({"OPTIONS", "/", kUrlencoded, "key=value"}), "raw: ");
  EXPECT_EQ(formed({"HEAD", "/", "application/json", "{\"a\":1}"}), "raw: ");
  EXPECT_EQ(formed({"HEAD", "/", "", std::string(100, 'x')}, {.max_bytes = 10}), "raw: ");
}

// spec:02#13
TEST(HttpBody, WithANameThatIsBothValueAndTreeIsRefused) {
  EXPECT_EQ(formed({"POST", "/", kUrlencoded, "a=1&a[b]=2"}),
            "400 serve_http: invalid multiple values to key 'a' in tree\n");
  EXPECT_EQ(formed({"POST", "/", kMultipart, field("a[b]", "2") + field("a", "1") + "--1111--"}),
            "400 serve_http: invalid multiple values to key 'a' in tree\n");
}

// spec:02#14
TEST(HttpBody, WithMalformedPairsOrQueryIsRefused) {
  EXPECT_EQ(formed({"POST", "/1", kUrlencoded, "%zz=1"}),
            "400 serve_http: invalid URL escape \"%zz\"\n");
  EXPECT_EQ(formed({"POST", "/2", kUrlencoded, "a=1;b=2"}),
            "400 serve_http: invalid semicolon separator in query\n");
  EXPECT_EQ(formed({"POST", "/3?x=%zz", kUrlencoded, "a=1"}),
            "400 serve_http: invalid URL escape \"%zz\"\n");
  EXPECT_EQ(formed({"POST", "/4?x=1;y", kMultipart, field("a", "1") + "--1111--\r\n"}),
            "400 serve_http: invalid semicolon separator in query\n");
}

// spec:02#15
TEST(HttpBody, OfABrokenMultipartIsRefused) {
  EXPECT_EQ(formed({"POST", "/", kMultipart, ""}), "400 serve_http: multipart: NextPart: EOF\n");
  EXPECT_EQ(formed({"POST", "/", "multipart/form-data", field("a", "1")}),
            "400 serve_http: no multipart boundary param in Content-Type\n");
  EXPECT_EQ(formed({"POST", "/", kMultipart, field("a", "1")}), "400 serve_http: unexpected EOF\n");
  EXPECT_EQ(formed({"POST", "/", kMultipart, "garbage"}),
            "400 serve_http: multipart: NextPart: EOF\n");
}

// spec:02#97
TEST(HttpBody, OfTooManyPairsOrPartsIsRefused) {
  std::string pairs, parts;
  for (int i = 0; i < 10001; ++i) pairs += i > 0 ? "&a=1" : "a=1";
  for (int i = 0; i < 1001; ++i) parts += field("a", "1");
  EXPECT_EQ(formed({"POST", "/", kUrlencoded, pairs}),
            "400 serve_http: number of URL query parameters exceeded limit\n");
  EXPECT_EQ(formed({"POST", "/", kMultipart, parts + "--1111--"}),
            "400 serve_http: multipart: message too large\n");
}

// spec:02#22
TEST(HttpBody, OverTheLimitIs413) {
  const BodyRules rules{.max_bytes = 1048576, .uploads = &kUploads};
  const std::string large(1048577, 'a');
  const std::string refused = "413 serve_http: http: request body too large\n";
  EXPECT_EQ(formed({"GET", "/", "", large}, rules), refused);
  EXPECT_EQ(formed({"POST", "/", kUrlencoded, large}, rules), refused);
  EXPECT_EQ(formed({"POST", "/", kMultipart, large}, rules), refused);
  EXPECT_EQ(formed({"POST", "/", "", large.substr(1)}, rules), "raw: " + large.substr(1));
}

// spec:02#23
TEST(HttpBody, OfAFormHasNoLimitOfItsOwn) {
  const std::string large(11534336, 'a');
  EXPECT_EQ(formed({"POST", "/", kUrlencoded, "a=" + large}), "parsed: {\"a\":\"" + large + "\"}");
}

// spec:02#17 spec:02#21
TEST(HttpBody, OfAMultipartFormHasItsFilesAsUploads) {
  SampleRequest request(
      "POST / HTTP/1.1\r\nHost: e\r\nContent-Type: multipart/form-data; boundary=1111\r\n\r\n"
      "--1111\r\nContent-Disposition: form-data; name=\"upload\"; filename=\"sample.txt\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\nhello\r\nfile\r\n" +
      field("text", "v") +
      "--1111\r\nContent-Disposition: form-data; name=\"f\"; "
      "filename=\"\"\r\n\r\n\r\n--1111--\r\n");
  FormedBody out;
  ASSERT_FALSE(form_body(*request, kRules, out).has_value());
  EXPECT_EQ(out.bytes, R"({"f":"","text":"v"})");
  const auto upload = nlohmann::json::parse(out.uploads_json)["upload"];
  EXPECT_EQ(upload["name"], "sample.txt");
  EXPECT_EQ(upload["size"], 11);
  EXPECT_EQ(upload["tmpName"], out.uploads->list().front().path);
}

// spec:02#21
TEST(HttpBody, OfAMultipartFormWithoutFilesHasEmptyUploads) {
  SampleRequest request(
      "POST / HTTP/1.1\r\nHost: e\r\nContent-Type: multipart/form-data; boundary=1111\r\n\r\n" +
      field("a", "1") + "--1111--\r\n");
  FormedBody out;
  ASSERT_FALSE(form_body(*request, kRules, out).has_value());
  EXPECT_EQ(out.uploads_json, "{}");
}

// spec:02#107
TEST(HttpBody, KeepsNamesBeyondAscii) {
  SampleRequest request(
      "POST / HTTP/1.1\r\nHost: e\r\nContent-Type: multipart/form-data; boundary=1111\r\n\r\n"
      "--1111\r\nContent-Disposition: form-data; name=\"f\xC3\xA9\"; filename=\"\xC3\xA4.txt\"\r\n"
      "Content-Type: text/plain\r\n\r\n1\r\n" +
      field("v", "\xE2\x82\xAC \xFF") + "--1111--\r\n");
  FormedBody out;
  ASSERT_FALSE(form_body(*request, kRules, out).has_value());
  EXPECT_EQ(out.bytes, "{\"v\":\"\xE2\x82\xAC \\ufffd\"}");
  EXPECT_EQ(nlohmann::json::parse(out.uploads_json)["f\xC3\xA9"]["name"], "\xC3\xA4.txt");
}

TEST(HttpBody, ThatIsRefusedLeavesNoFile) {
  SampleRequest request(
      "POST / HTTP/1.1\r\nHost: e\r\nContent-Type: multipart/form-data; boundary=1111\r\n\r\n"
      "--1111\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nhello");
  FormedBody out;
  ASSERT_TRUE(form_body(*request, kRules, out).has_value());
  const std::string path = out.uploads->list().front().path;
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);
  out.uploads.reset();
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace rr::http
