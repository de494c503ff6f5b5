#include "runtime/net/redis/pool.h"

#include <utility>

namespace rr::redis {

Pool::Pool(std::string address, const Settings& settings, TlsContext* tls, Connection::Login login)
    : address_(std::move(address)), settings_(settings), tls_(tls), login_(std::move(login)) {}

bool Pool::is_too_old(const Connection& connection, TimePoint now) const {
  return (settings_.idle_timeout > Duration::zero() &&
          now - connection.last_used() >= settings_.idle_timeout) ||
         (settings_.max_conn_age > Duration::zero() &&
          now - connection.created() >= settings_.max_conn_age);
}

Result<std::unique_ptr<Connection>> Pool::dial() {
  auto made = Connection::dial(address_, settings_, tls_, login_);
  if (made) return made;
  std::lock_guard lock(mutex_);
  --open_;
  freed_.notify_one();
  return made;
}

Result<Pool::Lease> Pool::take() {
  {
    std::unique_lock lock(mutex_);
    const auto most = static_cast<std::size_t>(settings_.pool_size);
    if (!freed_.wait_for(lock, settings_.pool_timeout,
                         [&] { return !idle_.empty() || open_ < most; })) {
      ++stats_.timeouts;
      return Error(Errc::invalid, "", "redis: connection pool timeout");
    }
    while (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      if (!is_too_old(*connection, Clock::now()) && !connection->is_stale()) {
        ++stats_.hits;
        return Lease(*this, std::move(connection));
      }
      ++stats_.stale;
      --open_;
    }
    ++stats_.misses;
    ++open_;
  }
  auto made = dial();
  if (!made) return std::move(made).error();
  return Lease(*this, std::move(*made));
}

void Pool::give_back(std::unique_ptr<Connection> connection, bool broken) {
  std::lock_guard lock(mutex_);
  if (broken) {
    --open_;
    ++stats_.stale;
  } else {
    idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

void Pool::tidy() {
  std::vector<std::unique_ptr<Connection>> gone;
  const auto wanted = static_cast<std::size_t>(settings_.min_idle_conns);
  std::unique_lock lock(mutex_);
  const TimePoint now = Clock::now();
  std::vector<std::unique_ptr<Connection>> kept;
  for (auto& each : idle_) {
    const bool spared = idle_.size() - gone.size() <= wanted && !each->is_stale();
    (is_too_old(*each, now) && !spared ? gone : kept).push_back(std::move(each));
  }
  idle_ = std::move(kept);
  open_ -= gone.size();
  stats_.stale += gone.size();
  while (idle_.size() < wanted && open_ < static_cast<std::size_t>(settings_.pool_size)) {
    ++open_;
    lock.unlock();
    auto made = dial();
    lock.lock();
    if (!made) return;  // the next time again
    idle_.insert(idle_.begin(), std::move(*made));
    freed_.notify_one();
  }
}

PoolStats Pool::stats() const {
  std::lock_guard lock(mutex_);
  PoolStats now = stats_;
  now.total = open_;
  now.idle = idle_.size();
  return now;
}

}  // namespace rr::redis
