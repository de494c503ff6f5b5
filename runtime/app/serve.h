// Running the server: what the command line hands over once the configuration is loaded.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rr/config/errors.h"
#include "runtime/app/endure_config.h"
#include "runtime/core/config/config.h"
#include "runtime/core/program.h"

namespace rr::app {

// A configuration with what the command line does to it.
struct Loaded {
  config::Config config;  // sections are decoded by whoever uses them
  EndureConfig endure;
  config::Variables environment;  // of the server, as it would be after a restart
};

// Flags keep the names they have on the command line.
struct ServeOptions {
  config::Config config;  // loaded; sections are decoded by whoever uses them
  EndureConfig endure;
  // Loads it again, for a reload: from the same files, with the same flags and what dotenv files
  // say now. Goes to the folder that the command line names, which may be a symlink that was moved.
  // Throws ConfigError. On one thread at a time, beside others.
  std::function<Loaded()> load;
  bool silent = false;        // -s: no information on stdout
  bool pid_file = false;      // -p: write .pid into the working directory
  bool debug = false;         // -d
  bool experimental = false;  // -e

  // The document root of `serve FOLDER` without a configuration: there, and only there, existing
  // files that are not .php are served as well. Empty otherwise.
  std::string static_root;

  Program program;  // for a restart of the same PID, and for a server that follows this one
};

// A plugin cannot have its address. RoadRunner listens in the background and hears of it once it
// serves: its text names the plugin on a line of its own, and no operations.
class PluginFailed final : public ConfigError {
 public:
  PluginFailed(const std::string& why, const std::string& plugin)
      : ConfigError(std::vector<std::string>{}, "error: " + why + "\nplugin: " + plugin) {}
};

// Starts all plugins, serves until a signal, stops: in this process, or in one below it when there
// is to be a guardian. Runs on the main thread, the working directory and environment are final.
// Returns the exit code; throws ConfigError when the start fails (its text goes behind
// "handle_serve_command", unless it is PluginFailed).
int serve(ServeOptions options);

// The start ends before serve(): whoever started this process for an upgrade hears why.
void start_failed(const std::string& why);

}  // namespace rr::app
