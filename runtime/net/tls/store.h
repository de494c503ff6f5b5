// The certificates of a running server: read again when their files change, or when told to.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rr/log.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/tls/context.h"

namespace rr::net::tls {

// Thread-safe. While it is a Timed of the data plane, the guard looks at the files every
// `kLook`. Files that cannot be used leave the certificates as they are, and an error is logged
// once for each state of the files.
class Store final : public Timed {
 public:
  // Reads them first. Errors as Contexts::load.
  static Result<std::unique_ptr<Store>> open(Settings settings, log::Logger log);

  // What new connections get.
  std::shared_ptr<const Contexts> contexts() const;
  // Reads the files again, changed or not.
  Result<void> reload();

  TimePoint expire(TimePoint now) override;

  static constexpr Duration kLook = std::chrono::seconds(5);
  // Keys of session tickets are as old as their Contexts: renewed at least so often.
  static constexpr Duration kTicketKeys = std::chrono::hours(24);

 private:
  // Enough of stat(2) to see that a file is another one.
  struct Seen {
    ino_t inode = 0;
    off_t size = -1;
    timespec changed{};
    bool operator==(const Seen& other) const {
      return inode == other.inode && size == other.size && changed.tv_sec == other.changed.tv_sec &&
             changed.tv_nsec == other.changed.tv_nsec;
    }
  };
  Store(Settings settings, log::Logger log) : settings_(std::move(settings)), log_(log) {}
  std::vector<Seen> look() const;
  Result<void> read();

  const Settings settings_;
  const log::Logger log_;
  std::mutex reading_;  // one reading at a time; guards seen_, next_, read_at_
  std::vector<Seen> seen_;
  TimePoint next_{};
  TimePoint read_at_{};
  mutable std::mutex mutex_;                  // guards contexts_
  std::shared_ptr<const Contexts> contexts_;  // also kept by each connection that uses them
};

}  // namespace rr::net::tls
