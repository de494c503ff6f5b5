#include "runtime/plugins/http/media_type.h"

#include <gtest/gtest.h>

namespace rr::http {
namespace {

std::string parameter(std::string_view value, std::string_view name) {
  const MediaType type = parse_media_type(value);
  const std::string* found = type.parameter(name);
  return found == nullptr ? "(none)" : *found;
}

TEST(HttpMediaType, LowersTypeAndNamesAndKeepsValues) {
  const MediaType type = parse_media_type(" Multipart/Form-Data ; Boundary=AbC; charset=\"x y\" ;");
  EXPECT_EQ(type.type, "multipart/form-data");
  ASSERT_NE(type.parameter("boundary"), nullptr);
  EXPECT_EQ(*type.parameter("boundary"), "AbC");
  EXPECT_EQ(*type.parameter("charset"), "x y");
}

TEST(HttpMediaType, UnescapesSpecialCharactersAndKeepsOtherBackslashes) {
  EXPECT_EQ(parameter(R"(form-data; filename="a\"b\\c")", "filename"), "a\"b\\c");
  EXPECT_EQ(parameter(R"(form-data; filename="C:\dir\f.txt")", "filename"), R"(C:\dir\f.txt)");
}

TEST(HttpMediaType, DecodesExtendedParameters) {
  EXPECT_EQ(parameter("form-data; name=a; filename*=UTF-8''%e2%82%ac%20x.txt", "filename"),
            "\xE2\x82\xAC x.txt");
  EXPECT_EQ(parameter("form-data; filename=plain; filename*=utf-8'en'ext", "filename"), "ext");
  EXPECT_EQ(parameter("form-data; filename*=latin1''x", "filename"), "(none)");
  EXPECT_EQ(parameter("form-data; filename*=utf-8''%zz", "filename"), "(none)");
  EXPECT_EQ(parameter("form-data; filename*0=a; filename*1=b; filename*3=d", "filename"), "ab");
  EXPECT_EQ(
      parameter("form-data; filename*0*=utf-8''a%20; filename*1*=%62; filename*2=c", "filename"),
      "a bc");
}

TEST(HttpMediaType, OfAMalformedValueHasNoParameters) {
  EXPECT_EQ(parse_media_type("a b; x=1").type, "");
  EXPECT_EQ(parse_media_type("form-data; x").type, "form-data");
  EXPECT_EQ(parameter("form-data; a=1; x", "a"), "(none)");
  EXPECT_EQ(parameter("form-data; a=1; b=", "a"), "(none)");
  EXPECT_EQ(parameter("form-data; a=\"1", "a"), "(none)");
  EXPECT_EQ(parameter("form-data; a=1; a=2", "a"), "(none)");
  EXPECT_EQ(parameter("form-data; a=1; a=1", "a"), "1");
  EXPECT_EQ(parse_media_type("").type, "");
}

}  // namespace
}  // namespace rr::http
