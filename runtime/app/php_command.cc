#include "runtime/app/php_command.h"

#include <filesystem>

namespace rr::app {
namespace {

namespace fs = std::filesystem;

}  // namespace

bool is_php_binary(const std::string& word) {
  const std::string name = fs::path(word).filename().string();
  if (name.rfind("php", 0) != 0 || name.size() > 12) return false;
  return name.find(".php") == std::string::npos;
}

namespace {

Error refused(const std::string& why) {
  return Error(Errc::invalid, "", why);
}

std::pair<std::string, std::string> setting(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) return {text, "1"};
  std::string value = text.substr(equals + 1);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return {text.substr(0, equals), value};
}

}  // namespace

Result<PhpCommand> parse_php_command(const std::vector<std::string>& words) {
  PhpCommand command;
  std::size_t at = 0;
  if (words.empty()) return refused("command should not be empty");
  if (is_php_binary(words[0])) {
    at = 1;
  } else if (fs::path(words[0]).extension() != ".php") {
    return refused("`" + words[0] +
                   "` is not PHP: threads run PHP scripts only. Write `php worker.php`, or use "
                   "`mode: process` for this pool");
  }
  for (; at < words.size() && words[at].size() > 1 && words[at][0] == '-'; ++at) {
    const std::string& word = words[at];
    const auto value = [&]() -> Result<std::string> {
      if (word.size() > 2) return word.substr(word[2] == '=' ? 3 : 2);
      if (at + 1 == words.size()) return refused("`" + word + "` needs a value");
      return words[++at];
    };
    if (word == "--") {
      ++at;
      break;
    }
    if (word == "-n") {
      command.ignore_ini = true;
    } else if (word == "-q") {
    } else if (word.rfind("-d", 0) == 0 || word.rfind("-c", 0) == 0 || word.rfind("-f", 0) == 0) {
      auto text = value();
      if (!text) return std::move(text).error();
      if (word[1] == 'd') command.ini.push_back(setting(*text));
      if (word[1] == 'c') command.ini_path = *text;
      if (word[1] == 'f') {
        command.script = *text;
        ++at;
        break;
      }
    } else {
      return refused("the option `" + word +
                     "` of php means nothing on a thread (-d, -c, -n, -f are understood)");
    }
  }
  if (command.script.empty()) {
    if (at >= words.size()) return refused("command names no script");
    command.script = words[at++];
  }
  command.arguments.assign(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  std::error_code error;
  command.script = fs::absolute(command.script, error).lexically_normal().string();
  if (!fs::is_regular_file(command.script, error)) {
    return Error(Errc::file_not_found, "", "Could not open input file: " + command.script);
  }
  return command;
}

}  // namespace rr::app
