// Answers that a thread holds back for a moment are sent once each, by the thread or by the guard.
#include "runtime/net/held_output.h"

#include <array>
#include <thread>

#include <gtest/gtest.h>

namespace rr::net {
namespace {

class Counted final : public Output {
 public:
  void send() override { sent_.fetch_add(1, std::memory_order_relaxed); }
  int sent() const { return sent_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> sent_{0};
};

TEST(HeldOutput, SendsEachOnceHoweverOftenItWasHeld) {
  HeldOutput held;
  Counted first, second;
  const TimePoint now = Clock::now();
  EXPECT_TRUE(held.hold(first, now));
  EXPECT_TRUE(held.hold(second, now + std::chrono::seconds(1)));
  EXPECT_TRUE(held.hold(first, now + std::chrono::seconds(2)));
  EXPECT_EQ(held.since(), now);
  held.send();
  EXPECT_TRUE(held.empty());
  held.send();
  EXPECT_EQ(first.sent(), 1);
  EXPECT_EQ(second.sent(), 1);
}

TEST(HeldOutput, OfMoreConnectionsThanItHasPlacesIsSentByTheCaller) {
  HeldOutput held;
  std::array<Counted, 5> outputs;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(held.hold(outputs[i], Clock::now()));
  EXPECT_FALSE(held.hold(outputs[4], Clock::now()));
  held.send();
  EXPECT_TRUE(held.hold(outputs[4], Clock::now()));
}

TEST(HeldOutput, IsSentByAnotherThreadAtAnyMoment) {
  HeldOutput held;
  std::array<Counted, 3> outputs;
  std::atomic<bool> over{false};
  std::thread guard([&] {
    while (!over.load()) held.send();
  });
  int last = 0;
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(held.hold(outputs[i % 3], Clock::now()));
    if (i % 7 == 0) held.send();
  }
  held.send();
  over.store(true);
  guard.join();
  for (const Counted& output : outputs) last += output.sent();
  EXPECT_TRUE(held.empty());
  EXPECT_GE(last, 100'000 / 7);
  EXPECT_LE(last, 100'000);
}

}  // namespace
}  // namespace rr::net
