// Reading small files with Go's error texts.
#pragma once

#include <string>

namespace rr::config {

// The whole file. Throws ConfigError "open /p: no such file or directory", "read /p: is a
// directory".
std::string read_file(const std::string& path);

// The system's words for an error number as Go writes them, in lower case.
std::string system_text(int error);

}  // namespace rr::config
