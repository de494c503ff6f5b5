// Answers in memory, up to a size.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/plugins/http/middleware/cache/entry.h"

namespace rr::http::cache {

// Thread-safe.
class Store {
 public:
  explicit Store(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // The entry of a key that suits a request, the newest first. Null: there is none.
  EntryPointer find(std::string_view key, const HttpRequest& request);
  // Replaces the entry of the same variant. One that takes more than an eighth of all is not kept.
  void put(std::string_view key, EntryPointer entry);
  void erase(std::string_view key);

  std::size_t bytes() const;

 private:
  struct Item {
    std::string key;
    EntryPointer entry;
  };
  using Items = std::list<Item>;
  void drop(Items::iterator item);

  static constexpr std::size_t kVariants = 32;  // of a key

  const std::size_t max_bytes_;
  mutable std::mutex mutex_;  // guards what follows
  Items items_;               // the last used first
  std::unordered_map<std::string, std::vector<Items::iterator>> keys_;
  std::size_t bytes_ = 0;
};

}  // namespace rr::http::cache
