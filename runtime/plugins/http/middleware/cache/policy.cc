#include "runtime/plugins/http/middleware/cache/policy.h"

#include <algorithm>
#include <chrono>

#include "runtime/net/files/http_date.h"
#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/middleware/cache/directives.h"

namespace rr::http::cache {
namespace {

namespace chars = net::http::chars;
using std::chrono::seconds;

bool is(std::string_view name, std::string_view other) {
  return net::http::equals_ignoring_case(name, other);
}

std::string_view header_of(const HttpResponseHead& head, std::string_view name) {
  for (const HeaderView& header : head.headers) {
    if (is(header.name, name)) return header.value;
  }
  return {};
}

// RFC 9110 §15.1, without 206: those that may be stored when they say how long.
bool stores(int status) {
  constexpr int kStatuses[] = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501};
  return std::ranges::find(kStatuses, status) != std::end(kStatuses);
}
// Those that may be without saying so.
bool stores_by_default(int status) {
  constexpr int kStatuses[] = {200, 203, 301, 308};
  return std::ranges::find(kStatuses, status) != std::end(kStatuses);
}

// Fields of one connection or one answer only.
bool passing(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "Age",     "Connection",        "Content-Length", "Keep-Alive",  "Proxy-Authenticate",
      "Trailer", "Transfer-Encoding", "Upgrade",        "Cache-Status"};
  return std::ranges::any_of(kNames, [&](std::string_view each) { return is(name, each); });
}

struct Freshness {
  Duration lifetime{0};
  bool explicitly = false;
};

Freshness freshness_of(const Policy& policy, const HttpResponseHead& head,
                       const Directives& directives, const Moment& now) {
  if (const auto age = directives.seconds("s-maxage")) return {seconds(*age), true};
  if (const auto age = directives.seconds("max-age")) return {seconds(*age), true};
  if (const auto expires = header_of(head, "Expires"); !expires.empty()) {
    const auto until = net::files::parse_http_date(chars::trim(expires));
    if (!until) return {Duration(0), true};  // "0" and the like: expired
    const auto date = net::files::parse_http_date(chars::trim(header_of(head, "Date")));
    const std::int64_t left = *until - date.value_or(now.unix_seconds);
    return {seconds(std::clamp<std::int64_t>(left, 0, std::int64_t{1} << 31)), true};
  }
  return {stores_by_default(head.status) ? policy.ttl : Duration(0), false};
}

// The fields the answer varies by; nothing for "*".
std::optional<std::vector<std::string>> vary_of(const Policy& policy,
                                                const HttpResponseHead& head) {
  std::vector<std::string> names = policy.key_fields;
  for (const HeaderView& header : head.headers) {
    if (!is(header.name, "Vary")) continue;
    std::string_view list = header.value;
    while (!list.empty()) {
      std::string name;
      for (const char c : chars::next_member(list)) name += ascii::lower(c);
      if (name == "*") return std::nullopt;
      if (!name.empty() && std::ranges::find(names, name) == names.end())
        names.push_back(std::move(name));
    }
  }
  std::ranges::sort(names);
  return names;
}

bool allows_authorized(const Directives& directives) {
  return directives.has("public") || directives.has("s-maxage") ||
         directives.has("must-revalidate");
}

bool may_store(const HttpRequest& request, const HttpResponseHead& head,
               const Directives& directives) {
  if (!stores(head.status)) return false;
  for (const std::string_view never : {"no-store", "private", "no-cache"}) {
    if (directives.has(never)) return false;
  }
  if (!header_of(head, "Content-Range").empty()) return false;
  if (!header_of(head, "Set-Cookie").empty() && !directives.has("public")) return false;
  return request.field("Authorization").empty() || allows_authorized(directives);
}

Duration age_of(const HttpResponseHead& head) {
  const std::int64_t age = chars::parse_length(chars::trim(header_of(head, "Age")));
  return seconds(std::clamp<std::int64_t>(age, 0, std::int64_t{1} << 31));
}

