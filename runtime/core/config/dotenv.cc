#include "runtime/core/config/dotenv.h"

#include <algorithm>
#include <cstdlib>

#include "rr/config/errors.h"
#include "runtime/core/config/files.h"

namespace rr::config {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}
bool is_upper_name(char c) {
  return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_key(char c) {
  return is_upper_name(c) || (c >= 'a' && c <= 'z') || c == '.';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (is_space(text.front()) || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (is_space(text.back()) || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Variables parse() {
    while (skip_to_statement()) {
      std::string name = key();
      std::string value = this->value();
      limit(value);
      const auto known = std::find_if(variables_.begin(), variables_.end(),
                                      [&](const auto& pair) { return pair.first == name; });
      if (known != variables_.end()) {
        known->second = std::move(value);
      } else {
        variables_.emplace_back(std::move(name), std::move(value));
      }
    }
    return std::move(variables_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw ConfigError({}, "dotenv: line " + std::to_string(line) + ": " + why, {});
  }

  void limit(const std::string& value) const {
    if (value.size() > kMaxDotenvValue) fail("a value of more than 128 KiB");
  }

  bool done() const { return at_ >= text_.size(); }

  bool skip_to_statement() {
    while (!done()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (is_space(text_[at_]) || text_[at_] == '\n') {
        ++at_;
      } else {
        return true;
      }
    }
    return false;
  }

  std::string key() {
    if (text_.substr(at_).starts_with("export") && at_ + 6 < text_.size() &&
        is_space(text_[at_ + 6])) {
      at_ += 6;
      while (!done() && is_space(text_[at_])) ++at_;
    }
    const std::size_t start = at_;
    const auto without_sign = [&] {
      fail("a name without `=`: `" + std::string(trim(text_.substr(start, at_ - start))) + "`");
    };
    std::string name;
    for (; !done(); ++at_) {
      const char c = text_[at_];
      if (c == '=' || c == ':') {
        ++at_;
        if (name.empty()) fail("a variable without a name");
        return name;
      }
      if (is_space(c)) continue;
      if (c == '\n') without_sign();
      if (!is_key(c)) fail("unexpected character `" + std::string(1, c) + "` in a name");
      name += c;
    }
    without_sign();
    return name;
  }

  std::string value() {
    while (!done() && is_space(text_[at_])) ++at_;
    if (done()) return {};
    const char quote = text_[at_];
    return quote == '"' || quote == '\'' ? quoted(quote) : unquoted();
  }

  std::string unquoted() {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view line = text_.substr(at_, end - at_);
    at_ = end;
    // A comment starts behind white space only: `a#b` is a value.
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '#' && (i == 0 || is_space(line[i - 1]))) {
        line = line.substr(0, i);
        break;
      }
    }
    return expand_names(trim(line));
  }

  std::string quoted(char quote) {
    const std::size_t start = at_ + 1;
    for (std::size_t i = start; i < text_.size(); ++i) {
      if (text_[i] != quote || text_[i - 1] == '\\') continue;
      at_ = i + 1;
      const std::string_view inside = text_.substr(start, i - start);
      return quote == '\'' ? std::string(inside) : expand_names(unescape(inside));
    }
    fail("a quoted value without an end");
  }

  // \n and \r are line ends, a backslash before anything but `$` goes.
  static std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\' || i + 1 == text.size()) {
        out += text[i];
        continue;
      }
      const char c = text[++i];
      if (c == 'n')
        out += '\n';
      else if (c == 'r')
        out += '\r';
      else if (c == '$')
        out += "\\$";
      else
        out += c;
    }
    return out;
  }

  // $NAME and ${NAME} with names in upper case, as godotenv knows them; `\$` is a dollar.
  std::string expand_names(std::string_view text) const {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '$') {
        out += text[++i];
        continue;
      }
      if (text[i] != '$') {
        out += text[i];
        continue;
      }
      const bool braces = i + 1 < text.size() && text[i + 1] == '{';
      std::size_t end = i + 1 + (braces ? 1 : 0);
      const std::size_t start = end;
      while (end < text.size() && is_upper_name(text[end])) ++end;
      if (end == start || (braces && (end == text.size() || text[end] != '}'))) {
        out += text[i];
        continue;
      }
      const std::string_view name = text.substr(start, end - start);
      for (const auto& [known, value] : variables_) {
        if (known == name) out += value;
      }
      limit(out);
      i = braces ? end : end - 1;
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Variables variables_;
};

}  // namespace

Variables parse_dotenv(std::string_view text) {
  return Parser(text).parse();
}

void load_dotenv(const std::string& path) {
  const std::string text = read_file(path);
  Variables variables;
  try {
    variables = parse_dotenv(text);
  } catch (ConfigError& e) {
    throw std::move(e).in(path);
  }
  for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 0);
}

}  // namespace rr::config
