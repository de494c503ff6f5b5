// Cache-Control of requests and answers (RFC 9111 §5.2). Pure functions over untrusted text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"

namespace rr::http::cache {

// Those of all Cache-Control lines together. A directive that comes twice: the first counts.
class Directives {
 public:
  void add(std::string_view field);

  bool has(std::string_view name) const { return find(name) != nullptr; }
  // A number of seconds; 0 for one that is no number, 2^31 for greater ones. Nothing when absent.
  std::optional<std::int64_t> seconds(std::string_view name) const;
  bool empty() const { return all_.empty(); }

 private:
  struct Directive {
    std::string name;  // lower case
    std::string value;
  };
  const Directive* find(std::string_view name) const;

  std::vector<Directive> all_;
};

Directives directives_of(const HttpRequest& request);
Directives directives_of(std::span<const HeaderView> headers);

}  // namespace rr::http::cache
