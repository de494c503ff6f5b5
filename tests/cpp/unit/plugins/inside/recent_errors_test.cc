// The ring of what went wrong.
#include "runtime/plugins/inside/recent_errors.h"

#include <gtest/gtest.h>

namespace rr::inside {
namespace {

using std::chrono::system_clock;

std::string kept(const std::string& message) {
  RecentErrors errors;
  errors.add({"http", "EventWorkerError", message}, system_clock::now());
  return errors.list().front().message;
}

TEST(RecentErrors, KeepsTheLatestOnes) {
  RecentErrors errors;
  for (std::size_t i = 0; i < RecentErrors::kKept + 5; ++i)
    errors.add({"http", "EventExecTTL", std::to_string(i)}, system_clock::time_point{});
  const auto list = errors.list();
  ASSERT_EQ(list.size(), RecentErrors::kKept);
  EXPECT_EQ(list.front().message, std::to_string(RecentErrors::kKept + 4));
  EXPECT_EQ(list.back().message, "5");
  EXPECT_EQ(errors.count(), RecentErrors::kKept + 5);
}

TEST(RecentErrors, LeavesOutTracesWhichHaveValuesOfArguments) {
  EXPECT_EQ(kept("Uncaught Error: no in /a.php:7\nStack trace:\n#0 /a.php(3): f('secret')\n"
                 "#1 {main}\n  thrown in /a.php on line 7, pid: 3"),
            "Uncaught Error: no in /a.php:7\n  thrown in /a.php on line 7, pid: 3");
  EXPECT_EQ(kept("A\nStack trace:\n#0 f('secret')\n\nNext B\nStack trace:\n#0 f('secret')"),
            "A\n\nNext B");
  EXPECT_EQ(kept("A\nStack trace:\n"), "A");
  EXPECT_EQ(kept("plain\nlines"), "plain\nlines");
}

TEST(RecentErrors, AreBounded) {
  EXPECT_EQ(kept(std::string(100'000, 'x')), std::string(RecentErrors::kMaxMessage, 'x') + "…");
}

}  // namespace
}  // namespace rr::inside
