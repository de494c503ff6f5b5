#include "runtime/plugins/http/multipart.h"

#include <map>

#include <gtest/gtest.h>

namespace rr::http {
namespace {

// Writes the events down: "name(file;type)[data]".
class Recorder final : public MultipartSink {
 public:
  void begin(const MultipartPart& part) override {
    text += part.name;
    if (part.is_file()) text += "(" + part.file_name + ";" + part.content_type + ")";
    text += "[";
  }
  void data(std::string_view bytes) override { text += bytes; }
  void end() override { text += "]"; }

  std::string text;
};

std::string parse(std::string_view body, std::string_view boundary, std::size_t piece,
                  const MultipartLimits& limits = {}) {
  Recorder recorder;
  MultipartParser parser(boundary, recorder, limits);
  for (std::size_t i = 0; i < body.size(); i += piece) {
    if (auto fed = parser.feed(body.substr(i, piece)); !fed) return "! " + fed.error().message;
  }
  if (auto end = parser.finish(); !end) return "! " + end.error().message;
  return recorder.text;
}

// The events or "! error"; however the bytes come.
std::string parts(std::string_view body, std::string_view boundary = "1111") {
  const std::string whole = parse(body, boundary, std::max<std::size_t>(body.size(), 1));
  for (std::size_t piece : {1, 2, 3, 7, 16}) EXPECT_EQ(parse(body, boundary, piece), whole);
  return whole;
}

std::string field(std::string_view name, std::string_view value) {
  return "--1111\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}

// A part with these header lines.
std::string part(std::string_view headers, std::string_view value = "v") {
  return "--1111\r\n" + std::string(headers) + "\r\n" + std::string(value) + "\r\n--1111--\r\n";
}

// spec:02#9
TEST(HttpMultipart, GivesFieldsInOrder) {
  EXPECT_EQ(
      parts(field("key", "value") + field("name[]", "") + field("key", "value2") + "--1111--\r\n"),
      "key[value]name[][]key[value2]");
}

TEST(HttpMultipart, PassesOverPreambleAndEpilogue) {
  EXPECT_EQ(parts("preamble\r\n" + field("a", "line1\r\nline2") + field("b", "") +
                  "--1111--\r\nepilogue"),
            "a[line1\r\nline2]b[]");
}

TEST(HttpMultipart, NeedsNoLineEndAfterTheLastBoundary) {
  EXPECT_EQ(parts(field("a", "1") + "--1111--"), "a[1]");
  EXPECT_EQ(parts(field("a", "1") + "--1111-- \t"), "a[1]");
}

TEST(HttpMultipart, GivesFilesWithTheLastComponentOfTheirName) {
  const auto file = [](const std::string& name) {
    return parts(part("Content-Disposition: form-data; name=f; " + name +
                      "\r\nContent-Type: text/plain\r\n"));
  };
  EXPECT_EQ(file("filename=\"a.txt\""), "f(a.txt;text/plain)[v]");
  EXPECT_EQ(file("filename=\"/x/y/a.txt\""), "f(a.txt;text/plain)[v]");
  EXPECT_EQ(file("filename=\"a/\""), "f(a;text/plain)[v]");
  EXPECT_EQ(file("filename*=UTF-8''%e2%82%ac.txt"), "f(\xE2\x82\xAC.txt;text/plain)[v]");
  EXPECT_EQ(file("filename=\"C:\\dir\\a.txt\""), "f(C:\\dir\\a.txt;text/plain)[v]");
}

// spec:02#21
TEST(HttpMultipart, TakesAnEmptyFileNameForAField) {
  EXPECT_EQ(parts(part("Content-Disposition: form-data; name=\"f\"; filename=\"\"\r\n"
                       "Content-Type: application/octet-stream\r\n",
                       "")),
            "f[]");
}

TEST(HttpMultipart, LeavesOutPartsWithoutNameOrOfOtherDisposition) {
  EXPECT_EQ(parts(part("Content-Disposition: attachment; name=a\r\n")), "");
  EXPECT_EQ(parts(part("Content-Disposition: form-data\r\n")), "");
  EXPECT_EQ(parts(part("Content-Disposition: form-data; name=\"\"\r\n")), "");
  EXPECT_EQ(parts(part("Content-Type: text/plain\r\n")), "");
  EXPECT_EQ(parts(part("")), "");
}

TEST(HttpMultipart, DecodesQuotedPrintableParts) {
  EXPECT_EQ(parts(part("Content-Disposition: form-data; name=q\r\n"
                       "Content-Transfer-Encoding: Quoted-Printable\r\n",
                       "caf=C3=A9 =\r\nx\r\ny")),
            "q[caf\xC3\xA9 x\r\ny]");
  EXPECT_EQ(parts(part("Content-Disposition: form-data; name=q\r\n"
                       "Content-Transfer-Encoding: quoted-printable\r\n",
                       "\x01")),
            "! quotedprintable: invalid unescaped byte 0x01 in body");
}

TEST(HttpMultipart, KeepsDataThatLooksLikeABoundary) {
  EXPECT_EQ(parts(field("a", "\r\n--111") + "--1111--\r\n"), "a[\r\n--111]");
  EXPECT_EQ(parts(field("a", "\r\n--1111x\r\r\n--11111") + "--1111--\r\n"),
            "a[\r\n--1111x\r\r\n--11111]");
  EXPECT_EQ(parts(field("a", "--1111-x") + "--1111--\r\n"), "a[--1111-x]");
  EXPECT_EQ(parts(field("a", "\r\n\r\n") + "--1111--\r\n"), "a[\r\n\r\n]");
}

TEST(HttpMultipart, TakesPartsWithoutDataAndWithoutASeparator) {
  EXPECT_EQ(parts("--1111\r\nContent-Disposition: form-data; name=a\r\n\r\n--1111--\r\n"), "a[]");
}

TEST(HttpMultipart, AcceptsLoneLineFeedsWhenTheFirstBoundaryHasThem) {
  EXPECT_EQ(parts("--1111\nContent-Disposition: form-data; name=a\n\n1\n2\n--1111--\n"), "a[1\n2]");
  EXPECT_EQ(parts(field("a", "1") + "--1111\n"),
            "! multipart: expecting a new Part; got line \"--1111\\n\"");
}

TEST(HttpMultipart, JoinsContinuedHeadersAndTakesTheFirstOfEach) {
  EXPECT_EQ(parts(part("Content-Disposition: form-data;\r\n  name=a;\r\n\tfilename=b\r\n"
                       "Content-Type: x\r\ncontent-type: y\r\n")),
            "a(b;x)[v]");
}

// spec:02#15
TEST(HttpMultipart, RefusesABodyThatHasNoEnd) {
  EXPECT_EQ(parts(""), "! multipart: NextPart: EOF");
  EXPECT_EQ(parts("garbage"), "! multipart: NextPart: EOF");
  EXPECT_EQ(parts(field("a", "1")), "! unexpected EOF");
  EXPECT_EQ(parts("--1111\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ncut"),
            "! unexpected EOF");
  EXPECT_EQ(parts("--1111\r\nContent-Dispo"), "! unexpected EOF");
  EXPECT_EQ(parts(field("a", "1") + "--1111"), "! multipart: NextPart: EOF");
  EXPECT_EQ(parts(field("a", "1") + "--1111-"), "! unexpected EOF");
}

// spec:02#15
TEST(HttpMultipart, NeedsABoundary) {
  const auto boundary = [](std::string_view type) {
    auto found = multipart_boundary(type);
    return found ? *found : "! " + found.error().message;
  };
  EXPECT_EQ(boundary("multipart/form-data; boundary=1111"), "1111");
  EXPECT_EQ(boundary("Multipart/Form-Data; Boundary=\"a b\""), "a b");
  EXPECT_EQ(boundary("multipart/form-data"), "! no multipart boundary param in Content-Type");
  EXPECT_EQ(boundary("text/plain; multipart/form-data"),
            "! request Content-Type isn't multipart/form-data");
  EXPECT_EQ(parts("", ""), "! multipart: boundary is empty");
}

TEST(HttpMultipart, RefusesMalformedHeaders) {
  EXPECT_EQ(parts(part("no colon\r\n")), "! malformed MIME header: missing colon: \"no colon\"");
  EXPECT_EQ(parts(part(" a: b\r\n")), "! malformed MIME header initial line:  a: b");
  EXPECT_EQ(parts(part("a(: b\r\n")), "! malformed MIME header line: a(: b");
  EXPECT_EQ(parts(part("a: \x01\r\n")), "! malformed MIME header line: a: \x01");
}

TEST(HttpMultipart, RefusesTextBetweenParts) {
  EXPECT_EQ(parts(field("a", "1") + "--1111 x\r\n"),
            "! multipart: expecting a new Part; got line \"--1111 x\\r\\n\"");
  EXPECT_EQ(parts(std::string(5000, 'x')), "! multipart: NextPart: bufio: buffer full");
}

// spec:02#97
TEST(HttpMultipart, TakesAThousandPartsAndNotOneMore) {
  const auto many = [](int count) {
    std::string body;
    for (int i = 0; i < count; ++i) body += field("a", "1");
    return parse(body + "--1111--\r\n", "1111", body.size() + 12);
  };
  EXPECT_EQ(many(1000).size(), 4000);
  EXPECT_EQ(many(1001), "! multipart: message too large");
}

TEST(HttpMultipart, LimitsHeadersTextAndFilesInMemory) {
  const MultipartLimits limits{
      .parts = 1000, .headers = 4, .header_line = 100, .text = 1000, .files = 500};
  const auto run = [&](const std::string& body) {
    return parse(body, "1111", body.size(), limits);
  };
  const std::string large = "! multipart: message too large";
  EXPECT_EQ(run(part("a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n")), "");
  EXPECT_EQ(run(part("a: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\ne: 5\r\n")), large);
  EXPECT_EQ(run(part("a: " + std::string(100, 'x') + "\r\n")), large);
  const std::string end = "--1111--\r\n";
  EXPECT_EQ(run(field("a", std::string(1200, 'x')) + end).size(), 1203);
  EXPECT_EQ(run(field("a", std::string(1300, 'x')) + end), large);
  const auto file = [](std::size_t size) {
    return "--1111\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n" +
           std::string(size, 'x') + "\r\n";
  };
  EXPECT_EQ(run(file(5000) + field("a", std::string(400, 'x')) + end).size(), 5000 + 400 + 10);
  EXPECT_EQ(run(file(500) + field("a", std::string(400, 'x')) + end), large);
}

}  // namespace
}  // namespace rr::http
