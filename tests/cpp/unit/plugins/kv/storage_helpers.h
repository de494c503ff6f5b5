// Storages as tests use them: by name, results as text.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "rr/kv.h"
#include "rr/kv_timeout.h"

namespace rr::keyvalue {

// RFC 3339, that long from now.
inline std::string in(std::chrono::milliseconds time) {
  Timeout timeout{keyvalue::now() + std::chrono::microseconds(time).count(), 0, true};
  std::string text = to_text(timeout);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(timeout.at % 1'000'000));
  text.replace(text.size() - 1, 1, fraction);
  return text;
}

class Found final : public KvStorage::Found {
 public:
  explicit Found(KvStorage::Keys keys) : keys_(keys) {}
  void found(std::size_t index, std::string_view bytes) override {
    EXPECT_TRUE(all.emplace(keys_[index], bytes).second) << "twice";
  }
  std::map<std::string, std::string> all;

 private:
  KvStorage::Keys keys_;
};

using Keys = std::vector<std::string_view>;
using Values = std::map<std::string, std::string>;

// What was found; "error" → its text.
inline Values get(KvStorage& storage, const Keys& keys) {
  Found found(keys);
  if (auto done = storage.get(keys, found); !done) return {{"error", done.error().text()}};
  return found.all;
}
inline Values has(KvStorage& storage, const Keys& keys) {
  Found found(keys);
  if (auto done = storage.has(keys, found); !done) return {{"error", done.error().text()}};
  return found.all;
}
inline Values ttl(KvStorage& storage, const Keys& keys) {
  Found found(keys);
  if (auto done = storage.ttl(keys, found); !done) return {{"error", done.error().text()}};
  return found.all;
}
// Empty, or the error.
inline std::string text(const Result<void>& done) {
  return done ? "" : done.error().text();
}
inline std::string set(KvStorage& storage, const std::vector<KvItem>& items) {
  return text(storage.set(items));
}
inline std::string expire(KvStorage& storage, const std::vector<KvItem>& items) {
  return text(storage.expire(items));
}
inline std::string remove(KvStorage& storage, const Keys& keys) {
  return text(storage.remove(keys));
}

// "yes", "no", or the error.
inline std::string set_if(KvStorage& storage, const KvItem& item,
                          std::optional<std::string_view> expected = {}) {
  const auto done = storage.set_if(item, expected ? &*expected : nullptr);
  return done ? (*done ? "yes" : "no") : done.error().text();
}
// The sum, or the error.
inline std::string increment(KvStorage& storage, std::string_view key, std::int64_t by,
                             std::string_view timeout = {}) {
  const auto total = storage.increment(key, by, timeout);
  return total ? std::to_string(*total) : total.error().text();
}

}  // namespace rr::keyvalue
