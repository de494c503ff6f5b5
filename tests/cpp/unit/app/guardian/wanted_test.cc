// When a server gets a guardian.
#include <gtest/gtest.h>

#include "runtime/app/guardian/guardian.h"

namespace rr::app::guardian {
namespace {

bool wanted_by(std::string text, std::vector<std::string> overrides = {}) {
  config::Source source;
  source.text = "version: '3'\n" + std::move(text);
  source.overrides = std::move(overrides);
  return wanted(config::load(source).root());
}

TEST(GuardianWanted, WithThreadsInAnyPool) {
  EXPECT_TRUE(wanted_by("http: {pool: {mode: embed}}"));
  EXPECT_TRUE(wanted_by("http: {pool: {mode: process}}\njobs: {pool: {mode: classic}}"));
  EXPECT_FALSE(wanted_by("http: {pool: {mode: process}}"));
  EXPECT_FALSE(wanted_by("http: {address: '127.0.0.1:80'}"));
  EXPECT_TRUE(wanted_by("http: {address: ':80'}", {"http.pool.mode=embed"}));
}

TEST(GuardianWanted, TheKeyDecides) {
  EXPECT_FALSE(wanted_by("server: {guardian: false}\nhttp: {pool: {mode: embed}}"));
  EXPECT_TRUE(wanted_by("server: {guardian: true}"));
  EXPECT_FALSE(wanted_by("http: {pool: {mode: embed}}", {"server.guardian=false"}));
  EXPECT_TRUE(wanted_by("http: {pool: {mode: process}}", {"server.guardian=true"}));
}

}  // namespace
}  // namespace rr::app::guardian
