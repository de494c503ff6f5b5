// Which events a subscriber wants: "http.*", "*.EventTTL" (spec 05 §6).
#pragma once

#include <string>
#include <string_view>

#include "rr/result.h"

namespace rr::events {

// A value.
class Pattern {
 public:
  // The first `*` stands for any text, also none; a further one for itself. Without one there must
  // be a dot, and only that event is meant. Errc::invalid otherwise.
  static Result<Pattern> parse(std::string_view text);

  // Letters (ASCII) in any case.
  bool matches(std::string_view plugin, std::string_view type) const;
  friend bool operator==(const Pattern&, const Pattern&) = default;

 private:
  std::string before_, after_;  // the star; in lower case
  bool star_ = false;
};

}  // namespace rr::events
