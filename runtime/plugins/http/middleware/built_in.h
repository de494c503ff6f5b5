// The middleware that is built in: one line each in built_in.cc.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "rr/config/describe.h"
#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/core/config/config.h"

namespace rr::http {

struct BuiltIn {
  std::string_view name;  // as in `http.middleware`
  // What it reads: a section ("http.static") or keys of one ("http").
  std::string_view section;
  config::Description (*describe)(const BuiltIn& self);
  // Decodes and checks the section. Throws ConfigError.
  void (*check)(const BuiltIn& self, config::Config& config);
  // The same, and the middleware; null when the configuration does not turn it on.
  std::unique_ptr<HttpMiddleware> (*make)(const BuiltIn& self, Context& context);
};

std::span<const BuiltIn> built_in_middleware();

// RoadRunner's names that are not built: their use is a warning of its own.
bool planned_middleware(std::string_view name);

}  // namespace rr::http
