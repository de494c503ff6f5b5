// RFC 9111; numbers are its sections.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/plugins/http/middleware/cache/directives.h"
#include "runtime/plugins/http/middleware/cache/policy.h"
#include "runtime/plugins/http/middleware/cache/store.h"
#include "tests/cpp/unit/plugins/http/sample_request.h"

namespace rr::http::cache {
namespace {

using namespace std::chrono_literals;

const Moment kNow{TimePoint(1h), 1'800'000'000};

std::optional<Entry> stored(const std::string& request_fields, std::vector<HeaderView> headers,
                            int status = 200, Duration ttl = 0s) {
  SampleRequest request("GET /p HTTP/1.1\r\nHost: h\r\n" + request_fields + "\r\n");
  Policy policy;
  policy.ttl = ttl;
  return storable(policy, *request, {.status = status, .headers = headers}, kNow);
}

TEST(CacheDirectives, AreReadFromListsAndQuotes) {
  Directives directives;
  directives.add("max-age=60, PRIVATE=\"Set-Cookie, X\" ,, s-maxage=\"5\" , no-cache");
  EXPECT_EQ(directives.seconds("max-age"), 60);
  EXPECT_EQ(directives.seconds("s-maxage"), 5);
  EXPECT_TRUE(directives.has("private"));
  EXPECT_TRUE(directives.has("no-cache"));
  EXPECT_FALSE(directives.has("x"));
  EXPECT_EQ(directives.seconds("private"), 0);
  EXPECT_FALSE(directives.seconds("min-fresh"));
  directives.add("min-fresh=99999999999999999999");
  EXPECT_EQ(directives.seconds("min-fresh"), std::int64_t{1} << 31);
}

// 4.2.1
TEST(CachePolicy, TakesTheLifetimeOfASharedCache) {
  const auto lifetime = [](std::vector<HeaderView> headers, Duration ttl = 0s) -> Duration {
    const auto entry = stored("", headers, 200, ttl);
    return entry ? entry->lifetime : Duration(0);
  };
  EXPECT_EQ(lifetime({{"Cache-Control", "max-age=60"}}), 60s);
  EXPECT_EQ(lifetime({{"Cache-Control", "max-age=60, s-maxage=5"}}), 5s);
  EXPECT_EQ(lifetime({{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                      {"Expires", "Sun, 06 Nov 1994 08:50:37 GMT"}}),
            60s);
  EXPECT_EQ(lifetime({{"Expires", "0"}}, 60s), 0s);
  EXPECT_EQ(lifetime({}, 7s), 7s);
  EXPECT_EQ(lifetime({}), 0s);
  EXPECT_EQ(lifetime({{"Cache-Control", "max-age=0"}}, 7s), 0s);
}

// 3, 3.5, 5.2.2
TEST(CachePolicy, LeavesAloneWhatIsNotForAll) {
  const HeaderView fresh{"Cache-Control", "max-age=60"};
  EXPECT_TRUE(stored("", {fresh}));
  EXPECT_FALSE(stored("", {{"Cache-Control", "max-age=60, private"}}));
  EXPECT_FALSE(stored("", {fresh, {"cache-control", "no-store"}}));
  EXPECT_FALSE(stored("", {fresh, {"Cache-Control", "no-cache"}}));
  EXPECT_FALSE(stored("", {fresh, {"Set-Cookie", "a=b"}}));
  EXPECT_TRUE(stored("", {{"Cache-Control", "max-age=60, public"}, {"Set-Cookie", "a=b"}}));
  EXPECT_FALSE(stored("Authorization: Basic x\r\n", {fresh}));
  EXPECT_TRUE(stored("Authorization: Basic x\r\n", {{"Cache-Control", "s-maxage=60"}}));
  EXPECT_FALSE(stored("", {fresh, {"Vary", "Accept, *"}}));
  EXPECT_FALSE(stored("", {fresh}, 206));
  EXPECT_FALSE(stored("", {fresh}, 500));
  EXPECT_TRUE(stored("", {fresh}, 404));
}

// The configured ttl is for answers that nobody gets alone.
TEST(CachePolicy, TheDefaultIsNotForPersonalRequests) {
  EXPECT_TRUE(stored("", {}, 200, 60s));
  EXPECT_FALSE(stored("", {}, 404, 60s));
  EXPECT_FALSE(stored("Cookie: s=1\r\n", {}, 200, 60s));
  EXPECT_TRUE(stored("Cookie: s=1\r\n", {{"Cache-Control", "max-age=1"}}, 200, 60s));
}

// 4.2, 5.2.1
TEST(CachePolicy, HonoursWhatTheRequestWants) {
  const auto demand = [](const std::string& fields) {
    SampleRequest request("GET /p HTTP/1.1\r\n" + fields + "\r\n");
    return demand_of(*request);
  };
  Entry entry;
  entry.stored = kNow.steady;
  entry.lifetime = 60s;
  const auto at = [&](const std::string& fields, Duration later) {
    return usable(entry, demand(fields), kNow.steady + later);
  };
  entry.explicitly_fresh = true;
  EXPECT_TRUE(at("", 59s));
  EXPECT_FALSE(at("", 60s));
  EXPECT_FALSE(at("Cache-Control: max-age=10\r\n", 11s));
  EXPECT_TRUE(at("Cache-Control: max-age=10\r\n", 10s));
  EXPECT_FALSE(at("Cache-Control: min-fresh=30\r\n", 31s));
  EXPECT_FALSE(at("Authorization: x\r\n", 1s));
  EXPECT_TRUE(at("Cookie: x=1\r\n", 1s));
  entry.explicitly_fresh = false;
  EXPECT_FALSE(at("Cookie: x=1\r\n", 1s));
  EXPECT_EQ(demand("Cache-Control: no-store\r\n").wish, Wish::bypass);
  EXPECT_EQ(demand("Range: bytes=0-1\r\n").wish, Wish::bypass);
  EXPECT_EQ(demand("Cache-Control: no-cache\r\n").wish, Wish::revalidate);
  EXPECT_EQ(demand("Pragma: no-cache\r\n").wish, Wish::revalidate);
  EXPECT_EQ(demand("Pragma: no-cache\r\nCache-Control: max-age=1\r\n").wish, Wish::use);
  EXPECT_TRUE(demand("Cache-Control: only-if-cached\r\n").only_if_cached);
}

// 4.3.4
TEST(CachePolicy, A304MakesAnEntryFreshAgain) {
  Entry old = *stored("", {{"Cache-Control", "max-age=60"}, {"Etag", "\"1\""}, {"X-A", "old"}});
  old.body = "body";
  SampleRequest request("GET /p HTTP/1.1\r\nHost: h\r\n\r\n");
  const HeaderView headers[] = {{"Cache-Control", "max-age=90"}, {"X-A", "new"}};
  const Moment later{kNow.steady + 100s, kNow.unix_seconds + 100};
  const Entry entry = refreshed({}, *request, old, {.status = 304, .headers = headers}, later);
  EXPECT_EQ(entry.status, 200);
  EXPECT_EQ(entry.body, "body");
  EXPECT_EQ(entry.lifetime, 90s);
  EXPECT_EQ(entry.header("X-A"), "new");
  EXPECT_EQ(entry.header("Etag"), "\"1\"");
  EXPECT_TRUE(entry.fresh(later.steady + 89s));
}

EntryPointer entry_of(std::string body, Texts varies = {}) {
  Entry entry;
  entry.body = std::move(body);
  entry.varies = std::move(varies);
  return std::make_shared<const Entry>(std::move(entry));
}

// 4.1
TEST(CacheStore, FindsTheVariantThatSuits) {
  Store store(1 << 20);
  store.put("k", entry_of("german", {{"accept-language", "de"}}));
  store.put("k", entry_of("english", {{"accept-language", "en, fr"}}));
  const auto body = [&](const std::string& fields) {
    SampleRequest request("GET / HTTP/1.1\r\n" + fields + "\r\n");
    const auto entry = store.find("k", *request);
    return entry ? entry->body : "-";
  };
  EXPECT_EQ(body("Accept-Language: de\r\n"), "german");
  EXPECT_EQ(body("Accept-Language: en\r\nAccept-Language: fr\r\n"), "english");
  EXPECT_EQ(body(""), "-");
  store.put("k", entry_of("deutsch", {{"accept-language", "de"}}));
  EXPECT_EQ(body("Accept-Language: de\r\n"), "deutsch");
  store.erase("k");
  EXPECT_EQ(body("Accept-Language: de\r\n"), "-");
  EXPECT_EQ(store.bytes(), 0U);
}

TEST(CacheStore, StaysWithinItsSizeAndForgetsTheLongestUnused) {
  Store store(100'000);
  SampleRequest request("GET / HTTP/1.1\r\n\r\n");
  store.put("huge", entry_of(std::string(50'000, 'x')));
  EXPECT_EQ(store.find("huge", *request), nullptr);
  store.put("used", entry_of(std::string(5'000, 'x')));
  for (int i = 0; i < 100; ++i) {
    store.put("k" + std::to_string(i), entry_of(std::string(5'000, 'x')));
    EXPECT_NE(store.find("used", *request), nullptr);
    EXPECT_LE(store.bytes(), 100'000U);
  }
  EXPECT_EQ(store.find("k0", *request), nullptr);
  EXPECT_NE(store.find("k99", *request), nullptr);
}

TEST(CacheStore, KeepsFewVariantsOfAKey) {
  Store store(10 << 20);
  for (int i = 0; i < 1000; ++i) store.put("k", entry_of("x", {{"user-agent", std::to_string(i)}}));
  SampleRequest first("GET / HTTP/1.1\r\nUser-Agent: 0\r\n\r\n");
  SampleRequest last("GET / HTTP/1.1\r\nUser-Agent: 999\r\n\r\n");
  EXPECT_EQ(store.find("k", *first), nullptr);
  EXPECT_NE(store.find("k", *last), nullptr);
  EXPECT_LT(store.bytes(), 40'000U);
}

}  // namespace
}  // namespace rr::http::cache
