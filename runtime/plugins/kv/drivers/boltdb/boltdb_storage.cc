#include "runtime/plugins/kv/drivers/boltdb/boltdb_storage.h"

#include <algorithm>
#include <string>

#include "runtime/plugins/kv/drivers/boltdb/record.h"
#include "runtime/plugins/kv/errors.h"
#include "runtime/plugins/kv/number.h"

namespace rr::keyvalue::boltdb {

namespace {

constexpr const char* kHas = "boltdb_driver_has";
constexpr const char* kSet = "boltdb_driver_set";
constexpr const char* kMget = "boltdb_driver_mget";
constexpr const char* kMexpire = "boltdb_driver_mexpire";
constexpr const char* kTtl = "boltdb_driver_ttl";
constexpr const char* kDelete = "boltdb_driver_delete";
constexpr const char* kClear = "boltdb_driver_clear";
constexpr const char* kIncrement = "boltdb_driver_increment";

MDB_val to_val(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB's C interface; it only reads them
}

std::string_view to_view(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

// What LMDB has under a key, if it is ours; `code` other than 0 and MDB_NOTFOUND is an error.
std::optional<Record> record_of(MDB_txn* txn, MDB_dbi values, const std::string& key, int& code) {
  MDB_val name = to_val(key);
  MDB_val value{};
  code = mdb_get(txn, values, &name, &value);
  return code == 0 ? decode_record(to_view(value)) : std::nullopt;
}

// The same of a key that has not ended; nothing, with `code` 0, when there is none.
std::optional<Record> living_record(MDB_txn* txn, MDB_dbi values, const std::string& key,
                                    int& code) {
  auto record = record_of(txn, values, key, code);
  if (code == MDB_NOTFOUND) code = 0;
  if (record && record->timeout.is_set() && record->timeout.at <= keyvalue::now()) record.reset();
  return record;
}

Result<Timeout> end_of(std::string_view timeout) {
  return timeout.empty() ? Result<Timeout>(Timeout{}) : parse_timeout(timeout);
}

Result<void> in(Result<void> done, std::string_view op) {
  if (!done) return std::move(done).error().in(op);
  return done;
}

}  // namespace

// ---------------------------------------------------------------- reading

template <class Each>
Result<void> BoltdbStorage::look(Keys keys, std::string_view op, Each each) const {
  return in(database_.read([&](MDB_txn* txn) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      int code = 0;
      const auto record = record_of(txn, database_.values(), stored_key(keys[i]), code);
      if (code != 0 && code != MDB_NOTFOUND) return code;
      if (record) each(i, *record);
    }
    return 0;
  }),
            op);
}

Result<void> BoltdbStorage::has(Keys keys, Found& found) {
  // The operation twice: so RoadRunner says it.
  if (std::ranges::any_of(keys, &is_blank))
    return empty_key(std::string(kHas).append(":\n\t").append(kHas));
  return look(keys, kHas, [&](std::size_t index, const Record&) { found.found(index, {}); });
}

Result<void> BoltdbStorage::get(Keys keys, Found& found) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key(kMget);
  return look(keys, kMget,
              [&](std::size_t index, const Record& record) { found.found(index, record.value); });
}

Result<void> BoltdbStorage::ttl(Keys keys, Found& found) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key(kTtl);
  return look(keys, kTtl, [&](std::size_t index, const Record& record) {
    if (record.timeout.is_set()) found.found(index, to_text(record.timeout));
  });
}

// ---------------------------------------------------------------- writing

// The value with its deadline; one that is not there is none the less erased.
int BoltdbStorage::erase(MDB_txn* txn, const std::string& key) {
  int code = 0;
  const auto record = record_of(txn, database_.values(), key, code);
  if (code == MDB_NOTFOUND) return 0;
  if (code != 0) return code;
  MDB_val name = to_val(key);
  if (record && record->timeout.is_set()) {
    const std::string deadline = deadline_key(record->timeout.at);
    MDB_val at = to_val(deadline);
    code = mdb_del(txn, database_.deadlines(), &at, &name);
    if (code != 0 && code != MDB_NOTFOUND) return code;
  }
  return mdb_del(txn, database_.values(), &name, nullptr);
}

int BoltdbStorage::put(MDB_txn* txn, const std::string& key, std::string_view value,
                       const Timeout& timeout) {
  const std::string record = encode({timeout, value});  // before `value`, a view of what is erased
  if (const int code = erase(txn, key); code != 0) return code;
  MDB_val name = to_val(key);
  MDB_val bytes = to_val(record);
  const int code = mdb_put(txn, database_.values(), &name, &bytes, 0);
  if (code != 0 || !timeout.is_set()) return code;
  const std::string deadline = deadline_key(timeout.at);
  MDB_val at = to_val(deadline);
  return mdb_put(txn, database_.deadlines(), &at, &name, 0);
}

int BoltdbStorage::set_items(MDB_txn* txn, Items items, Result<void>& result) {
  result = {};
  for (const KvItem& item : items) {
    if (item.key.empty()) {
      result = Error(Errc::invalid, kSet, "key required");
      return 0;
    }
    Timeout timeout;
    if (!item.timeout.empty()) {
      auto parsed = parse_timeout(item.timeout);
      if (parsed) {
        timeout = *parsed;
      } else {
        result = std::move(parsed).error().in(kSet);  // stored without an end, as RoadRunner does
      }
    }
    const int code = put(txn, stored_key(item.key), item.value, timeout);
    if (code != 0 || !result) return code;
  }
  return 0;
}

