#include "runtime/cli/parse.h"

#include <CLI/CLI.hpp>

#include "runtime/core/config/review.h"

namespace rr::cli {

namespace {

[[noreturn]] void fail(std::string text) {
  throw ConfigError({}, std::move(text), {});
}

void add_flags(CLI::App& app, Parsed& out) {
  Globals& globals = out.globals;
  app.add_option("-c,--config", globals.config)->take_last();
  app.add_option("-w,--WorkDir", globals.work_dir)->take_last();
  app.add_option("--dotenv", globals.dotenv)->take_last();
  // One value a flag, whatever it looks like: the next word may be the command.
  app.add_option("-o,--override", globals.overrides)
      ->type_size(1)
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_flag("-s,--silent", globals.silent);
  app.add_flag("-p,--pid", globals.pid);
  app.add_flag("-f,--force", globals.force);
  app.add_flag("-d,--debug", globals.debug);
  app.add_flag("-e,--enable-experimental", globals.experimental);
  app.add_flag("-h,--help", out.help);
  app.add_flag("-v,--version", out.version);
}

// The flag that a word such as "-so" ends with, as pflag names it.
[[noreturn]] void needs_argument(const std::string& word) {
  if (word.starts_with("--")) fail("flag needs an argument: " + word);
  fail("flag needs an argument: '" + word.substr(word.size() - 1) + "' in " + word);
}

[[noreturn]] void unknown_flag(const std::string& word) {
  if (word.starts_with("--")) fail("unknown flag: " + word.substr(0, word.find('=')));
  fail("unknown shorthand flag: '" + word.substr(1, 1) + "' in " + word);
}

// Cobra suggests what begins with the word, and what is two letters away at most.
bool resembles(std::string_view command, const std::string& word) {
  constexpr std::size_t kFar = 2;
  return command.starts_with(word) || config::distance(command, word) <= kFar;
}

[[noreturn]] void unknown_command(const std::string& word) {
  std::string near;
  for (const Command& command : commands()) {
    if (command.hidden || command.name == "help" || !resembles(command.name, word)) continue;
    near += "\t" + std::string(command.name) + "\n";
  }
  fail("unknown command \"" + word + "\" for \"rr\"" +
       (near.empty() ? "" : "\n\nDid you mean this?\n" + near));
}

bool is_flag(const std::string& word) {
  return word.size() > 1 && word[0] == '-';
}

}  // namespace

Parsed parse(const std::vector<std::string>& words) {
  Parsed out;
  CLI::App app;
  app.set_help_flag();  // help is a flag like any other: its page is ours
  app.allow_extras();
  app.require_subcommand(0, 1);
  add_flags(app, out);
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name));
    sub->set_help_flag();
    sub->fallthrough();
    sub->add_option("arguments", out.arguments);
    for (const Flag& flag : command.flags) {
      std::string names = "--" + std::string(flag.name);
      if (flag.letter != 0) names += std::string(",-") + flag.letter;
      sub->add_flag_callback(names, [&out, &flag] { out.flags.emplace(flag.name); });
    }
    sub->callback([&out, &command] { out.command = &command; });
  }
  try {
    app.parse(
        std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the end
  } catch (const CLI::ArgumentMismatch&) {
    needs_argument(words.back());
  } catch (const CLI::ParseError& e) {
    fail(e.what());
  }
  const std::vector<std::string> extras = app.remaining(true);
  for (const std::string& word : extras) {
    if (is_flag(word)) unknown_flag(word);
  }
  if (!extras.empty()) unknown_command(extras.front());
  out.globals.config_given = app.count("--config") > 0;
  return out;
}

}  // namespace rr::cli
