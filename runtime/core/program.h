// How this process was started: what starting the same program again needs.
#pragma once

#include <string>
#include <vector>

namespace rr {

struct Program {
  // Of the executable, absolute, with the symbolic links by which it was called: a restart goes
  // where they point by then. Where that cannot be told, what the kernel says is running.
  std::string path;
  std::vector<std::string> argv;
  // The working directory, as the shell names it ($PWD), so that a link to a release is followed
  // anew. Empty: unknown.
  std::string folder;
  // "NAME=value", as it was then, without what was for this process alone (sockets, channels).
  std::vector<std::string> environment;

  // In main(), before anything changes the working directory or the environment.
  static Program started(int argc, char** argv);

  // The file to execute now: `path`, or the running program itself where that is gone.
  std::string executable() const;
};

}  // namespace rr
