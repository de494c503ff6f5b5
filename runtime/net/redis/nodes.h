// What topologies of several servers have in common: pools by address, a master with its replicas.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/redis/pool.h"
#include "runtime/net/redis/topology.h"

namespace rr::redis {

// Pools by address; they stay. Any thread. The settings and the context outlive it.
class Pools {
 public:
  Pools(const Settings& settings, TlsContext* tls, Connection::Login login)
      : settings_(settings), tls_(tls), login_(std::move(login)) {}

  Pool& at(const std::string& address) {
    std::lock_guard lock(mutex_);
    auto& pool = pools_[address];
    if (!pool) pool = std::make_unique<Pool>(address, settings_, tls_, login_);
    return *pool;
  }
  std::vector<Pool*> all() {
    std::lock_guard lock(mutex_);
    std::vector<Pool*> all;
    for (const auto& [address, pool] : pools_) all.push_back(pool.get());
    return all;
  }
  void tidy() {
    for (Pool* pool : all()) pool->tidy();
  }

 private:
  const Settings& settings_;
  TlsContext* const tls_;
  const Connection::Login login_;
  std::mutex mutex_;  // guards pools_
  std::map<std::string, std::unique_ptr<Pool>> pools_;
};

// A master and what copies it.
struct Group {
  Pool* master = nullptr;
  std::vector<Pool*> replicas;
};

// Which of them a command goes to, by the settings.
Pool* choose(const Group& group, Access access, const Settings& settings);

// Asks the servers of a group how long they take (Pool::latency_us).
void measure(const Group& group);

// "host:port", the host in brackets where it has colons; and the host of one.
std::string join_address(const std::string& host, std::string_view port);
std::string host_of(const std::string& address);

}  // namespace rr::redis
