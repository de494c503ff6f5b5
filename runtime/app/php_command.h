// `server.command` read as a call of PHP: "php -d memory_limit=256M worker.php queue". On threads
// there is no PHP binary to run; script, settings and arguments are what counts (spec 09 §2).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rr/result.h"

namespace rr::app {

struct PhpCommand {
  std::string script;  // absolute
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> ini;  // -d; "name" alone is "name=1"
  std::string ini_path;                                  // -c
  bool ignore_ini = false;                               // -n
};

// Whether the word names PHP's program: "php", "php8.2", "/usr/bin/php-zts".
bool is_php_binary(const std::string& word);

// Errors name the word that cannot be: a program that is not PHP, an option of php that means
// nothing on a thread, a script that does not exist.
Result<PhpCommand> parse_php_command(const std::vector<std::string>& words);

}  // namespace rr::app
