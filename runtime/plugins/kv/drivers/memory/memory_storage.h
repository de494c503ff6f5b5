// Keys and values in the memory of the server.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rr/kv.h"
#include "rr/kv_timeout.h"
#include "rr/log.h"

namespace rr::keyvalue::memory {

// Keys are spread over shards, each with a mutex that is held for one key at a time. A key that has
// ended is gone for whoever looks; its memory is given back by later sets, and by tidy().
class MemoryStorage final : public KvStorage {
 public:
  using Now = Moment (*)();

  // `max_bytes` 0: no bound. `now`: for tests.
  MemoryStorage(Logger log, std::size_t max_bytes, Now now = &keyvalue::now);

  Result<void> has(Keys keys, Found& found) override;
  Result<void> get(Keys keys, Found& found) override;
  Result<void> ttl(Keys keys, Found& found) override;
  Result<void> set(Items items) override;
  Result<void> expire(Items items) override;
  Result<void> remove(Keys keys) override;
  Result<void> clear() override;
  Result<bool> set_if(const KvItem& item, const std::string_view* expected) override;
  Result<std::int64_t> increment(std::string_view key, std::int64_t by,
                                 std::string_view timeout) override;
  bool blocks() const override { return false; }
  Duration tidy_interval() const override;
  void tidy() override;

  // Of everything that is kept, ended or not, with what keeping it takes.
  std::size_t bytes_for_test() const;
  std::size_t count_for_test() const;

 private:
  struct Entry {
    explicit Entry(std::string_view key) : key(key) {}
    std::size_t bytes() const;

    std::string key;
    std::string value;
    Timeout timeout;
    bool used = false;  // since the bound looked at it last
  };
  using Entries = std::list<Entry>;
  struct alignas(64) Shard {
    Entry* find(std::string_view key, Now now);
    Entry& find_or_add(std::string_view key);
    void erase(Entries::iterator entry);
    void erase(std::string_view key);
    void look_after(Now now, std::size_t most);
    void fit(std::size_t max_bytes, const Entry* spare, Now now);

    mutable std::mutex mutex;  // guards everything here
    std::unordered_map<std::string_view, Entries::iterator> by_key;
    Entries entries;
    Entries::iterator next = entries.end();  // to be looked at for its end
    std::size_t bytes = 0;
  };

  Shard& shard_of(std::string_view key);
  // Under the shard's mutex. Error: it has no place there.
  Result<void> put(Shard& shard, std::string_view key, std::string_view value,
                   const Timeout& timeout);
  // Whether it ends at all: what is over already is stored without an end, as RoadRunner does.
  bool still_to_come(std::string_view key, const Timeout& timeout) const;

  const Logger log_;
  const Now now_;
  std::vector<Shard> shards_;
  const std::size_t shard_bytes_;  // the bound of each; 0: none
};

}  // namespace rr::keyvalue::memory
