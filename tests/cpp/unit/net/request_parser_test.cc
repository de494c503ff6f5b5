// The bytes of shared/golden/02-http (request-line-bad, header-lines-*, content-length-*, …): what
// a client gets for them, without sockets.
#include "runtime/net/http1/request_parser.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/net/http1/response_writer.h"

namespace rr::net::http1 {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

void put(http::RequestBlock& block, std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(block.room(bytes.size()), bytes.data(), bytes.size());
  block.commit(bytes.size());
}

// One head, given at once and again byte by byte: both must agree.
class Parsed {
 public:
  explicit Parsed(std::string_view bytes, const Limits& limits = {}) : parser_(limits) {
    put(block_, bytes);
    result_ = parser_.parse(block_);

    http::RequestBlock pieces;
    HeadParser slow(limits);
    HeadResult result = HeadResult::incomplete;
    for (std::size_t i = 0; i < bytes.size() && result == HeadResult::incomplete; ++i) {
      put(pieces, bytes.substr(i, 1));
      result = slow.parse(pieces);
    }
    EXPECT_EQ(result, result_);
    EXPECT_EQ(slow.refusal().status, parser_.refusal().status);
    EXPECT_EQ(slow.refusal().reason, parser_.refusal().reason);
    EXPECT_EQ(slow.head_size(), parser_.head_size());
    EXPECT_EQ(pieces.fields.size(), block_.fields.size());
  }

  HeadResult result() const { return result_; }
  bool complete() const { return result_ == HeadResult::complete; }
  const HttpHead& head() const { return block_.head; }
  const HeadParser& parser() const { return parser_; }
  std::string_view operator()(TextSpan span) const {
    return {block_.data() + span.offset, span.length};
  }
  // "Name: value" of each field line.
  std::vector<std::string> fields() const {
    std::vector<std::string> lines;
    for (const HttpField& field : block_.fields) {
      lines.push_back(std::string((*this)(field.name)) + ": " + std::string((*this)(field.value)));
    }
    return lines;
  }

