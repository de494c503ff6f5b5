#include "runtime/plugins/http/routes/config.h"

#include <algorithm>
#include <set>

#include "runtime/core/config/review.h"
#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/routes/pattern.h"
#include "runtime/plugins/http/routes/router.h"

namespace rr::http {
namespace {

template <class Pattern>
void check_patterns(const std::vector<std::string>& texts, std::string_view key,
                    config::Errors& errors) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (auto pattern = Pattern::parse(texts[i]); !pattern)
      errors.require(false, std::string(key) + "[" + std::to_string(i) + "]",
                     pattern.error().message);
  }
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::string key_of(std::size_t route) {
  return "routes[" + std::to_string(route) + "]";
}

std::string unknown(const std::string& pool, const std::map<std::string, pool::PoolConfig>& pools) {
  std::vector<std::string_view> names;
  for (const auto& [name, unused] : pools) names.push_back(name);
  const std::string_view near = config::nearest(pool, names);
  std::string text = "no pool of http.pools has the name \"" + pool + "\"";
  if (!near.empty()) text += ", did you mean \"" + std::string(near) + "\"?";
  return text;
}

}  // namespace

void RouteConfig::settle() {
  for (std::string& method : methods) {
    for (char& c : method) c = ascii::upper(c);
  }
  // As names of keys are.
  for (char& c : pool) c = ascii::lower(c);
  if (max_request_size && max_request_size->count == 0) max_request_size.reset();
}

void RouteConfig::check(config::Errors& errors) const {
  check_patterns<routes::HostPattern>(host, "host", errors);
  check_patterns<routes::PathPattern>(path, "path", errors);
  for (const std::string& method : methods) {
    errors.require(!method.empty() && std::ranges::all_of(method, ascii::token), "methods",
                   "\"" + method + "\" is no method");
  }
}

void check_routes(const std::vector<RouteConfig>& routes,
                  const std::map<std::string, pool::PoolConfig>& pools, config::Errors& errors) {
  std::set<std::string_view> used;
  for (const auto& [name, unused] : pools) {
    errors.require(is_name(name), "pools." + name,
                   "the name of a pool has letters, digits, - and _ only");
  }
  const std::size_t before = errors.count();
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const std::string& pool = routes[i].pool;
    errors.require(pool.empty() || pools.contains(pool), key_of(i) + ".pool", unknown(pool, pools));
    used.insert(pool);
  }
  for (const auto& [name, unused] : pools) {
    if (!used.contains(name)) errors.warn("pools." + name, "no route sends requests to this pool");
  }
  if (errors.count() != before) return;
  for (std::size_t later = 1; later < routes.size(); ++later) {
    for (std::size_t i = 0; i < later; ++i) {
      if (!routes::Router::shadows(routes[i], routes[later])) continue;
      errors.warn(key_of(later), "this route never counts: " + key_of(i) + " takes all it could");
      break;
    }
  }
}

}  // namespace rr::http
