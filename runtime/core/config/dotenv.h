// Files of environment variables in the syntax of joho/godotenv 1.5 (spec 05 §1.3).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rr::config {

using Variables = std::vector<std::pair<std::string, std::string>>;

// More than that the kernel gives no process; references to variables double a value in a line.
inline constexpr std::size_t kMaxDotenvValue = 128 * 1024 - 1;

// KEY=value, KEY: value, `export `, comments, quotes, references to variables of the same file.
// Throws ConfigError that names the line.
Variables parse_dotenv(std::string_view text);

// Reads a file and puts its variables into this process's environment; variables that exist already
// are never overwritten. Throws ConfigError ("open x.env: no such file or directory"). To be called
// while there is one thread.
void load_dotenv(const std::string& path);

}  // namespace rr::config
