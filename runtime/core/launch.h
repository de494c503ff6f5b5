// How this program was started: what it takes to start it anew.
#pragma once

#include <string>
#include <vector>

namespace rr {

// A value. Folder and program are kept as they were named, not as they resolve: a symlink that
// points elsewhere by then counts.
struct Launch {
  std::string program;  // absolute path of the executable, by argv[0] and $PATH
  std::string folder;   // the working directory
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // "NAME=value", without what was for this process alone

  // Of this process. To be called before anything changes its folder or environment.
  static Launch of_process(int argc, char** argv);
};

}  // namespace rr
