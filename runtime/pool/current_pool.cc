#include "runtime/pool/current_pool.h"

#include <utility>

namespace rr::pool {

std::shared_ptr<Pool> CurrentPool::replace(std::shared_ptr<Pool> pool) {
  std::lock_guard lock(mutex_);
  return std::exchange(pool_, std::move(pool));
}

std::shared_ptr<Pool> CurrentPool::get() const {
  std::lock_guard lock(mutex_);
  return pool_;
}

Result<void> CurrentPool::ask(Result<void> (Pool::*what)()) {
  for (;;) {
    const std::shared_ptr<Pool> pool = get();
    Result<void> result = (*pool.*what)();
    if (result || result.error().code != Errc::stopped || get() == pool) return result;
  }
}

}  // namespace rr::pool