 private:
  http::RequestBlock block_;
  HeadParser parser_;
  HeadResult result_;
};

// Status line and body that the client gets; "" when the head is fine, "more" when it is not whole.
std::string answer_to(std::string_view bytes, const Limits& limits = {}) {
  const Parsed parsed(bytes, limits);
  if (parsed.complete()) return "";
  if (parsed.result() == HeadResult::incomplete) return "more";
  std::string out;
  write_refusal(out, parsed.parser().refusal().status, parsed.parser().refusal().reason);
  return out.substr(0, out.find("\r\n")) + " | " + out.substr(out.find("\r\n\r\n") + 4);
}

// What follows the request line is well-formed.
std::string answer_to_line(std::string_view line) {
  return answer_to(std::string(line) + "\r\nHost: e\r\n\r\n");
}
// Field lines of an otherwise well-formed request.
std::string answer_to_fields(std::string_view lines) {
  return answer_to("GET /s.txt HTTP/1.1\r\n" + std::string(lines) + "\r\n\r\n");
}

const std::string kBad = "HTTP/1.1 400 Bad Request | 400 Bad Request";
std::string bad(std::string_view reason) {
  const std::string text = "400 Bad Request: " + std::string(reason);
  return "HTTP/1.1 " + text + " | " + text;
}
const std::string kBadVersion =
    "HTTP/1.1 505 HTTP Version Not Supported: unsupported protocol version | "
    "505 HTTP Version Not Supported: unsupported protocol version";
const std::string kBadCoding = "HTTP/1.1 501 Not Implemented | Unsupported transfer encoding";
const std::string kTooLarge =
    "HTTP/1.1 431 Request Header Fields Too Large | 431 Request Header Fields Too Large";

// ------------------------------------------------------------------ well-formed requests

TEST(HeadParser, SplitsAnOrdinaryRequest) {
  const Parsed parsed(
      "GET /p?q=1 HTTP/1.1\r\nHost: example.com:8080\r\nx-foo-bar:   2  \r\nX-Empty:\r\n"
      "Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc");
  ASSERT_TRUE(parsed.complete());
  const HttpHead& head = parsed.head();
  EXPECT_EQ(head.version, HttpVersion::http11);
  EXPECT_EQ(parsed(head.method), "GET");
  EXPECT_EQ(parsed(head.target), "/p?q=1");
  EXPECT_EQ(parsed(head.path), "/p");
  EXPECT_EQ(parsed(head.query), "q=1");
  EXPECT_EQ(parsed(head.scheme_authority), "");
  EXPECT_EQ(parsed(head.host), "example.com:8080");
  EXPECT_EQ(parsed(head.content_type), "text/plain");
  EXPECT_EQ(head.content_length, 3);
  EXPECT_FALSE(head.chunked);
  EXPECT_FALSE(head.head_method);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(parsed.fields(), (std::vector<std::string>{"Host: example.com:8080", "x-foo-bar: 2",
                                                       "X-Empty: ", "Content-Type: text/plain",
                                                       "Content-Length: 3"}));
}

TEST(HeadParser, StopsBehindTheHeadSoThatPipelinedRequestsStay) {  // spec:02#74
  const std::string first = "GET /1 HTTP/1.1\r\nHost: e\r\n\r\n";
  http::RequestBlock block;
  put(block, first + "GET /2 HTTP/1.1\r\nHost: e\r\n\r\n");
  HeadParser parser{Limits{}};
  ASSERT_EQ(parser.parse(block), HeadResult::complete);
  EXPECT_EQ(parser.head_size(), first.size());

  const std::string rest(block.data() + first.size(), block.size() - first.size());
  block.clear();
  parser.reset();
  EXPECT_FALSE(parser.begun());
  put(block, rest);
  ASSERT_EQ(parser.parse(block), HeadResult::complete);
  EXPECT_EQ(std::string_view(block.data() + block.head.path.offset, block.head.path.length), "/2");
}

TEST(HeadParser, WaitsForTheRestAndKnowsThatARequestHasBegun) {
  http::RequestBlock block;
  HeadParser parser{Limits{}};
  EXPECT_EQ(parser.parse(block), HeadResult::incomplete);
  EXPECT_FALSE(parser.begun());
  put(block, "G");
  EXPECT_EQ(parser.parse(block), HeadResult::incomplete);
  EXPECT_TRUE(parser.begun());
}

TEST(HeadParser, ResultDoesNotDependOnWhereTheBytesWereCut) {
  const std::string bytes =
      "\r\nPOST /a%20b?c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX: y z\r\n\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    http::RequestBlock block;
    HeadParser parser{Limits{}};
    put(block, bytes.substr(0, cut));
    HeadResult result = parser.parse(block);
    if (cut < bytes.size()) {
      ASSERT_EQ(result, HeadResult::incomplete) << cut;
      put(block, bytes.substr(cut));
      result = parser.parse(block);
    }
    ASSERT_EQ(result, HeadResult::complete) << cut;
    EXPECT_EQ(parser.head_size(), bytes.size());
    EXPECT_TRUE(block.head.chunked);
    EXPECT_EQ(block.fields.size(), 3u);
  }
}

