#include "runtime/plugins/http/form_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/plugins/http/urlencoded.h"

namespace rr::http {
namespace {

using testing::ElementsAre;

std::vector<std::string_view> segments(std::string_view name) {
  std::vector<std::string_view> out;
  EXPECT_TRUE(split_name(name, out));
  return out;
}

// The tree of an urlencoded form, or the error.
std::string tree(std::string_view form) {
  std::string storage;
  std::vector<HeaderView> pairs;
  if (auto parsed = parse_urlencoded(form, storage, pairs); !parsed) return parsed.error().message;
  FormTree tree(FormTree::Leaves::text);
  for (const HeaderView& pair : pairs) tree.add(pair.name, pair.value);
  if (auto built = tree.build(); !built) return built.error().message;
  std::string out;
  tree.append_json(out);
  return out;
}

std::string conflict(const std::string& key) {
  return "invalid multiple values to key '" + key + "' in tree";
}

TEST(HttpFormNames, SplitIntoSegmentsAtBrackets) {
  EXPECT_THAT(segments("key"), ElementsAre("key"));
  EXPECT_THAT(segments(""), ElementsAre(""));
  EXPECT_THAT(segments("a[b][]"), ElementsAre("a", "b", ""));
  EXPECT_THAT(segments("a[b]c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(segments("[a]"), ElementsAre("", "a"));
  EXPECT_THAT(segments("a[b"), ElementsAre("a", "b"));
  EXPECT_THAT(segments("a]b"), ElementsAre("a", "b"));
  EXPECT_THAT(segments("a[][b]"), ElementsAre("a", "", "b"));
  EXPECT_THAT(segments("a[[b]]"), ElementsAre("a", "b", ""));
}

constexpr std::string_view kForm =
    "name[]=name1&name[]=name2&name[]=name3&arr[x][y][z]=y&arr[x][y][e]=f&arr[c]p=l&arr[c]z=";

// spec:02#7
TEST(HttpFormTree, NestsNamesAndSortsKeys) {
  EXPECT_EQ(tree("key=value&" + std::string(kForm)),
            R"({"arr":{"c":{"p":"l","z":""},"x":{"y":{"e":"f","z":"y"}}},"key":"value",)"
            R"("name":["name1","name2","name3"]})");
}

// spec:02#8
TEST(HttpFormTree, KeepsTheLastValueOfAName) {
  EXPECT_EQ(tree("key=value&key=value2&" + std::string(kForm)),
            R"({"arr":{"c":{"p":"l","z":""},"x":{"y":{"e":"f","z":"y"}}},"key":"value2",)"
            R"("name":["name1","name2","name3"]})");
}

// spec:02#13
TEST(HttpFormTree, RefusesANameThatIsBothValueAndTree) {
  EXPECT_EQ(tree("a=1&a[b]=2"), conflict("a"));
  EXPECT_EQ(tree("a[b]=2&a=1"), conflict("a"));
  EXPECT_EQ(tree("a[]=v&a[b]=w"), conflict("a"));
  EXPECT_EQ(tree("a=1&a[b]="), conflict("a"));
  EXPECT_EQ(tree("x[y][z]=1&x[y]=2"), conflict("y"));
}

TEST(HttpFormTree, BuildsWhatTheSpecShows) {
  EXPECT_EQ(tree("a[]=1&a[]=2"), R"({"a":["1","2"]})");
  EXPECT_EQ(tree("a[][b]=1&a[][b]=2"), R"({"a":{"":{"b":"2"}}})");
  EXPECT_EQ(tree("a=&a[b]=2"), R"({"a":{"b":"2"}})");
  EXPECT_EQ(tree("a[b]=2&a="), R"({"a":{"b":"2"}})");
  EXPECT_EQ(tree("a[]=v&a=w"), R"({"a":"w"})");
  EXPECT_EQ(tree("a[0]=x&a[1]=y"), R"({"a":{"0":"x","1":"y"}})");
  EXPECT_EQ(tree("k[q][5]=&k[q][5][a][3]=&k[q][5][a][3][c]=x"),
            R"({"k":{"q":{"5":{"a":{"3":{"c":"x"}}}}}})");
}

TEST(HttpFormTree, BuildsWhatTheScenariosShow) {
  EXPECT_EQ(tree("a[b]c=1"), R"({"a":{"b":{"c":"1"}}})");
  EXPECT_EQ(tree("[a]=1"), R"({"":{"a":"1"}})");
  EXPECT_EQ(tree("a[b=1"), R"({"a":{"b":"1"}})");
  EXPECT_EQ(tree("a]b=1"), R"({"a":{"b":"1"}})");
  EXPECT_EQ(tree("a[][b]=1"), R"({"a":{"":{"b":"1"}}})");
  EXPECT_EQ(tree("a[[b]]=1"), R"({"a":{"b":["1"]}})");
  EXPECT_EQ(tree("+a+[+b+]=1"), R"({"a":{"b":"1"}})");
  EXPECT_EQ(tree("first+name=x&dot.ted=y"), R"({"dot.ted":"y","firstname":"x"})");
  EXPECT_EQ(tree("=v&x"), R"({"":"v","x":""})");
  EXPECT_EQ(tree("&&a=1&"), R"({"a":"1"})");
  EXPECT_EQ(tree("a+b=c+d%2Be"), R"({"ab":"c d+e"})");
  EXPECT_EQ(tree("a[b]=&a[c]="), R"({"a":{"b":"","c":""}})");
  EXPECT_EQ(tree("x[]="), R"({"x":[""]})");
  EXPECT_EQ(tree("x[]"), R"({"x":[""]})");
}

TEST(HttpFormTree, KeepsATreeWhenTheNameComesAgainEmpty) {
  EXPECT_EQ(tree("a=1&a[]="), R"({"a":"1"})");
  EXPECT_EQ(tree("a[]=&a[b]=1"), R"({"a":{"b":"1"}})");
  EXPECT_EQ(tree("a=1&a[][b]=2"), R"({"a":{"":{"b":"2"}}})");
  EXPECT_EQ(tree("a[]=&a[]=&a[b]=1"), conflict("a"));
}

TEST(HttpFormTree, EscapesAsGoDoes) {
  EXPECT_EQ(tree("a=%3Cb%3E%26%22%C3%A9%E2%80%A8"),
            "{\"a\":\"\\u003cb\\u003e\\u0026\\\"\xC3\xA9\\u2028\"}");
}

// spec:02#107
TEST(HttpFormTree, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(tree("a=%E9&b%FF=1"), "{\"a\":\"\\ufffd\",\"b\xEF\xBF\xBD\":\"1\"}");
  EXPECT_EQ(tree("b%FF=1&b%FE=2"), "{\"b\xEF\xBF\xBD\":\"2\"}");
}

// spec:02#16
TEST(HttpFormTree, IgnoresNamesOfMoreThan127Segments) {
  const auto deep = [](int segments) {
    std::string name = "a";
    for (int i = 1; i < segments; ++i) name += "[b]";
    return name;
  };
  EXPECT_EQ(tree("ok=1&" + deep(128) + "=x"), R"({"ok":"1"})");
  std::string expected = R"({"a":)";
  for (int i = 1; i < 127; ++i) expected += R"({"b":)";
  expected += "\"x\"" + std::string(127, '}');
  EXPECT_EQ(tree(deep(127) + "=x"), expected);
}

TEST(HttpFormTree, WithoutPairsIsAnEmptyObject) {
  EXPECT_EQ(tree(""), "{}");
}

TEST(HttpFormTree, OfFilesKeepsTheFirstOfAName) {
  FormTree tree(FormTree::Leaves::files);
  tree.add("one", "1");
  tree.add("one", "2");
  tree.add("list[]", "3");
  tree.add("list[]", "4");
  ASSERT_TRUE(tree.build());
  std::string out;
  tree.append_json(out);
  EXPECT_EQ(out, R"({"list":[3,4],"one":1})");
}

}  // namespace
}  // namespace rr::http
