#include <cmath>

#include <gtest/gtest.h>

#include "rr/duration.h"
#include "runtime/core/config/dotenv.h"
#include "runtime/core/config/numbers.h"
#include "runtime/core/config/overrides.h"
#include "runtime/core/config/yaml.h"

namespace rr::config {
namespace {

using namespace std::chrono_literals;

TEST(Durations, AreReadAsGoReadsThem) {
  EXPECT_EQ(parse_duration("1h30m").value, 90min);
  EXPECT_EQ(parse_duration("1.5s").value, 1500ms);
  EXPECT_EQ(parse_duration("-2ms").value, -2ms);
  EXPECT_EQ(parse_duration("0.3ms").value, 300us);
  EXPECT_EQ(parse_duration(".5s").value, 500ms);
  EXPECT_EQ(parse_duration("0").value, 0s);
  EXPECT_EQ(parse_duration("2us3\xC2\xB5s").value, 5us);
}

TEST(Durations, CarryGosWordsWhenTheyAreWrong) {
  EXPECT_EQ(parse_duration("60").error, "time: missing unit in duration");
  EXPECT_EQ(parse_duration("").error, "time: invalid duration");
  EXPECT_EQ(parse_duration("soon").error, "time: invalid duration");
  EXPECT_EQ(parse_duration("5 s").error, "time: unknown unit");
  EXPECT_EQ(parse_duration("5 parsecs").error, "time: unknown unit");
  EXPECT_EQ(parse_duration("99999999999999h").error, "time: invalid duration");
}

TEST(Durations, ArePrintedAsGoPrintsThem) {
  EXPECT_EQ(to_string(Duration(1500ms)), "1.5s");
  EXPECT_EQ(to_string(Duration(3600s)), "1h0m0s");
  EXPECT_EQ(to_string(Duration(12ms)), "12ms");
  EXPECT_EQ(to_string(Duration(1234ns)), "1.234\xC2\xB5s");
  EXPECT_EQ(to_string(Duration(-5ns)), "-5ns");
  EXPECT_EQ(to_string(Duration(0)), "0s");
}

TEST(Numbers, HaveGosPrefixes) {
  EXPECT_EQ(parse_int("0x10").value, 16);
  EXPECT_EQ(parse_int("0755").value, 493);
  EXPECT_EQ(parse_int("0o755").value, 493);
  EXPECT_EQ(parse_int("0b11").value, 3);
  EXPECT_EQ(parse_int("1_000").value, 1000);
  EXPECT_EQ(parse_int("-9223372036854775808").value, INT64_MIN);
  EXPECT_EQ(parse_int("9223372036854775808").error, NumberError::range);
  for (const char* wrong : {"", "many", "5 0 0", "64KB", "1__0", "_1", "1_", "0x", "--1", "08"}) {
    EXPECT_EQ(parse_int(wrong).error, NumberError::syntax) << wrong;
  }
  EXPECT_EQ(parse_uint("-1").error, NumberError::syntax);
}

TEST(Numbers, ArePrintedWithoutAnExponent) {
  EXPECT_EQ(float_text(1.5), "1.5");
  EXPECT_EQ(float_text(3), "3");
  EXPECT_EQ(float_text(1e21), "1000000000000000000000");
}

TEST(PlainScalars, AreWhatGoYamlTakesThemFor) {
  EXPECT_EQ(resolve_scalar("0755"), Node::Value(std::int64_t{493}));
  EXPECT_EQ(resolve_scalar("0o755"), Node::Value(std::int64_t{493}));
  EXPECT_EQ(resolve_scalar("0x10"), Node::Value(std::int64_t{16}));
  EXPECT_EQ(resolve_scalar("1_000"), Node::Value(std::int64_t{1000}));
  EXPECT_EQ(resolve_scalar("2.5"), Node::Value(2.5));
  EXPECT_EQ(resolve_scalar("1e3"), Node::Value(1000.0));
  EXPECT_EQ(resolve_scalar("yes"), Node::Value(std::string("yes")));
  EXPECT_EQ(resolve_scalar("on"), Node::Value(std::string("on")));
  EXPECT_EQ(resolve_scalar("True"), Node::Value(true));
  EXPECT_EQ(resolve_scalar("~"), Node::Value(std::monostate{}));
  EXPECT_EQ(resolve_scalar("127.0.0.1"), Node::Value(std::string("127.0.0.1")));
  EXPECT_EQ(resolve_scalar("2024-01-02"), Node::Value(std::string("2024-01-02T00:00:00Z")));
  EXPECT_EQ(resolve_scalar("2024-01-02 03:04:05.50"),
            Node::Value(std::string("2024-01-02T03:04:05.5Z")));
  EXPECT_EQ(resolve_scalar("2024-01-02T03:04:05+02:00"),
            Node::Value(std::string("2024-01-02T03:04:05+02:00")));
  EXPECT_EQ(resolve_scalar("2024-13-02"), Node::Value(std::string("2024-13-02")));
}

TEST(Dotenv, ReadsWhatGodotenvReads) {
  const Variables read = parse_dotenv(
      "# comment\nA=file\nexport B=two # tail\nC: three\nD='raw $B'\nE=\"x "
      "${B}\\ny\"\nF=\nG=a#b\nH=\"two\nlines\"\r\nI = $B\n");
  const Variables expected{{"A", "file"},   {"B", "two"},        {"C", "three"},
                           {"D", "raw $B"}, {"E", "x two\ny"},   {"F", ""},
                           {"G", "a#b"},    {"H", "two\nlines"}, {"I", "two"}};
  EXPECT_EQ(read, expected);
}

TEST(Dotenv, NamesTheLineThatIsWrong) {
  for (const auto& [text, why] :
       {std::pair{"A=1\nRR_T_A\n", "dotenv: line 2: a name without `=`: `RR_T_A`"},
        std::pair{"just some words\n", "dotenv: line 1: a name without `=`: `just some words`"},
        std::pair{"A=\"x", "dotenv: line 1: a quoted value without an end"},
        std::pair{"A-B=1", "dotenv: line 1: unexpected character `-` in a name"}}) {
    try {
      parse_dotenv(text);
      FAIL() << text;
    } catch (const ConfigError& e) {
      EXPECT_STREQ(e.what(), why);
    }
  }
}

// Each line doubles what the one before it says.
TEST(Dotenv, ReferencesDoNotFillTheMemory) {
  std::string text = "A=" + std::string(1000, 'x') + "\n";
  for (char name = 'B'; name <= 'Z'; ++name) {
    text += std::string(1, name) + "=$" + static_cast<char>(name - 1) + "$" +
            static_cast<char>(name - 1) + "\n";
  }
  EXPECT_THROW(parse_dotenv(text), ConfigError);
  EXPECT_EQ(parse_dotenv("A=" + std::string(kMaxDotenvValue, 'x')).size(), 1u);
  EXPECT_THROW(parse_dotenv("A='" + std::string(kMaxDotenvValue + 1, 'x') + "'"), ConfigError);
}

// spec:05#9
TEST(Overrides, AreSplitAtTheFirstEqualsSign) {
  EXPECT_EQ(parse_override("zz.eq=a=b=c").value, "a=b=c");
  EXPECT_EQ(parse_override("ZZ.Upper=Yes").key, "zz.upper");
  EXPECT_EQ(parse_override(" zz.sp = v ").key, "zz.sp");
  EXPECT_EQ(parse_override(" zz.sp = v ").value, "v");
  EXPECT_EQ(parse_override("a=\"\"").value, "");
  EXPECT_EQ(parse_override("zz.q=\"a b\"").value, "a b");
  EXPECT_EQ(parse_override("zz.esc='it\\'s'").value, "it's");
}

// spec:05#9
TEST(Overrides, RefuseWhatIsNoPair) {
  for (const auto& [text, why] :
       {std::pair{"noeq", "parse_flag: invalid flag `noeq`"},
        std::pair{"", "parse_flag: invalid flag ``"}, std::pair{"=b", "key should not be empty"},
        std::pair{"a=", "value should not be empty"}}) {
    try {
      parse_override(text);
      FAIL() << text;
    } catch (const ConfigError& e) {
      EXPECT_STREQ(e.what(), why);
    }
  }
}

}  // namespace
}  // namespace rr::config
