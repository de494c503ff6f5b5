#include "runtime/core/config/yaml.h"

#include <gtest/gtest.h>

#include "runtime/core/config/json.h"

namespace rr::config {
namespace {

nlohmann::json read(const std::string& text) {
  return to_json(parse_yaml(text, "x.yaml"));
}
nlohmann::json json(const char* text) {
  return nlohmann::json::parse(text);
}

std::string failure(const std::string& text) {
  try {
    parse_yaml(text, "x.yaml");
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "no error";
}

TEST(Yaml, LowerCasesKeysAtEveryDepth) {
  EXPECT_EQ(read("ZZ: {CamelCase: Value, LIST: [{InnerKey: V}], 'with space': 1}"),
            json(R"({"zz":{"camelcase":"Value","list":[{"innerkey":"V"}],"with space":1}})"));
}

TEST(Yaml, KeepsTheWrittenCaseBesideTheKey) {
  EXPECT_EQ(parse_yaml("MyPipe: 1", "x").map().front().written, "MyPipe");
}

// spec:05#7
TEST(Yaml, NestsDottedKeysAndMergesThem) {
  EXPECT_EQ(read("http: {pool.debug: true, pool: {num_workers: 4}}\nzy.a.b: 1\nzy: {a: {c: 2}}"),
            json(R"({"http":{"pool":{"debug":true,"num_workers":4}},"zy":{"a":{"b":1,"c":2}}})"));
}

TEST(Yaml, ResolvesAnchorsAndMergeKeysOfTheFirstDocument) {
  EXPECT_EQ(read("base: &b {a: 1, b: 2}\nzz: {<<: *b, b: 3, c: *b}\n---\nzz: {a: 9}\n"),
            json(R"({"base":{"a":1,"b":2},"zz":{"a":1,"b":3,"c":{"a":1,"b":2}}})"));
}

// spec:05#15
TEST(Yaml, RefusesAKeyThatIsThereTwice) {
  EXPECT_EQ(failure("version: '3'\nrpc: {listen: a}\nrpc: {listen: b}\n"),
            "While parsing config: yaml: line 3: mapping key \"rpc\" already defined at line 2 "
            "(x.yaml:3:1)");
}

TEST(Yaml, SaysWhereTheTextIsBroken) {
  EXPECT_EQ(failure("version: '3'\nhttp: {address: \n").find("While parsing config: yaml: line "),
            0U);
  EXPECT_NE(failure("a: b: c").find("(x.yaml:1:"), std::string::npos);
  EXPECT_EQ(
      failure("hello"),
      "While parsing config: yaml: line 1: the root of a configuration is a map (x.yaml:1:1)");
  EXPECT_NE(failure("a:\n\tb: 1\n"), "no error");
}

TEST(Yaml, StopsAtTreesThatGrowWithoutEnd) {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before +
            ", " + before + "]\n";
  }
  EXPECT_NE(failure(text).find("excessive aliasing"), std::string::npos);
}

TEST(Yaml, RemembersLineAndColumnOfEachValue) {
  const Node tree =
      parse_yaml("version: '3'\nhttp:\n  pool: {num_workers: many}\n", "/srv/.rr.yaml");
  EXPECT_EQ(tree.find("http.pool.num_workers")->at().text(), "/srv/.rr.yaml:3:23");
}

TEST(Yaml, TakesNullsForAbsent) {
  const Node tree = parse_yaml("zz:\nzy: {}\nzx: {a: , b: {}}\n", "x");
  EXPECT_EQ(tree.find("zz"), nullptr);
  EXPECT_NE(tree.find("zy"), nullptr);
  EXPECT_EQ(to_json(tree), json("{}"));
}

// spec:05#17
TEST(Yaml, IsShownToPhpAsGoWouldWriteIt) {
  EXPECT_EQ(to_json(parse_yaml("a: [1.0, 0.5, {b: , c: {}}]\nd: 2e3\n", "x")).dump(),
            R"({"a":[1,0.5,{"b":null,"c":{}}],"d":2000})");
}

// spec:05#15
TEST(Json, EqualsYaml) {
  const Node tree = parse_json(
      R"({"version":"3","ZZ":{"Name":"x\ud83d\ude00\/","n":12345678901,"f":1.5,"no":null}})",
      "x.json");
  EXPECT_EQ(to_json(tree),
            json(R"({"version":"3","zz":{"name":"x\ud83d\ude00/","n":12345678901,"f":1.5}})"));
  EXPECT_THROW(parse_json("{\"a\": 1,}", "x.json"), ConfigError);
  EXPECT_THROW(parse_json("{\"a\": 1e999}", "x.json"), ConfigError);
  EXPECT_EQ(go_type(*parse_json(R"({"version":3})", "x.json").find("version")), "float64");
}

}  // namespace
}  // namespace rr::config
