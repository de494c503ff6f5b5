#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <utility>
#include <vector>

#include "runtime/core/config/files.h"
#include "runtime/core/log/output.h"

namespace rr::log {

namespace {

namespace fs = std::filesystem;
using SystemClock = std::chrono::system_clock;

// 2006-01-02T15-04-05.000
std::string stamp(SystemClock::time_point now) {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H-%M-%S", &parts);
  std::string digits = std::to_string(1000 + ms % 1000).substr(1);
  return std::string(text.data()) + "." + digits;
}

class RotatingFile final : public Output {
 public:
  explicit RotatingFile(const FileConfig& config)
      : config_(config),
        path_(config.log_output),
        backup_prefix_(path_.stem().string() + "-"),
        extension_(path_.extension().string()) {
    std::error_code ignored;
    if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), ignored);
    if (const int error = open(); error != 0) {
      throw ConfigError({},
                        "open sink \"" + path_.string() + "\": open " + path_.string() + ": " +
                            config::system_text(error),
                        {});
    }
  }
  ~RotatingFile() override {
    if (file_ >= 0) ::close(file_);
  }
  RotatingFile(const RotatingFile&) = delete;
  RotatingFile& operator=(const RotatingFile&) = delete;

  int write(std::string_view lines) override {
    // The caller batches lines; the limit counts for each of them.
    while (!lines.empty()) {
      const std::uint64_t room =
          config_.max_size.bytes() > size_ ? config_.max_size.bytes() - size_ : 0;
      std::string_view part = lines;
      if (lines.size() > room) {
        const std::size_t end = room == 0 ? std::string_view::npos : lines.rfind('\n', room - 1);
        if (end == std::string_view::npos && size_ > 0) {
          if (const int error = rotate(); error != 0) return error;
          continue;
        }
        // A line longer than a whole file is written all the same.
        const std::size_t stop = end == std::string_view::npos ? lines.find('\n') : end;
        part = lines.substr(0, stop == std::string_view::npos ? lines.size() : stop + 1);
      }
      if (const int error = write_all(file_, part); error != 0) return error;
      size_ += part.size();
      lines.remove_prefix(part.size());
    }
    return 0;
  }

 private:
  int open() {
    file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) return errno;
    struct stat status {};
    size_ = ::fstat(file_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
    return 0;
  }

  int rotate() {
    ::close(std::exchange(file_, -1));
    std::error_code error;
    fs::path target;
    auto now = SystemClock::now();
    do {
      target = path_.parent_path() / (backup_prefix_ + stamp(now) + extension_);
      now += std::chrono::milliseconds(1);
    } while (fs::exists(target, error));
    fs::rename(path_, target, error);
    remove_old();
    return open();
  }

  void remove_old() {
    std::error_code ignored;
    std::vector<fs::path> backups;
    const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      constexpr std::size_t kStamp = 23;
      if (name.size() == backup_prefix_.size() + kStamp + extension_.size() &&
          name.starts_with(backup_prefix_) && name.ends_with(extension_)) {
        backups.push_back(entry.path());
      }
    }
    std::sort(backups.rbegin(), backups.rend());  // newest first: the stamp sorts as text
    const std::string oldest =
        backup_prefix_ + stamp(SystemClock::now() - std::chrono::hours(24) * config_.max_age);
    for (std::size_t i = 0; i < backups.size(); ++i) {
      if (i >= config_.max_backups || backups[i].filename().string() < oldest)
        fs::remove(backups[i], ignored);
    }
  }

  const FileConfig config_;
  const fs::path path_;
  const std::string backup_prefix_;
  const std::string extension_;
  int file_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace

std::unique_ptr<Output> open_rotating(const FileConfig& config) {
  return std::make_unique<RotatingFile>(config);
}

}  // namespace rr::log
