// What redis answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rr::redis {

// A value; plain.
struct Reply {
  enum class Kind : std::uint8_t { nil, integer, text, error, list };

  bool is(Kind wanted) const { return kind == wanted; }
  // "WRONGTYPE Operation …": whether an error's first word is this.
  bool is_error(std::string_view word) const {
    return kind == Kind::error && text.starts_with(word) &&
           (text.size() == word.size() || text[word.size()] == ' ');
  }

  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text;  // also of an error
  std::vector<Reply> items;
};

// Words of any bytes.
using Command = std::vector<std::string>;

}  // namespace rr::redis
