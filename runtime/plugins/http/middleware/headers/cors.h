// Cross-origin resource sharing as rs/cors 1.11 does it (spec 02 §4.2).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http_middleware.h"
#include "runtime/plugins/http/middleware/headers/config.h"

namespace re2 {
class RE2;
}

namespace rr::http::headers {

// Immutable; any thread.
class Cors {
 public:
  explicit Cors(const CorsConfig& config);
  ~Cors();

  // Sets the fields of the answer; answers preflights.
  HttpVerdict handle(HttpCall& call) const;

  bool allows_origin(std::string_view origin) const;
  bool allows_method(std::string_view method) const;
  // A list as Access-Control-Request-Headers has it, in any order.
  bool allows_headers(std::string_view list) const;

 private:
  // An origin in lower case with one "*" at most.
  struct Pattern {
    std::string before, after;
    bool wild = false;
  };
  void preflight(HttpCall& call) const;
  void actual(HttpCall& call) const;
  void allow(HttpCall& call, std::string_view origin) const;
  void trace(const std::string& what) const;

  const CorsConfig config_;
  bool all_origins_ = false;
  bool all_headers_ = false;
  std::unique_ptr<re2::RE2> regex_;
  std::vector<Pattern> origins_;
  std::vector<std::string> methods_;
  std::vector<std::string> headers_;  // lower case
  std::string exposed_;               // as sent
};

}  // namespace rr::http::headers
