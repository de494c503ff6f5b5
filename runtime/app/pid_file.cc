#include "runtime/app/pid_file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>

#include "rr/config/errors.h"
#include "runtime/core/config/files.h"

namespace rr::app {
namespace {

constexpr const char* kPath = ".pid";

std::string content_of(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  std::array<char, 64> bytes{};
  const ssize_t got = ::read(file, bytes.data(), bytes.size());
  ::close(file);
  return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : "";
}

// 0: none.
pid_t pid_in_file() {
  const std::string text = content_of(kPath);
  pid_t pid = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), pid);
  return failed == std::errc() && end == text.data() + text.size() && pid > 0 ? pid : 0;
}

// A number that another program has by now is no server.
bool is_other_server(pid_t pid) {
  if (pid == 0 || pid == getpid()) return false;
  const std::string name = content_of("/proc/" + std::to_string(pid) + "/comm");
  return !name.empty() && name == content_of("/proc/self/comm");
}

}  // namespace

PidFile::PidFile(Wanted wanted, Logger log) : log_(log) {
  if (wanted == Wanted::no) return;
  file_ = ::open(kPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  ours_ = file_ >= 0;
  if (file_ < 0) file_ = ::open(kPath, O_WRONLY | O_CLOEXEC);
  if (file_ >= 0) return;
  const std::string why = std::string("open ") + kPath + ": " + config::system_text(errno);
  if (pid_in_file() != getpid()) throw ConfigError({}, why, {});
  log_.warn("the .pid file will stay when this server ends", kv("error", why));
}

PidFile::~PidFile() {
  remove();
  if (file_ >= 0) ::close(file_);
}

void PidFile::write(pid_t predecessor) {
  if (file_ < 0) return;
  if (const pid_t other = pid_in_file(); other != predecessor && is_other_server(other)) {
    log_.warn("the .pid file named another server that runs: it names this one now",
              kv("pid", other));
  }
  const std::string text = std::to_string(getpid());
  ours_ = true;
  // Emptied first: nobody may read a mixture of two numbers.
  if (::ftruncate(file_, 0) != 0 ||
      ::pwrite(file_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    log_.warn("the .pid file could not be written", kv("error", std::strerror(errno)));
  }
}

void PidFile::remove() {
  if (!ours_) return;
  const pid_t named = pid_in_file();
  if (named != 0 && named != getpid()) return;
  if (::unlink(kPath) != 0) [[maybe_unused]]
    const int emptied = ::ftruncate(file_, 0);
}

}  // namespace rr::app
