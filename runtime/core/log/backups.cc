#include "runtime/core/log/backups.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include "runtime/core/log/gzip.h"
#include "runtime/core/quiet_thread.h"

namespace rr::log {

namespace {

namespace fs = std::filesystem;
using SystemClock = std::chrono::system_clock;

constexpr std::size_t kStampBytes = 23;
constexpr std::string_view kGzip = ".gz";
constexpr std::string_view kPart = ".gz.part";  // of a compression that was not finished

// 2006-01-02T15-04-05.000; sorts as text.
std::string stamp(SystemClock::time_point now) {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H-%M-%S", &parts);
  return std::string(text.data()) + "." + std::to_string(1000 + ms % 1000).substr(1);
}

bool is_stamp(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00-00-00.000";
  static_assert(kForm.size() == kStampBytes);
  return std::ranges::equal(text, kForm, [](char c, char form) {
    return form == '0' ? c >= '0' && c <= '9' : c == form;
  });
}

fs::path with(const fs::path& path, std::string_view suffix) {
  return fs::path(path.string() + std::string(suffix));
}

}  // namespace

Backups::Backups(const FileConfig& config)
    : config_(config),
      folder_(fs::path(config.log_output).has_parent_path()
                  ? fs::path(config.log_output).parent_path()
                  : fs::path(".")),
      prefix_(fs::path(config.log_output).stem().string() + "-"),
      extension_(fs::path(config.log_output).extension().string()) {}

Backups::~Backups() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_.store(true);
  }
  changed_.notify_all();
  thread_.join();
}

fs::path Backups::free_name() const {
  std::error_code ignored;
  for (auto now = SystemClock::now();; now += std::chrono::milliseconds(1)) {
    fs::path name = folder_ / (prefix_ + stamp(now) + extension_);
    if (!fs::exists(name, ignored) && !fs::exists(with(name, kGzip), ignored)) return name;
  }
}

void Backups::tend() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
  if (!thread_.joinable()) thread_ = quiet_thread([this] { run(); });
}

void Backups::run() {
  // Linux gives every thread a niceness: requests go first.
  ::setpriority(PRIO_PROCESS, 0, 10);
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return wanted_ || stopping_.load(); });
      if (!wanted_) return;
      wanted_ = false;
    }
    work();
  }
}

std::map<std::string, std::vector<fs::path>, std::greater<>> Backups::found() const {
  std::map<std::string, std::vector<fs::path>, std::greater<>> all;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix_)) continue;
    const std::string when = name.substr(prefix_.size(), kStampBytes);
    if (!is_stamp(when)) continue;
    const std::string rest = name.substr(prefix_.size() + kStampBytes);
    if (!rest.starts_with(extension_)) continue;
    const std::string suffix = rest.substr(extension_.size());
    if (suffix.empty() || suffix == kGzip || suffix == kPart) all[when].push_back(entry.path());
  }
  return all;
}

void Backups::work() const {
  std::error_code ignored;
  const std::string oldest = stamp(SystemClock::now() - std::chrono::hours(24) * config_.max_age);
  std::size_t kept = 0;
  std::vector<fs::path> plain;
  for (const auto& [when, files] : found()) {
    if (kept == config_.max_backups || when < oldest) {
      for (const fs::path& file : files) fs::remove(file, ignored);
      continue;
    }
    ++kept;
    const fs::path file = folder_ / (prefix_ + when + extension_);
    if (std::ranges::find(files, file) != files.end()) plain.push_back(file);
  }
  if (!config_.compress) return;
  for (const fs::path& file : plain) {
    if (stopping_.load()) return;
    if (!gzip_file(file, with(file, kPart), stopping_)) continue;
    fs::rename(with(file, kPart), with(file, kGzip), ignored);
    if (!ignored) fs::remove(file, ignored);
  }
}

}  // namespace rr::log
