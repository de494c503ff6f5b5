#include "runtime/plugins/kv/drivers/memcached/server_pool.h"

#include <charconv>
#include <new>

namespace rr::keyvalue::memcached {

namespace {

constexpr int kTimeoutMs = 3000;
constexpr std::size_t kKept = 256;  // more calls than threads that may wait do not run at once

}  // namespace

Handle ServerPool::make() const {
  Handle handle(memcached_create(nullptr));
  if (!handle) throw std::bad_alloc();
  memcached_st* raw = handle.get();
  memcached_behavior_set(raw, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
  memcached_behavior_set(raw, MEMCACHED_BEHAVIOR_NO_BLOCK, 1);
  memcached_behavior_set(raw, MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, kTimeoutMs);
  memcached_behavior_set(raw, MEMCACHED_BEHAVIOR_POLL_TIMEOUT, kTimeoutMs);
  // Values come with what compare and set needs to know of them.
  memcached_behavior_set(raw, MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1);
  // A server that was away is asked again at once, by the next call.
  memcached_behavior_set(raw, MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, 0);
  memcached_behavior_set(raw, MEMCACHED_BEHAVIOR_SERVER_FAILURE_LIMIT, 0);
  if (address_.find('/') != std::string::npos) {
    memcached_server_add_unix_socket(raw, address_.c_str());
    return handle;
  }
  const std::size_t colon = address_.rfind(':');
  std::string host = address_.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  in_port_t port = 11211;
  std::from_chars(address_.data() + colon + 1, address_.data() + address_.size(), port);
  memcached_server_add(raw, host.empty() ? "127.0.0.1" : host.c_str(), port);
  return handle;
}

ServerPool::Lease ServerPool::take() {
  {
    std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      Handle handle = std::move(free_.back());
      free_.pop_back();
      return Lease(*this, std::move(handle));
    }
  }
  return Lease(*this, make());
}

void ServerPool::give_back(Handle handle) {
  std::lock_guard lock(mutex_);
  if (free_.size() < kKept) free_.push_back(std::move(handle));
}

}  // namespace rr::keyvalue::memcached
