#include "runtime/pool/process/process_stats.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace rr::pool {
namespace {

std::uint64_t page_bytes() {
  static const auto bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

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

ProcessStats process_stats(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char bytes[1024];
  const ssize_t got = file ? ::read(file.get(), bytes, sizeof bytes) : 0;
  std::string_view text(bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  // Behind the name, which is in parentheses and may hold anything: fields 3 to 24, numbers but for
  // the first. The name of the process itself is field 2.
  std::array<double, 25> field{};
  text.remove_prefix(std::min(text.size(), text.rfind(')') + 1));
  std::size_t number = 2;
  while (++number < field.size() && !text.empty()) {
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
    std::from_chars(text.data(), text.data() + text.size(), field[number]);
    text.remove_prefix(std::min(text.size(), text.find(' ')));
  }
  if (number < field.size()) return {};
  enum { user_time = 14, system_time = 15, start_time = 22, resident_pages = 24 };
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  static const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double age =
      static_cast<double>(now.tv_sec) + now.tv_nsec / 1e9 - field[start_time] / ticks;
  const double used = (field[user_time] + field[system_time]) / ticks;
  return {.resident_bytes = static_cast<std::uint64_t>(field[resident_pages]) * page_bytes(),
          .cpu_percent = age <= 0 ? 0 : 100.0 * used / age};
}

}  // namespace rr::pool
