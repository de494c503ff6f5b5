// spec:05#38
#include "runtime/core/events/bus.h"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/core/events/pattern.h"

namespace rr::events {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

bool matches(std::string_view pattern, std::string_view plugin, std::string_view type) {
  auto parsed = Pattern::parse(pattern);
  return parsed && parsed->matches(plugin, type);
}

TEST(EventPattern, OneStarStandsForAnyTextAndLettersForBothCases) {
  for (const char* pattern :
       {"http.*", "*.EventWorkerError", "*", "HTTP.eventworkererror", "http.Event*", "h*r"}) {
    EXPECT_TRUE(matches(pattern, "http", "EventWorkerError")) << pattern;
  }
  EXPECT_FALSE(matches("jobs.*", "http", "EventWorkerError"));
  EXPECT_FALSE(matches("*.EventTTL", "http", "EventWorkerError"));
  EXPECT_FALSE(matches("http.EventWorkerError*EventWorkerError", "http", "EventWorkerError"));
  EXPECT_TRUE(matches("*.Event*", "http", "Event*")) << "a second star is a letter";
  EXPECT_FALSE(matches("*.Event*", "http", "EventTTL"));
}

TEST(EventPattern, WithoutAStarOnlyThatEventIsMeant) {
  EXPECT_TRUE(matches("http.EventTTL", "http", "EventTTL"));
  EXPECT_FALSE(matches("http.EventTTL", "httpfoo", "EventTTL"));
  EXPECT_FALSE(matches("http.EventTTL", "http", "EventTTLs"));
}

TEST(EventPattern, NeitherStarNorDotIsRefused) {
  const auto name = Pattern::parse("EventWorkerError");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().text(),
            "wrong wildcard, no * or . Usage: http.Event or *.Event or http.*");
  EXPECT_FALSE(Pattern::parse(""));
}

std::vector<std::string> waiting(EventSubscription& subscription) {
  std::vector<std::string> all;
  while (const auto event = subscription.next(Clock::now())) {
    all.push_back(event->plugin + "." + event->type + " " + event->message);
  }
  return all;
}

TEST(EventBus, GivesEachEventOnceToWhoWantsIt) {
  Bus bus;
  EXPECT_FALSE(bus.heard());
  auto both = bus.subscribe("http.*");
  auto errors = bus.subscribe("*.EventWorkerError");
  ASSERT_TRUE(both && errors);
  EXPECT_TRUE(bus.heard());
  ASSERT_TRUE((*both)->add("*.EventWorkerError"));
  EXPECT_FALSE((*both)->add("nothing"));

  bus.send({"http", "EventWorkerError", "one"});
  bus.send({"http", "EventTTL", "two"});
  bus.send({"jobs", "EventWorkerError", "three"});
  bus.send({"jobs", "EventTTL", "four"});
  EXPECT_THAT(waiting(**both), ElementsAre("http.EventWorkerError one", "http.EventTTL two",
                                           "jobs.EventWorkerError three"));
  EXPECT_THAT(waiting(**errors),
              ElementsAre("http.EventWorkerError one", "jobs.EventWorkerError three"));

  (*both)->remove("HTTP.*");
  bus.send({"http", "EventTTL", "five"});
  EXPECT_TRUE(waiting(**both).empty());
  both->reset();
  errors->reset();
  EXPECT_FALSE(bus.heard());
  bus.send({"http", "EventTTL", "nobody"});
}

TEST(EventBus, AFullSubscriberMissesEventsAndHoldsNobodyUp) {
  Bus bus;
  auto slow = bus.subscribe("*", {.capacity = 2});
  auto quick = bus.subscribe("*", {.capacity = 1000});
  ASSERT_TRUE(slow && quick);
  for (int i = 0; i < 500; ++i) bus.send({"http", "EventTTL", std::to_string(i)});
  EXPECT_THAT(waiting(**slow), ElementsAre("http.EventTTL 0", "http.EventTTL 1"));
  EXPECT_EQ((*slow)->dropped(), 498U);
  EXPECT_EQ(waiting(**quick).size(), 500U);
  EXPECT_EQ((*quick)->dropped(), 0U);
}

TEST(EventBus, NotifiesOnceUntilItIsReadAndNeverAfterTheSubscription) {
  Bus bus;
  int calls = 0;
  auto one = bus.subscribe("*", {.capacity = 10, .notify = [&calls] { ++calls; }});
  ASSERT_TRUE(one);
  bus.send({"http", "EventTTL", ""});
  bus.send({"http", "EventTTL", ""});
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(waiting(**one).size(), 2U);
  bus.send({"http", "EventTTL", ""});
  EXPECT_EQ(calls, 2);
  one->reset();
  bus.send({"http", "EventTTL", ""});
  EXPECT_EQ(calls, 2);
}

TEST(EventBus, CloseEndsAWaitingReader) {
  Bus bus;
  auto subscription = bus.subscribe("*");
  ASSERT_TRUE(subscription);
  std::thread reader([&] { EXPECT_FALSE((*subscription)->next(TimePoint::max())); });
  (*subscription)->close();
  reader.join();
  bus.send({"http", "EventTTL", ""});
  EXPECT_FALSE((*subscription)->next(Clock::now() + 1s));
}

TEST(EventBus, SendersReadersAndSubscribersComeAndGoAtOnce) {
  Bus bus;
  std::atomic<bool> over{false};
  std::vector<std::thread> senders;
  for (int i = 0; i < 2; ++i) {
    senders.emplace_back([&] {
      while (!over) bus.send({"http", "EventTTL", "x"});
    });
  }
  for (int i = 0; i < 200; ++i) {
    std::atomic<int> calls{0};
    auto mine = bus.subscribe("*.EventTTL", {.capacity = 4, .notify = [&calls] { ++calls; }});
    ASSERT_TRUE(mine);
    ASSERT_TRUE((*mine)->next(Clock::now() + 30s));
    EXPECT_GE(calls, 1);
  }
  over = true;
  for (auto& sender : senders) sender.join();
}

}  // namespace
}  // namespace rr::events
