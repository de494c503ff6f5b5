// The response-* scenarios of shared/golden/02-http and what they leave out, byte by byte.
#include "runtime/net/http1/response_writer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/net/http/response.h"

namespace rr::net::http1 {
namespace {

using Headers = std::vector<HeaderView>;

const AnswerTo kGet{};
const AnswerTo kHead{.head_method = true};
const AnswerTo kOld{.version = HttpVersion::http10, .keep_alive = false};
const AnswerTo kOldKept{.version = HttpVersion::http10, .keep_alive = true};
const AnswerTo kLast{.keep_alive = false};

HttpResponseHead head(int status, const Headers& headers = {}) {
  return {status, {}, headers};
}

// What the client receives, with the date replaced.
struct Sent {
  std::string bytes;
  bool close = false;
  bool refused = false;
  std::uint64_t body_bytes = 0;
};

std::string mask_date(std::string bytes) {
  const std::size_t at = bytes.find("\r\nDate: ");
  if (at != std::string::npos && bytes.substr(at + 33, 5) == " GMT\r")
    bytes.replace(at + 8, 29, "{date}");
  return bytes;
}

Sent respond(const AnswerTo& to, int status, const Headers& headers, std::string_view body) {
  ResponseWriter writer;
  writer.reset(to);
  std::string out;
  writer.respond(out, head(status, headers), body);
  out += writer.body_to_send();
  EXPECT_EQ(writer.status(), status);
  return {mask_date(out), writer.must_close(), writer.body_refused(), writer.body_bytes()};
}

Sent stream(const AnswerTo& to, int status, const Headers& headers,
            const std::vector<std::string_view>& pieces) {
  ResponseWriter writer;
  writer.reset(to);
  std::string out;
  writer.start(out, head(status, headers));
  for (std::string_view piece : pieces) {
    writer.piece(out, piece);
    out += writer.piece_to_send();
    out += writer.piece_tail();
  }
  writer.finish(out);
  const std::size_t size = out.size();
  writer.finish(out);
  EXPECT_EQ(out.size(), size);
  return {mask_date(out), writer.must_close(), writer.body_refused(), writer.body_bytes()};
}

// ------------------------------------------------------------------ whole answers

TEST(ResponseWriter, SendsAWholeAnswerWithItsLength) {  // spec:02#1 spec:02#110
  const Sent sent = respond(kGet, 201, {{"Header", "world"}}, "WORLD");
  EXPECT_EQ(sent.bytes,
            "HTTP/1.1 201 Created\r\nHeader: world\r\nContent-Length: 5\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nDate: {date}\r\n\r\nWORLD");
  EXPECT_FALSE(sent.close);
  EXPECT_EQ(sent.body_bytes, 5u);
}

TEST(ResponseWriter, AnEmptyAnswerHasLengthZeroAndNoType) {  // spec:02#110
  EXPECT_EQ(respond(kGet, 200, {}, "").bytes,
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {date}\r\n\r\n");
}

TEST(ResponseWriter, KeepsTheWorkersOrderAndLines) {  // spec:02#36
  EXPECT_EQ(respond(kGet, 200,
                    {{"set-cookie", "a=1; Path=/"},
                     {"x-lower", "v"},
                     {"set-cookie", "b=2"},
                     {"X-EMPTY", ""},
                     {"Content-Type", "text/html"},
                     {"Date", "today"},
                     {"Http2-Push", "/x"}},
                    "b")
                .bytes,
            "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nX-Lower: v\r\nSet-Cookie: b=2\r\n"
            "X-Empty: \r\nContent-Type: text/html\r\nDate: today\r\nHttp2-Push: /x\r\n"
            "Content-Length: 1\r\n\r\nb");
}

TEST(ResponseWriter, KeepsNamesAsGivenWhenAsked) {
  EXPECT_EQ(
      respond({.add_canonical_names = false}, 200, {{"x-lower", "v"}, {"content-length", "0"}}, "")
          .bytes,
      "HTTP/1.1 200 OK\r\nx-lower: v\r\nContent-Length: 0\r\nDate: {date}\r\n\r\n");
}

TEST(ResponseWriter, NamesUnknownCodesByNumberAndTakesAReason) {
  EXPECT_TRUE(respond(kGet, 599, {}, "").bytes.starts_with("HTTP/1.1 599 status code 599\r\n"));
  ResponseWriter writer;
  writer.reset(kGet);
  std::string out;
  HttpResponseHead fine = head(200);
  fine.reason = "Fine\r\nX: y";
  writer.respond(out, fine, "");
  EXPECT_TRUE(out.starts_with("HTTP/1.1 200 Fine  X: y\r\nContent-Length: 0\r\n")) << out;
}

TEST(ResponseWriter, DropsBadNamesAndKeepsLineEndsOutOfValues) {  // spec:02#87
  EXPECT_EQ(
      respond(kGet, 200,
              {{"X", "a\r\nSet-Cookie: b"},
               {"Bad Name", "x"},
               {"Bad:Name", "y"},
               {"", "z"},
               {"X-Trim", "  v  "},
               {"Content\rLength", "9"},
               {"A\r\nContent-Length", "1"},
               {"Good", "1"}},
              "b")
          .bytes,
      "HTTP/1.1 200 OK\r\nX: a  Set-Cookie: b\r\nX-Trim: v\r\nGood: 1\r\nContent-Length: 1\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nDate: {date}\r\n\r\nb");
}

TEST(ResponseWriter, SniffsNoTypeWhereOneIsSetOrTheBodyIsEncoded) {  // spec:02#59h
  auto type_of = [](const Headers& headers) {
    const std::string bytes = respond(kGet, 200, headers, "<html>").bytes;
    const std::size_t at = bytes.find("Content-Type: ");
    return at == std::string::npos ? "none" : bytes.substr(at + 14, bytes.find('\r', at) - at - 14);
  };
  EXPECT_EQ(type_of({}), "text/html; charset=utf-8");
  EXPECT_EQ(type_of({{"Content-Type", ""}}), "");
  EXPECT_EQ(type_of({{"content-type", "application/json"}}), "application/json");
  EXPECT_EQ(type_of({{"Content-Encoding", "br"}}), "none");
  EXPECT_EQ(type_of({{"Content-Encoding", ""}}), "text/html; charset=utf-8");
  EXPECT_EQ(type_of({{"Transfer-Encoding", "chunked"}}), "none");
}

TEST(ResponseWriter, HeadHasTheHeadersOfGetAndNoBody) {  // spec:02#84
  EXPECT_EQ(
      respond(kHead, 200, {{"X", "1"}}, "body").bytes,
      "HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 4\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Date: {date}\r\n\r\n");
  // A script that prints nothing for HEAD does not know the length of GET.
  EXPECT_EQ(respond(kHead, 200, {}, "").bytes, "HTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n");
  const Sent sent = respond(kHead, 200, {{"Content-Length", "10"}}, "");
  EXPECT_EQ(sent.bytes, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nDate: {date}\r\n\r\n");
  EXPECT_FALSE(sent.close);
  EXPECT_FALSE(respond(kHead, 200, {}, "body").refused);
}

TEST(ResponseWriter, NoBodyFollows204And304) {  // spec:02#88
  Sent sent = respond(
      kGet, 204, {{"X", "1"}, {"Content-Length", "4"}, {"Transfer-Encoding", "chunked"}}, "body");
  EXPECT_EQ(sent.bytes, "HTTP/1.1 204 No Content\r\nX: 1\r\nDate: {date}\r\n\r\n");
  EXPECT_TRUE(sent.refused);
  EXPECT_FALSE(sent.close);
  EXPECT_EQ(sent.body_bytes, 0u);
  sent =
      respond(kGet, 304,
              {{"ETag", "\"x\""}, {"Content-Type", "text/html"}, {"Content-Length", "4"}}, "body");
  EXPECT_EQ(sent.bytes, "HTTP/1.1 304 Not Modified\r\nEtag: \"x\"\r\nDate: {date}\r\n\r\n");
  EXPECT_FALSE(sent.close);
  EXPECT_FALSE(respond(kGet, 204, {}, "").refused);
  sent = stream(kGet, 204, {{"Content-Length", "2"}}, {"xx"});
  EXPECT_EQ(sent.bytes, "HTTP/1.1 204 No Content\r\nDate: {date}\r\n\r\n");
  EXPECT_TRUE(sent.refused);
}

TEST(ResponseWriter, KeepsTheWorkersLengthWhenItIsTrue) {  // spec:02#110
  EXPECT_EQ(
      respond(kGet, 200, {{"content-length", "5"}, {"Content-Type", "x/y"}}, "12345").bytes,
      "HTTP/1.1 200 OK\r\nContent-Type: x/y\r\nContent-Length: 5\r\nDate: {date}\r\n\r\n12345");
}

TEST(ResponseWriter, CutsABodyThatIsLongerThanItsLengthAndCloses) {  // spec:02#89
  const Sent sent = respond(kGet, 200, {{"Content-Length", "10"}}, "123456789012345");
  EXPECT_EQ(sent.bytes,
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Date: {date}\r\nConnection: close\r\n\r\n1234567890");
  EXPECT_TRUE(sent.close);
  EXPECT_TRUE(sent.refused);
  EXPECT_EQ(sent.body_bytes, 10u);
}

TEST(ResponseWriter, ClosesAfterABodyThatIsShorterThanItsLength) {  // spec:02#89
  const Sent sent = respond(kGet, 200, {{"Content-Length", "10"}}, "12345");
  EXPECT_EQ(sent.bytes,
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Date: {date}\r\n\r\n12345");
  EXPECT_TRUE(sent.close);
  EXPECT_FALSE(sent.refused);
}

TEST(ResponseWriter, DropsLengthsThatAreNone) {
  for (const char* value : {"-5", "abc", "", "+1", "1, 1", "0x1", "99999999999999999999"}) {
    const Sent sent = respond(kGet, 200, {{"Content-Length", value}, {"Content-Type", "a/b"}}, "x");
    EXPECT_EQ(sent.bytes,
              "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\nDate: {date}\r\n\r\nx");
    EXPECT_FALSE(sent.close);
  }
  EXPECT_EQ(
      respond(kGet, 200,
              {{"Content-Length", "1"}, {"Content-Length", "2"}, {"Content-Type", "a/b"}}, "x")
          .bytes,
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\nDate: {date}\r\n\r\nx");
  EXPECT_EQ(
      respond(kGet, 200,
              {{"Content-Length", "2"}, {"Content-Length", " 2 "}, {"Content-Type", "a/b"}}, "xx")
          .bytes,
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\nDate: {date}\r\n\r\nxx");
}

TEST(ResponseWriter, FramesOnceWhateverTheWorkerSaysAboutChunks) {  // spec:02#90
  EXPECT_EQ(respond(kGet, 200, {{"Transfer-Encoding", "chunked"}}, "body").bytes,
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nDate: {date}\r\n\r\nbody");
  EXPECT_EQ(
      respond(kGet, 200, {{"Transfer-Encoding", "chunked"}, {"Content-Length", "9"}}, "body").bytes,
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nDate: {date}\r\n\r\nbody");
  EXPECT_EQ(stream(kGet, 200, {{"transfer-encoding", "Chunked"}}, {"body"}).bytes,
            "HTTP/1.1 200 OK\r\nDate: {date}\r\nTransfer-Encoding: "
            "chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
}

TEST(ResponseWriter, IdentityIsDelimitedByTheEndOfTheConnection) {  // spec:02#102
  const std::string expected = "HTTP/1.1 200 OK\r\nDate: {date}\r\nConnection: close\r\n\r\nbody";
  Sent sent = respond(kGet, 200, {{"Transfer-Encoding", "identity"}}, "body");
  EXPECT_EQ(sent.bytes, expected);
  EXPECT_TRUE(sent.close);
  sent = stream(kGet, 200, {{"Transfer-Encoding", "identity"}}, {"bo", "dy"});
  EXPECT_EQ(sent.bytes, expected);
  EXPECT_TRUE(sent.close);
  EXPECT_EQ(respond(kGet, 200, {{"Transfer-Encoding", "identity"}, {"Content-Length", "4"}}, "body")
                .bytes,
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nDate: {date}\r\n\r\nbody");
}

// ------------------------------------------------------------------ the connection

TEST(ResponseWriter, SaysCloseWhenTheConnectionOrTheWorkerWantsIt) {
  const std::string expected =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {date}\r\nConnection: close\r\n\r\n";
  Sent sent = respond(kLast, 200, {}, "");
  EXPECT_EQ(sent.bytes, expected);
  EXPECT_TRUE(sent.close);
  for (const char* value : {"close", "Close", "x, close", "close\r\n", "a,close\n,b"}) {
    sent = respond(kGet, 200, {{"connection", value}}, "");
    EXPECT_EQ(sent.bytes, expected);
    EXPECT_TRUE(sent.close);
  }
  EXPECT_EQ(respond(kLast, 200, {{"Connection", "keep-alive"}}, "").bytes, expected);
}

TEST(ResponseWriter, PassesOtherConnectionFieldsOn) {
  const Sent sent =
      respond(kGet, 200, {{"Connection", "keep-alive"}, {"Keep-Alive", "timeout=5"}}, "");
  EXPECT_EQ(sent.bytes,
            "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\nDate: {date}\r\n"
            "Connection: keep-alive\r\n\r\n");
  EXPECT_FALSE(sent.close);
}

TEST(ResponseWriter, Http10IsKeptOnlyWhenAskedAndTheLengthIsKnown) {  // spec:02#79
  Sent sent = respond(kOld, 200, {{"Content-Type", "a/b"}}, "old");
  EXPECT_EQ(sent.bytes,
            "HTTP/1.0 200 OK\r\nContent-Type: a/b\r\nContent-Length: 3\r\nDate: {date}\r\n\r\nold");
  EXPECT_TRUE(sent.close);
  sent = respond(kOldKept, 200, {{"Content-Type", "a/b"}}, "old");
  EXPECT_EQ(sent.bytes,
            "HTTP/1.0 200 OK\r\nContent-Type: a/b\r\nContent-Length: 3\r\nDate: {date}\r\n"
            "Connection: keep-alive\r\n\r\nold");
  EXPECT_FALSE(sent.close);
  EXPECT_FALSE(respond({.version = HttpVersion::http10, .head_method = true}, 200, {}, "").close);
  sent = stream(kOldKept, 200, {{"Content-Type", "a/b"}, {"Connection", "keep-alive"}}, {"a", "b"});
  EXPECT_EQ(sent.bytes, "HTTP/1.0 200 OK\r\nContent-Type: a/b\r\nDate: {date}\r\n\r\nab");
  EXPECT_TRUE(sent.close);
  sent = stream(kOldKept, 200, {{"Content-Type", "a/b"}, {"Content-Length", "2"}}, {"a", "b"});
  EXPECT_EQ(sent.bytes,
            "HTTP/1.0 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\nDate: {date}\r\n"
            "Connection: keep-alive\r\n\r\nab");
  EXPECT_FALSE(sent.close);
}

// ------------------------------------------------------------------ trailers

TEST(ResponseWriter, MovesFieldsNamedByTrailerBehindTheBody) {  // spec:02#29
  EXPECT_EQ(
      respond(kGet, 200, {{"Trailer", "X-Checksum"}, {"X-Checksum", "abc"}}, "checksummed").bytes,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Date: {date}\r\n\r\nb\r\nchecksummed\r\n0\r\nX-Checksum: abc\r\n\r\n");
  EXPECT_EQ(respond(kGet, 200,
                    {{"X-B", "2"},
                     {"Trailer", "X-A,\tX-B "},
                     {"Trailer", "X-None"},
                     {"X-A", "1"},
                     {"X-B", "3"},
                     {"X-C", "4"},
                     {"Content-Type", "a/b"}},
                    "x")
                .bytes,
            "HTTP/1.1 200 OK\r\nX-C: 4\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n"
            "Date: {date}\r\n\r\n1\r\nx\r\n0\r\nX-B: 2\r\nX-A: 1\r\nX-B: 3\r\n\r\n");
}

TEST(ResponseWriter, ComparesTrailerNamesWithoutCase) {  // spec:02#29
  const Sent sent =
      stream(kGet, 200, {{"trailer", "x-sum"}, {"X-SUM", "9"}, {"Content-Type", "a/b"}}, {"b"});
  EXPECT_EQ(
      sent.bytes,
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nDate: {date}\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\nb\r\n0\r\nX-Sum: 9\r\n\r\n");
}

TEST(ResponseWriter, SendsTrailersOfAnEmptyBody) {
  EXPECT_EQ(
      respond(kGet, 200, {{"Trailer", "A"}, {"A", "1"}}, "").bytes,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: {date}\r\n\r\n0\r\nA: 1\r\n\r\n");
  EXPECT_EQ(
      stream(kGet, 200, {{"Trailer", "A"}, {"A", "1"}}, {}).bytes,
      "HTTP/1.1 200 OK\r\nDate: {date}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n\r\n");
}

TEST(ResponseWriter, TakesTrailersUntilTheEndOfAStream) {  // spec:02#29
  ResponseWriter writer;
  writer.reset(kGet);
  std::string out;
  writer.start(out, head(200, {{"Trailer", "A"}, {"A", "1"}, {"Content-Type", "a/b"}}));
  writer.piece(out, "x");
  out += std::string(writer.piece_to_send()) + std::string(writer.piece_tail());
  const HeaderView late[] = {{"Trailer", "a, B, Content-Length"},
                             {"a", "2"},
                             {"B", "3"},
                             {"b", "4"},
                             {"C", "5"},
                             {"Content-Length", "9"}};
  writer.add_trailers(late);
  writer.add_trailers(late);  // a repeated context
  writer.finish(out);
  EXPECT_EQ(out.substr(out.find("\r\n\r\n") + 4), "1\r\nx\r\n0\r\nA: 2\r\nB: 3\r\nB: 4\r\n\r\n");
}

TEST(ResponseWriter, DropsTrailersWhereNoneCanBeSent) {
  const Headers headers{{"Trailer", "X-A"}, {"X-A", "1"}, {"Content-Type", "a/b"}};
  Headers with_length = headers;
  with_length.push_back({"Content-Length", "6"});
  EXPECT_EQ(
      respond(kGet, 200, with_length, "length").bytes,
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 6\r\nDate: {date}\r\n\r\nlength");
  EXPECT_EQ(
      stream(kGet, 200, with_length, {"length"}).bytes,
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 6\r\nDate: {date}\r\n\r\nlength");
  EXPECT_EQ(respond(kOld, 200, headers, "x").bytes,
            "HTTP/1.0 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\nDate: {date}\r\n\r\nx");
  EXPECT_EQ(stream(kOld, 200, headers, {"x"}).bytes,
            "HTTP/1.0 200 OK\r\nContent-Type: a/b\r\nDate: {date}\r\n\r\nx");
  EXPECT_EQ(respond(kHead, 200, headers, "x").bytes,
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\nDate: {date}\r\n\r\n");
}

TEST(ResponseWriter, FieldsThatFrameOrDescribeTheBodyAreNeverTrailers) {
  EXPECT_EQ(
      respond(kGet, 200,
              {{"Trailer", "Content-Type, Content-Length, Date"}, {"Content-Type", "a/b"}}, "x")
          .bytes,
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\nDate: {date}\r\n\r\nx");
}

// ------------------------------------------------------------------ streams

TEST(ResponseWriter, SendsEachPieceOfAStreamAsAChunk) {  // spec:02#30
  ResponseWriter writer;
  writer.reset(kGet);
  std::string out;
  const Headers headers{{"X", "1"}};
  writer.start(out, head(200, headers));
  EXPECT_EQ(out, "");  // the type is not known yet
  writer.piece(out, "");
  EXPECT_EQ(out, "");
  writer.piece(out, "line 1\n");
  EXPECT_EQ(mask_date(out),
            "HTTP/1.1 200 OK\r\nX: 1\r\nDate: {date}\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n");
  EXPECT_EQ(writer.piece_to_send(), "line 1\n");
  EXPECT_EQ(writer.piece_tail(), "\r\n");
  out.clear();
  writer.piece(out, "");
  EXPECT_EQ(out, "");
  EXPECT_EQ(writer.piece_to_send(), "");
  EXPECT_EQ(writer.piece_tail(), "");
  writer.piece(out, std::string(300, 'x'));
  EXPECT_EQ(out, "12c\r\n");
  out.clear();
  writer.finish(out);
  EXPECT_EQ(out, "0\r\n\r\n");
  EXPECT_FALSE(writer.must_close());
  EXPECT_EQ(writer.body_bytes(), 307u);
}

TEST(ResponseWriter, SendsTheHeadOfAStreamAtOnceWhenItsTypeIsKnown) {  // spec:02#110
  ResponseWriter writer;
  writer.reset(kGet);
  std::string out;
  const Headers headers{{"Content-Type", "text/x"}};
  writer.start(out, head(201, headers));
  EXPECT_EQ(mask_date(out),
            "HTTP/1.1 201 Created\r\nContent-Type: text/x\r\nDate: {date}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n");
  out.clear();
  writer.finish(out);
  EXPECT_EQ(out, "0\r\n\r\n");
}

TEST(ResponseWriter, AStreamWithoutAPieceIsAnEmptyAnswer) {
  EXPECT_EQ(stream(kGet, 200, {}, {}).bytes,
            "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(stream(kHead, 200, {}, {}).bytes, "HTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n");
}

TEST(ResponseWriter, AStreamedHeadHasNoBody) {  // spec:02#84
  const Sent sent = stream(kHead, 200, {}, {"<html>", "more"});
  EXPECT_EQ(sent.bytes,
            "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n");
  EXPECT_FALSE(sent.refused);
  EXPECT_FALSE(sent.close);
  EXPECT_EQ(sent.body_bytes, 0u);
}

TEST(ResponseWriter, AStreamKeepsToItsLength) {  // spec:02#89
  const Headers headers{{"Content-Length", "5"}, {"Content-Type", "a/b"}};
  const std::string start =
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\nDate: {date}\r\n\r\n";
  Sent sent = stream(kGet, 200, headers, {"12", "345"});
  EXPECT_EQ(sent.bytes, start + "12345");
  EXPECT_FALSE(sent.close);
  sent = stream(kGet, 200, headers, {"12", "34567", "8"});
  EXPECT_EQ(sent.bytes, start + "12345");
  EXPECT_TRUE(sent.close);
  EXPECT_TRUE(sent.refused);
  sent = stream(kGet, 200, headers, {"12"});
  EXPECT_EQ(sent.bytes, start + "12");
  EXPECT_TRUE(sent.close);
  EXPECT_FALSE(sent.refused);
}

// ------------------------------------------------------------------ interim answers

TEST(ResponseWriter, InterimHeadsHaveTheirOwnFieldsOnly) {  // spec:02#33 spec:02#34
  ResponseWriter writer;
  writer.reset(kGet);
  std::string out;
  const Headers link{
      {"link", "</a.css>; rel=preload"}, {"Content-Length", "5"}, {"Transfer-Encoding", "x"}};
  writer.inform(out, head(103, link));
  EXPECT_EQ(out, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
  out.clear();
  writer.inform(out, head(100));
  EXPECT_EQ(out, "HTTP/1.1 100 Continue\r\n\r\n");  // spec:02#77
  out.clear();
  writer.inform(out, head(101, link));
  EXPECT_EQ(out, "");
  const Headers marker{{"X-Marker", "probe"}};
  writer.respond(out, head(404, marker), "body");
  EXPECT_EQ(mask_date(out),
            "HTTP/1.1 404 Not Found\r\nX-Marker: probe\r\nContent-Length: 4\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nDate: {date}\r\n\r\n");
}

TEST(ResponseWriter, Http10ClientsGetNoInterimHead) {
  ResponseWriter writer;
  writer.reset(kOld);
  std::string out;
  writer.inform(out, head(103));
  EXPECT_EQ(out, "");
}

TEST(ResponseWriter, AFailedExpectationIsAnOrdinaryAnswer) {  // spec:02#78
  EXPECT_EQ(respond(kLast, 417, {}, "").bytes,
            "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nDate: {date}\r\nConnection: "
            "close\r\n\r\n");
}

TEST(ResponseWriter, ForgetsTheAnswerBefore) {
  ResponseWriter writer;
  writer.reset(kLast);
  std::string out;
  const Headers headers{{"Trailer", "A"}, {"A", "1"}};
  writer.start(out, head(200, headers));
  writer.reset(kGet);
  writer.respond(out, head(200), "");
  EXPECT_EQ(mask_date(out), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {date}\r\n\r\n");
  EXPECT_FALSE(writer.must_close());
}

}  // namespace
}  // namespace rr::net::http1