Texts texts_of(const HttpResponseHead& head) {
  Texts texts;
  for (const HeaderView& header : head.headers) {
    if (!passing(header.name)) texts.emplace_back(header.name, header.value);
  }
  return texts;
}

}  // namespace

std::optional<Entry> storable(const Policy& policy, const HttpRequest& request,
                              const HttpResponseHead& head, const Moment& now) {
  const Directives directives = directives_of(head.headers);
  if (!may_store(request, head, directives)) return std::nullopt;
  const Freshness fresh = freshness_of(policy, head, directives, now);
  const bool personal = !request.field("Cookie").empty() || !request.field("Authorization").empty();
  if (fresh.lifetime <= Duration(0) || (personal && !fresh.explicitly)) return std::nullopt;
  const auto names = vary_of(policy, head);
  if (!names) return std::nullopt;
  Entry entry;
  entry.status = head.status;
  entry.headers = texts_of(head);
  if (header_of(head, "Date").empty())
    entry.headers.emplace_back("Date", net::files::http_date(now.unix_seconds));
  for (const std::string& name : *names)
    entry.varies.emplace_back(name, joined_field(request, name));
  entry.stored = now.steady;
  entry.age_then = age_of(head);
  entry.lifetime = fresh.lifetime;
  entry.explicitly_fresh = fresh.explicitly;
  entry.for_authorized = allows_authorized(directives);
  return entry;
}

Entry refreshed(const Policy& policy, const HttpRequest& request, const Entry& old,
                const HttpResponseHead& head, const Moment& now) {
  Entry entry = old;
  for (auto& field : texts_of(head)) {
    if (is(field.first, "Content-Encoding") || is(field.first, "Content-Type") ||
        is(field.first, "Content-Range"))
      continue;  // of the body that is stored
    std::erase_if(entry.headers, [&](const auto& known) { return is(known.first, field.first); });
    entry.headers.push_back(std::move(field));
  }
  std::erase_if(entry.headers, [](const auto& known) { return is(known.first, "Date"); });
  entry.headers.emplace_back("Date", net::files::http_date(now.unix_seconds));
  std::vector<HeaderView> views;
  for (const auto& [name, value] : entry.headers) views.push_back({name, value});
  const HttpResponseHead whole{.status = old.status, .headers = views};
  if (auto again = storable(policy, request, whole, now)) {
    again->body = entry.body;
    return *std::move(again);
  }
  entry.stored = now.steady;
  entry.lifetime = Duration(0);
  return entry;
}

Demand demand_of(const HttpRequest& request) {
  Demand demand;
  const Directives directives = directives_of(request);
  demand.authorized = !request.field("Authorization").empty();
  demand.personal = demand.authorized || !request.field("Cookie").empty();
  demand.only_if_cached = directives.has("only-if-cached");
  if (const auto age = directives.seconds("max-age")) demand.max_age = seconds(*age);
  if (const auto left = directives.seconds("min-fresh")) demand.min_fresh = seconds(*left);
  if (directives.has("no-store") || !request.field("Range").empty() ||
      !request.field("If-Match").empty() || !request.field("If-Unmodified-Since").empty() ||
      !request.field("If-Range").empty() || !request.body.empty()) {
    demand.wish = Wish::bypass;
  } else if (directives.has("no-cache")) {
    demand.wish = Wish::revalidate;
  }
  return demand;
}

bool usable(const Entry& entry, const Demand& demand, TimePoint now) {
  if (!entry.fresh(now)) return false;
  if (demand.authorized && !entry.for_authorized) return false;
  if (demand.personal && !entry.explicitly_fresh) return false;
  if (demand.max_age && entry.age(now) > *demand.max_age) return false;
  return entry.lifetime - entry.age(now) >= demand.min_fresh;
}

}  // namespace rr::http::cache
