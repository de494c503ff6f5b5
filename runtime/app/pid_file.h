// ".pid" in the working directory: the process that `rr-embed stop` is to signal.
#pragma once

#include <filesystem>

namespace rr::app {

// One thread at a time.
class PidFile {
 public:
  enum class Wanted : bool { no, yes };
  explicit PidFile(Wanted wanted) : wanted_(wanted) {}
  ~PidFile() { remove(); }
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  // Names this process, and not for a moment half of it.
  void write();
  // Unless somebody else is named by now.
  void remove();

 private:
  const Wanted wanted_;
  std::filesystem::path path_;  // once written
};

}  // namespace rr::app
