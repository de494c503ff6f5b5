// An LMDB environment with what the storage needs of it: transactions, and writers that share a
// commit.
#pragma once

#include <lmdb.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rr/result.h"
#include "runtime/plugins/kv/drivers/boltdb/config.h"

namespace rr::keyvalue::boltdb {

// What a file is by its first bytes.
enum class FileKind { none, empty, lmdb, bbolt, other };
FileKind kind_of(const std::string& file);

// Any thread, but for open(). Several processes may have the same file open, each once.
class Database {
 public:
  // Throws nothing; open() says what is wrong.
  explicit Database(const BoltdbConfig& config) : config_(config) {}
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> open();

  // A change to make in a transaction. Returns 0, or LMDB's error, which undoes all of it; an error
  // of the caller's own goes into a variable of his and undoes nothing. May be run more than once:
  // it begins with setting those variables.
  using Change = std::function<int(MDB_txn*)>;
  // Runs it, with whatever else is waiting, and returns when it is on the disk (config.sync).
  Result<void> write(Change change);

  // Runs `look` on what was there at some moment since the call began.
  Result<void> read(const std::function<int(MDB_txn*)>& look) const;

  // To the disk, where writes do not wait for it.
  void flush();

  MDB_dbi values() const { return values_; }
  MDB_dbi deadlines() const { return deadlines_; }
  std::size_t commits_for_test() const;

 private:
  struct Pending {
    Change* change;
    Result<void> result = {};
    bool done = false;
  };
  void commit(const std::vector<Pending*>& batch);
  int commit_together(const std::vector<Pending*>& batch);
  int commit_nothing();
  Error failed(int code) const;
  Result<void> claim();

  const BoltdbConfig config_;
  std::string claimed_;  // in the list of files that this process has open
  MDB_env* env_ = nullptr;
  MDB_dbi values_ = 0;
  MDB_dbi deadlines_ = 0;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::vector<Pending*> queue_;
  bool committing_ = false;  // by one of the waiting threads
  std::size_t commits_ = 0;
};

}  // namespace rr::keyvalue::boltdb
