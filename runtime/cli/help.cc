#include "runtime/cli/help.h"

#include <algorithm>

namespace rr::cli {

namespace {

// Lines of flags in one column.
std::string lines_of(const std::vector<Flag>& flags) {
  const auto width_of = [](const Flag& flag) {
    return flag.name.size() + (flag.value.empty() ? 0 : flag.value.size() + 1);
  };
  std::size_t width = 0;
  for (const Flag& flag : flags) width = std::max(width, width_of(flag));
  std::string text;
  for (const Flag& flag : flags) {
    text += flag.letter == 0 ? "      --" : std::string("  -") + flag.letter + ", --";
    text += flag.name;
    if (!flag.value.empty()) text.append(" ").append(flag.value);
    text += std::string(width - width_of(flag) + 3, ' ') + std::string(flag.meaning) + "\n";
  }
  return text;
}

// With "help", in the order of their names as cobra has it.
std::string sorted_lines(std::vector<Flag> flags, const std::string& help_for) {
  const std::string meaning = "help for " + help_for;
  flags.push_back({"help", 'h', meaning});
  std::ranges::stable_sort(flags, {}, &Flag::name);
  return lines_of(flags);
}

std::string program_page() {
  std::string page =
      "rr-embed: a PHP application server that takes RoadRunner's configuration and embeds PHP in "
      "threads\n\nUsage:\n  rr [command]\n\nAvailable Commands:\n";
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    page += "  " + std::string(command.name) +
            std::string(12 - std::min<std::size_t>(command.name.size(), 11), ' ') +
            std::string(command.summary) + "\n";
  }
  std::vector<Flag> flags = global_flags();
  flags.push_back({"version", 'v', "version for rr"});
  return page + "\nFlags:\n" + sorted_lines(std::move(flags), "rr") +
         "\nUse \"rr [command] --help\" for more information about a command.\n";
}

}  // namespace

std::string help_page(const Command* command) {
  if (command == nullptr) return program_page();
  std::string page(command->summary);
  if (!command->details.empty()) page += "\n\n" + std::string(command->details);
  page += "\n\nUsage:\n  rr " + std::string(command->name);
  if (!command->arguments.empty()) page += " " + std::string(command->arguments);
  page += " [flags]\n\nFlags:\n" + sorted_lines(command->flags, std::string(command->name)) +
          "\nGlobal Flags:\n";
  return page + lines_of(global_flags());
}

}  // namespace rr::cli
