#include "runtime/plugins/lock/lock_table.h"

#include <algorithm>
#include <functional>

#include "runtime/plugins/lock/arguments.h"

namespace rr::lock {

namespace {

using std::chrono::microseconds;

constexpr TimePoint kNever = TimePoint::max();
TimePoint end_of(microseconds ttl, TimePoint now) {
  return ttl == microseconds::zero() ? kNever : now + std::min(ttl, kLongest);
}

// Tokens grow over restarts as long as the clock of the machine does.
LockFence first_fence() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<LockFence>(std::chrono::duration_cast<microseconds>(since).count());
}

}  // namespace

struct LockTable::Waiter {
  std::string_view id;
  LockMode mode;
  microseconds ttl;
  LockFence fence = 0;  // once it has the lock; then it is no longer in the queue
  std::condition_variable changed = {};
};

LockTable::LockTable(Logger log, Now now) : log_(log), now_(now) {
  for (Shard& shard : shards_) shard.fence = first_fence();
}

// ---------------------------------------------------------------- resources

LockTable::Holder* LockTable::Resource::holder(std::string_view id) {
  const auto found = std::ranges::find(holders, id, &Holder::id);
  return found == holders.end() ? nullptr : &*found;
}

LockTable::Shard& LockTable::shard_of(std::string_view resource) {
  // The upper bits: the lower ones choose the place in the shard's own table.
  return shards_[std::hash<std::string_view>{}(resource) >> 58 & (kShards - 1)];
}

LockTable::Resource* LockTable::find(Shard& shard, std::string_view name) {
  const auto found = shard.by_name.find(name);
  return found == shard.by_name.end() ? nullptr : &*found->second;
}

LockTable::Resource& LockTable::find_or_add(Shard& shard, std::string_view name) {
  if (const auto found = shard.by_name.find(name); found != shard.by_name.end()) {
    Resource& resource = *found->second;
    if (resource.is_free()) shard.busy.splice(shard.busy.begin(), shard.idle, found->second);
    return resource;
  }
  shard.busy.emplace_front(name);
  shard.by_name.emplace(shard.busy.front().name, shard.busy.begin());
  return shard.busy.front();
}

// A free one moves to the idle ones, of which the oldest may go: whoever calls this is done with
// it.
void LockTable::settle(Shard& shard, Resource& resource) {
  if (!resource.is_free()) return;
  shard.idle.splice(shard.idle.begin(), shard.busy, shard.by_name.find(resource.name)->second);
  if (shard.idle.size() <= kIdleKept) return;
  shard.by_name.erase(shard.idle.back().name);
  shard.idle.pop_back();
}

// Each call looks at two resources that nobody may ever ask for again: more than it can add.
void LockTable::look_after_others(Shard& shard, const Resource& current, TimePoint now) {
  for (int i = 0; i < 2 && shard.busy.size() > 1; ++i) {
    const auto oldest = std::prev(shard.busy.end());
    shard.busy.splice(shard.busy.begin(), shard.busy, oldest);
    if (&*oldest == &current) continue;
    end_overdue(shard, *oldest, now);
    settle(shard, *oldest);
  }
}

// ---------------------------------------------------------------- who has what

bool LockTable::may_have(const Resource& resource, std::string_view id, LockMode mode) {
  if (resource.holders.empty()) return true;
  if (resource.mode == LockMode::exclusive) return false;
  return mode == LockMode::shared ||
         (resource.holders.size() == 1 && resource.holders.front().id == id);
}

LockFence LockTable::give(Shard& shard, Resource& resource, std::string_view id, LockMode mode,
                          TimePoint until) {
  resource.mode = mode;
  if (mode == LockMode::exclusive) resource.holders.clear();  // at most its own, as a reader
  if (Holder* already = resource.holder(id)) {
    already->until = std::max(already->until, until);
  } else {
    resource.holders.push_back({std::string(id), until});
  }
  return ++shard.fence;
}

// The first, or the one that the lock of everybody else waits for: the only reader, if it waits.
std::list<LockTable::Waiter*>::iterator LockTable::next_to_have(Resource& resource) {
  const auto first = resource.waiters.begin();
  if (may_have(resource, (*first)->id, (*first)->mode)) return first;
  return std::ranges::find_if(resource.waiters, [&](const Waiter* each) {
    return resource.holder(each->id) != nullptr && may_have(resource, each->id, each->mode);
  });
}

void LockTable::serve_waiters(Shard& shard, Resource& resource, TimePoint now) {
  while (!resource.waiters.empty()) {
    const auto next = next_to_have(resource);
    if (next == resource.waiters.end()) {
      // It may have become the first, or the end that it waits for has moved.
      resource.waiters.front()->changed.notify_one();
      return;
    }
    Waiter& waiter = **next;
    waiter.fence = give(shard, resource, waiter.id, waiter.mode, end_of(waiter.ttl, now));
    resource.waiters.erase(next);
    waiter.changed.notify_one();
  }
}

