#include "runtime/core/config/review.h"

#include <gtest/gtest.h>

#include "runtime/core/config/yaml.h"
#include "runtime/plugins/http/config.h"

namespace rr::config {
namespace {

std::vector<std::string> findings(const std::string& text) {
  std::vector<std::string> lines;
  for (const Problem& problem :
       review(parse_yaml(text, "x"), {describe<http::HttpConfig>("http")})) {
    lines.push_back(problem.path + ": " + problem.text);
  }
  return lines;
}

TEST(Review, NamesEachRoadRunnerKeyThatIsNotBuiltOnce) {
  EXPECT_EQ(findings("version: '3'\nhttp: {address: x, pool: {num_workers: 1}}\n"
                     "grpc: {listen: x, proto: [b]}\njobs: {consume: [a]}\n"),
            (std::vector<std::string>{
                "grpc: known to RoadRunner, not built yet in rr-embed: it has no effect",
                "jobs: known to RoadRunner, not built yet in rr-embed: it has no effect"}));
}

// spec:05#16
TEST(Review, SuggestsTheNearestKeyForAMisspeltOne) {
  EXPECT_EQ(
      findings("htpp: {address: x}\nhttp: {pool: {num_worker: 1, zzzzzz: 2}}\n"),
      (std::vector<std::string>{"htpp: unknown key, did you mean \"http\"?",
                                "http.pool.num_worker: unknown key, did you mean \"num_workers\"?",
                                "http.pool.zzzzzz: unknown key"}));
}

TEST(Review, IsSilentAboutRetiredKeysAnchorsAndNulls) {
  EXPECT_EQ(findings("reload: {interval: 1s}\nbroadcast: {a: 1}\nwebsockets: {b: 1}\nx-base: &b "
                     "{a: 1}\nnothing:\n"),
            std::vector<std::string>{});
}

TEST(Review, IsSilentAboutTheSectionThatAKvStorageIsSetUpBy) {
  EXPECT_EQ(findings("kv: {north: {driver: redis}, south: {driver: redis, config: {}}}\n"
                     "north: {addrs: [a]}\nsouth: {addrs: [a]}\n"),
            // Only `http` is among the known sections here.
            (std::vector<std::string>{"kv: unknown key", "south: unknown key"}));
}

// Not the first key inside: that is a line further down.
TEST(Review, FindingsPointAtTheKey) {
  const auto found = review(parse_yaml("version: '3'\nhtpp:\n  address: x\na.b: 1\n", "x"), {});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at.text(), "x:2:1");
  EXPECT_EQ(found[1].at.text(), "x:4:1");
  EXPECT_EQ(found[1].kind, Finding::Kind::unknown);
}

TEST(Description, HoldsTypesDefaultsAndMeanings) {
  const Description http = describe<http::HttpConfig>("http");
  EXPECT_EQ(http.find("max_request_size")->type, "MB");
  EXPECT_EQ(http.find("max_request_size")->fallback, "1000");
  EXPECT_EQ(http.find("codec")->choices, (std::vector<std::string>{"auto", "json", "proto"}));
  EXPECT_EQ(http.find("pool")->find("allocate_timeout")->fallback, "1m0s");
  EXPECT_EQ(http.find("pool")->find("supervisor")->find("watch_tick")->fallback, "5s");
}

}  // namespace
}  // namespace rr::config
