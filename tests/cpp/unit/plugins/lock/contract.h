// What locks do wherever they are kept. Each call uses a resource of its own.
#pragma once

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "rr/lock.h"

namespace rr::lock {

// One resource of a manager, results without their wrapping.
class Locked {
 public:
  Locked(LockManager& locks, std::string name) : locks_(locks), name_(std::move(name)) {}

  LockFence lock(std::string_view id, std::chrono::microseconds ttl = {},
                 std::chrono::microseconds wait = {}) {
    return must(locks_.acquire({name_, id, LockMode::exclusive, ttl, wait}));
  }
  LockFence read(std::string_view id, std::chrono::microseconds ttl = {},
                 std::chrono::microseconds wait = {}) {
    return must(locks_.acquire({name_, id, LockMode::shared, ttl, wait}));
  }
  bool release(std::string_view id) { return must(locks_.release(name_, id)); }
  bool exists(std::string_view id) { return must(locks_.exists(name_, id)); }
  bool force_release() { return must(locks_.force_release(name_)); }
  bool update_ttl(std::string_view id, std::chrono::microseconds ttl) {
    return must(locks_.update_ttl(name_, id, ttl));
  }

 private:
  template <class T>
  static T must(const Result<T>& result) {
    EXPECT_TRUE(result) << result.error().text();
    return result ? *result : T{};
  }
  LockManager& locks_;
  const std::string name_;
};

inline void expect_lock_contract(LockManager& locks) {
  using namespace std::chrono_literals;
  const auto later = [](auto call) { return std::async(std::launch::async, std::move(call)); };
  {  // spec:04#27 spec:04#34
    Locked foo(locks, "one owner \0 {}");
    EXPECT_FALSE(foo.exists("*"));
    EXPECT_FALSE(foo.force_release());
    EXPECT_NE(foo.lock("a", 20s), 0u);
    EXPECT_EQ(foo.lock("b"), 0u);
    EXPECT_EQ(foo.lock("a"), 0u);
    EXPECT_EQ(foo.read("a"), 0u);
    EXPECT_TRUE(foo.exists("*"));
    EXPECT_TRUE(foo.exists("a"));
    EXPECT_FALSE(foo.exists("b"));
    EXPECT_FALSE(foo.release("b"));
    EXPECT_TRUE(foo.release("a"));
    EXPECT_FALSE(foo.release("a"));
    EXPECT_FALSE(foo.exists("*"));
    EXPECT_TRUE(foo.force_release()) << "it was locked once";
  }
  {  // spec:04#33
    Locked foo(locks, "readers");
    EXPECT_NE(foo.read("x"), 0u);
    EXPECT_NE(foo.read("y"), 0u);
    EXPECT_NE(foo.read("x"), 0u) << "one lock, asked for twice";
    EXPECT_EQ(foo.lock("x"), 0u);
    EXPECT_TRUE(foo.release("y"));
    EXPECT_NE(foo.lock("x"), 0u) << "the only reader";
    EXPECT_EQ(foo.read("y"), 0u);
    EXPECT_TRUE(foo.force_release());
    EXPECT_NE(foo.read("y"), 0u);
    EXPECT_TRUE(foo.release("y"));
  }
  {  // spec:04#30 spec:04#32
    Locked foo(locks, "ttl");
    EXPECT_NE(foo.lock("a", 40ms), 0u);
    EXPECT_EQ(foo.lock("b"), 0u);
    EXPECT_NE(foo.lock("b", 1000s, 30s), 0u) << "when the TTL is over";
    EXPECT_FALSE(foo.exists("a"));
    EXPECT_FALSE(foo.update_ttl("a", 1s));
    EXPECT_TRUE(foo.update_ttl("b", 40ms));
    EXPECT_NE(foo.read("c", 0s, 30s), 0u);
    EXPECT_TRUE(foo.update_ttl("c", 0s));
    EXPECT_TRUE(foo.release("c"));
  }
  {  // spec:04#31
    Locked foo(locks, "waits");
    EXPECT_NE(foo.lock("a"), 0u);
    EXPECT_EQ(foo.lock("b", 0s, 60ms), 0u);
    auto waits = later([&] { return foo.lock("b", 0s, 60s); });
    EXPECT_TRUE(foo.release("a"));
    EXPECT_NE(waits.get(), 0u);
    EXPECT_TRUE(foo.release("b"));
  }
  {  // spec:04#37
    Locked foo(locks, "writer");
    foo.read("a");
    foo.read("b");
    auto writer = later([&] { return foo.lock("w", 0s, 60s); });
    while (foo.read("c") != 0) foo.release("c");  // until the writer waits
    EXPECT_TRUE(foo.release("a"));
    EXPECT_TRUE(foo.release("b"));
    EXPECT_NE(writer.get(), 0u);
    EXPECT_TRUE(foo.release("w"));
  }
  {  // Of two writers the one that came first.
    Locked foo(locks, "order");
    foo.read("a");
    auto first = later([&] { return foo.lock("first", 0s, 60s); });
    while (foo.read("c") != 0) foo.release("c");
    auto second = later([&] { return foo.lock("second", 0s, 60s); });
    foo.release("a");
    EXPECT_NE(first.get(), 0u);
    EXPECT_TRUE(foo.exists("first"));
    foo.release("first");
    EXPECT_NE(second.get(), 0u);
    foo.release("second");
  }
  {  // The only reader goes before a writer that waits for it.
    Locked foo(locks, "upgrade");
    foo.read("a");
    auto writer = later([&] { return foo.lock("w", 0s, 60s); });
    while (foo.read("c") != 0) foo.release("c");
    EXPECT_NE(foo.lock("a"), 0u);
    foo.release("a");
    EXPECT_NE(writer.get(), 0u);
    foo.release("w");
  }
  {  // One that nobody wants any more leaves the queue; those behind it keep their order.
    static std::atomic<int> asked;
    asked = 0;
    const auto third_time = [] { return ++asked > 2; };
    Locked foo(locks, "given up");
    foo.lock("a");
    auto first = later([&] {
      return *locks.acquire({"given up", "b", LockMode::exclusive, {}, 60s, third_time});
    });
    while (asked == 0) std::this_thread::yield();
    auto second = later([&] { return foo.lock("c", 0s, 60s); });
    EXPECT_EQ(first.get(), 0u);
    foo.release("a");
    EXPECT_NE(second.get(), 0u);
    foo.release("c");
    // Without waiting nobody is asked.
    asked = 0;
    EXPECT_NE(*locks.acquire({"given up", "b", LockMode::exclusive, {}, {}, third_time}), 0u);
    EXPECT_EQ(asked, 0);
    foo.release("b");
  }
  {
    Locked foo(locks, "fences");
    LockFence last = 0;
    for (int i = 0; i < 20; ++i) {
      const LockFence fence = i % 2 == 0 ? foo.lock("a") : foo.read("a");
      EXPECT_GT(fence, last);
      last = fence;
      foo.release("a");
    }
  }
  // spec:04#35
  {
    const std::string_view id;
    EXPECT_EQ(locks.acquire({"foo", id}).error().text(), "empty ID is not allowed");
    EXPECT_EQ(locks.release("foo", id).error().text(), "empty ID is not allowed");
    EXPECT_EQ(locks.exists("foo", id).error().text(), "empty ID is not allowed");
    EXPECT_EQ(locks.update_ttl("foo", id, 1s).error().text(), "empty ID is not allowed");
  }
  EXPECT_FALSE(locks.acquire({"foo", "a", LockMode::exclusive, -1us}));
  EXPECT_FALSE(locks.acquire({std::string(65537, 'x'), "a"}));
  EXPECT_TRUE(locks.acquire({"", "a", LockMode::exclusive, std::chrono::microseconds::max()}));
  EXPECT_TRUE(*locks.release("", "a")) << "an empty resource is one, too";
}

}  // namespace rr::lock
