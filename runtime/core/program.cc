#include "runtime/core/program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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

bool same_file(const std::string& a, const std::string& b) {
  struct stat one {};
  struct stat other {};
  return !a.empty() && !b.empty() && ::stat(a.c_str(), &one) == 0 &&
         ::stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::string working_directory() {
  const char* shell = std::getenv("PWD");
  if (shell != nullptr && *shell == '/' && same_file(shell, ".")) return shell;
  std::error_code gone;
  return fs::current_path(gone).string();
}

std::string in_path(const std::string& name) {
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable != nullptr ? variable : "";
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
    std::string candidate = std::string(folder.empty() ? "." : folder) + "/" + name;
    if (same_file(candidate, kSelf)) return candidate;
  }
  return "";
}

// The name by which the program was called, if that leads to what is running.
std::string called(const std::string& name, const std::string& folder) {
  const std::string found = name.find('/') == std::string::npos ? in_path(name) : name;
  if (!same_file(found, kSelf)) return "";
  return (fs::path(folder) / found).lexically_normal().string();
}

}  // namespace

Program Program::started(int argc, char** argv) {
  Program program;
  program.argv.assign(argv, argv + argc);
  program.folder = working_directory();
  if (argc > 0) program.path = called(argv[0], program.folder);
  std::error_code unknown;
  if (program.path.empty()) program.path = fs::read_symlink(kSelf, unknown).string();
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view entry = *each;
    const bool ours = std::ranges::any_of(
        kForUsAlone, [&](std::string_view name) { return entry.starts_with(name); });
    if (!ours) program.environment.emplace_back(entry);
  }
  return program;
}

std::string Program::executable() const {
  return ::access(path.c_str(), X_OK) == 0 ? path : kSelf;
}

}  // namespace rr
