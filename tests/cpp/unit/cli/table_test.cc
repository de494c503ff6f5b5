#include "runtime/cli/table.h"

#include <gtest/gtest.h>

#include "runtime/cli/human.h"

namespace rr::cli {
namespace {

using namespace std::chrono_literals;

// spec:05#26
TEST(Table, DrawsRoadRunnersExample) {
  Table table({"PID", "STATUS", "EXECS", "MEMORY", "CPU %", "CREATED"});
  table.add({"3454", "ready", "1,396", "79 MB", "0.04", "1 day ago"});
  table.add({"13455", "\033[32mworking\033[0m", "0", "1.2 GB", "10.04", "now"});
  EXPECT_EQ(table.text(),
            "┌───────┬─────────┬───────┬────────┬───────┬───────────┐\n"
            "│  PID  │ STATUS  │ EXECS │ MEMORY │ CPU % │  CREATED  │\n"
            "├───────┼─────────┼───────┼────────┼───────┼───────────┤\n"
            "│ 3454  │ ready   │ 1,396 │ 79 MB  │ 0.04  │ 1 day ago │\n"
            "│ 13455 │ \033[32mworking\033[0m │ 0     │ 1.2 GB │ 10.04 │ now       │\n"
            "└───────┴─────────┴───────┴────────┴───────┴───────────┘\n");
}

// spec:05#27
TEST(Table, WithoutRowsIsABareHeading) {
  EXPECT_EQ(Table({"PIPELINE ( S )"}).text(),
            "┌────────────────┐\n│ PIPELINE ( S ) │\n└────────────────┘\n");
}

TEST(Table, BreaksTheWidestColumnBetweenWords) {
  Table table({"PID", "COMMAND"});
  std::string command = "php";
  for (int i = 0; i < 60; ++i) command += " word" + std::to_string(i);
  table.add({"1", command});
  table.add({"2", std::string(200, 'x')});
  std::size_t lines = 0, widest = 0;
  std::string text = table.text();
  for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
    ++lines;
    std::size_t width = 0;
    for (const char c : text.substr(0, end)) width += (c & 0xC0) != 0x80;
    widest = std::max(widest, width);
  }
  EXPECT_GT(lines, 7u);
  EXPECT_EQ(widest, 210u);  // one word is longer than the whole table may be
}

TEST(Numbers, ReadAsGoHumanizeWritesThem) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1396), "1,396");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(9), "9 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1500), "1.5 kB");
  EXPECT_EQ(bytes_text(47'000'000), "47 MB");
  EXPECT_EQ(bytes_text(1'200'000'000), "1.2 GB");
  EXPECT_EQ(age_text(-1s), "now");
  EXPECT_EQ(age_text(999ms), "now");
  EXPECT_EQ(age_text(1s), "1 second ago");
  EXPECT_EQ(age_text(30s), "30 seconds ago");
  EXPECT_EQ(age_text(119s), "1 minute ago");
  EXPECT_EQ(age_text(25h), "1 day ago");
  EXPECT_EQ(age_text(24h * 8), "1 week ago");
  EXPECT_EQ(age_text(24h * 40), "1 month ago");
  EXPECT_EQ(age_text(24h * 400), "1 year ago");
  EXPECT_EQ(age_text(24h * 800), "2 years ago");
}

}  // namespace
}  // namespace rr::cli