TEST(HeadParser, KeepsBytesAboveAsciiAndTabsInValues) {  // spec:02#107
  const Parsed parsed("GET /caf\xC3\xA9?a=\xE9 HTTP/1.1\r\nHost: e\r\nX: \xE9\xFF\tz\r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_EQ(parsed(parsed.head().path), "/caf\xC3\xA9");
  EXPECT_EQ(parsed(parsed.head().query), "a=\xE9");
  EXPECT_EQ(parsed.fields()[1], "X: \xE9\xFF\tz");
}

TEST(HeadParser, AnyTokenIsAMethodAndItsCaseStays) {  // spec:02#85
  for (const char* method : {"FOO", "get", "M-SEARCH", "TRACE", "!#$%&'*+-.^_`|~09"}) {
    const Parsed parsed(std::string(method) + " / HTTP/1.1\r\nHost: e\r\n\r\n");
    ASSERT_TRUE(parsed.complete()) << method;
    EXPECT_EQ(parsed(parsed.head().method), method);
  }
  EXPECT_EQ(answer_to_line("F@O / HTTP/1.1"), kBad);
  EXPECT_TRUE(Parsed("HEAD / HTTP/1.1\r\nHost: e\r\n\r\n").head().head_method);
  EXPECT_FALSE(Parsed("head / HTTP/1.1\r\nHost: e\r\n\r\n").head().head_method);
}

// ------------------------------------------------------------------ request line

TEST(HeadParser, OtherMajorVersionsAre505) {  // spec:02#80
  EXPECT_EQ(answer_to_line("GET /s.txt HTTP/2.0"), kBadVersion);
  EXPECT_EQ(answer_to_line("GET /s.txt HTTP/3.7"), kBadVersion);
  EXPECT_EQ(answer_to_line("GET /s.txt HTTP/0.9"), kBadVersion);
  EXPECT_EQ(answer_to("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), kBadVersion);
}

TEST(HeadParser, MinorVersionsAreHttp11ButZero) {
  EXPECT_EQ(Parsed("GET / HTTP/1.0\r\n\r\n").head().version, HttpVersion::http10);
  EXPECT_EQ(Parsed("GET / HTTP/1.7\r\nHost: e\r\n\r\n").head().version, HttpVersion::http11);
}

TEST(HeadParser, MalformedVersionsAreRefused) {  // spec:02#80
  for (const char* version : {"HTTP/1.1x", "http/1.1", "HTTP/1.", "HTTP/11", "HTTP/1.10",
                              "HTTP/x.1", "HTTP/1,1", "HTTP/ 1.1", "HTTP/1.1 ", "HTTPS/1.1", ""}) {
    EXPECT_EQ(answer_to_line("GET /s.txt "s + version), kBad) << version;
  }
}

TEST(HeadParser, RequestLineHasTwoSpacesExactly) {  // spec:02#81
  EXPECT_EQ(answer_to_line("GET  /s.txt HTTP/1.1"), kBad);
  EXPECT_EQ(answer_to_line("GET /s.txt  HTTP/1.1"), kBad);
  EXPECT_EQ(answer_to_line("GET\t/s.txt\tHTTP/1.1"), kBad);
  EXPECT_EQ(answer_to_line("GET /s .txt HTTP/1.1"), kBad);
  EXPECT_EQ(answer_to_line(" GET / HTTP/1.1"), kBad);
  EXPECT_EQ(answer_to_line("GET"), kBad);
  EXPECT_EQ(answer_to("GET /s.txt\r\n\r\n"), kBad);  // HTTP/0.9
  EXPECT_EQ(answer_to("GET /s.txt \r\n"), kBad);
}

TEST(HeadParser, TargetsThatAreNoneAreRefused) {  // spec:02#82 spec:02#44
  for (std::string_view target : {"/%zz.txt"sv,
                                  "/%"sv,
                                  "/%4"sv,
                                  "/a%4"sv,
                                  "/s\x01.txt"sv,
                                  "/s\x7f"sv,
                                  "/s\0x"sv,
                                  "s.txt"sv,
                                  "..%2fx"sv,
                                  "?a"sv,
                                  "#"sv,
                                  "*"sv,
                                  "**"sv,
                                  "http:/x"sv,
                                  "http:x"sv,
                                  "http://"sv,
                                  "http:///x"sv,
                                  "://h/"sv,
                                  "1http://h/"sv,
                                  "ht_tp://h/"sv,
                                  "http://h:x/"sv,
                                  "http://h:99999/"sv,
                                  "http://a b/"sv,
                                  "http://h\\x/"sv,
                                  "http://h#/"sv,
                                  "http://[::1/"sv,
                                  "http://[]/"sv,
                                  "http://[::1]x/"sv,
                                  "http://a[b]/"sv,
                                  "http://@/"sv,
                                  "http://u\"@h/"sv,
                                  "http://%zz@h/"sv,
                                  "http://%zz/"sv,
                                  "http://h/%zz"sv,
                                  "http://a:b:c/"sv}) {
    EXPECT_EQ(answer_to_line("GET " + std::string(target) + " HTTP/1.1"), kBad) << target;
  }
}

TEST(HeadParser, EscapesInTheQueryPassAsTheyAre) {  // spec:02#82 spec:02#38
  const Parsed parsed("GET /a%0D%0Ab?a=%zz&b=%0D%0A&c=[]&d=\"<>|?e#f HTTP/1.1\r\nHost: e\r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_EQ(parsed(parsed.head().path), "/a%0D%0Ab");
  EXPECT_EQ(parsed(parsed.head().query), "a=%zz&b=%0D%0A&c=[]&d=\"<>|?e#f");
}

TEST(HeadParser, HashIsPathDataAndOddBytesReachTheApplication) {
  const Parsed parsed("GET /a#frag\"<>|^`{}[]?x=1 HTTP/1.1\r\nHost: e\r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_EQ(parsed(parsed.head().path), "/a#frag\"<>|^`{}[]");
  EXPECT_EQ(parsed(parsed.head().query), "x=1");
  EXPECT_TRUE(Parsed("GET //double/../slash/. HTTP/1.1\r\nHost: e\r\n\r\n").complete());
}

TEST(HeadParser, TellsABareQuestionMarkFromNone) {
  const Parsed bare("GET /p? HTTP/1.1\r\nHost: e\r\n\r\n");
  ASSERT_TRUE(bare.complete());
  EXPECT_EQ(bare(bare.head().path), "/p");
  EXPECT_EQ(bare.head().query.length, 0u);
  EXPECT_NE(bare.head().query.offset, 0u);
  EXPECT_EQ(Parsed("GET /p HTTP/1.1\r\nHost: e\r\n\r\n").head().query.offset, 0u);
}

TEST(HeadParser, AbsoluteFormReplacesHost) {  // spec:02#39
  const Parsed parsed("GET http://other.com/x?y=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_EQ(parsed(parsed.head().target), "http://other.com/x?y=1");
  EXPECT_EQ(parsed(parsed.head().scheme_authority), "http://other.com");
  EXPECT_EQ(parsed(parsed.head().path), "/x");
  EXPECT_EQ(parsed(parsed.head().query), "y=1");
  EXPECT_EQ(parsed(parsed.head().host), "other.com");
}

TEST(HeadParser, AbsoluteFormMayHaveUserinfoPortAndNoPath) {
  const Parsed user("GET HTTP://User:pw@Other.COM/x HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(user.complete());
  EXPECT_EQ(user(user.head().scheme_authority), "HTTP://User:pw@Other.COM");
  EXPECT_EQ(user(user.head().host), "Other.COM");

  const Parsed bare("GET https://other.com:444 HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(bare.complete());
  EXPECT_EQ(bare(bare.head().host), "other.com:444");
  EXPECT_EQ(bare(bare.head().path), "");

  const Parsed query("GET http://[::1]:80?q HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(query.complete());
  EXPECT_EQ(query(query.head().host), "[::1]:80");
  EXPECT_EQ(query(query.head().query), "q");
  // The Host field is still needed, and still checked.
  EXPECT_EQ(answer_to("GET http://h/ HTTP/1.1\r\n\r\n"), bad("missing required Host header"));
  EXPECT_EQ(answer_to("GET http://h/ HTTP/1.1\r\nHost: a b\r\n\r\n"), bad("malformed Host header"));
}

TEST(HeadParser, ConnectTakesAnAuthority) {  // spec:02#108
  const Parsed parsed("CONNECT other.com:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_EQ(parsed(parsed.head().target), "other.com:443");
  EXPECT_EQ(parsed(parsed.head().host), "other.com:443");
  EXPECT_EQ(parsed(parsed.head().path), "");
  EXPECT_TRUE(Parsed("CONNECT [::1]:443 HTTP/1.1\r\nHost: x\r\n\r\n").complete());
  for (const char* target : {"other.com", "other.com:", "other.com:x", "/x", "http://h:1/", "*",
                             "u@h:1", "h:70000", ":443", "h:1/x", "h:1?x"}) {
    EXPECT_EQ(answer_to_line("CONNECT "s + target + " HTTP/1.1"), kBad) << target;
  }
}

TEST(HeadParser, AsteriskBelongsToOptions) {  // spec:02#86
  const Parsed parsed("OPTIONS * HTTP/1.1\r\nHost: e\r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_EQ(parsed(parsed.head().path), "*");
  EXPECT_EQ(answer_to_line("GET * HTTP/1.1"), kBad);
}

TEST(HeadParser, UpToTwoEmptyLinesMayPrecede) {  // spec:02#83
  EXPECT_EQ(answer_to("\r\n\r\nGET /s.txt HTTP/1.1\r\nHost: e\r\n\r\n"), "");
  EXPECT_EQ(answer_to("\r\n\r\n\r\nGET /s.txt HTTP/1.1\r\nHost: e\r\n\r\n"), kBad);
  EXPECT_EQ(answer_to("\nGET /s.txt HTTP/1.1\r\nHost: e\r\n\r\n"), kBad);
  EXPECT_EQ(answer_to("\rGET /s.txt HTTP/1.1\r\nHost: e\r\n\r\n"), kBad);
}

TEST(HeadParser, WhatIsNoHttpAtAllIsRefusedWithoutAnEndOfLine) {
  EXPECT_EQ(answer_to("\x16\x03\x01\x02"), kBad);  // a TLS hello
  EXPECT_EQ(answer_to("GET"), "more");
}

// ------------------------------------------------------------------ field lines

TEST(HeadParser, MalformedFieldLinesAreRefused) {  // spec:02#66
  EXPECT_EQ(answer_to_fields("Host : e"), bad("missing required Host header"));
  EXPECT_EQ(answer_to_fields("Host: e\r\nnocolon"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\n: empty"), kBad);
  EXPECT_EQ(answer_to_fields(" Host: e"), kBad);
  EXPECT_EQ(answer_to_fields("\tHost: e"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\nX Y: 1"), bad("invalid header name"));
  EXPECT_EQ(answer_to_fields("Host: e\r\nContent-Length : 5"), bad("invalid header name"));
  EXPECT_EQ(answer_to_fields("Host: e\r\nX\t: 1"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\nX\xC3\xA9: 1"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\nX(: 1"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\nX Y(: 1"), kBad);
}

TEST(HeadParser, FoldedLinesAreRefused) {  // spec:02#67
  EXPECT_EQ(answer_to_fields("Host: e\r\nX: a\r\n b"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\nX: a\r\n\tb"), kBad);
}

TEST(HeadParser, ControlBytesAndBareCrAreRefused) {  // spec:02#68
  for (std::string_view value :
       {"a\0b"sv, "a\x01"sv, "\x7f"sv, "a\rb"sv, "a\r"sv, "a\vb"sv, "\x1f"sv}) {
    EXPECT_EQ(answer_to_fields("Host: e\r\nX: " + std::string(value)), kBad);
    EXPECT_EQ(answer_to_fields("Host: e\r\nX: a longer value than a vector register " +
                               std::string(value)),
              kBad);
    EXPECT_EQ(answer_to_fields("Host: e\r\nX" + std::string(value) + ": 1"), kBad);
  }
}

TEST(HeadParser, BareLineFeedsAreRefused) {  // spec:02#69
  EXPECT_EQ(answer_to("GET /s.txt HTTP/1.1\nHost: e\n\r\n\r\n"), kBad);
  EXPECT_EQ(answer_to("GET /s.txt HTTP/1.1\r\nHost: e\n\r\n"), kBad);
  EXPECT_EQ(answer_to("GET /s.txt HTTP/1.1\r\nHost: e\r\n\n"), kBad);
  EXPECT_EQ(answer_to("GET /s.txt HTTP/1.1\r\nHost: e\r\n\rX"), "more");
  EXPECT_EQ(answer_to("GET /s.txt HTTP/1.1\r\nHost: e\r\n\rX\n"), kBad);
}

TEST(HeadParser, Http11NeedsExactlyOneValidHost) {  // spec:02#60
  EXPECT_EQ(answer_to_fields("X: 1"), bad("missing required Host header"));
  EXPECT_EQ(answer_to_fields("Host: a\r\nHost: a"), kBad);
  EXPECT_EQ(answer_to_fields("Host: a\r\nhost: a"), kBad);
  EXPECT_EQ(answer_to_fields("Host: a b"), bad("malformed Host header"));
  EXPECT_EQ(answer_to_fields("Host: a\xC3"), bad("malformed Host header"));
  EXPECT_EQ(answer_to_fields("Host: a/b"), kBad);
  EXPECT_EQ(answer_to_fields("Host: u@b"), kBad);
  EXPECT_EQ(answer_to_fields("Host: a?b"), kBad);
  EXPECT_EQ(answer_to_fields("Host: a#b"), kBad);
  EXPECT_EQ(answer_to_fields("Host: a\\b"), kBad);
  EXPECT_EQ(answer_to_fields("Host:"), "");
  EXPECT_EQ(answer_to_fields("Host: e:80"), "");
  EXPECT_EQ(answer_to_fields("Host: [::1]:80"), "");
}

TEST(HeadParser, Http10NeedsNoHost) {  // spec:02#79
  const Parsed parsed("GET /path HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_EQ(parsed.head().host.length, 0u);
  EXPECT_FALSE(parsed.head().keep_alive);
  EXPECT_EQ(answer_to("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), bad("malformed Host header"));
  EXPECT_EQ(answer_to("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), kBad);
}

// ------------------------------------------------------------------ body framing

TEST(HeadParser, ContentLengthBesideTransferEncodingIsRefused) {  // spec:02#61
  EXPECT_EQ(answer_to_fields("Host: e\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\nTransfer-Encoding: chunked\r\ncontent-length: 5"), kBad);
}

TEST(HeadParser, ContentLengthsThatAreNoSingleNumberAreRefused) {  // spec:02#62
  for (const char* value :
       {"5, 6", "5, 5", "+5", "-1", "0x5", "5 5", "", "5,", "5;", "1e3", "5.0",
        "9223372036854775808", "18446744073709551621", "99999999999999999999"}) {
    EXPECT_EQ(answer_to_fields("Host: e\r\nContent-Length: "s + value), kBad) << value;
  }
  EXPECT_EQ(answer_to_fields("Host: e\r\nContent-Length: 1\r\nContent-Length: 2"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\nContent-Length: 3\r\nContent-Length: 03"), kBad);
  EXPECT_EQ(
      answer_to_fields("Host: e\r\nContent-Length: 1\r\nContent-Length: 1\r\nContent-Length: 2"),
      kBad);
}

TEST(HeadParser, IdenticalContentLengthsCountAsOne) {  // spec:02#63
  const Parsed parsed(
      "GET / HTTP/1.1\r\nHost: e\r\nContent-Length: 3\r\ncontent-length:3 \r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_EQ(parsed.head().content_length, 3);
  EXPECT_EQ(Parsed("GET / HTTP/1.1\r\nHost: e\r\nContent-Length: 03\r\n\r\n").head().content_length,
            3);
  EXPECT_EQ(Parsed("GET / HTTP/1.1\r\nHost: e\r\nContent-Length: 9223372036854775807\r\n\r\n")
                .head()
                .content_length,
            INT64_MAX);
  EXPECT_EQ(Parsed("GET / HTTP/1.1\r\nHost: e\r\n\r\n").head().content_length, -1);
}

TEST(HeadParser, TransferCodingsOtherThanChunkedAreRefused) {  // spec:02#64
  for (const char* value : {"gzip, chunked", "chunked, chunked", "identity", "xchunked",
                            "chunked;q=1", "chunked,", ",chunked", "\"chunked\"", "chunke", ""}) {
    EXPECT_EQ(answer_to_fields("Host: e\r\nTransfer-Encoding: "s + value), kBadCoding) << value;
  }
  EXPECT_EQ(answer_to_fields("Host: e\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            kBadCoding);
  EXPECT_EQ(answer_to_fields("Host: e\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding:"),
            kBadCoding);
  EXPECT_EQ(answer_to_fields("Host: e\r\nTransfer-Encoding: chunked\v"), kBad);
  EXPECT_EQ(answer_to_fields("Host: e\r\nTransfer-Encoding: chunked\f"), kBad);

  const Parsed parsed("POST / HTTP/1.1\r\nHost: e\r\ntransfer-encoding: Chunked\r\n\r\n");
  ASSERT_TRUE(parsed.complete());
  EXPECT_TRUE(parsed.head().chunked);
  EXPECT_EQ(parsed.head().content_length, -1);
}

TEST(HeadParser, ChunkedOnHttp10IsRefused) {  // spec:02#65
  EXPECT_EQ(
      answer_to("GET /s.txt HTTP/1.0\r\nHost: e\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      kBad);
}

// ------------------------------------------------------------------ connection and expectations

bool keeps_alive(std::string_view version, std::string_view lines) {
  const Parsed parsed("GET / " + std::string(version) + "\r\nHost: e\r\n" + std::string(lines) +
                      "\r\n");
  EXPECT_TRUE(parsed.complete());
  return parsed.head().keep_alive;
}

TEST(HeadParser, ConnectionListsSayWhetherTheConnectionStays) {  // spec:02#75 spec:02#79
  EXPECT_TRUE(keeps_alive("HTTP/1.1", ""));
  EXPECT_TRUE(keeps_alive("HTTP/1.1", "Connection: Upgrade, HTTP2-Settings\r\n"));
  EXPECT_TRUE(keeps_alive("HTTP/1.1", "Connection: closed, x-close\r\n"));
  EXPECT_FALSE(keeps_alive("HTTP/1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps_alive("HTTP/1.1", "connection: x ,\tCLOSE ,y\r\n"));
  EXPECT_FALSE(keeps_alive("HTTP/1.1", "Connection: x\r\nConnection: close\r\n"));
  EXPECT_FALSE(keeps_alive("HTTP/1.1", "Connection: keep-alive, close\r\n"));
  EXPECT_FALSE(keeps_alive("HTTP/1.0", ""));
  EXPECT_TRUE(keeps_alive("HTTP/1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps_alive("HTTP/1.0", "Connection: keep-alive, close\r\n"));
}

TEST(HeadParser, ExpectContinueIsFlaggedWhereTheClientWaits) {  // spec:02#77
  auto expects = [](std::string_view version, std::string_view lines) {
    const Parsed parsed("POST / " + std::string(version) + "\r\nHost: e\r\n" + std::string(lines) +
                        "\r\n");
    EXPECT_TRUE(parsed.complete());
    EXPECT_FALSE(parsed.parser().expectation_failed());
    return parsed.head().expect_continue;
  };
  EXPECT_TRUE(expects("HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
  EXPECT_TRUE(expects("HTTP/1.1", "expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(expects("HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n"));
  EXPECT_FALSE(expects("HTTP/1.1", "Expect: 100-continue\r\n"));
  EXPECT_FALSE(expects("HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
  EXPECT_FALSE(expects("HTTP/1.1", "Expect:\r\nContent-Length: 5\r\n"));
}

TEST(HeadParser, OtherExpectationsFail) {  // spec:02#78
  for (const char* value :
       {"foo", "100-continue, foo", "foo,100-continue", "100-continue;q=1", "100"}) {
    const Parsed parsed("GET / HTTP/1.1\r\nHost: e\r\nExpect: "s + value + "\r\n\r\n");
    ASSERT_TRUE(parsed.complete());
    EXPECT_TRUE(parsed.parser().expectation_failed()) << value;
  }
}

// ------------------------------------------------------------------ limits

TEST(HeadParser, HeadsOverTheLimitAre431) {  // spec:02#91
  const std::string start = "GET /s.txt HTTP/1.1\r\nHost: e\r\nX: ";
  http::RequestBlock block;
  HeadParser parser{Limits{}};
  put(block, start + std::string(900'000, 'a') + "\r\n\r\n");
  EXPECT_EQ(parser.parse(block), HeadResult::complete);

  block.clear();
  parser.reset();
  put(block, start + std::string(1'153'433, 'a') + "\r\n\r\n");
  ASSERT_EQ(parser.parse(block), HeadResult::refused);
  EXPECT_EQ(parser.refusal().status, 431);

  const Limits limits{.head_bytes = 40};
  const std::string exact = "GET / HTTP/1.1\r\nHost: e\r\nX: 56789\r\n\r\n";
  ASSERT_EQ(exact.size(), 37u);
  EXPECT_EQ(answer_to(exact, {.head_bytes = 37}), "");
  EXPECT_EQ(answer_to(exact, {.head_bytes = 36}), kTooLarge);
  EXPECT_EQ(answer_to("GET / HTTP/1.1\r\nHost: e\r\nX: " + std::string(20, 'x'), limits),
            kTooLarge);
  EXPECT_EQ(answer_to("GET /" + std::string(60, 'x') + " HTTP/1.1\r\n", limits), kTooLarge);
  EXPECT_EQ(answer_to("GET /" + std::string(60, 'x') + "\x01 HTTP/1.1\r\n", limits), kTooLarge);
}

TEST(HeadParser, ALongLineInSmallReadsIsScannedOnce) {
  // Quadratic scanning would take minutes here.
  http::RequestBlock block;
  HeadParser parser{Limits{}};
  put(block, "GET / HTTP/1.1\r\nHost: e\r\nX: ");
  for (int i = 0; i < 1'000'000; ++i) {
    put(block, "a");
    ASSERT_EQ(parser.parse(block), HeadResult::incomplete);
  }
  put(block, "\r\n\r\n");
  EXPECT_EQ(parser.parse(block), HeadResult::complete);
}

TEST(HeadParser, ARefusalStays) {
  http::RequestBlock block;
  HeadParser parser{Limits{}};
  put(block, "GET / HTTP/9.9\r\n");
  EXPECT_EQ(parser.parse(block), HeadResult::refused);
  put(block, "GET / HTTP/1.1\r\nHost: e\r\n\r\n");
  EXPECT_EQ(parser.parse(block), HeadResult::refused);
  EXPECT_EQ(parser.refusal().status, 505);
}

TEST(Refusal, IsTheLiteralAnswerOfRoadRunner) {
  std::string out;
  write_refusal(out, 400, "missing required Host header");
  EXPECT_EQ(out,
            "HTTP/1.1 400 Bad Request: missing required Host header\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
            "400 Bad Request: missing required Host header");
}

}  // namespace
}  // namespace rr::net::http1
