#include "runtime/app/code_watch.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

namespace rr::app {
namespace {

// More than that is no edit but an installation: whether workers come up decides.
constexpr std::size_t kMostByEngine = 500;
constexpr std::size_t kMostByCommand = 32;  // a process each

bool is_script(const std::string& path) {
  struct stat info {};
  return path.ends_with(".php") && ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

void CodeWatch::watch(const std::optional<WatchConfig>& config) {
  tree_.reset();
  broken_.clear();
  if (!config) return;
  TreeWatchOptions options;
  std::error_code ignored;
  for (const std::string& path : config->paths) {
    std::string folder = std::filesystem::absolute(path, ignored).lexically_normal().string();
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    options.folders.push_back(std::move(folder));
  }
  options.patterns = config->patterns;
  options.ignore = config->ignore;
  options.quiet = config->debounce;
  log_.info("watching files", kv("paths", options.folders));
  tree_ = std::make_unique<TreeWatch>(
      std::move(options), log_,
      [this](const std::vector<std::string>& files, bool complete) { changed(files, complete); });
}

void CodeWatch::changed(const std::vector<std::string>& files, bool complete) {
  std::set<std::string> scripts = std::exchange(broken_, {});
  scripts.insert(files.begin(), files.end());
  std::vector<std::string> to_check;
  for (const std::string& path : scripts) {
    if (is_script(path)) to_check.push_back(path);
  }
  if (!compile(to_check)) return;
  std::string why = files.empty() ? "files" : files.front();
  if (files.size() > 1 || !complete) {
    why += " and " + (complete ? std::to_string(files.size() - 1) : std::string("many")) + " more";
  }
  reloader_.renew(why + " changed");
}

// False: not all of them compile, which is logged.
bool CodeWatch::compile(const std::vector<std::string>& files) {
  if (files.empty() || files.size() > (pools_.has_engine() ? kMostByEngine : kMostByCommand))
    return true;
  const auto errors = pools_.check_syntax(files);
  if (!errors) return true;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if ((*errors)[i].empty()) continue;
    broken_.insert(files[i]);
    log_.error("code does not compile, workers stay as they are", kv("file", files[i]),
               kv("error", (*errors)[i]));
  }
  return broken_.empty();
}

}  // namespace rr::app