Result<void> BoltdbStorage::set(Items items) {
  if (items.empty()) return {};
  Result<void> result;
  auto written = database_.write([&](MDB_txn* txn) { return set_items(txn, items, result); });
  return written ? std::move(result) : in(std::move(written), kSet);
}

int BoltdbStorage::expire_items(MDB_txn* txn, Items items, Result<void>& result) {
  result = {};
  for (const KvItem& item : items) {
    if (item.timeout.empty() || is_blank(item.key)) {
      result = Error(Errc::invalid, kMexpire, "should set timeout and at least one key");
      return 0;
    }
    auto timeout = parse_timeout(item.timeout);
    if (!timeout) {
      result = std::move(timeout).error().in(kMexpire);
      return 0;
    }
    const std::string key = stored_key(item.key);
    int code = 0;
    const auto record = record_of(txn, database_.values(), key, code);
    if (code == MDB_NOTFOUND) continue;
    if (code == 0 && record) code = put(txn, key, record->value, *timeout);
    if (code != 0) return code;
  }
  return 0;
}

Result<void> BoltdbStorage::expire(Items items) {
  if (items.empty()) return {};
  Result<void> result;
  auto written = database_.write([&](MDB_txn* txn) { return expire_items(txn, items, result); });
  return written ? std::move(result) : in(std::move(written), kMexpire);
}

Result<void> BoltdbStorage::remove(Keys keys) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key(kDelete);
  if (keys.empty()) return {};
  return in(database_.write([&](MDB_txn* txn) {
    for (const std::string_view key : keys) {
      if (const int code = erase(txn, stored_key(key)); code != 0) return code;
    }
    return 0;
  }),
            kDelete);
}

Result<void> BoltdbStorage::clear() {
  return in(database_.write([&](MDB_txn* txn) {
    const int code = mdb_drop(txn, database_.values(), 0);
    return code != 0 ? code : mdb_drop(txn, database_.deadlines(), 0);
  }),
            kClear);
}

// ---------------------------------------------------------------- in one step

Result<bool> BoltdbStorage::set_if(const KvItem& item, const std::string_view* expected) {
  if (is_blank(item.key)) return empty_key(kSet);
  auto timeout = end_of(item.timeout);
  if (!timeout) return std::move(timeout).error().in(kSet);
  const std::string key = stored_key(item.key);
  bool done = false;
  auto written = in(database_.write([&](MDB_txn* txn) {
    done = false;
    int code = 0;
    const auto record = living_record(txn, database_.values(), key, code);
    if (code != 0) return code;
    if (expected == nullptr ? record.has_value() : !record || record->value != *expected) return 0;
    done = true;
    return put(txn, key, item.value, *timeout);
  }),
                    kSet);
  return written ? Result<bool>(done) : std::move(written).error();
}

Result<std::int64_t> BoltdbStorage::increment(std::string_view name, std::int64_t by,
                                              std::string_view timeout) {
  if (is_blank(name)) return empty_key(kIncrement);
  auto end = end_of(timeout);
  if (!end) return std::move(end).error().in(kIncrement);
  const std::string key = stored_key(name);
  Result<std::int64_t> total;
  auto written = in(database_.write([&](MDB_txn* txn) {
    int code = 0;
    const auto record = living_record(txn, database_.values(), key, code);
    if (code != 0) return code;
    total = sum(record ? &record->value : nullptr, by);
    if (!total) return 0;
    return put(txn, key, std::to_string(*total), record ? record->timeout : *end);
  }),
                    kIncrement);
  if (!written) return std::move(written).error();
  return total ? std::move(total) : std::move(total).error().in(kIncrement);
}

// ---------------------------------------------------------------- ends

// Those whose time is over, the oldest first.
int BoltdbStorage::erase_ended(MDB_txn* txn, Moment now, std::size_t most, std::size_t& erased) {
  erased = 0;
  MDB_cursor* cursor = nullptr;
  if (const int code = mdb_cursor_open(txn, database_.deadlines(), &cursor); code != 0) return code;
  std::vector<std::string> keys;
  MDB_val at{};
  MDB_val name{};
  int code = mdb_cursor_get(cursor, &at, &name, MDB_FIRST);
  while (code == 0 && keys.size() < most && moment_of(to_view(at)) < now) {
    keys.emplace_back(to_view(name));
    code = mdb_cursor_get(cursor, &at, &name, MDB_NEXT);
  }
  mdb_cursor_close(cursor);
  if (code != 0 && code != MDB_NOTFOUND) return code;
  for (const std::string& key : keys) {
    if (code = erase(txn, key); code != 0) return code;
  }
  erased = keys.size();
  return 0;
}

void BoltdbStorage::tidy() {
  constexpr std::size_t kAtATime = 1000;  // so that others write in between
  database_.flush();
  for (;;) {
    bool due = false;
    auto looked = database_.read([&](MDB_txn* txn) {
      MDB_cursor* cursor = nullptr;
      if (const int code = mdb_cursor_open(txn, database_.deadlines(), &cursor); code != 0)
        return code;
      MDB_val at{};
      const int code = mdb_cursor_get(cursor, &at, nullptr, MDB_FIRST);
      due = code == 0 && moment_of(to_view(at)) < keyvalue::now();
      mdb_cursor_close(cursor);
      return code == MDB_NOTFOUND ? 0 : code;
    });
    if (!looked || !due) return;
    std::size_t erased = 0;
    auto written = database_.write(
        [&](MDB_txn* txn) { return erase_ended(txn, keyvalue::now(), kAtATime, erased); });
    if (!written || erased < kAtATime) return;  // the next time again
  }
}

}  // namespace rr::keyvalue::boltdb
