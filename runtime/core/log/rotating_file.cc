#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "runtime/core/config/files.h"
#include "runtime/core/log/backups.h"
#include "runtime/core/log/output.h"

namespace rr::log {

namespace {

namespace fs = std::filesystem;

class RotatingFile final : public Output {
 public:
  explicit RotatingFile(const FileConfig& config)
      : path_(config.log_output), max_bytes_(config.max_size.bytes()), backups_(config) {
    std::error_code ignored;
    if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), ignored);
    if (const int error = reopen(); error != 0) {
      throw ConfigError({},
                        "open sink \"" + path_.string() + "\": open " + path_.string() + ": " +
                            config::system_text(error),
                        {});
    }
    backups_.tend();  // what the last run left
  }
  ~RotatingFile() override {
    if (file_ >= 0) ::close(file_);
  }
  RotatingFile(const RotatingFile&) = delete;
  RotatingFile& operator=(const RotatingFile&) = delete;

  std::string name() const override { return path_.string(); }

  int write(std::string_view lines) override {
    int failed = 0;
    // The caller batches lines; the limit counts for each of them.
    while (!lines.empty()) {
      const std::uint64_t room = max_bytes_ > size_ ? max_bytes_ - size_ : 0;
      std::string_view part = lines;
      if (lines.size() > room) {
        const std::size_t end = room == 0 ? std::string_view::npos : lines.rfind('\n', room - 1);
        if (end == std::string_view::npos && size_ > 0) {
          if (const int error = rotate(); error != 0) failed = error;
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
    return failed;
  }

  int reopen() override {
    const int opened = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (opened < 0) return errno;
    struct stat status {};
    size_ = ::fstat(opened, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
    if (file_ >= 0) ::close(file_);
    file_ = opened;
    return 0;
  }

 private:
  // On failure the file grows on, and this is tried again after as much as it may hold.
  int rotate() {
    struct stat before {};
    ::fstat(file_, &before);
    const bool ours = is_at_its_path();
    std::error_code error;
    if (ours) fs::rename(path_, backups_.free_name(), error);
    const int failed = error ? error.value() : reopen();
    if (failed != 0) {
      size_ = 0;
      return failed;
    }
    // Somebody may have given the file to a group that reads it. EPERM: only root gives away.
    if (ours && (::fchown(file_, before.st_uid, before.st_gid) == 0 || errno == EPERM))
      ::fchmod(file_, before.st_mode & 07777);
    backups_.tend();
    return 0;
  }

  // False when somebody else has renamed or removed it.
  bool is_at_its_path() const {
    struct stat open {};
    struct stat named {};
    return ::fstat(file_, &open) == 0 && ::stat(path_.c_str(), &named) == 0 &&
           open.st_dev == named.st_dev && open.st_ino == named.st_ino;
  }

  const fs::path path_;
  const std::uint64_t max_bytes_;
  Backups backups_;
  int file_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace

std::unique_ptr<Output> open_rotating(const FileConfig& config) {
  return std::make_unique<RotatingFile>(config);
}

}  // namespace rr::log
