// The commands of the program and what each gets.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rr/config/errors.h"
#include "runtime/core/program.h"

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

// A flag of one command: "--interactive", "-i".
struct Flag {
  std::string_view name;
  char letter = 0;  // 0: none
  std::string_view meaning;
  std::string_view value = {};  // its type on the help page; empty: a switch
};

// What a command runs with. The working directory and the environment are prepared.
struct Invocation {
  Globals globals;
  std::vector<std::string> arguments;        // behind the command's name
  std::set<std::string, std::less<>> flags;  // of the command's own, those that were given
  Program program;                           // how this process was started

  bool has(std::string_view flag) const { return flags.contains(flag); }
};

// One command; its file says what it does.
struct Command {
  std::string_view name;
  std::string_view arguments;  // as the usage line shows them
  std::string_view summary;
  std::string_view details;  // behind the summary on the command's own help page
  // Returns the exit code. Throws ConfigError: its text goes to stderr, the exit code is 1.
  int (*run)(const Invocation& invocation);
  std::vector<Flag> flags = {};
  bool hidden = false;       // not on the help page
  bool needs_folder = true;  // prepare() before it
};

// Those that every command has, in the order of the help page.
const std::vector<Flag>& global_flags();
// Every command, in the order of the help page.
const std::vector<Command>& commands();

int run_check(const Invocation& invocation);
int run_completion(const Invocation& invocation);
int run_init(const Invocation& invocation);
int run_jobs(const Invocation& invocation);
int run_reference(const Invocation& invocation);
int run_reload(const Invocation& invocation);
int run_reset(const Invocation& invocation);
int run_serve(const Invocation& invocation);
int run_stack(const Invocation& invocation);
int run_stop(const Invocation& invocation);
int run_top(const Invocation& invocation);
int run_upgrade(const Invocation& invocation);
int run_workers(const Invocation& invocation);

// The program: parses, prepares, runs a command, reports its error. Returns the exit code.
int run(int argc, char** argv);

}  // namespace rr::cli