void LockTable::end_overdue(Shard& shard, Resource& resource, TimePoint now) {
  if (std::erase_if(resource.holders, [&](const Holder& each) { return each.until <= now; }) > 0)
    serve_waiters(shard, resource, now);
}

// ---------------------------------------------------------------- calls

Result<LockFence> LockTable::acquire(const LockRequest& request) {
  if (auto good = check_arguments(request.resource, request.id, request.ttl); !good)
    return std::move(good).error();
  Shard& shard = shard_of(request.resource);
  std::unique_lock lock(shard.mutex);
  const TimePoint now = now_();
  Resource& resource = find_or_add(shard, request.resource);
  end_overdue(shard, resource, now);
  look_after_others(shard, resource, now);
  // Who has a part of it already waits for nobody: the others wait for that part.
  if ((resource.waiters.empty() || resource.holder(request.id) != nullptr) &&
      may_have(resource, request.id, request.mode)) {
    return give(shard, resource, request.id, request.mode, end_of(request.ttl, now));
  }
  if (request.wait <= microseconds::zero()) return LockFence{0};
  return wait(lock, shard, resource, request, now + std::min(request.wait, kLongest));
}

LockFence LockTable::wait(std::unique_lock<std::mutex>& lock, Shard& shard, Resource& resource,
                          const LockRequest& request, TimePoint deadline) {
  Waiter self{request.id, request.mode, request.ttl};
  const auto place = resource.waiters.insert(resource.waiters.end(), &self);
  TimePoint now = now_();
  while (now < deadline && !closed_ && !(request.given_up && request.given_up())) {
    TimePoint until = deadline;
    if (request.given_up) until = std::min(until, now + kLockLook);
    if (resource.waiters.front() == &self) {
      for (const Holder& each : resource.holders) until = std::min(until, each.until);
    }
    self.changed.wait_until(lock, until);
    now = now_();
    if (self.fence == 0) end_overdue(shard, resource, now);
    if (self.fence != 0) return self.fence;
  }
  resource.waiters.erase(place);
  serve_waiters(shard, resource, now);  // those behind it may have waited for it alone
  settle(shard, resource);
  return 0;
}

Result<bool> LockTable::release(std::string_view name, std::string_view id) {
  if (auto good = check_arguments(name, id, {}); !good) return std::move(good).error();
  Shard& shard = shard_of(name);
  std::lock_guard lock(shard.mutex);
  Resource* resource = find(shard, name);
  if (resource == nullptr || resource->is_free()) return false;
  const TimePoint now = now_();
  end_overdue(shard, *resource, now);
  Holder* holder = resource->holder(id);
  if (holder == nullptr) {
    if (!resource->holders.empty() && resource->mode == LockMode::exclusive)
      log_.warn("release called for the resource which is not owned by the caller",
                kv("resource", name), kv("id", id));
    settle(shard, *resource);
    return false;
  }
  std::swap(*holder, resource->holders.back());
  resource->holders.pop_back();
  serve_waiters(shard, *resource, now);
  settle(shard, *resource);
  return true;
}

Result<bool> LockTable::force_release(std::string_view name) {
  Shard& shard = shard_of(name);
  std::lock_guard lock(shard.mutex);
  Resource* resource = find(shard, name);
  if (resource == nullptr) return false;
  if (resource->is_free()) return true;
  resource->holders.clear();
  serve_waiters(shard, *resource, now_());
  settle(shard, *resource);
  return true;
}

Result<bool> LockTable::exists(std::string_view name, std::string_view id) {
  if (auto good = check_arguments(name, id, {}); !good) return std::move(good).error();
  Shard& shard = shard_of(name);
  std::lock_guard lock(shard.mutex);
  Resource* resource = find(shard, name);
  if (resource == nullptr || resource->is_free()) return false;
  end_overdue(shard, *resource, now_());
  const bool has = id == "*" ? !resource->holders.empty() : resource->holder(id) != nullptr;
  settle(shard, *resource);
  return has;
}

Result<bool> LockTable::update_ttl(std::string_view name, std::string_view id, microseconds ttl) {
  if (auto good = check_arguments(name, id, ttl); !good) return std::move(good).error();
  Shard& shard = shard_of(name);
  std::lock_guard lock(shard.mutex);
  Resource* resource = find(shard, name);
  if (resource == nullptr || resource->is_free()) return false;
  const TimePoint now = now_();
  end_overdue(shard, *resource, now);
  Holder* holder = resource->holder(id);
  if (holder != nullptr) {
    holder->until = end_of(ttl, now);
    serve_waiters(shard, *resource, now);  // the first of them has another end to wait for
  }
  settle(shard, *resource);
  return holder != nullptr;
}

void LockTable::close() {
  closed_ = true;
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    for (Resource& resource : shard.busy) {
      for (Waiter* each : resource.waiters) each->changed.notify_one();
    }
  }
}

std::size_t LockTable::busy_for_test() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    count += shard.busy.size();
  }
  return count;
}

}  // namespace rr::lock
