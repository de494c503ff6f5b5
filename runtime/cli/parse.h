// The command line's grammar: RoadRunner's flags in all their forms, its error texts.
#pragma once

#include <string>
#include <vector>

#include "runtime/cli/command.h"

namespace rr::cli {

struct Parsed {
  const Command* command = nullptr;  // null: none was named
  Globals globals;
  std::vector<std::string> arguments;
  std::set<std::string, std::less<>> flags;  // of the command's own
  bool help = false;
  bool version = false;
};

// `words` is argv without the program. Throws ConfigError with cobra's texts: unknown command,
// unknown flag, a flag without its argument.
Parsed parse(const std::vector<std::string>& words);

}  // namespace rr::cli
