#include "runtime/cli/command.h"
#include "runtime/cli/help.h"
#include "runtime/cli/output.h"

namespace rr::cli {

namespace {

int run_help(const Invocation& invocation) {
  const Command* topic = nullptr;
  for (const Command& command : commands()) {
    if (!invocation.arguments.empty() && command.name == invocation.arguments.front())
      topic = &command;
  }
  print(help_page(topic));
  return 0;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"help", "[command]", "Help about any command", "", run_help},
      {"init", "", "Write a configuration for the application in this folder",
       "Looks for Laravel, Symfony, a worker script or an index.php and writes a small commented\n"
       ".rr.yaml. An existing file is kept unless --force is given.",
       run_init},
      {"reset", "[plugin...]", "Reset workers of all or specific RoadRunner service", "",
       run_reset},
      {"serve", "[FOLDER|SCRIPT]", "Start RoadRunner server",
       "Without a configuration, a folder with an index.php is served by running it for each "
       "request,\n"
       "and a worker script by running it on threads, on 127.0.0.1:8080.",
       run_serve},
      {"stop", "", "Stop RoadRunner server", "", run_stop},
  };
  return all;
}

}  // namespace rr::cli
