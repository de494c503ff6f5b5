// Texts that clients of RoadRunner know (spec 04 §1.2).
#pragma once

#include <string>
#include <string_view>

#include "rr/result.h"

namespace rr::keyvalue {

// RoadRunner puts the kind before the operation it comes from.
inline Error empty_key(std::string_view op) {
  return Error(Errc::invalid, "", std::string("key can't be empty string:\n\t").append(op));
}

}  // namespace rr::keyvalue
