#include "runtime/plugins/metrics/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

namespace rr::metrics {

namespace {

enum : std::size_t { cpu, max_fds, open_fds, resident, start, virtual_size, virtual_max };

std::string read_file(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The fields of /proc/self/stat from the third on, in numbers; the first two may hold blanks.
std::vector<std::uint64_t> stat_fields() {
  const std::string text = read_file("/proc/self/stat");
  std::vector<std::uint64_t> fields;
  for (std::size_t at = text.rfind(')'); at < text.size(); at = text.find(' ', at + 1)) {
    std::uint64_t value = 0;
    std::from_chars(text.data() + at + 1, text.data() + text.size(), value);
    if (text[at] == ' ') fields.push_back(value);
  }
  return fields;
}

double boot_time() {
  const std::string text = read_file("/proc/stat");
  const auto at = text.find("btime ");
  std::uint64_t seconds = 0;
  if (at != std::string::npos)
    std::from_chars(text.data() + at + 6, text.data() + text.size(), seconds);
  return static_cast<double>(seconds);
}

std::size_t count_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::size_t count = 0;
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  ::closedir(folder);
  return count - 1;  // that of the folder
}

double limit(int resource) {
  rlimit limit{};
  ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
  return static_cast<double>(limit.rlim_cur);
}

MetricSpec gauge(std::string name, std::string help) {
  return {.name = std::move(name), .kind = MetricKind::gauge, .help = std::move(help)};
}

}  // namespace

ProcessMetrics::ProcessMetrics()
    : families_{{.name = "process_cpu_seconds_total",
                 .kind = MetricKind::counter,
                 .help = "Total user and system CPU time spent in seconds."},
                gauge("process_max_fds", "Maximum number of open file descriptors."),
                gauge("process_open_fds", "Number of open file descriptors."),
                gauge("process_resident_memory_bytes", "Resident memory size in bytes."),
                gauge("process_start_time_seconds",
                      "Start time of the process since unix epoch in seconds."),
                gauge("process_virtual_memory_bytes", "Virtual memory size in bytes."),
                gauge("process_virtual_memory_max_bytes",
                      "Maximum amount of virtual memory available in bytes.")} {}

void ProcessMetrics::collect(MetricsSink& sink) const {
  // Places of fields in proc(5), less those that are left out.
  enum : std::size_t { user_time = 14 - 3, system_time, start_time = 22 - 3, bytes, pages };
  const auto stat = stat_fields();
  if (stat.size() <= pages) return;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto number = [&](std::size_t field) { return static_cast<double>(stat[field]); };
  sink.put(cpu, (number(user_time) + number(system_time)) / ticks);
  sink.put(max_fds, limit(RLIMIT_NOFILE));
  sink.put(open_fds, static_cast<double>(count_descriptors()));
  sink.put(resident, number(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  sink.put(start, boot_time() + number(start_time) / ticks);
  sink.put(virtual_size, number(bytes));
  sink.put(virtual_max, limit(RLIMIT_AS));
}

}  // namespace rr::metrics
