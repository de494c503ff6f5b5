// The drivers that the server brings along.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/config.h"
#include "rr/kv.h"
#include "rr/plugin.h"

namespace rr::keyvalue {

// One of them. `section`: where its options are; empty: nowhere.
struct BuiltInDriver {
  std::string_view name;
  std::unique_ptr<KvStorage> (*make)(Context& context, std::string_view section);
  // Its options, for the reference page and for the review of unknown keys.
  config::Description (*describe)();
  // Decodes them; what is wrong is in `errors`.
  void (*check)(const config::Node& options, config::Errors& errors);
};

std::span<const BuiltInDriver> built_in_drivers();

}  // namespace rr::keyvalue
