#include "runtime/net/redis/settings.h"

#include <algorithm>
#include <thread>

namespace rr::redis {

namespace {

using namespace std::chrono_literals;

void put_default(Duration& value, Duration fallback) {
  if (value == Duration::zero()) value = fallback;
}

}  // namespace

void Settings::settle() {
  max_retries = max_retries == 0 ? 3 : std::max<std::int64_t>(max_retries, 0);
  put_default(min_retry_backoff, 8ms);
  put_default(max_retry_backoff, 512ms);
  put_default(dial_timeout, 5s);
  put_default(read_timeout, 3s);
  put_default(write_timeout, read_timeout);
  put_default(pool_timeout, std::max(read_timeout, Duration::zero()) + 1s);
  put_default(idle_timeout, 30min);
  if (pool_size == 0) pool_size = 10 * std::max(1U, std::thread::hardware_concurrency());
}

void Settings::check(config::Errors& errors) const {
  errors.require(!addrs.empty(), "addrs", "names no server");
  for (const std::string& address : addrs) {
    errors.require(address.find(':') != std::string::npos || address.starts_with('/'), "addrs",
                   "expected host:port, got \"" + address + "\"");
  }
  errors.require(db >= 0, "db", "must not be negative");
  errors.require(pool_size > 0 && pool_size <= 100'000, "pool_size", "must be from 1 to 100000");
  errors.require(min_idle_conns >= 0, "min_idle_conns", "must not be negative");
}

}  // namespace rr::redis
