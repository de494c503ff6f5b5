// What a shared cache may store and give again (RFC 9111 §3, §4). Pure functions; the clocks are
// the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/plugins/http/middleware/cache/entry.h"

namespace rr::http::cache {

struct Moment {
  TimePoint steady;
  std::int64_t unix_seconds = 0;
};

struct Policy {
  Duration ttl{0};                      // of answers that say nothing
  std::vector<std::string> key_fields;  // fields of requests that always vary, lower case
};

// The answer to a GET as an entry, with its body still to come. Nothing when it may not be stored.
std::optional<Entry> storable(const Policy& policy, const HttpRequest& request,
                              const HttpResponseHead& head, const Moment& now);

// An entry that the application has confirmed with this 304: its new fields replace the old ones.
Entry refreshed(const Policy& policy, const HttpRequest& request, const Entry& old,
                const HttpResponseHead& head, const Moment& now);

// What a request wants of the cache.
enum class Wish {
  use,         // a fresh answer that suits it
  revalidate,  // an answer of the application, which may be stored
  bypass,      // neither look nor store
};
struct Demand {
  Wish wish = Wish::use;
  bool only_if_cached = false;
  std::optional<Duration> max_age;
  Duration min_fresh{0};
  bool personal = false;    // has Cookie or Authorization
  bool authorized = false;  // has Authorization
};
Demand demand_of(const HttpRequest& request);

// Whether an entry may answer the request as it is.
bool usable(const Entry& entry, const Demand& demand, TimePoint now);

}  // namespace rr::http::cache
