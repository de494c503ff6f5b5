#include "runtime/plugins/http/quoted_printable.h"

#include <gtest/gtest.h>

namespace rr::http {
namespace {

// The decoded bytes, or the error; the same whether they come at once or one by one.
std::string decoded(std::string_view in) {
  const auto run = [&](std::size_t piece) {
    QuotedPrintableDecoder decoder;
    std::string out;
    for (std::size_t i = 0; i < in.size(); i += piece) {
      if (auto fed = decoder.feed(in.substr(i, piece), out); !fed) return fed.error().message;
    }
    if (auto end = decoder.finish(out); !end) return end.error().message;
    return out;
  };
  EXPECT_EQ(run(1), run(std::max<std::size_t>(in.size(), 1)));
  return run(1);
}

TEST(HttpQuotedPrintable, DecodesEscapesAndSoftLineBreaks) {
  EXPECT_EQ(decoded("a=3Db=\r\nc=\nd"), "a=bcd");
  EXPECT_EQ(decoded("caf=c3=A9"), "caf\xC3\xA9");
  EXPECT_EQ(decoded("x \t\r\ny  \n"), "x\r\ny\n");
  EXPECT_EQ(decoded("raw \xC3\xA9"), "raw \xC3\xA9");
  EXPECT_EQ(decoded("end="), "end");
}

TEST(HttpQuotedPrintable, TakesAnEqualsSignThatBeginsNoEscapeLiterally) {
  EXPECT_EQ(decoded("a=zz b=4"), "a=zz b=4");
}

TEST(HttpQuotedPrintable, RefusesControlBytes) {
  EXPECT_EQ(decoded("a\x01"), "quotedprintable: invalid unescaped byte 0x01 in body");
  EXPECT_EQ(decoded("a\x7F"), "quotedprintable: invalid unescaped byte 0x7f in body");
}

TEST(HttpQuotedPrintable, RefusesEndlessLines) {
  EXPECT_EQ(decoded(std::string(5000, 'a')), "quotedprintable: line too long");
}

}  // namespace
}  // namespace rr::http
