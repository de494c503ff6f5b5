// Running the server: what the command line hands over once the configuration is loaded.
#pragma once

#include <string>

#include "runtime/app/endure_config.h"
#include "runtime/core/config/config.h"
#include "runtime/core/program.h"

namespace rr::app {

// Flags keep the names they have on the command line.
struct ServeOptions {
  config::Config config;  // loaded; sections are decoded by whoever uses them
  EndureConfig endure;
  bool silent = false;        // -s: no information on stdout
  bool pid_file = false;      // -p: write .pid into the working directory
  bool debug = false;         // -d
  bool experimental = false;  // -e

  // The document root of `serve FOLDER` without a configuration: there, and only there, existing
  // files that are not .php are served as well. Empty otherwise.
  std::string static_root;

  Program program;  // for a restart of the same PID, and for a server that follows this one
};

// Starts all plugins, serves until a signal, stops: in this process, or in one below it when there
// is to be a guardian. Runs on the main thread, the working directory and environment are final.
// Returns the exit code; throws ConfigError when the start fails (its text goes behind
// "handle_serve_command").
int serve(ServeOptions options);

// The start ends before serve(): whoever started this process for an upgrade hears why.
void start_failed(const std::string& why);

}  // namespace rr::app
