// Values that are numbers, as increment() reads and writes them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "rr/kv.h"
#include "rr/result.h"

namespace rr::keyvalue {

// As redis reads them: what it would write itself, no blanks, no "+", no "007".
inline Result<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = failed == std::errc() && end == text.data() + text.size();
  if (!whole || std::to_string(number) != text)
    return Error(Errc::invalid, "", std::string(KvStorage::kNoNumber));
  return number;
}

// `text` null: there is no value yet.
inline Result<std::int64_t> sum(const std::string_view* text, std::int64_t by) {
  if (text == nullptr) return by;
  auto number = parse_number(*text);
  std::int64_t total = 0;
  if (number && __builtin_add_overflow(*number, by, &total))
    return Error(Errc::invalid, "", std::string(KvStorage::kOutOfRange));
  return number ? Result<std::int64_t>(total) : number;
}

}  // namespace rr::keyvalue
