#include "runtime/core/config/reference.h"

#include <string_view>

#include "runtime/core/config/review.h"

namespace rr::config {

namespace {

constexpr std::string_view kHead =
    "# Reference of the configuration\n\n"
    "Every key that rr-embed reads, in the order of the code. Written by `./dev reference` from "
    "the "
    "tables that\n"
    "decode the file; a test fails when this page is behind. How the file is found and read, and "
    "what the types\n"
    "mean: [configuration.md](configuration.md).\n\n"
    "`NAME` stands for a name of yours, `[]` for each item of a list. A value may come from the "
    "environment:\n`${NAME:-default}`.\n";
constexpr std::string_view kTable = "\n| key | type | default | meaning |\n|---|---|---|---|\n";

// A cell of a table: one line, no bars.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + ".";
}

std::string code(std::string_view text) {
  return text.empty() ? "" : "`" + cell(text) + "`";
}

std::string type_of(const Description& key) {
  if (key.choices.empty()) return cell(key.type);
  std::string text;
  for (const std::string& choice : key.choices) text += (text.empty() ? "" : ", ") + code(choice);
  return text;
}

void add_rows(const Description& key, const std::string& path, std::string& page) {
  page += "| " + code(path) + " | " + type_of(key) + " | " + code(key.fallback) + " | " +
          cell(key.meaning) + " |\n";
  const std::string inner = path + (key.named ? ".NAME" : key.listed ? "[]" : "") + ".";
  for (const Description& child : key.children) add_rows(child, inner + child.key, page);
}

}  // namespace

std::string reference_page(const std::vector<Description>& sections) {
  std::string page(kHead);
  page += kTable;
  for (const Description& key : root_keys()) add_rows(key, key.key, page);
  for (const Description& section : sections) {
    page += "\n## " + section.key + "\n\n" + sentence(section.meaning) + "\n";
    page += kTable;
    const std::string inner = section.key + (section.named ? ".NAME." : ".");
    for (const Description& child : section.children) add_rows(child, inner + child.key, page);
  }
  return page;
}

}  // namespace rr::config
