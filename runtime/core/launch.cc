#include "runtime/core/launch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace rr {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSelf = "/proc/self/exe";

// Handed from process to process: the next one gets its own, or none.
constexpr std::array<std::string_view, 6> kForUsAlone{
    "RR_EMBED_SOCKETS=", "RR_EMBED_GUARDIAN=", "RR_EMBED_PREDECESSOR=",
    "LISTEN_PID=",       "LISTEN_FDS=",        "LISTEN_FDNAMES="};

bool same_file(const char* one, const char* other) {
  struct stat a {};
  struct stat b {};
  return ::stat(one, &a) == 0 && ::stat(other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

// The shell's name for it where that is right.
std::string working_folder() {
  const char* named = std::getenv("PWD");
  if (named != nullptr && named[0] == '/' && same_file(named, ".")) return named;
  std::error_code failed;
  return fs::current_path(failed).string();
}

std::string executable() {
  std::error_code failed;
  return fs::read_symlink(kSelf, failed).string();
}

std::string program_of(const std::string& word, const std::string& folder) {
  if (word.find('/') != std::string::npos) {
    const std::string path = (fs::path(folder) / word).lexically_normal().string();
    return same_file(path.c_str(), kSelf) ? path : executable();
  }
  const char* search = std::getenv("PATH");
  std::string_view rest = search != nullptr ? search : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const std::string path =
        (fs::path(folder) / rest.substr(0, end) / word).lexically_normal().string();
    if (same_file(path.c_str(), kSelf)) return path;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return executable();
}

}  // namespace

Launch Launch::of_process(int argc, char** argv) {
  Launch launch;
  launch.argv.assign(argv, argv + argc);
  launch.folder = working_folder();
  launch.program = program_of(argc > 0 ? launch.argv[0] : "", launch.folder);
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view entry = *each;
    const bool ours = std::ranges::any_of(
        kForUsAlone, [&](std::string_view name) { return entry.starts_with(name); });
    if (!ours) launch.environment.emplace_back(entry);
  }
  return launch;
}

}  // namespace rr
