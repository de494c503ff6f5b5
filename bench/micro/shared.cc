// What workers share, as an interpreter of the process calls it: CPU time of a call, alone and
// beside another thread.
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "runtime/plugins/kv/drivers/memory/memory_storage.h"
#include "runtime/plugins/lock/lock_table.h"

namespace {

// Of all threads together: what else runs on the machine does not count.
double cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// `run(thread)` in each of them, over and over for a while.
template <class Run>
void measure(const char* name, unsigned threads, Run run) {
  constexpr int kCalls = 400'000;
  std::vector<std::thread> others;
  const double began = cpu_ns();
  for (unsigned t = 0; t < threads; ++t) {
    others.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i) run(t, i);
    });
  }
  for (std::thread& each : others) each.join();
  std::printf("%-44s %u threads %8.1f ns of CPU a call\n", name, threads,
              (cpu_ns() - began) / kCalls / threads);
}

class Copy final : public rr::KvStorage::Found {
 public:
  void found(std::size_t, std::string_view bytes) override { value.assign(bytes); }
  std::string value;
};
thread_local Copy copy;

long rss_bytes() {
  std::ifstream file("/proc/self/statm");
  long pages = 0;
  file >> pages >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

// What a million keys take; beside it redis' own answer to `debug populate 1000000 key 32`.
void measure_memory() {
  constexpr int kKeys = 1'000'000;
  rr::keyvalue::memory::MemoryStorage storage{rr::Logger{}, 0};
  const std::string value(32, 'v');
  const long before = rss_bytes();
  for (int i = 0; i < kKeys; ++i) {
    const std::string key = "key:" + std::to_string(i);
    const rr::KvItem item{key, value, {}};
    if (!storage.set(std::span(&item, 1))) std::abort();
  }
  std::printf("kv memory: 1 000 000 keys with values of 32 bytes: %.0f bytes a key\n",
              static_cast<double>(rss_bytes() - before) / kKeys);
}

}  // namespace

int main() {
  rr::lock::LockTable locks{rr::Logger{}};
  const std::string id = "0b9c3d5e-7c1a-4e0f-9a53-5e1f1f6c2d11";
  rr::keyvalue::memory::MemoryStorage storage{rr::Logger{}, 0};
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) names.push_back("user:" + std::to_string(i) + ":profile");
  const std::string value(1024, 'v');
  for (const std::string& name : names) {
    const rr::KvItem item{name, value, {}};
    if (!storage.set(std::span(&item, 1))) return EXIT_FAILURE;
  }
  measure_memory();
  for (const unsigned threads : {1U, 2U, 8U}) {
    measure("lock: acquire and release, own resource", threads, [&](unsigned t, int) {
      const std::string_view name = names[t];
      if (*locks.acquire({name, id, rr::LockMode::exclusive, std::chrono::seconds(30)}) == 0)
        std::abort();
      if (!*locks.release(name, id)) std::abort();
    });
    measure("lock: the same, 10 000 resources in turn", threads, [&](unsigned t, int i) {
      const std::string_view name = names[(static_cast<unsigned>(i) * threads + t) % names.size()];
      if (*locks.acquire({name, id, rr::LockMode::exclusive, std::chrono::seconds(30)}) == 0)
        std::abort();
      if (!*locks.release(name, id)) std::abort();
    });
    measure("kv memory: get of 1 KiB, 10 000 keys in turn", threads, [&](unsigned t, int i) {
      const std::string_view key = names[(static_cast<unsigned>(i) * 7 + t) % names.size()];
      if (!storage.get(std::span(&key, 1), copy) || copy.value.size() != 1024) std::abort();
    });
    measure("kv memory: set of 1 KiB, 10 000 keys in turn", threads, [&](unsigned t, int i) {
      const rr::KvItem item{names[(static_cast<unsigned>(i) * 7 + t) % names.size()], value, {}};
      if (!storage.set(std::span(&item, 1))) std::abort();
    });
  }
  return EXIT_SUCCESS;
}
