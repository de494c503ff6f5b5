#include "runtime/plugins/inside/picture.h"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>

#include "rr/worker_hosts.h"
#include "runtime/core/version.h"

namespace rr::inside {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

std::int64_t unix_ms(system_clock::time_point when) {
  return std::chrono::floor<milliseconds>(when.time_since_epoch()).count();
}

// Of this process. 0: not known.
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::int64_t cpu_ms() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto ms = [](const timeval& time) { return time.tv_sec * 1000 + time.tv_usec / 1000; };
  return ms(used.ru_utime) + ms(used.ru_stime);
}

RpcValue server(system_clock::time_point started) {
  RpcValue out = RpcValue::object();
  out["version"] = std::string(own_version());
  out["pid"] = ::getpid();
  out["started_unix_ms"] = unix_ms(started);
  out["now_unix_ms"] = unix_ms(system_clock::now());
  out["memory_bytes"] = resident_bytes();
  out["cpu_ms"] = cpu_ms();
  return out;
}

RpcValue running(const std::optional<RunningExchange>& exchange) {
  if (!exchange) return RpcValue(nullptr);
  RpcValue out = RpcValue::object();
  out["method"] = exchange->method;
  out["path"] = exchange->path;
  out["ms"] = std::chrono::floor<milliseconds>(Clock::now() - exchange->since).count();
  return out;
}

RpcValue worker(const WorkerInfo& info) {
  RpcValue out = RpcValue::object();
  out["pid"] = info.pid;
  out["state"] = std::string(to_string(info.state));
  out["executions"] = info.executions;
  out["created_unix_ms"] = info.created_unix_ns / 1'000'000;
  out["memory_bytes"] = info.memory_bytes;
  out["cpu_percent"] = std::isfinite(info.cpu_percent) ? std::round(info.cpu_percent * 10) / 10 : 0;
  out["running"] = running(info.running);
  return out;
}

RpcValue histogram(const Timings::Histogram& buckets) {
  RpcValue out = RpcValue::array();
  for (const Timings::Bucket& each : buckets)
    out.push_back(RpcValue::array({each.up_to_us, each.count}));
  return out;
}

RpcValue picture_of(const std::string& name, Pool& pool, std::size_t& room) {
  const PoolCounts counts = pool.counts();
  const std::vector<WorkerInfo> workers = pool.workers();
  const Timings timings = pool.timings();
  std::uint64_t ready = 0, working = 0, memory = 0;
  RpcValue shown = RpcValue::array();
  for (const WorkerInfo& each : workers) {
    if (each.state == WorkerState::ready) ++ready;
    if (each.state == WorkerState::working) ++working;
    memory += each.memory_bytes;
    if (room == 0) continue;
    --room;
    shown.push_back(worker(each));
  }
  RpcValue out = RpcValue::object();
  out["name"] = name;
  out["kind"] = workers.empty()                              ? ""
                : workers.front().kind == WorkerKind::thread ? "threads"
                                                             : "processes";
  out["wanted"] = counts.wanted;
  out["workers_total"] = workers.size();
  out["ready"] = ready;
  out["working"] = working;
  out["waiting"] = counts.waiting;
  out["abandoned"] = counts.abandoned;
  out["executions"] = counts.executions;
  out["memory_bytes"] = memory;
  out["ran_us"] = histogram(timings.ran);
  out["waited_us"] = histogram(timings.waited);
  out["workers"] = std::move(shown);
  return out;
}

RpcValue picture_of(const PastError& error) {
  RpcValue out = RpcValue::object();
  out["unix_ms"] = unix_ms(error.when);
  out["plugin"] = error.plugin;
  out["type"] = error.type;
  out["message"] = error.message;
  return out;
}

}  // namespace

RpcValue picture_of(const std::vector<WorkerHost*>& hosts, const RecentErrors& errors,
                    system_clock::time_point started) {
  RpcValue out = RpcValue::object();
  out["server"] = server(started);
  std::size_t room = kMaxWorkers;
  RpcValue pools = RpcValue::array();
  for (const std::string& name : pool_names(hosts)) {
    for (const auto& pool : pools_named(hosts, name))
      pools.push_back(picture_of(name, *pool, room));
  }
  out["pools"] = std::move(pools);
  RpcValue past = RpcValue::array();
  for (const PastError& each : errors.list()) past.push_back(picture_of(each));
  out["errors_total"] = errors.count();
  out["errors"] = std::move(past);
  return out;
}

RpcValue picture_of(const WorkerStack& stack, const std::string& pool) {
  RpcValue out = RpcValue::object();
  out["pool"] = pool;
  out["pid"] = stack.pid;
  out["state"] = std::string(to_string(stack.state));
  out["running"] = running(stack.running);
  out["frames"] = stack.frames;
  out["note"] = stack.note;
  return out;
}

}  // namespace rr::inside
