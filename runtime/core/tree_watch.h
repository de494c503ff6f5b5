// Hears of files that change in folders and all that is below them (inotify).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rr/log.h"

namespace rr {

struct TreeWatchOptions {
  std::vector<std::string> folders;   // absolute; each may come and go
  std::vector<std::string> patterns;  // files that count, from a folder on: see glob.h
  std::vector<std::string> ignore;    // what does not, and is not watched
  // Changes are reported together once it has been quiet for that long, or has not for `longest`.
  std::chrono::nanoseconds quiet = std::chrono::milliseconds(300);
  std::chrono::nanoseconds longest = std::chrono::seconds(5);
};

// A thread of its own watches from the constructor to the destructor. Symlinks below the folders
// are not followed.
class TreeWatch {
 public:
  // Files that were written, moved or removed; those that are there no more are among them.
  // `complete`: there may be others. On the watching thread; what changes meanwhile is reported
  // afterwards.
  using Changed = std::function<void(const std::vector<std::string>& files, bool complete)>;
  TreeWatch(TreeWatchOptions options, Logger log, Changed changed);
  ~TreeWatch();
  TreeWatch(const TreeWatch&) = delete;
  TreeWatch& operator=(const TreeWatch&) = delete;

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace rr
