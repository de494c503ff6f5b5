#include "runtime/cli/complete.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/cli/command.h"
#include "runtime/cli/output.h"

namespace rr::cli {

namespace {

bool takes_value(std::string_view word) {
  static constexpr std::array kFlags{"-c", "--config",   "-w",      "--WorkDir",
                                     "-o", "--override", "--dotenv"};
  return std::ranges::find(kFlags, word) != kFlags.end();
}

// The command that was named before the last word.
const Command* command_in(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (takes_value(words[i])) {
      ++i;
      continue;
    }
    for (const Command& command : commands()) {
      if (!command.hidden && command.name == words[i]) return &command;
    }
  }
  return nullptr;
}

std::vector<Candidate> flags_of(const Command* command) {
  std::vector<Candidate> all;
  for (const Flag& flag : global_flags()) {
    all.push_back({"--" + std::string(flag.name), std::string(flag.meaning)});
  }
  all.push_back({"--help", "help for the command"});
  if (command == nullptr) all.push_back({"--version", "version for rr"});
  if (command == nullptr) return all;
  for (const Flag& flag : command->flags) {
    all.push_back({"--" + std::string(flag.name), std::string(flag.meaning)});
  }
  return all;
}

std::vector<Candidate> names() {
  std::vector<Candidate> all;
  for (const Command& command : commands()) {
    if (!command.hidden) all.push_back({std::string(command.name), std::string(command.summary)});
  }
  return all;
}

}  // namespace

std::vector<Candidate> complete(const std::vector<std::string>& words) {
  const std::string last = words.empty() ? "" : words.back();
  if (words.size() > 1 && takes_value(words[words.size() - 2])) return {};
  const Command* command = command_in(words);
  std::vector<Candidate> all;
  if (last.starts_with('-')) {
    all = flags_of(command);
  } else if (command == nullptr || command->name == "help") {
    all = names();
  } else if (command->name == "completion") {
    for (const char* shell : {"bash", "fish", "powershell", "zsh"}) all.push_back({shell, ""});
  }
  std::erase_if(all, [&](const Candidate& each) { return !each.word.starts_with(last); });
  std::ranges::sort(all, {}, &Candidate::word);
  return all;
}

int print_candidates(const std::vector<std::string>& argv) {
  const bool meanings = argv[1] == kComplete;
  std::string text;
  for (const Candidate& each : complete({argv.begin() + 2, argv.end()})) {
    text += each.word + (meanings && !each.meaning.empty() ? "\t" + each.meaning : "") + "\n";
  }
  print(text);
  return 0;
}

}  // namespace rr::cli
