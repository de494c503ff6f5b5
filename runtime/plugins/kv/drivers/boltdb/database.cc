#include "runtime/plugins/kv/drivers/boltdb/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

namespace rr::keyvalue::boltdb {

namespace {

// Readers of all processes; one that was killed is cleared away by the next open().
constexpr unsigned kMaxReaders = 4096;

// LMDB must not open a file twice in one process: closing one would drop the locks of the other.
struct OpenFiles {
  std::mutex mutex;  // guards names
  std::set<std::string> names;
};
OpenFiles& open_files() {
  static OpenFiles files;
  return files;
}

std::string identity_of(const std::string& file) {
  std::error_code failed;
  const auto path = std::filesystem::weakly_canonical(file, failed);
  return failed ? file : path.string();
}

// A file that may grow no further (RLIMIT_FSIZE) is an error of the write, not the end of the
// server.
void survive_file_limit() {
  struct sigaction now {};
  if (::sigaction(SIGXFSZ, nullptr, &now) == 0 && now.sa_handler == SIG_DFL)
    std::signal(SIGXFSZ, SIG_IGN);
}

// That there is a file at all has to be on the disk, too.
void sync_folder_of(const std::string& file) {
  std::string folder = std::filesystem::path(file).parent_path().string();
  if (folder.empty()) folder = ".";
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

FileKind kind_of(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? FileKind::none : FileKind::other;
  unsigned char head[20] = {};
  const ssize_t got = ::read(fd, head, sizeof head);
  ::close(fd);
  if (got == 0) return FileKind::empty;
  // Both begin with the head of a page, 16 bytes, and a number of their own.
  std::uint32_t magic = 0;
  for (int i = 0; i < 4; ++i) magic |= std::uint32_t{head[16 + i]} << (8 * i);
  if (got == sizeof head && magic == 0xBEEFC0DE) return FileKind::lmdb;
  if (got == sizeof head && magic == 0xED0CDAED) return FileKind::bbolt;
  return FileKind::other;
}

Database::~Database() {
  flush();
  if (env_ != nullptr) mdb_env_close(env_);
  std::lock_guard lock(open_files().mutex);
  open_files().names.erase(claimed_);
}

Error Database::failed(int code) const {
  std::string why = mdb_strerror(code);
  if (code == MDB_MAP_FULL)
    why = "the database is full: max_size is " + std::to_string(config_.max_size.count) + " MB";
  if (code == ENOMEM)
    why += " (max_size takes " + std::to_string(config_.max_size.count) + " MB of address space)";
  return Error(Errc::io, "", config_.file + ": " + why);
}

Result<void> Database::claim() {
  std::string name = identity_of(config_.file);
  std::lock_guard lock(open_files().mutex);
  if (!open_files().names.insert(name).second)
    return Error(Errc::io, "",
                 config_.file + " belongs to another storage: name one file for each");
  claimed_ = std::move(name);
  return {};
}

Result<void> Database::open() {
  switch (kind_of(config_.file)) {
    case FileKind::bbolt:
      return Error(Errc::io, "",
                   config_.file +
                       " is a database of RoadRunner's (bbolt). rr-embed keeps keys in a format of "
                       "its own and leaves it alone: name another file, or move this one away");
    case FileKind::other:
      return Error(Errc::io, "",
                   config_.file + " is no database, or cannot be read: name another file");
    case FileKind::none:
    case FileKind::empty:
    case FileKind::lmdb:
      break;
  }
  if (auto claimed = claim(); !claimed) return claimed;
  survive_file_limit();
  if (const int code = mdb_env_create(&env_); code != 0) return failed(code);
  mdb_env_set_maxdbs(env_, 2);
  mdb_env_set_maxreaders(env_, kMaxReaders);
  // No thread owns a reader: calls come on whichever is free.
  const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | (config_.sync ? 0U : unsigned{MDB_NOSYNC});
  int code = mdb_env_set_mapsize(env_, config_.max_size.bytes());
  if (code == 0) code = mdb_env_open(env_, config_.file.c_str(), flags, config_.permissions.bits);
  if (code != 0) return failed(code);
  int dead = 0;
  mdb_reader_check(env_, &dead);
  MDB_txn* txn = nullptr;
  code = mdb_txn_begin(env_, nullptr, 0, &txn);
  if (code != 0) return failed(code);
  code = mdb_dbi_open(txn, "default", MDB_CREATE, &values_);
  if (code == 0) code = mdb_dbi_open(txn, "deadlines", MDB_CREATE | MDB_DUPSORT, &deadlines_);
  if (code == 0) {
    code = mdb_txn_commit(txn);
  } else {
    mdb_txn_abort(txn);
  }
  if (code != 0) return failed(code);
  if (config_.sync) sync_folder_of(config_.file);
  return {};
}

Result<void> Database::read(const std::function<int(MDB_txn*)>& look) const {
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn); code != 0)
    return failed(code);
  const int code = look(txn);
  mdb_txn_abort(txn);
  if (code != 0) return failed(code);
  return {};
}

void Database::flush() {
  if (env_ != nullptr && !config_.sync) mdb_env_sync(env_, 1);
}

// Whoever finds nobody at it commits for all that wait: while one is at the disk, others gather.
Result<void> Database::write(Change change) {
  Pending mine{&change};
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  changed_.wait(lock, [&] { return mine.done || !committing_; });
  if (mine.done) return std::move(mine.result);
  committing_ = true;
  const std::vector<Pending*> batch = std::exchange(queue_, {});
  lock.unlock();
  commit(batch);
  lock.lock();
  committing_ = false;
  for (Pending* each : batch) each->done = true;
  changed_.notify_all();
  return std::move(mine.result);
}

// One that cannot be done must not cost the others theirs.
void Database::commit(const std::vector<Pending*>& batch) {
  if (batch.size() > 1 && commit_together(batch) == 0) return;
  for (Pending* each : batch) {
    int code = commit_together({each});
    // What the last transaction has freed is of use to the one after the next.
    if (code == MDB_MAP_FULL && commit_nothing() == 0) code = commit_together({each});
    if (code != 0) each->result = failed(code);
  }
}

int Database::commit_nothing() {
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(env_, nullptr, 0, &txn); code != 0) return code;
  MDB_dbi names = 0;
  int code = mdb_dbi_open(txn, nullptr, 0, &names);
  const std::size_t number = mdb_txn_id(txn);
  char key[] = "transaction";
  MDB_val name{sizeof key, key};
  MDB_val value{sizeof number, const_cast<std::size_t*>(&number)};
  if (code == 0) code = mdb_put(txn, names, &name, &value, 0);
  if (code == 0) return mdb_txn_commit(txn);
  mdb_txn_abort(txn);
  return code;
}

int Database::commit_together(const std::vector<Pending*>& batch) {
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(env_, nullptr, 0, &txn);
  if (code != 0) return code;
  for (Pending* each : batch) {
    code = (*each->change)(txn);
    if (code == 0) continue;
    mdb_txn_abort(txn);
    return code;
  }
  code = mdb_txn_commit(txn);
  std::lock_guard lock(mutex_);
  ++commits_;
  return code;
}

std::size_t Database::commits_for_test() const {
  std::lock_guard lock(mutex_);
  return commits_;
}

}  // namespace rr::keyvalue::boltdb
