#include "runtime/core/log/output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/core/config/files.h"

namespace rr::log {

namespace {

class DescriptorOutput final : public Output {
 public:
  DescriptorOutput(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}
  ~DescriptorOutput() override {
    if (owned_) ::close(descriptor_);
  }
  DescriptorOutput(const DescriptorOutput&) = delete;
  DescriptorOutput& operator=(const DescriptorOutput&) = delete;

  int write(std::string_view lines) override { return write_all(descriptor_, lines); }

 private:
  const int descriptor_;
  const bool owned_;
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
  if (name == "stdout") return std::make_unique<DescriptorOutput>(STDOUT_FILENO, false);
  if (name == "stderr") return std::make_unique<DescriptorOutput>(STDERR_FILENO, false);
  std::string path = name;
  if (const std::size_t scheme = name.find("://"); scheme != std::string::npos) {
    if (name.substr(0, scheme) != "file") {
      cannot_open(name, "no sink found for scheme \"" + name.substr(0, scheme) + "\"");
    }
    path = name.substr(scheme + 3);
    if (path.starts_with("localhost/")) path.erase(0, 9);
  }
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) cannot_open(name, "open " + path + ": " + config::system_text(errno));
  return std::make_unique<DescriptorOutput>(file, true);
}

}  // namespace rr::log
