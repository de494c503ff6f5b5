#include "runtime/plugins/http/acme/cache.h"

#include <unistd.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rr::http::acme {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class CacheTest : public ::testing::Test {
 protected:
  CacheTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("rr-acme-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    config_.cache_dir = folder_ / "a/b";
    config_.email = "Admin+rr@example.org";
    config_.domains = {"a.example.org"};
    config_.use_production_endpoint = true;
  }
  ~CacheTest() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_;
  AcmeConfig config_;
};

// A server in RoadRunner's place finds its certificates where certmagic keeps them.
TEST_F(CacheTest, LiesAsCertmagicsDoes) {
  const Cache cache(config_, {});
  EXPECT_TRUE(cache.usable());
  EXPECT_THAT(cache.files("a.example.org").cert,
              EndsWith("a/b/certificates/acme-v02.api.letsencrypt.org-directory/a.example.org/"
                       "a.example.org.crt"));
  EXPECT_THAT(cache.files("a.example.org").key, EndsWith("a.example.org/a.example.org.key"));
  EXPECT_TRUE(cache.account());
  EXPECT_TRUE(
      std::filesystem::exists(folder_ / "a/b/acme/acme-v02.api.letsencrypt.org-directory/users/"
                                        "admin_plus_rr@example.org/admin_plus_rr.key"));
}

TEST_F(CacheTest, KeepsTheAccountsKey) {
  const Cache cache(config_, {});
  const auto first = cache.account();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->thumbprint(), cache.account()->thumbprint());
}

TEST_F(CacheTest, SaysWhatIsNotThereAndWhatCannotBeUsed) {
  const Cache cache(config_, {});
  EXPECT_EQ(cache.kept("a.example.org").error().code, Errc::not_found);
  const Key key = Key::generate().value();
  ASSERT_TRUE(cache.keep("a.example.org", key, "no certificate"));
  EXPECT_THAT(cache.kept("a.example.org").error().message, HasSubstr("no certificate in PEM"));
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "file") << "x";
  config_.cache_dir = folder_ / "file";
  const auto unusable = Cache(config_, {}).usable();
  ASSERT_FALSE(unusable);
  EXPECT_THAT(unusable.error().message, HasSubstr("cache_dir must be a folder"));
}

}  // namespace
}  // namespace rr::http::acme
