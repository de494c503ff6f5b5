#include "runtime/plugins/kv/drivers/memory/memory_storage.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "runtime/plugins/kv/errors.h"
#include "runtime/plugins/kv/number.h"

namespace rr::keyvalue::memory {

namespace {

constexpr std::size_t kMaxShards = 64;
// A shard of a bounded storage holds at least this much, so that large values have a place.
constexpr std::size_t kLeastShard = 4U << 20;
// Nodes of a list and of a table, and their allocations.
constexpr std::size_t kOverhead = 192;

std::size_t shards_of(std::size_t max_bytes) {
  if (max_bytes == 0) return kMaxShards;
  return std::clamp<std::size_t>(max_bytes / kLeastShard, 1, kMaxShards);
}

Result<Timeout> end_of(std::string_view timeout) {
  return timeout.empty() ? Result<Timeout>(Timeout{}) : parse_timeout(timeout);
}

bool is_over(const Timeout& timeout, Moment now) {
  return timeout.is_set() && timeout.at <= now;
}

}  // namespace

std::size_t MemoryStorage::Entry::bytes() const {
  return key.capacity() + value.capacity() + kOverhead;
}

MemoryStorage::MemoryStorage(Logger log, std::size_t max_bytes, Now now)
    : log_(log),
      now_(now),
      shards_(shards_of(max_bytes)),
      shard_bytes_(max_bytes / shards_.size()) {}

// ---------------------------------------------------------------- shards

MemoryStorage::Shard& MemoryStorage::shard_of(std::string_view key) {
  // The upper bits: the lower ones choose the place in the shard's own table.
  return shards_[(std::hash<std::string_view>{}(key) >> 40) % shards_.size()];
}

MemoryStorage::Entry* MemoryStorage::Shard::find(std::string_view key, Now now) {
  const auto found = by_key.find(key);
  if (found == by_key.end()) return nullptr;
  Entry& entry = *found->second;
  if (!entry.timeout.is_set() || entry.timeout.at > now()) return &entry;
  erase(found->second);
  return nullptr;
}

MemoryStorage::Entry& MemoryStorage::Shard::find_or_add(std::string_view key) {
  if (const auto found = by_key.find(key); found != by_key.end()) {
    found->second->used = true;
    return *found->second;
  }
  entries.emplace_front(key);
  by_key.emplace(entries.front().key, entries.begin());
  bytes += entries.front().bytes();
  return entries.front();
}

void MemoryStorage::Shard::erase(Entries::iterator entry) {
  if (next == entry) ++next;
  bytes -= entry->bytes();
  by_key.erase(entry->key);
  entries.erase(entry);
}

void MemoryStorage::Shard::erase(std::string_view key) {
  if (const auto found = by_key.find(key); found != by_key.end()) erase(found->second);
}

// Goes round: each call begins where the last one ended.
void MemoryStorage::Shard::look_after(Now now, std::size_t most) {
  most = std::min(most, entries.size());
  for (std::size_t i = 0; i < most; ++i) {
    if (next == entries.end()) next = entries.begin();
    if (next->timeout.is_set() && next->timeout.at <= now()) {
      erase(next);
      if (entries.empty()) return;
    } else {
      ++next;
    }
  }
}

// Second chance: what was used since it was last looked at is passed over once.
void MemoryStorage::Shard::fit(std::size_t max_bytes, const Entry* spare, Now now) {
  const Moment moment = now();
  while (bytes > max_bytes && entries.size() > 1) {
    const auto last = std::prev(entries.end());
    if (&*last == spare || (last->used && !is_over(last->timeout, moment))) {
      last->used = false;
      entries.splice(entries.begin(), entries, last);
    } else {
      erase(last);
    }
  }
}

// ---------------------------------------------------------------- calls

Result<void> MemoryStorage::has(Keys keys, Found& found) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_blank(keys[i])) return empty_key("in_memory_plugin_has");
    Shard& shard = shard_of(keys[i]);
    std::lock_guard lock(shard.mutex);
    if (shard.find(keys[i], now_) != nullptr) found.found(i, {});
  }
  return {};
}

Result<void> MemoryStorage::get(Keys keys, Found& found) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_blank(keys[i])) return empty_key("in_memory_plugin_mget");
    Shard& shard = shard_of(keys[i]);
    std::lock_guard lock(shard.mutex);
    Entry* entry = shard.find(keys[i], now_);
    if (entry == nullptr) continue;
    entry->used = true;
    found.found(i, entry->value);
  }
  return {};
}

Result<void> MemoryStorage::ttl(Keys keys, Found& found) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (is_blank(keys[i])) return empty_key("in_memory_plugin_ttl");
    Shard& shard = shard_of(keys[i]);
    std::lock_guard lock(shard.mutex);
    const Entry* entry = shard.find(keys[i], now_);
    if (entry != nullptr) found.found(i, to_text(entry->timeout));
  }
  return {};
}

bool MemoryStorage::still_to_come(std::string_view key, const Timeout& timeout) const {
  if (timeout.at > now_()) return true;
  log_.warn("incorrect TTL time, saving without it", log::kv("key", key));
  return false;
}

