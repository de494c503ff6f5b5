#include "runtime/net/redis/nodes.h"

#include <algorithm>
#include <chrono>
#include <random>

namespace rr::redis {

namespace {

std::size_t any_of(std::size_t count) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  return random() % count;
}

void measure_one(Pool& pool) {
  constexpr std::int64_t kUnreachable = 60'000'000;
  auto lease = pool.take();
  if (!lease) {
    pool.latency_us = kUnreachable;
    return;
  }
  const TimePoint before = Clock::now();
  if (auto reply = (*lease)->run(Command{"PING"}); !reply) {
    lease->broken();
    pool.latency_us = kUnreachable;
    return;
  }
  pool.latency_us =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - before).count();
}

}  // namespace

Pool* choose(const Group& group, Access access, const Settings& settings) {
  const bool near = settings.route_by_latency;
  const bool any = settings.route_randomly;
  if (access == Access::write || group.replicas.empty() || (!near && !any && !settings.read_only))
    return group.master;
  if (!near && !any) return group.replicas[any_of(group.replicas.size())];
  std::vector<Pool*> all = group.replicas;
  all.push_back(group.master);
  if (!near) return all[any_of(all.size())];
  return *std::ranges::min_element(all, {},
                                   [](const Pool* each) { return each->latency_us.load(); });
}

void measure(const Group& group) {
  measure_one(*group.master);
  for (Pool* replica : group.replicas) measure_one(*replica);
}

std::string join_address(const std::string& host, std::string_view port) {
  const bool wide = host.find(':') != std::string::npos;
  return (wide ? "[" + host + "]" : host) + ":" + std::string(port);
}

std::string host_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

}  // namespace rr::redis
