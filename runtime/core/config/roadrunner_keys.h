// RoadRunner's keys that this binary does not read (spec 05 §2). A key leaves this table on the day
// a struct's own table has it.
#pragma once

#include <span>
#include <string_view>

namespace rr::config {

enum class Fate {
  planned,    // will be built; until then a warning says that it does nothing
  retired,    // RoadRunner ignores it too, old files have it: no warning
  no_effect,  // RoadRunner accepts it without effect; one warning
};

struct RoadRunnerKey {
  std::string_view path;  // dotted, lower case; everything below it is meant too
  Fate fate;
};

std::span<const RoadRunnerKey> roadrunner_keys();

}  // namespace rr::config
