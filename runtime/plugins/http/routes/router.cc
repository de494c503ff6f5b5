#include "runtime/plugins/http/routes/router.h"

#include <algorithm>

#include "runtime/net/http/response.h"

namespace rr::http::routes {
namespace {

constexpr const char* kBadPath =
    "the path is not clear: it has \".\" or \"..\" segments, control characters, a fragment, or is "
    "too long";
constexpr const char* kTwoPaths =
    "the path is not clear: it may be read in ways that lead to different places";
constexpr const char* kTwoHosts = "the target and the Host field name different hosts";

template <class Pattern>
std::vector<Pattern> parsed(const std::vector<std::string>& texts) {
  std::vector<Pattern> patterns;
  for (const std::string& text : texts) patterns.push_back(std::move(Pattern::parse(text)).value());
  return patterns;
}

// Each of `others` is within one of `patterns`; none at all stands for everything.
template <class Pattern>
bool cover(const std::vector<Pattern>& patterns, const std::vector<Pattern>& others) {
  if (patterns.empty()) return true;
  return !others.empty() && std::ranges::all_of(others, [&](const Pattern& other) {
    return std::ranges::any_of(patterns,
                               [&](const Pattern& pattern) { return pattern.covers(other); });
  });
}

}  // namespace

struct Router::Fixed {
  std::string_view method;
  std::string_view host;
};

Router::Route::Route(const RouteConfig& config)
    : hosts(parsed<HostPattern>(config.host)),
      paths(parsed<PathPattern>(config.path)),
      methods(config.methods) {
  const auto has = [&](std::string_view name) {
    return std::ranges::find(methods, name) != methods.end();
  };
  if (has("GET") && !has("HEAD")) methods.emplace_back("HEAD");
}

// Letters of a method in any case: there are applications to which `post` is POST.
bool Router::Route::fits(std::string_view method, std::string_view host) const {
  const auto same = [&](const std::string& each) {
    return net::http::equals_ignoring_case(each, method);
  };
  return (methods.empty() || std::ranges::any_of(methods, same)) &&
         (hosts.empty() ||
          std::ranges::any_of(hosts, [&](const HostPattern& each) { return each.matches(host); }));
}

bool Router::Route::fits(std::string_view path) const {
  return paths.empty() ||
         std::ranges::any_of(paths, [&](const PathPattern& each) { return each.matches(path); });
}

bool Router::Route::covers(const Route& other) const {
  const auto has = [&](const std::string& method) {
    return std::ranges::find(methods, method) != methods.end();
  };
  return (methods.empty() || (!other.methods.empty() && std::ranges::all_of(other.methods, has))) &&
         cover(hosts, other.hosts) && cover(paths, other.paths);
}

Router::Router(const std::vector<RouteConfig>& routes) {
  for (const RouteConfig& config : routes) {
    const Route& route = routes_.emplace_back(config);
    look_at_hosts_ |= !route.hosts.empty();
    look_at_paths_ |= !route.paths.empty();
  }
}

std::size_t Router::first(const Fixed& request, std::string_view path) const {
  std::size_t number = 0;
  while (number < routes_.size() &&
         !(routes_[number].fits(path) && routes_[number].fits(request.method, request.host)))
    ++number;
  return number;
}

Router::Way Router::way_of(const HttpRequest& request) const {
  using Kind = Way::Kind;
  const HttpHead& head = request.head;
  // Absolute-form: the target's host counts, and scripts may look at the field.
  if (look_at_hosts_ && head.scheme_authority.length > 0 &&
      !net::http::equals_ignoring_case(request(head.host), request.field("Host")))
    return {Kind::refused, 0, kTwoHosts};
  const Fixed fixed{request(head.method), bare_host(request(head.host))};
  const auto way = [&](std::size_t number) {
    return number < routes_.size() ? Way{Kind::route, number, nullptr} : Way{};
  };
  std::string_view sent = request(head.path);
  if (sent.empty() && head.scheme_authority.length > 0) sent = "/";
  // Without a path (CONNECT, `OPTIONS *`) no pattern of one fits.
  if (!look_at_paths_ || !sent.starts_with('/')) return way(first(fixed, {}));
  thread_local Path path;
  if (!path.read(sent)) return {Kind::refused, 0, kBadPath};
  const auto readings = path.readings();
  const std::size_t number = first(fixed, readings.front());
  for (const std::string_view other : readings.subspan(1)) {
    if (first(fixed, other) != number) return {Kind::refused, 0, kTwoPaths};
  }
  return way(number);
}

bool Router::shadows(const RouteConfig& earlier, const RouteConfig& later) {
  return Route(earlier).covers(Route(later));
}

}  // namespace rr::http::routes
