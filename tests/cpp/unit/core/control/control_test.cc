#include "runtime/core/control.h"

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

namespace rr {
namespace {

using namespace std::chrono_literals;

Task<std::string> name_of_block(Control& control) {
  auto owned = std::make_unique<std::string>("done");
  bool elsewhere = false;
  auto call = [&control, &elsewhere, owned = std::move(owned)] {
    elsewhere = !control.on_control_thread();
    return *owned;
  };
  std::string text = co_await control.block(std::move(call));
  co_return text + (elsewhere ? " elsewhere" : " here") +
      (control.on_control_thread() ? ", back home" : ", astray");
}

TEST(Control, BlockRunsOnAPoolThreadAndResumesAtHome) {
  Control control;
  control.start();
  auto name = asio::co_spawn(control.io(), name_of_block(control), asio::use_future);
  EXPECT_EQ(name.get(), "done elsewhere, back home");
}

// Passes when as many are inside as were expected.
class Meeting {
 public:
  explicit Meeting(int expected) : missing_(expected) {}
  bool attend() {
    std::unique_lock lock(mutex_);
    --missing_;
    all_here_.notify_all();
    return all_here_.wait_for(lock, 30s, [this] { return missing_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  int missing_;
};

Task<bool> attend(Control& control, Meeting& meeting) {
  co_return co_await control.block([&meeting] { return meeting.attend(); });
}

TEST(Control, CallsThatWaitForEachOtherGetMoreThreads) {
  Control control;
  control.start();
  constexpr int kCalls = 40;
  Meeting meeting(kCalls);
  std::vector<std::future<bool>> all;
  for (int i = 0; i < kCalls; ++i) {
    all.push_back(asio::co_spawn(control.io(), attend(control, meeting), asio::use_future));
  }
  for (auto& each : all) EXPECT_TRUE(each.get());
}

TEST(Control, RunsWhatWasPostedBeforeTheStart) {
  Control control;
  std::promise<bool> ran;
  asio::post(control.io(), [&] { ran.set_value(control.on_control_thread()); });
  control.start();
  EXPECT_TRUE(ran.get_future().get());
}

TEST(Control, StopWaitsForCallsAndMayComeTwiceOrWithoutAStart) {
  { Control never_started; }
  Control control;
  control.start();
  std::atomic<bool> ended = false;
  std::promise<void> begun;
  asio::post(control.blocking(), [&] {
    begun.set_value();
    std::this_thread::sleep_for(50ms);
    ended = true;
  });
  begun.get_future().get();
  control.stop();
  EXPECT_TRUE(ended);
  control.stop();
}

}  // namespace
}  // namespace rr
