#include "runtime/core/config/diff.h"

#include <gtest/gtest.h>

#include "runtime/core/config/yaml.h"

namespace rr::config {
namespace {

std::vector<std::string> differ(const std::string& before, const std::string& after) {
  return changed_keys(parse_yaml(before, "a.yaml"), parse_yaml(after, "b.yaml"));
}

using Keys = std::vector<std::string>;

TEST(Diff, NamesLeavesOfMapsAndWholeLists) {
  EXPECT_EQ(differ("http: {pool: {num_workers: 1, max_jobs: 2}}",
                   "http: {pool: {num_workers: 3, max_jobs: 2}}"),
            Keys{"http.pool.num_workers"});
  EXPECT_EQ(differ("a: [1, 2]", "a: [2, 1]"), Keys{"a"});
  EXPECT_EQ(differ("a: {b: 1}\nc: 1", "c: 2"), (Keys{"a", "c"}));
  EXPECT_EQ(differ("a: 1", "a: {b: 1}"), Keys{"a"});
}

TEST(Diff, OrderPlaceNotationAndNullsDoNotCount) {
  EXPECT_EQ(differ("a: {b: 1, c: 2}", "\n\na:\n  c: 2\n  b: 1\n"), Keys{});
  EXPECT_EQ(differ("a.b: 1", "a: {b: 1}"), Keys{});
  EXPECT_EQ(differ("a: 1\nb:", "a: 1"), Keys{});
}

TEST(Diff, IsBelow) {
  EXPECT_TRUE(is_below("http.pool", "http"));
  EXPECT_TRUE(is_below("http", "http"));
  EXPECT_FALSE(is_below("https", "http"));
}

}  // namespace
}  // namespace rr::config
