// Whether a part of the server is alive, and ready for work: asked by the plugin `status`.
#pragma once

#include <optional>
#include <string_view>

#include "rr/result.h"

namespace rr {

// Provided by plugins with a state of their own to tell. Those with PHP workers need not: the state
// of the workers of `http`, `jobs`, `grpc`, `centrifuge` and `temporal` is theirs. Thread-safe;
// must not block.
class HealthCheck {
 public:
  // A status code as HTTP has them: 200 well, 503 not now. Nothing: not known. Error: it cannot be
  // found out.
  using Code = Result<std::optional<int>>;

  virtual std::string_view check_name() const = 0;  // of the plugin: "http"
  virtual Code alive() = 0;
  virtual Code ready() = 0;

 protected:
  ~HealthCheck() = default;
};

}  // namespace rr
