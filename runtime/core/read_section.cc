#include "runtime/core/read_section.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace rr {
namespace {

constexpr auto kLookAgain = std::chrono::microseconds(100);

// One for each thread that has ever had a section; used anew once its thread has ended, never
// freed.
struct alignas(64) Reader {
  std::atomic<std::uint64_t> since{0};  // the era in which its section began; 0: it is in none
  std::atomic<bool> taken{true};
  Reader* next = nullptr;  // before it is in the list
};

std::atomic<Reader*> readers{nullptr};
std::atomic<std::uint64_t> era{1};

Reader* claim_reader() {
  for (Reader* reader = readers.load(std::memory_order_acquire); reader; reader = reader->next) {
    bool taken = false;
    if (reader->taken.compare_exchange_strong(taken, true, std::memory_order_acq_rel))
      return reader;
  }
  auto* reader = new Reader;
  reader->next = readers.load(std::memory_order_relaxed);
  while (!readers.compare_exchange_weak(reader->next, reader, std::memory_order_seq_cst)) {
  }
  return reader;
}

struct Mine {
  Reader* reader = nullptr;
  unsigned depth = 0;
  ~Mine() {
    if (reader) reader->taken.store(false, std::memory_order_release);
  }
};
thread_local Mine mine;

}  // namespace

ReadSection::ReadSection() noexcept {
  if (mine.depth++ > 0) return;
  if (!mine.reader) mine.reader = claim_reader();
  // An era that has just ended is as good: the writer then waits for us in vain, not too short.
  // Sequentially consistent, so that either the writer sees this, or we see what it has put there.
  mine.reader->since.store(era.load(std::memory_order_relaxed), std::memory_order_seq_cst);
}

ReadSection::~ReadSection() {
  if (--mine.depth == 0) mine.reader->since.store(0, std::memory_order_release);
}

void await_read_sections() {
  const std::uint64_t now = era.fetch_add(1, std::memory_order_seq_cst) + 1;
  for (Reader* reader = readers.load(std::memory_order_seq_cst); reader; reader = reader->next) {
    for (;;) {
      const std::uint64_t since = reader->since.load(std::memory_order_seq_cst);
      if (since == 0 || since >= now) break;
      std::this_thread::sleep_for(kLookAgain);
    }
  }
}

}  // namespace rr
