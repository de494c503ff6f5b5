// The certificates of a running server: read again when their files change, or when told to.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "rr/log.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/tls/context.h"

namespace rr::net::tls {

// Enough of stat(2) to see that one of the files of `settings` is another one.
struct SeenFile {
  ino_t inode = 0;
  off_t size = -1;
  timespec changed{};
  bool operator==(const SeenFile& other) const;
};
std::vector<SeenFile> look_at_files(const Settings& settings);

// Thread-safe. While it is a Timed of the data plane, the guard looks at the files every
// `kLook`. Files that cannot be used leave the certificates as they are, and an error is logged
// once for each state of the files.
//
// Reading: what a TLS library makes of the files. An immutable class with a static
// load(const Settings&) -> Result<std::shared_ptr<const Reading>>, and warnings().
template <class Reading>
class StoreOf final : public Timed {
 public:
  // Reads them first. Errors as Reading::load.
  static Result<std::unique_ptr<StoreOf>> open(Settings settings, log::Logger log) {
    std::unique_ptr<StoreOf> store(new StoreOf(std::move(settings), log));
    if (auto done = store->reload(); !done) return std::move(done).error();
    return store;
  }

  // What new connections get.
  std::shared_ptr<const Reading> contexts() const {
    std::lock_guard lock(mutex_);
    return contexts_;
  }
  // Reads the files again, changed or not.
  Result<void> reload() {
    std::lock_guard lock(reading_);
    seen_ = look_at_files(settings_);
    return read();
  }

  TimePoint expire(TimePoint now) override {
    std::lock_guard lock(reading_);
    if (now < next_) return next_;
    next_ = now + kLook;
    std::vector<SeenFile> seen = look_at_files(settings_);
    const bool changed = seen != seen_;
    if (!changed && now < read_at_ + kTicketKeys) return next_;
    seen_ = std::move(seen);
    if (auto done = read(); !done) {
      // A renewal writes two files one after the other: the next look may find them right.
      log_.error("certificates could not be read again, the former ones stay",
                 log::kv("error", done.error().message));
      read_at_ = now;
    } else if (changed) {
      log_.info("certificates were read again");
    }
    return next_;
  }

  static constexpr Duration kLook = std::chrono::seconds(5);
  // Keys of session tickets are as old as their Reading: renewed at least so often.
  static constexpr Duration kTicketKeys = std::chrono::hours(24);

 private:
  StoreOf(Settings settings, log::Logger log) : settings_(std::move(settings)), log_(log) {}
  Result<void> read() {
    auto loaded = Reading::load(settings_);
    if (!loaded) return std::move(loaded).error();
    for (const std::string& warning : (*loaded)->warnings()) log_.warn(warning);
    read_at_ = Clock::now();
    std::lock_guard lock(mutex_);
    contexts_ = std::move(*loaded);
    return {};
  }

  const Settings settings_;
  const log::Logger log_;
  std::mutex reading_;  // one reading at a time; guards seen_, next_, read_at_
  std::vector<SeenFile> seen_;
  TimePoint next_{};
  TimePoint read_at_{};
  mutable std::mutex mutex_;                 // guards contexts_
  std::shared_ptr<const Reading> contexts_;  // also kept by each connection that uses them
};

using Store = StoreOf<Contexts>;

}  // namespace rr::net::tls
