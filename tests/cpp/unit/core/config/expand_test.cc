#include "runtime/core/config/expand.h"

#include <map>

#include <gtest/gtest.h>

#include "runtime/core/config/json.h"
#include "runtime/core/config/yaml.h"

namespace rr::config {
namespace {

const std::map<std::string, std::string> kVariables{
    {"FOO", "foo"}, {"E", ""}, {"S", "s"}, {"A", "1"}};

std::optional<std::string> lookup(const std::string& name) {
  const auto known = kVariables.find(name);
  return known == kVariables.end() ? std::nullopt : std::optional(known->second);
}

std::string expanded(std::string_view text) {
  return expand(text, lookup);
}

// spec:05#5
TEST(Expansion, KnowsGosFormsOfReferences) {
  EXPECT_EQ(expanded("$FOO pa$$word $ {x} ${}"), "foo paword $ {x} ");
  EXPECT_EQ(expanded("x${FOO"), "xFOO");
  EXPECT_EQ(expanded("cost$"), "cost$");
  EXPECT_EQ(expanded("a$1b"), "ab");
  EXPECT_EQ(expanded("a${FOO:x}b"), "ab");
  EXPECT_EQ(expanded("$FOO.x $FOOx"), "foo.x ");
  EXPECT_EQ(expanded("${FOO}${FOO}"), "foofoo");
}

// spec:05#4
TEST(Expansion, UsesTheDefaultOfAnUnsetOrEmptyVariable) {
  EXPECT_EQ(expanded("x${U:-b}y"), "xby");
  EXPECT_EQ(expanded("${E:-b}"), "b");
  EXPECT_EQ(expanded("${S:-b}"), "s");
  EXPECT_EQ(expanded("${U:-a}${S:-b}"), "as");
  EXPECT_EQ(expanded("${U:-a}b}"), "ab}");
  EXPECT_EQ(expanded("${U:-$S}"), "$S");
  EXPECT_EQ(expanded("tcp://${U:-127.0.0.1:6001}"), "tcp://127.0.0.1:6001");
}

TEST(Expansion, EvaluatesEachReferenceForItself) {
  EXPECT_EQ(expanded("a${A}b ${U:-c}"), "a1b c");
  EXPECT_EQ(expanded("${U:-b:-c}"), "b:-c");
}

TEST(Expansion, LeavesListsOfMapsAloneAndKeepsTheTextsOfMixedLists) {
  Node tree = parse_yaml(
      "strings: ['$A', 'b${U:-c}']\nmixed: [1, '$A', true]\nmaps: [{foo: '${A}'}]\n"
      "nested: {deep: {er: '${A}'}}\nnumbers: [1, 2]\nlists: [['$A'], ['b']]\n",
      "x.yaml");
  int dropped = 0;
  expand(tree, lookup, [&](const Node&) { ++dropped; });
  EXPECT_EQ(to_json(tree),
            nlohmann::json::parse(R"({"strings":["1","bc"],"mixed":["1"],"maps":[{"foo":"${A}"}],
    "nested":{"deep":{"er":"1"}},"numbers":[1,2],"lists":[["$A"],["b"]]})"));
  EXPECT_EQ(dropped, 1);
}

}  // namespace
}  // namespace rr::config
