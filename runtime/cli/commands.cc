#include <algorithm>

#include "runtime/cli/command.h"
#include "runtime/cli/help.h"
#include "runtime/cli/output.h"

namespace rr::cli {

namespace {

int run_help(const Invocation& invocation) {
  if (invocation.arguments.empty()) {
    print(help_page(nullptr));
    return 0;
  }
  const auto topic = std::ranges::find(commands(), invocation.arguments.front(), &Command::name);
  if (topic != commands().end()) {
    print(help_page(&*topic));
  } else {
    print_error("Unknown help topic [`" + invocation.arguments.front() + "`]\n" +
                help_page(nullptr));
  }
  return 0;
}

}  // namespace

const std::vector<Flag>& global_flags() {
  static const std::vector<Flag> all{
      {"WorkDir", 'w', "working directory", "string"},
      {"config", 'c', "config file (default \".rr.yaml\")", "string"},
      {"debug", 'd', "debug mode"},
      {"dotenv", 0, "dotenv file [$DOTENV_PATH]", "string"},
      {"enable-experimental", 'e', "enable experimental features"},
      {"force", 'f', "force stop; let init overwrite"},
      {"override", 'o', "override config value (dot.notation=value)", "stringArray"},
      {"pid", 'p', "create a .pid file"},
      {"silent", 's', "do not print startup message"},
  };
  return all;
}

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"check",
       "[FILE]",
       "Check a configuration without starting anything",
       "Names each mistake with file:line:column. Exit code 0: it can be used, 1: it cannot.",
       run_check,
       {{"strict", 0, "unknown keys and what has no effect are mistakes too"}}},
      {"completion",
       "[bash|zsh|fish|powershell]",
       "Generate the autocompletion script for the specified shell",
       "For the current shell: `source <(rr completion bash)`, `source <(rr completion zsh)`,\n"
       "`rr completion fish | source`, `rr completion powershell | Out-String | "
       "Invoke-Expression`.",
       run_completion,
       {{"no-descriptions", 0, "disable completion descriptions"}},
       false,
       false},
      {"help", "[command]", "Help about any command", "", run_help, {}, false, false},
      {"init", "", "Write a configuration for the application in this folder",
       "Looks for Laravel, Symfony, a worker script or an index.php and writes a small commented\n"
       ".rr.yaml. An existing file is kept unless --force is given.",
       run_init},
      {"jobs",
       "[pipe1,pipe2]",
       "Jobs pipelines manipulation",
       "",
       run_jobs,
       {{"destroy", 0, "destroy pipelines"},
        {"list", 0, "list pipelines"},
        {"pause", 0, "pause pipelines"},
        {"resume", 0, "resume pipelines"}}},
      {"reload", "", "Read the configuration anew and replace all workers",
       "Names what has changed and what needs a restart. On an error nothing changes, the text is "
       "on\n"
       "stderr and the exit code is 1. SIGHUP does the same.",
       run_reload},
      {"reset", "[plugin...]", "Reset workers of all or specific RoadRunner service", "",
       run_reset},
      {"serve",
       "[FOLDER|SCRIPT]",
       "Start RoadRunner server",
       "Without a configuration, a folder with an index.php is served by running it for each "
       "request,\n"
       "and a worker script by running it on threads, on 127.0.0.1:8080.",
       run_serve,
       {{"probe", 0, "only say whether it could start: what SIGUSR2 asks before it stops anything"},
        {"strict", 0, "refuse to start with unknown keys in the configuration"}}},
      {"stack",
       "[PID|thread]",
       "Show where the PHP of running workers is",
       "Of workers on threads: function, file and line, innermost first; no arguments' values. "
       "Numbers\n"
       "are those that `workers` shows. Nothing is interrupted: a script that waits in a function\n"
       "written in C says so.",
       run_stack,
       {{"json", 0, "print the stacks as JSON"}}},
      {"stop", "", "Stop RoadRunner server", "", run_stop},
      {"top",
       "[pool...]",
       "Watch pools and workers: what each runs now, how fast, what went wrong",
       "Redrawn each second until q or Ctrl+C. Where stdout is no terminal: once.",
       run_top,
       {{"json", 0, "print one picture as JSON"},
        {"once", 0, "print one picture, after a second, and end"}}},
      {"upgrade", "", "Replace the running server by the program and configuration of now",
       "Starts the program that the server was started from anew, with its command line and the\n"
       "listening sockets. Once it serves the old one ends what it has begun; when it does not "
       "come\n"
       "up the old one goes on and the exit code is 1.",
       run_upgrade},
      {"workers",
       "[plugin...]",
       "Show information about active RoadRunner workers",
       "",
       run_workers,
       {{"interactive", 'i', "render interactive workers table"},
        {"json", 0, "print the workers as JSON"}}},
      {"__reference", "", "", "", run_reference, {{"schema", 0, ""}}, true, false},
  };
  return all;
}

}  // namespace rr::cli
