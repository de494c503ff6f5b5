// Workers that have nothing to do, first in, first out.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/net/reactor.h"

namespace rr::pool {

// One process's time on the data plane. Numbers grow with each process that a worker has, so that a
// thread which speaks of an earlier one is recognised.
struct Stay {
  net::Handle handle;  // of the read end
  std::uint32_t number = 0;
};

// Thread-safe. An entry is a hint: who pops it must win the worker's word and look again, because
// the worker may have been taken, or have died, meanwhile. A worker is listed once at most.
class IdleList {
 public:
  struct Entry {
    std::uint32_t worker = 0;
    Stay stay;
  };

  void add(Entry entry) {
    std::lock_guard lock(mutex_);
    if (entry.worker >= listed_.size()) listed_.resize(entry.worker + 1);
    auto& listed = listed_[entry.worker];
    // Somebody slow speaks of a process that has been replaced meanwhile.
    if (entry.stay.number < listed.stay.number) return;
    const bool there = listed.there;
    listed = {entry.stay, true};
    if (there) return;
    order_.push_back(entry.worker);
    length_.store(order_.size(), std::memory_order_seq_cst);
  }

  std::optional<Entry> pop() {
    // Whoever queues an exchange looks here afterwards; whoever adds a worker looks at the queue
    // afterwards: one of the two sees the other.
    if (length_.load(std::memory_order_seq_cst) == 0) return std::nullopt;
    std::lock_guard lock(mutex_);
    if (order_.empty()) return std::nullopt;
    const std::uint32_t worker = order_.front();
    order_.pop_front();
    length_.store(order_.size(), std::memory_order_seq_cst);
    listed_[worker].there = false;
    return Entry{worker, listed_[worker].stay};
  }

 private:
  struct Listed {
    Stay stay;  // the last one known
    bool there = false;
  };
  std::atomic<std::size_t> length_{0};
  std::mutex mutex_;  // guards order_ and listed_
  std::deque<std::uint32_t> order_;
  std::vector<Listed> listed_;  // by worker
};

}  // namespace rr::pool
