#include "runtime/core/log/output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/core/config/files.h"

namespace rr::log {

namespace {

// stdout or stderr.
class DescriptorOutput final : public Output {
 public:
  explicit DescriptorOutput(int descriptor) : descriptor_(descriptor) {}
  std::string name() const override { return descriptor_ == STDOUT_FILENO ? "stdout" : "stderr"; }
  int write(std::string_view lines) override { return write_all(descriptor_, lines); }

 private:
  const int descriptor_;
};

class FileOutput final : public Output {
 public:
  explicit FileOutput(std::string path) : path_(std::move(path)) {}
  ~FileOutput() override {
    if (file_ >= 0) ::close(file_);
  }
  FileOutput(const FileOutput&) = delete;
  FileOutput& operator=(const FileOutput&) = delete;

  std::string name() const override { return path_; }
  int write(std::string_view lines) override { return write_all(file_, lines); }
  int reopen() override {
    const int opened = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (opened < 0) return errno;
    if (file_ >= 0) ::close(file_);
    file_ = opened;
    return 0;
  }

 private:
  const std::string path_;
  int file_ = -1;
};

[[noreturn]] void cannot_open(const std::string& name, const std::string& why) {
  throw ConfigError({}, "open sink \"" + name + "\": " + why, {});
}

}  // namespace

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      // Somebody made the terminal or pipe non-blocking, which all its users share.
      pollfd waiting{descriptor, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::unique_ptr<Output> open_output(const std::string& name) {
  if (name == "stdout") return std::make_unique<DescriptorOutput>(STDOUT_FILENO);
  if (name == "stderr") return std::make_unique<DescriptorOutput>(STDERR_FILENO);
  std::string path = name;
  if (const std::size_t scheme = name.find("://"); scheme != std::string::npos) {
    if (name.substr(0, scheme) != "file") {
      cannot_open(name, "no sink found for scheme \"" + name.substr(0, scheme) + "\"");
    }
    path = name.substr(scheme + 3);
    if (path.starts_with("localhost/")) path.erase(0, 9);
  }
  auto file = std::make_unique<FileOutput>(path);
  if (const int error = file->reopen(); error != 0) {
    cannot_open(name, "open " + path + ": " + config::system_text(error));
  }
  return file;
}

}  // namespace rr::log
