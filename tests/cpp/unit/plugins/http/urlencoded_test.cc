#include "runtime/plugins/http/urlencoded.h"

#include <gtest/gtest.h>

namespace rr::http {
namespace {

std::string failure(std::string_view text) {
  auto checked = check_urlencoded(text);
  return checked ? "" : checked.error().message;
}

TEST(HttpUrlencoded, DecodesPairsInOrder) {
  std::string storage;
  std::vector<HeaderView> pairs;
  ASSERT_TRUE(parse_urlencoded("a=1&b%20c=d+e&&f&=g&h=i=j", storage, pairs));
  std::string seen;
  for (const HeaderView& pair : pairs) {
    seen.append(pair.name).append("->").append(pair.value).append("|");
  }
  EXPECT_EQ(seen, "a->1|b c->d e|f->|->g|h->i=j|");
}

// spec:02#14
TEST(HttpUrlencoded, RefusesInvalidEscapesAndSemicolons) {
  EXPECT_EQ(failure("%zz=1"), "invalid URL escape \"%zz\"");
  EXPECT_EQ(failure("x=%zz"), "invalid URL escape \"%zz\"");
  EXPECT_EQ(failure("a=%"), "invalid URL escape \"%\"");
  EXPECT_EQ(failure("a=%4"), "invalid URL escape \"%4\"");
  EXPECT_EQ(failure("a=%\xFF\"x"), "invalid URL escape \"%\\xff\\\"\"");
  EXPECT_EQ(failure("a=%41%4"), "invalid URL escape \"%4\"");
  EXPECT_EQ(failure("a=1;b=2"), "invalid semicolon separator in query");
  EXPECT_EQ(failure("%zz&x=1;y"), "invalid semicolon separator in query");
  EXPECT_EQ(failure("a=%3B"), "");
}

// spec:02#97
TEST(HttpUrlencoded, TakesTenThousandPairsAndNotOneMore) {
  std::string text;
  for (int i = 0; i < 9999; ++i) text += "a=1&";
  EXPECT_EQ(failure(text + "a=2"), "");
  EXPECT_EQ(failure("a=1&" + text + "a=2"), "number of URL query parameters exceeded limit");
}

}  // namespace
}  // namespace rr::http
