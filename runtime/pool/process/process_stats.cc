#include "runtime/pool/process/process_stats.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace rr::pool {
namespace {

std::uint64_t page_bytes() {
  static const auto bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

std::uint64_t resident_bytes(pid_t pid) {
  return MemoryGauge().read(pid);
}

std::uint64_t MemoryGauge::read(pid_t pid) {
  if (!file_) {
    const std::string path = "/proc/" + std::to_string(pid) + "/statm";
    file_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file_) return 0;
  }
  // "size resident shared …", in pages.
  char bytes[128];
  const ssize_t got = ::pread(file_.get(), bytes, sizeof bytes, 0);
  if (got <= 0) return 0;
  std::string_view text(bytes, static_cast<std::size_t>(got));
  text.remove_prefix(std::min(text.size(), text.find(' ') + 1));
  std::uint64_t resident = 0;
  std::from_chars(text.data(), text.data() + text.size(), resident);
  return resident * page_bytes();
}

double cpu_percent(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return 0;
  // Behind the name, which is in parentheses and may hold anything: field 3 and on.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0, system = 0, started = 0;
  fields >> user >> system;
  for (int field = 16; field < 22; ++field) fields >> skipped;
  if (!(fields >> started)) return 0;
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double age = static_cast<double>(now.tv_sec) + now.tv_nsec / 1e9 - started / ticks;
  return age <= 0 ? 0 : 100.0 * (user + system) / ticks / age;
}

}  // namespace rr::pool
