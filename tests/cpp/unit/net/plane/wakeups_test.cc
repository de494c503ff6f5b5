// No wake-up is lost between queueing, polling and parking (data-plane.md, rules 4 and 5): bursts
// of jobs that can only end when as many threads as jobs have taken one.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gate.h"
#include "jitter.h"
#include "runtime/net/data_plane.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;

class Jobs {
 public:
  Jobs(unsigned threads, unsigned pollers, std::uint64_t seed) : plane_(pollers) {
    plane_.start_guard();
    for (unsigned i = 0; i < threads; ++i) {
      threads_.push_back(std::make_unique<Thread>());
      Thread& thread = *threads_.back();
      thread.handle = std::thread([this, &thread, seed, i] { work(thread, seed, i); });
    }
  }
  ~Jobs() {
    over_.store(true);
    for (auto& thread : threads_) {
      plane_.unpark(thread->parker);
      kick(thread->handle.native_handle());
    }
    for (auto& thread : threads_) thread->handle.join();
    plane_.stop();
  }

  // False: some of them found no thread.
  bool burst(int size) {
    Counter taken;
    Counter ended;
    for (int i = 0; i < size; ++i) {
      {
        std::lock_guard lock(mutex_);
        jobs_.push_back({&taken, &ended, size});
        length_.store(jobs_.size(), std::memory_order_seq_cst);
      }
      plane_.work_queued();
      jitter();
    }
    const bool met = ended.wait_for(size);
    if (!met) std::abort();  // the jobs live on this stack
    return taken.count() == size;
  }

 private:
  struct Job {
    Counter* taken;
    Counter* ended;
    int size;
  };
  struct Thread {
    Parker parker;
    std::thread handle;
  };

  bool take(Job& job) {
    if (length_.load(std::memory_order_seq_cst) == 0) return false;
    std::lock_guard lock(mutex_);
    if (jobs_.empty()) return false;
    job = jobs_.front();
    jobs_.pop_front();
    length_.store(jobs_.size(), std::memory_order_seq_cst);
    return true;
  }

  void work(Thread& thread, std::uint64_t seed, unsigned number) {
    prepare_polling_thread();
    seed_thread(seed, number);
    const auto look = [this] {
      return length_.load(std::memory_order_seq_cst) > 0 || over_.load();
    };
    Job job;
    while (!over_.load()) {
      if (!take(job)) {
        const TimePoint until =
            one_in(16) ? Clock::now() + std::chrono::microseconds(draw(3000)) : TimePoint::max();
        plane_.idle(thread.parker, look, until);
        // A wake-up for nothing, as a reset gives them.
        if (one_in(64)) thread.parker.wake();
        continue;
      }
      if (length_.load(std::memory_order_seq_cst) > 0) plane_.work_queued();
      job.taken->add();
      if (!job.taken->wait_for(job.size)) std::abort();
      // Longer than the guard's patience now and then: it polls beside those who come back.
      if (one_in(8)) std::this_thread::sleep_for(std::chrono::microseconds(draw(4000)));
      job.ended->add();
    }
  }

  DataPlane plane_;
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> length_{0};
  std::mutex mutex_;
  std::deque<Job> jobs_;
  std::vector<std::unique_ptr<Thread>> threads_;
};

TEST(WakeUps, EveryBurstFindsItsThreads) {
  const std::uint64_t seed = run_seed();
  std::fprintf(stderr, "RR_SEED=%llu\n", static_cast<unsigned long long>(seed));
  seed_thread(seed, 1000);
  set_jitter(30);
  for (unsigned pollers = 1; pollers <= 3; ++pollers) {
    for (unsigned threads : {1u, 2u, 3u, 6u}) {
      Jobs jobs(threads, pollers, seed + threads);
      const TimePoint end = Clock::now() + (runs_long() ? 20s : 250ms);
      int bursts = 0;
      for (; Clock::now() < end; ++bursts) {
        ASSERT_TRUE(jobs.burst(1 + static_cast<int>(draw(threads))));
      }
      EXPECT_GT(bursts, 0);
    }
  }
  set_jitter(0);
}

}  // namespace
}  // namespace rr::net::testing
