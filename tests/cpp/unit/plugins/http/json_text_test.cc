#include "runtime/plugins/http/json_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rr::http {
namespace {

std::string text(std::string_view in, Escape escape = Escape::plain) {
  std::string out;
  TextWriter writer(out, 0);
  write_json_string(writer, in, escape);
  writer.finish();
  return out;
}

TEST(HttpJsonText, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(text("a\"b\\c\n\r\t\b\f"), R"("a\"b\\c\n\r\t\b\f")");
  EXPECT_EQ(text(std::string_view("\0\x1F\x7F", 3)), "\"\\u0000\\u001f\x7F\"");
  EXPECT_EQ(text("</&>"), "\"</&>\"");
  EXPECT_EQ(text(""), "\"\"");
}

TEST(HttpJsonText, EscapesMarkupInHtmlForm) {
  EXPECT_EQ(text("<&>=?", Escape::html), R"("\u003c\u0026\u003e=?")");
  EXPECT_EQ(text("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA", Escape::html),
            "\"\\u2028\\u2029\xE2\x80\xAA\"");
}

TEST(HttpJsonText, ReplacesEachByteThatIsNoUtf8) {
  EXPECT_EQ(text("\xE9\xFF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(text("\xE2\x82", Escape::html), R"("\ufffd\ufffd")");
  EXPECT_EQ(text("\xED\xA0\x80\xC0\x80"),  // a surrogate, an overlong NUL
            "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(text("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"");
}

// The eight-byte path and the byte path must not differ: each special byte at each place.
TEST(HttpJsonText, AgreesWithAnotherLibraryWhereverTheSpecialByteStands) {
  for (std::size_t size : {1, 7, 8, 9, 16, 70, 300}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (char special : {'"', '\\', '\n', '\x1F', ' ', '!', '[', ']', '#', '\x7F'}) {
        std::string in(size, 'x');
        in[at] = special;
        ASSERT_EQ(nlohmann::json::parse(text(in)), nlohmann::json(in)) << size << " " << at;
        ASSERT_EQ(nlohmann::json::parse(text(in, Escape::html)), nlohmann::json(in));
      }
    }
  }
}

TEST(HttpJsonText, KeepsSequencesAcrossItsBlocks) {
  for (std::size_t lead = 240; lead < 270; ++lead) {
    const std::string in = std::string(lead, 'x') + "\xE2\x82\xAC\"" + std::string(lead, '"');
    ASSERT_EQ(nlohmann::json::parse(text(in)), nlohmann::json(in));
  }
}

}  // namespace
}  // namespace rr::http
