// `<plugin>.pool`: how many workers, of which kind, and their limits (spec 05 §2.1, 01 §6.1).
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

#include "rr/config.h"

namespace rr::pool {

// What a worker is: a process behind goridge frames, a thread on which the script loops, or a
// thread on which a script is executed for each request.
enum class Mode : std::uint8_t { process, embed, classic };

constexpr auto config_names(Mode) {
  return std::array{std::pair<std::string_view, Mode>{"process", Mode::process},
                    std::pair<std::string_view, Mode>{"embed", Mode::embed},
                    std::pair<std::string_view, Mode>{"classic", Mode::classic}};
}

struct SupervisorConfig {
  Duration watch_tick = std::chrono::seconds(5);
  Duration ttl{};
  Duration idle_ttl{};
  Duration exec_ttl{};
  config::Megabytes max_worker_memory;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("watch_tick", &SupervisorConfig::watch_tick,
              "how often the soft limits are looked at"),
        field("ttl", &SupervisorConfig::ttl, "age at which an idle worker is replaced; 0: never"),
        field("idle_ttl", &SupervisorConfig::idle_ttl,
              "idleness after which a used worker is replaced; 0: never"),
        field("exec_ttl", &SupervisorConfig::exec_ttl, "hard limit of one execution; 0: none"),
        field("max_worker_memory", &SupervisorConfig::max_worker_memory,
              "memory above which an idle worker is replaced; 0: none"),
    };
  }
  void settle() {
    if (watch_tick <= Duration::zero()) watch_tick = std::chrono::seconds(5);
  }
};

struct DynamicAllocatorConfig {
  std::uint32_t max_workers = 10;  // beyond num_workers
  std::uint32_t spawn_rate = 5;
  Duration idle_timeout = std::chrono::minutes(1);

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("max_workers", &DynamicAllocatorConfig::max_workers, "additional workers at most"),
        field("spawn_rate", &DynamicAllocatorConfig::spawn_rate,
              "workers started at a time, 100 at most"),
        field("idle_timeout", &DynamicAllocatorConfig::idle_timeout,
              "calm after which additional workers go"),
    };
  }
  void settle() {
    if (max_workers == 0) max_workers = 10;
    if (spawn_rate == 0) spawn_rate = 5;
    max_workers = std::min<std::uint32_t>(max_workers, 100);
    spawn_rate = std::min<std::uint32_t>(spawn_rate, 100);
    if (idle_timeout < std::chrono::seconds(1)) idle_timeout = std::chrono::minutes(1);
  }
};

struct PoolConfig {
  static constexpr std::uint32_t kMaxWorkers = 500;
  static constexpr Duration kDefaultTimeout = std::chrono::seconds(60);

  Mode mode = Mode::process;
  bool debug = false;
  config::Command command;        // empty: server.command
  std::uint32_t num_workers = 0;  // 0: one per CPU, see worker_count()
  std::uint64_t max_jobs = 0;
  std::uint64_t max_queue_size = 0;
  Duration allocate_timeout = kDefaultTimeout;  // to start a worker, and to wait for a free one
  Duration destroy_timeout = kDefaultTimeout;
  Duration reset_timeout = kDefaultTimeout;
  Duration stream_timeout = kDefaultTimeout;
  std::optional<SupervisorConfig> supervisor;
  std::optional<DynamicAllocatorConfig> dynamic_allocator;

  std::uint32_t worker_count() const {
    if (num_workers > 0) return num_workers;
    return std::max(1U, std::thread::hardware_concurrency());
  }

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("mode", &PoolConfig::mode,
              "process: PHP processes; embed: threads that loop in a worker script; classic: "
              "threads that run a script for each request"),
        field("debug", &PoolConfig::debug,
              "a new worker for each request; other options have no effect"),
        field("command", &PoolConfig::command, "replaces server.command for this pool"),
        field("num_workers", &PoolConfig::num_workers, "workers; 0: one per logical CPU"),
        field("max_jobs", &PoolConfig::max_jobs,
              "executions after which a worker is replaced; 0: never"),
        field("max_queue_size", &PoolConfig::max_queue_size,
              "requests executing and waiting at most; 0: no limit"),
        field("allocate_timeout", &PoolConfig::allocate_timeout,
              "to start a worker, and to wait for a free one"),
        field("destroy_timeout", &PoolConfig::destroy_timeout,
              "to stop a worker before it is killed"),
        field("reset_timeout", &PoolConfig::reset_timeout,
              "to wait for running executions at a reset"),
        field("stream_timeout", &PoolConfig::stream_timeout,
              "to wait for the end of a stopped stream"),
        field("supervisor", &PoolConfig::supervisor, "limits of age, idleness, time and memory"),
        field("dynamic_allocator", &PoolConfig::dynamic_allocator, "more workers under load"),
    };
  }
  void settle() {
    for (Duration* timeout :
         {&allocate_timeout, &destroy_timeout, &reset_timeout, &stream_timeout}) {
      if (*timeout == Duration::zero()) *timeout = kDefaultTimeout;
    }
  }
  void check(config::Errors& errors) const {
    errors.require(num_workers <= kMaxWorkers, "num_workers",
                   "number of workers can't be more than 500");
  }
};

}  // namespace rr::pool
