// The renamed files of one log file: their names, how many are kept and how long, and gzip.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/core/log/config.h"

namespace rr::log {

// The owner's thread, but for the work itself, which a thread of its own does.
class Backups final {
 public:
  explicit Backups(const FileConfig& config);
  // A compression under way is given up; the next start does it.
  ~Backups();
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  // A name for the file as it is now, that no other has: name-2006-01-02T15-04-05.000.ext (UTC).
  std::filesystem::path free_name() const;

  // Removes those beyond max_backups and max_age, then compresses the others if wanted. Does not
  // wait. What cannot be read, written or removed stays as it is and is tried again the next time.
  void tend();

 private:
  void run();
  // By stamp, newest first; one stamp's file may be there plain and compressed.
  std::map<std::string, std::vector<std::filesystem::path>, std::greater<>> found() const;
  void work() const;

  const FileConfig config_;
  const std::filesystem::path folder_;
  const std::string prefix_;     // of a backup's name, before the stamp
  const std::string extension_;  // behind it

  std::mutex mutex_;  // guards wanted_
  std::condition_variable changed_;
  bool wanted_ = false;
  std::atomic<bool> stopping_{false};
  std::thread thread_;  // since the first tend(); last: it uses all of the above
};

}  // namespace rr::log
