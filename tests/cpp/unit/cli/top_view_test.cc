// What `top` shows of pictures that are given.
#include "runtime/cli/top_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/cli/human.h"

namespace rr::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

Json worker(int pid, const std::string& path = "", int ms = 0) {
  Json out{{"pid", pid}, {"state", path.empty() ? "ready" : "working"}, {"running", nullptr}};
  if (!path.empty()) out["running"] = {{"method", "GET"}, {"path", path}, {"ms", ms}};
  return out;
}

Json picture(int seconds, int executions, Json workers, Json ran = Json::array()) {
  return {
      {"server",
       {{"version", "1.2.3"}, {"pid", 7}, {"started_unix_ms", 0}, {"now_unix_ms", seconds * 1000}}},
      {"pools",
       {{{"name", "http"},
         {"kind", "threads"},
         {"workers_total", workers.size()},
         {"working", 1},
         {"waiting", 3},
         {"executions", executions},
         {"ran_us", ran},
         {"waited_us", Json::array()},
         {"workers", workers}}}},
      {"errors_total", 0},
      {"errors", Json::array()}};
}

TEST(TopView, ShowsRatesAndTimesOfWhatCameBetweenPictures) {
  TopView view({});
  view.take(picture(100, 1000, {worker(11)}, {{900, 500}}));
  view.take(picture(102, 1500, {worker(11)}, {{900, 500}, {2000, 90}, {50000, 10}}));
  const std::string text = view.text({});
  EXPECT_THAT(text, HasSubstr("queue 3  250.0 req/s  total 1,500"));
  EXPECT_THAT(text, HasSubstr("p50 2.0 ms  p95 50 ms  p99 50 ms"));
  EXPECT_THAT(text, HasSubstr("waited –"));
}

TEST(TopView, ShowsWhatRunsForLongestFirst) {
  TopView view({});
  view.take(picture(1, 1, {worker(11), worker(12, "/short", 5), worker(13, "/long", 65000)}));
  const std::string text = view.text({});
  EXPECT_LT(text.find("GET /long"), text.find("GET /short"));
  EXPECT_LT(text.find("GET /short"), text.find("11  ready"));
  EXPECT_THAT(text, HasSubstr("65 s"));
}

TEST(TopView, FitsTheScreen) {
  Json workers = Json::array();
  for (int i = 0; i < 100; ++i) workers.push_back(worker(i + 1, "/" + std::string(300, 'x'), i));
  TopView view({});
  view.take(picture(1, 1, workers));
  const std::string text = view.text({.columns = 80, .rows = 24});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 24);
  EXPECT_THAT(text, HasSubstr("… and 82 more"));
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = text.find('\n', at);
    EXPECT_LE(
        std::count_if(text.begin() + static_cast<long>(at), text.begin() + static_cast<long>(end),
                      [](char c) { return (c & 0xC0) != 0x80; }),
        80);
  }
}

TEST(TopView, TakesNoOrdersFromPaths) {
  TopView view({});
  view.take(picture(1, 1,
                    {worker(11,
                            "/\x1b[2J\r\n\xc2\x9b\xe2\x80\xae\xff"
                            "end")}));
  EXPECT_THAT(view.text({}), HasSubstr("GET /?[2J?????end"));
}

TEST(TopView, SaysThatTheServerIsGoneAndThatItIsAnotherOne) {
  TopView view({});
  view.take(picture(100, 1000, {worker(11)}));
  view.lost("dial unix x: connect: no such file");
  EXPECT_THAT(view.text({}), HasSubstr("does not answer, trying again: dial unix x"));
  EXPECT_THAT(view.text({}), HasSubstr("11  ready"));
  Json other = picture(101, 5, {worker(12)});
  other["server"]["pid"] = 8;
  view.take(other);
  EXPECT_THAT(view.text({}), HasSubstr("it was restarted"));
  EXPECT_THAT(view.text({}), HasSubstr("– req/s"));
  EXPECT_THAT(view.text({}), Not(HasSubstr("does not answer")));
}

TEST(TopView, ShowsThePoolsThatWereNamed) {
  TopView view({"http:admin"});
  view.take(picture(1, 1, {worker(11)}));
  EXPECT_THAT(view.text({}), Not(HasSubstr("11  ready")));
}

TEST(TopView, QuantilesAndBars) {
  EXPECT_EQ(quantile({}, 0.5), 0u);
  EXPECT_EQ(quantile({{10, 1}}, 0.99), 10u);
  EXPECT_EQ(quantile({{10, 50}, {20, 50}}, 0.5), 10u);
  EXPECT_EQ(quantile({{10, 50}, {20, 50}}, 0.51), 20u);
  EXPECT_EQ(spark_line({{50, 8}, {100, 8}, {9'000'000, 1}}), "█              ▁");
  EXPECT_EQ(difference({{10, 5}, {20, 1}}, {{10, 3}, {20, 1}}), (TimeCounts{{10, 2}}));
}

TEST(Human, Durations) {
  EXPECT_EQ(duration_text(850us), "850 µs");
  EXPECT_EQ(duration_text(1200us), "1.2 ms");
  EXPECT_EQ(duration_text(12ms), "12 ms");
  EXPECT_EQ(duration_text(90s), "90 s");
  EXPECT_EQ(duration_text(300s), "5.0 min");
  EXPECT_EQ(duration_text(5h), "5.0 h");
}

}  // namespace
}  // namespace rr::cli
