// Keys and values in a file, on the disk before a call is answered.
#pragma once

#include "rr/kv.h"
#include "rr/kv_timeout.h"
#include "runtime/plugins/kv/drivers/boltdb/database.h"

namespace rr::keyvalue::boltdb {

// As RoadRunner's driver a key that has ended stays readable until the next tidy(); unlike there it
// ends after a restart, too. For set_if() and increment() it is gone.
class BoltdbStorage final : public KvStorage {
 public:
  explicit BoltdbStorage(const BoltdbConfig& config) : config_(config), database_(config) {}

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
  bool blocks() const override { return true; }
  Result<void> open() override { return database_.open(); }
  Duration tidy_interval() const override { return config_.interval; }
  void tidy() override;

  std::size_t commits_for_test() const { return database_.commits_for_test(); }

 private:
  int erase(MDB_txn* txn, const std::string& key);
  int put(MDB_txn* txn, const std::string& key, std::string_view value, const Timeout& timeout);
  int set_items(MDB_txn* txn, Items items, Result<void>& result);
  int expire_items(MDB_txn* txn, Items items, Result<void>& result);
  int erase_ended(MDB_txn* txn, Moment now, std::size_t most, std::size_t& erased);
  template <class Each>
  Result<void> look(Keys keys, std::string_view op, Each each) const;

  const BoltdbConfig config_;
  Database database_;
};

}  // namespace rr::keyvalue::boltdb
