// The connections to one redis server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rr/result.h"
#include "runtime/net/redis/connection.h"

namespace rr::redis {

// What has happened so far; RoadRunner's metrics `rr_redis_pool_*`.
struct PoolStats {
  std::uint64_t hits = 0;      // a connection was there
  std::uint64_t misses = 0;    // one had to be made
  std::uint64_t timeouts = 0;  // none came free in time
  std::uint64_t stale = 0;     // closed, for whatever reason
  std::uint64_t total = 0;     // now
  std::uint64_t idle = 0;      // now
};

// Any thread. The settings and the context outlive it.
class Pool {
 public:
  Pool(std::string address, const Settings& settings, TlsContext* tls, Connection::Login login);

  // A connection for the time of the lease. It goes back unless it was said to be broken.
  class Lease {
   public:
    Lease() = default;
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_), broken_);
    }
    Connection* operator->() { return connection_.get(); }
    void broken() { broken_ = true; }

   private:
    Pool* pool_ = nullptr;
    std::unique_ptr<Connection> connection_;
    bool broken_ = false;
  };

  // The connection used last, or a new one; waits for pool_timeout when pool_size of them are busy.
  Result<Lease> take();

  // Closes what has been idle or there for too long, makes those that are to be kept ready.
  void tidy();

  const std::string& address() const { return address_; }
  PoolStats stats() const;

  // How long the server takes to answer, as somebody has measured it (route_by_latency).
  std::atomic<std::int64_t> latency_us{0};

 private:
  void give_back(std::unique_ptr<Connection> connection, bool broken);
  bool is_too_old(const Connection& connection, TimePoint now) const;
  Result<std::unique_ptr<Connection>> dial();

  const std::string address_;
  const Settings& settings_;
  TlsContext* const tls_;
  const Connection::Login login_;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last used is last
  std::size_t open_ = 0;                           // idle or leased
  PoolStats stats_;
};

}  // namespace rr::redis
