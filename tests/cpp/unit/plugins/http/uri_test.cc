#include "runtime/plugins/http/uri.h"

#include <gtest/gtest.h>

#include "sample_request.h"

namespace rr::http {
namespace {

struct Seen {
  std::string uri, query;
};

Seen seen(SampleRequest& request) {
  Seen out;
  append_uri(out.uri, *request);
  append_raw_query(out.query, *request);
  return out;
}

Seen seen(const std::string& target, const std::string& host = "example.org") {
  SampleRequest request("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  return seen(request);
}

std::string uri(const std::string& target) {
  return seen(target).uri;
}

// spec:02#1
TEST(HttpUri, IsSchemeHostAndTarget) {
  EXPECT_EQ(uri("/?hello=world"), "http://example.org/?hello=world");
  EXPECT_EQ(seen("/?hello=world").query, "hello=world");
}

// spec:02#37
TEST(HttpUri, KeepsThePortOfTheHostFieldAndKnowsTls) {
  EXPECT_EQ(seen("/p?q=1", "example.com:8080").uri, "http://example.com:8080/p?q=1");
  EXPECT_EQ(seen("/p?q=1", "example.com:8080").query, "q=1");
  SampleRequest request("GET /p?q=1 HTTP/1.1\r\nHost: example.com:8080\r\n\r\n");
  request->head.tls = true;
  EXPECT_EQ(seen(request).uri, "https://example.com:8080/p?q=1");
}

// spec:02#38
TEST(HttpUri, KeepsEscapedLineEnds) {
  EXPECT_EQ(uri("/foo%0D%0Abar"), "http://example.org/foo%0D%0Abar");
}

TEST(HttpUri, DeletesRawLineEnds) {  // FastCGI parameters can have them
  SampleRequest request("GET /ab?cd HTTP/1.1\r\nHost: h\r\n\r\n");
  std::string text = "GET /a\n?c\r HTTP/1.1";
  request->text = text.data();
  request->head.host = {};
  EXPECT_EQ(seen(request).uri, "http:///a?c");
  EXPECT_EQ(seen(request).query, "c");
}

// spec:02#37
TEST(HttpUri, KeepsALegalPathAsItWasSent) {
  EXPECT_EQ(uri("/p?"), "http://example.org/p?");
  EXPECT_EQ(seen("/p?").query, "");
  EXPECT_EQ(uri("/a%2fb//c/../d/./e?x=%2F&y=a%20b"),
            "http://example.org/a%2fb//c/../d/./e?x=%2F&y=a%20b");
  EXPECT_EQ(uri("//double/slash"), "http://example.org//double/slash");
  EXPECT_EQ(uri("/%41(x)!'*[]"), "http://example.org/%41(x)!'*[]");
}

TEST(HttpUri, TakesANumberSignAsPartOfPathOrQuery) {
  EXPECT_EQ(uri("/a#frag?x=1"), "http://example.org/a%23frag?x=1");
  EXPECT_EQ(seen("/a#frag?x=1").query, "x=1");
  EXPECT_EQ(uri("/q?a=1?b=2#c"), "http://example.org/q?a=1?b=2#c");
  EXPECT_EQ(seen("/q?a=1?b=2#c").query, "a=1?b=2#c");
}

TEST(HttpUri, LeavesTheQueryAlone) {
  const std::string query = "a=%zz&b=%0D%0A&c=[]&d=\"<>|";
  EXPECT_EQ(uri("/q?" + query), "http://example.org/q?" + query);
  EXPECT_EQ(seen("/q?" + query).query, query);
  EXPECT_EQ(seen("/q?a\tb").query, "a\tb");
}

// spec:02#96
TEST(HttpUri, EncodesAPathWithAnIllegalByteAnewAsAWhole) {
  EXPECT_EQ(uri("/%41(x)!'*[]{"), "http://example.org/A%28x%29%21%27%2A%5B%5D%7B");
  EXPECT_EQ(uri("/%41(x){"), "http://example.org/A%28x%29%7B");
  EXPECT_EQ(uri("/%7e%2Ba%3Bb|"), "http://example.org/~+a;b%7C");
  EXPECT_EQ(uri("/a+b;c=d,e:f@g$&|"), "http://example.org/a+b;c=d,e:f@g$&%7C");
  EXPECT_EQ(uri("/a\"<>|^`{}[]b;c=1,d:e@f!$&'()*+"),
            "http://example.org/a%22%3C%3E%7C%5E%60%7B%7D%5B%5Db;c=1,d:e@f%21$&%27%28%29%2A+");
}

// RoadRunner makes a separator of it: ../shared has `ours` for that.
TEST(HttpUri, KeepsAnEscapedSlashEscapedWhenThePathIsEncodedAnew) {
  EXPECT_EQ(uri("/a%2fb{c"), "http://example.org/a%2fb%7Bc");
}

// spec:02#107
TEST(HttpUri, EncodesBytesAbove127InPathAndQuery) {
  EXPECT_EQ(uri("/caf\xC3\xA9"), "http://example.org/caf%C3%A9");
  EXPECT_EQ(uri("/?a=\xC3\xA9"), "http://example.org/?a=%C3%A9");
  EXPECT_EQ(seen("/?a=\xC3\xA9").query, "a=%C3%A9");
  EXPECT_EQ(uri("/?a=\xE9"), "http://example.org/?a=%E9");
  EXPECT_EQ(seen("/?a=\xE9").query, "a=%E9");
}

// spec:02#39
TEST(HttpUri, OfAnAbsoluteFormTargetIsTheTarget) {
  EXPECT_EQ(seen("http://other.com/x?y=1", "a").uri, "http://other.com/x?y=1");
  EXPECT_EQ(seen("http://other.com/x?y=1", "a").query, "y=1");
  EXPECT_EQ(seen("https://other.com:444", "a").uri, "https://other.com:444");
  EXPECT_EQ(seen("HTTP://User:pw@Other.COM/x", "a").uri, "http://User:pw@Other.COM/x");
}

// spec:02#108
TEST(HttpUri, OfConnectIsTheAuthority) {
  SampleRequest request("CONNECT other.com:443 HTTP/1.1\r\nHost: other.com:443\r\n\r\n");
  EXPECT_EQ(seen(request).uri, "//other.com:443");
  EXPECT_EQ(seen(request).query, "");
}

// spec:02#79
TEST(HttpUri, WithoutAHostHasAnEmptyOne) {
  SampleRequest request("GET /path HTTP/1.0\r\n\r\n");
  EXPECT_EQ(seen(request).uri, "http:///path");
}

}  // namespace
}  // namespace rr::http
