#include "runtime/cli/templates.h"

#include <nlohmann/json.hpp>

namespace rr::cli {

namespace {

// A YAML text in double quotes is a JSON string. The file must not take `$` for a variable.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string command(const std::filesystem::path& script) {
  return "[php, " + quoted(script.string()) + "]";
}

std::string mode_comment(Kind kind) {
  if (kind == Kind::worker) {
    return "    # The script loops on requests, one loop per thread. `process` runs it in PHP "
           "processes, as\n"
           "    # RoadRunner does.\n";
  }
  return "    # The script is run for each request, as under PHP-FPM. `embed` and `process` are "
         "for worker\n"
         "    # scripts, which boot once and loop on requests.\n";
}

}  // namespace

std::string synthetic_config(const Application& application) {
  return "version: '3'\nserver: {command: " + command(application.script) + "}\nhttp: {address: '" +
         kDefaultAddress + "', pool: {mode: " + mode_for(application.kind) + "}}\n";
}

std::string commented_config(const Application& application, const std::filesystem::path& folder) {
  std::string text =
      "# rr-embed; the format is RoadRunner's. Values may refer to the environment: "
      "${NAME:-default}.\n"
      "version: '3'\n\n"
      "server:\n";
  const std::filesystem::path script = application.script.lexically_relative(folder);
  const bool plain = script.string().find_first_of(" ,'\"#:$\\{}[]&*!|>%@`") == std::string::npos;
  text +=
      plain ? "  command: php " + script.string() + "\n" : "  command: " + command(script) + "\n";
  text += application.kind == Kind::worker
              ? "  # Options of php may stand before the script: php -d memory_limit=256M …\n"
              : "  # Its folder is the document root: an existing .php file there runs, anything "
                "else is the\n"
                "  # script's own business. Options of php may stand before it: php -d "
                "memory_limit=256M …\n";
  text +=
      "  # env: {APP_ENV: prod}\n\nhttp:\n  address: " + std::string(kDefaultAddress) +
      "\n  # max_request_size: 1000  # MB\n  pool:\n" + mode_comment(application.kind) +
      "    mode: " + mode_for(application.kind) +
      "\n    # num_workers: 4  # default: one per CPU\n    # max_jobs: 1000  # a fresh interpreter "
      "after so many requests\n"
      "    # supervisor: {exec_ttl: 60s}  # ends requests that take longer\n\n"
      "# Where `rr-embed reset` and PHP reach the server.\nrpc:\n  listen: tcp://127.0.0.1:6001\n\n"
      "logs:\n  mode: development  # production: JSON\n  level: info\n";
  return text;
}

}  // namespace rr::cli
