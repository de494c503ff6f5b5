// The `kv` section: storages by names the user chooses (spec 04 §1.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rr/config.h"

namespace rr::keyvalue {

// One storage as it was written.
struct StorageEntry {
  enum class State : std::uint8_t {
    usable,
    no_map,     // something else under its name
    no_driver,  // mandatory
    odd,  // nothing under its name, or a driver that is no text: passed over, as in RoadRunner
  };
  std::string name;
  State state = State::usable;
  std::string driver;
  // Where its options are: "kv.cache.config", else a section of its own name; empty: nowhere.
  std::string options;
  config::Position at;
};

// The entries of `kv`, which is a map; `root` is the whole configuration.
std::vector<StorageEntry> storage_entries(const config::Node& root, const config::Node& kv);

// For the reference page and the review of unknown keys: what any driver of the server takes.
config::Description describe_section();

// What keeps a server from starting with it, and what is passed over, with keys from the root on.
// Drivers of libraries are not known here.
struct SectionReview {
  std::vector<config::Problem> errors;
  std::vector<config::Problem> warnings;
};
SectionReview check_section(const config::Node& root);

}  // namespace rr::keyvalue
