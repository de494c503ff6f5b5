#include "runtime/cli/help.h"

#include <algorithm>

namespace rr::cli {

namespace {

constexpr std::string_view kFlags =
    "  -w, --WorkDir string         working directory\n"
    "  -c, --config string          config file (default \".rr.yaml\")\n"
    "  -d, --debug                  debug mode\n"
    "      --dotenv string          dotenv file [$DOTENV_PATH]\n"
    "  -e, --enable-experimental    enable experimental features\n"
    "  -f, --force                  force stop; let init overwrite\n";
constexpr std::string_view kMoreFlags =
    "  -o, --override stringArray   override config value (dot.notation=value)\n"
    "  -p, --pid                    create a .pid file\n"
    "  -s, --silent                 do not print startup message\n";

std::string program_page() {
  std::string page =
      "rr-embed: a PHP application server that takes RoadRunner's configuration and embeds PHP in "
      "threads\n\nUsage:\n  rr [command]\n\nAvailable Commands:\n";
  for (const Command& command : commands()) {
    page += "  " + std::string(command.name) +
            std::string(12 - std::min<std::size_t>(command.name.size(), 11), ' ') +
            std::string(command.summary) + "\n";
  }
  page += "\nFlags:\n" + std::string(kFlags) + "  -h, --help                   help for rr\n" +
          std::string(kMoreFlags) +
          "  -v, --version                version for rr\n\n"
          "Use \"rr [command] --help\" for more information about a command.\n";
  return page;
}

}  // namespace

std::string help_page(const Command* command) {
  if (command == nullptr) return program_page();
  std::string page(command->summary);
  if (!command->details.empty()) page += "\n\n" + std::string(command->details);
  page += "\n\nUsage:\n  rr " + std::string(command->name);
  if (!command->arguments.empty()) page += " " + std::string(command->arguments);
  page += " [flags]\n\nFlags:\n  -h, --help   help for " + std::string(command->name) +
          "\n\nGlobal Flags:\n";
  return page + std::string(kFlags) + std::string(kMoreFlags);
}

}  // namespace rr::cli
