// Files of environment variables: what parses is a set of variables that can be handed to a
// process, and written down plainly it parses to the same again.
#include "runtime/core/config/dotenv.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "rr/config/errors.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
}

// Between single quotes everything stands for itself but the quote.
bool can_be_quoted(std::string_view value) {
  return value.find('\'') == std::string_view::npos && !value.ends_with('\\');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rr::config;
  try {
    std::set<std::string> names;
    Variables kept;
    std::string text;
    for (const auto& [name, value] : parse_dotenv({reinterpret_cast<const char*>(data), size})) {
      require(is_name(name) && names.insert(name).second);
      require(value.size() <= kMaxDotenvValue);
      if (!can_be_quoted(value)) continue;
      text.append(name).append("='").append(value).append("'\n");
      kept.emplace_back(name, value);
    }
    require(parse_dotenv(text) == kept);
  } catch (const rr::ConfigError& e) {
    require(std::string_view(e.what()).find("dotenv: line ") != std::string_view::npos);
  }
  return 0;
}
