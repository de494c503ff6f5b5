// Help pages in cobra's layout, which RoadRunner's users know.
#pragma once

#include <string>

#include "runtime/cli/command.h"

namespace rr::cli {

// The page of a command, or of the program for null.
std::string help_page(const Command* command);

}  // namespace rr::cli
