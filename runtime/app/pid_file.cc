#include "runtime/app/pid_file.h"

#include <unistd.h>

#include <fstream>
#include <string>
#include <utility>

namespace rr::app {

namespace fs = std::filesystem;

void PidFile::write() {
  if (wanted_ == Wanted::no) return;
  std::error_code failed;
  path_ = fs::absolute(".pid", failed);
  const fs::path draft = path_.string() + "." + std::to_string(::getpid());
  std::ofstream(draft, std::ios::trunc) << ::getpid();
  fs::rename(draft, path_, failed);
  // A folder that takes no new files may still have one that can be written.
  if (failed) std::ofstream(path_, std::ios::trunc) << ::getpid();
}

void PidFile::remove() {
  if (path_.empty()) return;
  const fs::path path = std::exchange(path_, {});
  pid_t named = 0;
  std::ifstream(path) >> named;
  std::error_code ignored;
  if (named == ::getpid()) fs::remove(path, ignored);
}

}  // namespace rr::app
