// The commands of the program and what each gets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rr/config/errors.h"

namespace CLI {
class App;
}

namespace rr::cli {

// Flags that every command accepts, before and after its name (spec 05 §3.1).
struct Globals {
  std::string config = ".rr.yaml";  // -c; absolute once the command runs
  bool config_given = false;
  std::string work_dir;  // -w
  std::string dotenv;    // --dotenv
  std::vector<std::string> overrides;
  bool silent = false;
  bool pid = false;
  bool force = false;
  bool debug = false;
  bool experimental = false;
};

// What a command runs with. The working directory and the environment are prepared.
struct Invocation {
  Globals globals;
  std::vector<std::string> arguments;  // behind the command's name
  std::vector<std::string> argv;       // the whole command line
};

// One command; its file says what it does.
struct Command {
  std::string_view name;
  std::string_view arguments;  // as the usage line shows them
  std::string_view summary;
  std::string_view details;  // behind the summary on the command's own help page
  // Returns the exit code. Throws ConfigError: its text goes to stderr, the exit code is 1.
  int (*run)(const Invocation& invocation);
};

// Every command, in the order of the help page.
const std::vector<Command>& commands();

int run_init(const Invocation& invocation);
int run_reset(const Invocation& invocation);
int run_serve(const Invocation& invocation);
int run_stop(const Invocation& invocation);

// The program: parses, prepares, runs a command, reports its error. Returns the exit code.
int run(int argc, char** argv);

}  // namespace rr::cli
