#include "runtime/core/tree_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

#include "runtime/core/config/files.h"
#include "runtime/core/glob.h"
#include "runtime/core/quiet_thread.h"

namespace rr {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE |
                                  IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR |
                                  IN_EXCL_UNLINK;
constexpr auto kLookForFolder = 1s;        // that is not there
constexpr std::size_t kMostFiles = 10000;  // named in one report

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Written by nobody: a second name of another file, or a symlink.
bool is_link(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && (S_ISLNK(info.st_mode) || info.st_nlink > 1);
}

}  // namespace

class TreeWatch::Thread {
 public:
  Thread(TreeWatchOptions options, Logger log, Changed changed)
      : options_(std::move(options)),
        log_(log),
        changed_(std::move(changed)),
        events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
        wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (events_ < 0) {
      log_.error("files are not watched", kv("error", config::system_text(errno)));
    }
    // Before the constructor returns: what changes from then on is heard of.
    for (std::size_t top = 0; top < options_.folders.size(); ++top) begin(top, Report::no);
    thread_ = quiet_thread([this] {
      pthread_setname_np(pthread_self(), "rr-watch");
      run();
    });
  }

  ~Thread() {
    const std::uint64_t one = 1;
    (void)!::write(wake_, &one, sizeof one);
    thread_.join();
    if (events_ >= 0) ::close(events_);
    ::close(wake_);
  }

 private:
  enum class Report : std::uint8_t { no, yes };  // files that are there already

  struct Folder {
    std::string path;
    std::size_t top;  // of options_.folders, which it is or is below
  };

  void run() {
    for (;;) {
      std::array<pollfd, 2> wanted{pollfd{.fd = wake_, .events = POLLIN, .revents = 0},
                                   pollfd{.fd = events_, .events = POLLIN, .revents = 0}};
      ::poll(wanted.data(), wanted.size(), milliseconds_to_wait());
      if (wanted[0].revents != 0) return;
      if (wanted[1].revents != 0) read_events();
      const auto now = Clock::now();
      if (!missing_.empty() && now >= look_again_) look_for_missing();
      if (due_ != Clock::time_point::max() && now >= std::min(due_, latest_)) tell();
    }
  }

  int milliseconds_to_wait() const {
    auto until = std::min(due_, latest_);
    if (!missing_.empty()) until = std::min(until, look_again_);
    if (until == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }

  void tell() {
    due_ = latest_ = Clock::time_point::max();
    const std::vector<std::string> files(files_.begin(), files_.end());
    files_.clear();
    const bool complete = std::exchange(complete_, true);
    changed_(files, complete);
  }

  void note(std::string path) {
    const auto now = Clock::now();
    due_ = now + options_.quiet;
    if (latest_ == Clock::time_point::max()) latest_ = now + options_.longest;
    if (files_.size() < kMostFiles) {
      files_.insert(std::move(path));
    } else {
      complete_ = false;
    }
  }

  // From the watched folder on; empty for that itself.
  std::string_view below_top(std::string_view path, std::size_t top) const {
    const std::string& folder = options_.folders[top];
    return path.size() <= folder.size() ? std::string_view{} : path.substr(folder.size() + 1);
  }

  bool is_ignored(std::string_view below) const {
    return !below.empty() && std::ranges::any_of(options_.ignore, [&](const auto& entry) {
      return is_ignored_by(entry, below);
    });
  }

  void note_file(std::string path, std::size_t top) {
    const std::string_view below = below_top(path, top);
    const bool wanted = std::ranges::any_of(
        options_.patterns, [&](const auto& pattern) { return glob_matches(pattern, below); });
    if (wanted && !is_ignored(below)) note(std::move(path));
  }

  void begin(std::size_t top, Report report) {
    if (events_ < 0 || add(options_.folders[top], top, report)) return;
    missing_.insert(top);
    look_again_ = Clock::now() + kLookForFolder;
  }

  void look_for_missing() {
    for (const std::size_t top : std::exchange(missing_, {})) begin(top, Report::yes);
  }

  // A folder and all below it. The watch comes first: what is made meanwhile is found by one of the
  // two. False: it is not there.
  bool add(const std::string& path, std::size_t top, Report report) {
    std::uint32_t events = kEvents;
    if (path != options_.folders[top]) events |= IN_DONT_FOLLOW;
    const int watch = ::inotify_add_watch(events_, path.c_str(), events);
    if (watch < 0) {
      if (errno == ENOSPC || errno == ENOMEM) complain_of_limit();
      return errno != ENOENT && errno != ENOTDIR;
    }
    watched_[watch] = {path, top};
    DIR* listing = ::opendir(path.c_str());
    if (!listing) return true;
    while (const dirent* entry = ::readdir(listing)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      std::string child = path + "/" + std::string(name);
      const bool folder =
          entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN && is_folder(child));
      if (!folder) {
        if (report == Report::yes) note_file(std::move(child), top);
      } else if (!is_ignored(below_top(child, top))) {
        add(child, top, report);
      }
    }
    ::closedir(listing);
    return true;
  }

  void complain_of_limit() {
    if (std::exchange(complained_, true)) return;
    log_.error(
        "too many folders to watch: changes in the others are not seen. Name fewer in "
        "server.watch.paths, ignore more, or raise the sysctl fs.inotify.max_user_watches",
        kv("watched", watched_.size()));
  }

  void read_events() {
    alignas(inotify_event) std::array<char, 64 * 1024> bytes;
    for (;;) {
      const ssize_t got = ::read(events_, bytes.data(), bytes.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return;
      for (const char* at = bytes.data(); at < bytes.data() + got;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        take(*event, event->len > 0 ? event->name : "");
        at += sizeof(inotify_event) + event->len;
      }
    }
  }

  void take(const inotify_event& event, std::string_view name) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) return begin_anew();
    const auto known = watched_.find(event.wd);
    if (known == watched_.end()) return;
    const Folder folder = known->second;
    if ((event.mask & IN_IGNORED) != 0) {
      watched_.erase(known);
      return;
    }
    if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
      // Those further down are told of by the folder above.
      if (folder.path != options_.folders[folder.top]) return;
      forget(folder.path);
      missing_.insert(folder.top);
      look_again_ = Clock::now() + kLookForFolder;
      return note(folder.path);
    }
    std::string path = folder.path + "/" + std::string(name);
    if ((event.mask & IN_ISDIR) != 0) {
      take_folder(event.mask, std::move(path), folder.top);
    } else if ((event.mask & IN_CREATE) == 0 || is_link(path)) {
      note_file(std::move(path), folder.top);
    }
  }

  void take_folder(std::uint32_t mask, std::string path, std::size_t top) {
    if (is_ignored(below_top(path, top))) return;
    if ((mask & (IN_CREATE | IN_MOVED_TO)) != 0) add(path, top, Report::yes);
    if ((mask & (IN_MOVED_FROM | IN_DELETE)) == 0) return;
    // Its files are elsewhere, with the watches on them.
    if (forget(path)) note(std::move(path));
  }

  // True: something was watched there.
  bool forget(const std::string& path) {
    bool any = false;
    for (auto each = watched_.begin(); each != watched_.end();) {
      const std::string& other = each->second.path;
      const bool below = other == path || other.starts_with(path + "/");
      if (below) ::inotify_rm_watch(events_, each->first);
      any = any || below;
      each = below ? watched_.erase(each) : std::next(each);
    }
    return any;
  }

  // Events were lost, and folders with them.
  void begin_anew() {
    complete_ = false;
    for (std::size_t top = 0; top < options_.folders.size(); ++top) {
      forget(options_.folders[top]);
      begin(top, Report::no);
      note(options_.folders[top]);
    }
  }

  const TreeWatchOptions options_;
  const Logger log_;
  const Changed changed_;
  const int events_;
  const int wake_;
  std::map<int, Folder> watched_;
  std::set<std::size_t> missing_;  // of options_.folders
  Clock::time_point look_again_{};
  std::set<std::string> files_;
  bool complete_ = true;
  bool complained_ = false;
  Clock::time_point due_ = Clock::time_point::max();
  Clock::time_point latest_ = Clock::time_point::max();
  std::thread thread_;  // last: it uses all of the above
};

TreeWatch::TreeWatch(TreeWatchOptions options, Logger log, Changed changed)
    : thread_(std::make_unique<Thread>(std::move(options), log, std::move(changed))) {}

TreeWatch::~TreeWatch() = default;

}  // namespace rr
