#include "runtime/core/read_section.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace rr {
namespace {

struct Thing {
  explicit Thing(int value) : value(value) {}
  ~Thing() { value = -1; }
  int value;
};

TEST(ReadSection, WriterDestroysWhatNobodyUsesAnyMore) {
  std::atomic<Thing*> current{new Thing(0)};
  std::atomic<bool> stop{false};
  std::atomic<bool> wrong{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (!stop.load()) {
        const ReadSection outer;
        const Thing& thing = *current.load(std::memory_order_seq_cst);
        {
          const ReadSection inner;  // nested: still in the outer one behind it
        }
        if (thing.value < last) wrong = true;
        last = thing.value;
      }
    });
  }
  for (int i = 1; i <= 2000; ++i) {
    Thing* before = current.exchange(new Thing(i), std::memory_order_seq_cst);
    await_read_sections();
    delete before;
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  delete current.load();
  EXPECT_FALSE(wrong);
}

TEST(ReadSection, WaitsForOneThatBeganBefore) {
  std::atomic<bool> inside{false};
  std::atomic<bool> done{false};
  std::thread reader([&] {
    const ReadSection section;
    inside = true;
    inside.notify_all();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    done = true;
  });
  inside.wait(false);
  await_read_sections();
  EXPECT_TRUE(done);
  reader.join();
}

}  // namespace
}  // namespace rr
