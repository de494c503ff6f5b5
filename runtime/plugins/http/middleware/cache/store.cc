#include "runtime/plugins/http/middleware/cache/store.h"

#include <algorithm>

namespace rr::http::cache {

EntryPointer Store::find(std::string_view key, const HttpRequest& request) {
  std::lock_guard lock(mutex_);
  const auto found = keys_.find(std::string(key));
  if (found == keys_.end()) return nullptr;
  auto& variants = found->second;
  for (auto at = variants.rbegin(); at != variants.rend(); ++at) {
    if (!(*at)->entry->suits(request)) continue;
    items_.splice(items_.begin(), items_, *at);
    return (*at)->entry;
  }
  return nullptr;
}

void Store::put(std::string_view key, EntryPointer entry) {
  const std::size_t size = entry->bytes() + key.size();
  if (size > max_bytes_ / 8) return;
  std::lock_guard lock(mutex_);
  if (const auto found = keys_.find(std::string(key)); found != keys_.end()) {
    const auto variants = found->second;  // drop() changes it
    for (const auto& variant : variants) {
      if (variant->entry->varies == entry->varies) drop(variant);
    }
    if (variants.size() >= kVariants && keys_.contains(std::string(key))) {
      auto& left = keys_[std::string(key)];
      if (left.size() >= kVariants) drop(left.front());
    }
  }
  items_.push_front({std::string(key), std::move(entry)});
  keys_[items_.front().key].push_back(items_.begin());
  bytes_ += size;
  while (bytes_ > max_bytes_) drop(std::prev(items_.end()));
}

void Store::erase(std::string_view key) {
  std::lock_guard lock(mutex_);
  const auto found = keys_.find(std::string(key));
  if (found == keys_.end()) return;
  const auto variants = found->second;
  for (const auto& variant : variants) drop(variant);
}

void Store::drop(Items::iterator item) {
  const auto found = keys_.find(item->key);
  std::erase(found->second, item);
  if (found->second.empty()) keys_.erase(found);
  bytes_ -= item->entry->bytes() + item->key.size();
  items_.erase(item);
}

std::size_t Store::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace rr::http::cache