Result<void> MemoryStorage::put(Shard& shard, std::string_view key, std::string_view value,
                                const Timeout& timeout) {
  if (shard_bytes_ != 0 && key.size() + value.size() + kOverhead > shard_bytes_) {
    shard.erase(key);
    return Error(Errc::invalid, "",
                 "a value of " + std::to_string(value.size()) +
                     " bytes has no place: max_size leaves " + std::to_string(shard_bytes_) +
                     " for each part of the storage");
  }
  Entry& entry = shard.find_or_add(key);
  shard.bytes -= entry.bytes();
  // What was large gives its memory back.
  if (entry.value.capacity() > 4 * value.size() + 64) std::string().swap(entry.value);
  entry.value.assign(value);
  entry.timeout = timeout;
  shard.bytes += entry.bytes();
  shard.look_after(now_, 2);
  if (shard_bytes_ != 0 && shard.bytes > shard_bytes_) shard.fit(shard_bytes_, &entry, now_);
  return {};
}

Result<void> MemoryStorage::set(Items items) {
  for (const KvItem& item : items) {
    Shard& shard = shard_of(item.key);
    auto timeout = end_of(item.timeout);
    if (timeout && timeout->is_set() && !still_to_come(item.key, *timeout)) timeout = Timeout{};
    std::lock_guard lock(shard.mutex);
    if (!timeout) {
      shard.erase(item.key);
      return std::move(timeout).error();
    }
    if (auto done = put(shard, item.key, item.value, *timeout); !done) return done;
  }
  return {};
}

Result<bool> MemoryStorage::set_if(const KvItem& item, const std::string_view* expected) {
  if (is_blank(item.key)) return empty_key("in_memory_plugin_set");
  auto timeout = end_of(item.timeout);
  if (!timeout) return std::move(timeout).error();
  Shard& shard = shard_of(item.key);
  std::lock_guard lock(shard.mutex);
  const Entry* entry = shard.find(item.key, now_);
  if (expected == nullptr ? entry != nullptr : entry == nullptr || entry->value != *expected)
    return false;
  if (auto done = put(shard, item.key, item.value, *timeout); !done) return std::move(done).error();
  return true;
}

Result<std::int64_t> MemoryStorage::increment(std::string_view key, std::int64_t by,
                                              std::string_view timeout) {
  constexpr const char* kOp = "in_memory_plugin_increment";
  if (is_blank(key)) return empty_key(kOp);
  auto end = end_of(timeout);
  if (!end) return std::move(end).error().in(kOp);
  Shard& shard = shard_of(key);
  std::lock_guard lock(shard.mutex);
  const Entry* entry = shard.find(key, now_);
  std::string_view value;
  if (entry != nullptr) value = entry->value;
  auto total = sum(entry == nullptr ? nullptr : &value, by);
  if (!total) return std::move(total).error().in(kOp);
  const Timeout until = entry == nullptr ? *end : entry->timeout;
  if (auto done = put(shard, key, std::to_string(*total), until); !done)
    return std::move(done).error().in(kOp);
  return total;
}

Result<void> MemoryStorage::expire(Items items) {
  constexpr const char* kOp = "in_memory_plugin_mexpire";
  for (const KvItem& item : items) {
    if (item.timeout.empty() || is_blank(item.key))
      return Error(Errc::invalid, kOp, "timeout for MExpire is empty or key is empty");
    const auto timeout = parse_timeout(item.timeout);
    if (!timeout) return Error(timeout.error()).in(kOp);
    const bool comes = still_to_come(item.key, *timeout);
    Shard& shard = shard_of(item.key);
    std::lock_guard lock(shard.mutex);
    if (Entry* entry = shard.find(item.key, now_)) entry->timeout = comes ? *timeout : Timeout{};
  }
  return {};
}

Result<void> MemoryStorage::remove(Keys keys) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key("in_memory_plugin_delete");
  for (const std::string_view key : keys) {
    Shard& shard = shard_of(key);
    std::lock_guard lock(shard.mutex);
    shard.erase(key);
  }
  return {};
}

Result<void> MemoryStorage::clear() {
  for (Shard& shard : shards_) {
    Entries gone;
    {
      std::lock_guard lock(shard.mutex);
      shard.by_key.clear();
      gone.swap(shard.entries);
      shard.next = shard.entries.end();
      shard.bytes = 0;
    }
  }
  return {};
}

Duration MemoryStorage::tidy_interval() const {
  return std::chrono::minutes(1);
}

void MemoryStorage::tidy() {
  constexpr std::size_t kAtATime = 1000;  // calls wait no longer than for these
  for (Shard& shard : shards_) {
    std::size_t left = 0;
    {
      std::lock_guard lock(shard.mutex);
      left = shard.entries.size();
    }
    for (; left > 0; left -= std::min(left, kAtATime)) {
      std::lock_guard lock(shard.mutex);
      shard.look_after(now_, std::min(left, kAtATime));
    }
  }
}

std::size_t MemoryStorage::bytes_for_test() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    sum += shard.bytes;
  }
  return sum;
}

std::size_t MemoryStorage::count_for_test() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    sum += shard.entries.size();
  }
  return sum;
}

}  // namespace rr::keyvalue::memory
