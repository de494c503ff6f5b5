#include "runtime/core/glob.h"

#include <string>

#include <gtest/gtest.h>

namespace rr {
namespace {

TEST(Glob, StarsStopAtSlashesAndDoubleStarsDoNot) {
  EXPECT_TRUE(glob_matches("**/*.php", "a.php"));
  EXPECT_TRUE(glob_matches("**/*.php", "a/b/c.php"));
  EXPECT_FALSE(glob_matches("**/*.php", "a/b/c.phpt"));
  EXPECT_TRUE(glob_matches("*.php", "a.php"));
  EXPECT_FALSE(glob_matches("*.php", "a/b.php"));
  EXPECT_TRUE(glob_matches("src/**/x/*.php", "src/a/b/x/y.php"));
  EXPECT_TRUE(glob_matches("src/**/x/*.php", "src/x/y.php"));
  EXPECT_FALSE(glob_matches("src/**/x/*.php", "src/ax/y.php"));
  EXPECT_TRUE(glob_matches("src/**", "src/a/b"));
  EXPECT_TRUE(glob_matches("c?nfig/*.yaml", "config/a.yaml"));
  EXPECT_FALSE(glob_matches("c?nfig", "c/nfig"));
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_TRUE(glob_matches("**", ""));
  EXPECT_TRUE(glob_matches("a*b*c", "axxbxxbc"));
}

TEST(Glob, PatternThatCouldGoOnForEverEnds) {
  const std::string path(200, 'a');
  EXPECT_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*b", path));
  EXPECT_FALSE(glob_matches("**a**a**a**a**a**a**a**b", path));
}

TEST(Glob, IgnoredIsANameAnywhereOrAPathFromTheTop) {
  EXPECT_TRUE(is_ignored_by("vendor", "vendor"));
  EXPECT_TRUE(is_ignored_by("vendor", "packages/vendor"));
  EXPECT_TRUE(is_ignored_by("vendor/", "vendor"));
  EXPECT_FALSE(is_ignored_by("vendor", "vendors"));
  EXPECT_TRUE(is_ignored_by("/var", "var"));
  EXPECT_FALSE(is_ignored_by("/var", "src/var"));
  EXPECT_TRUE(is_ignored_by("bootstrap/cache", "bootstrap/cache"));
  EXPECT_TRUE(is_ignored_by("*.cache.php", "a/b.cache.php"));
  EXPECT_FALSE(is_ignored_by("", "a"));
}

}  // namespace
}  // namespace rr
