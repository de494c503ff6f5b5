#include "rr/config/types.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "rr/config/decode.h"
#include "runtime/core/config/expand.h"
#include "runtime/core/config/numbers.h"

namespace rr::config {

namespace {

bool runs(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

bool is_program(std::string_view word) {
  if (word.find('/') != std::string_view::npos) return runs(word);
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    if (runs(std::filesystem::path(rest.substr(0, colon)) / word)) return true;
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return false;
}

// Whether the commas of a command line belong to its arguments: what stands before the first one is
// no file but begins with a program, as in `php -d a=1,2 worker.php`. RoadRunner splits there all
// the same and then finds no program of that name, so nobody can rely on it.
bool commas_are_text(std::string_view line) {
  const std::string_view first = line.substr(0, line.find(','));
  const std::size_t space = first.find(' ');
  if (space == std::string_view::npos || runs(first)) return false;
  return is_program(first.substr(0, space));
}

std::vector<std::string> split_at(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (;;) {
    const std::size_t end = text.find(separator);
    words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

// MB in "64MB", "64MiB", "2GB", "2GiB".
bool size_text(std::string_view text, std::uint64_t& megabytes) {
  std::uint64_t factor = 0;
  for (const auto& [suffix, unit] : {std::pair<std::string_view, std::uint64_t>{"MB", 1},
                                     {"MiB", 1},
                                     {"GB", 1024},
                                     {"GiB", 1024}}) {
    if (!text.ends_with(suffix)) continue;
    text.remove_suffix(suffix.size());
    factor = unit;
    break;
  }
  if (factor == 0) return false;
  while (text.ends_with(' ')) text.remove_suffix(1);
  const auto [count, error] = parse_uint(text);
  if (error != NumberError::none || count > (std::uint64_t{1} << 43) / factor) return false;
  megabytes = count * factor;
  return true;
}

}  // namespace

void Megabytes::decode(const Node& node, Errors& errors) {
  if (node.is(Node::Kind::text) && size_text(node.text(), count)) return;
  // 2^43 MB is the most whose bytes fit into 63 bits.
  decode_unsigned(node, count, std::uint64_t{1} << 43, errors);
}

void FileMode::decode(const Node& node, Errors& errors) {
  constexpr std::uint32_t kMost = 0777;
  std::uint64_t value = kMost + 1;
  if (node.is(Node::Kind::text)) {
    const auto [octal, error] = parse_uint("0" + node.text());
    if (!node.text().empty() && error == NumberError::none) value = octal;
  } else if (node.is(Node::Kind::integer) && node.integer() >= 0) {
    value = static_cast<std::uint64_t>(node.integer());
  } else if (node.is(Node::Kind::real) && node.real() >= 0 && node.real() <= kMost) {
    value = static_cast<std::uint64_t>(node.real());
  }
  if (value > kMost) return errors.mismatch("should be a mode in octal, such as 0660");
  bits = static_cast<std::uint32_t>(value);
}

std::string FileMode::show() const {
  std::string text;
  for (std::uint32_t rest = bits; rest != 0; rest /= 8) {
    text.insert(text.begin(), static_cast<char>('0' + rest % 8));
  }
  return "0" + text;
}

std::vector<std::string> Command::split(std::string_view line) {
  if (line.empty()) return {};
  if (line.find(',') != std::string_view::npos && !commas_are_text(line)) {
    return split_at(line, ',');
  }
  return split_at(line, ' ');
}

void Command::decode(const Node& node, Errors& errors) {
  if (node.is(Node::Kind::text)) {
    words = split(node.text());
    return;
  }
  decode_value(node, words, errors);
  if (words.size() == 1)
    words = words.front().empty() ? std::vector<std::string>{} : split_at(words.front(), ' ');
}

void EnvMap::decode(const Node& node, Errors& errors) {
  std::map<std::string, std::string> read;
  decode_value(node, read, errors);
  variables.clear();
  for (auto& [name, value] : read) {
    std::string upper = name;
    for (char& c : upper) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    variables[upper] =
        node.is(Node::Kind::list) ? expand(value, process_environment) : std::move(value);
  }
}

}  // namespace rr::config
