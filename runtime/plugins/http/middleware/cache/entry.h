// A stored answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rr/exchange.h"
#include "rr/http.h"

namespace rr::http::cache {

using Texts = std::vector<std::pair<std::string, std::string>>;

// Immutable. Shared by the store and the answers that are made of it.
struct Entry {
  int status = 200;
  Texts headers;  // as they are sent, Date among them
  std::string body;
  Texts varies;  // fields of the request it was given for: name (lower case), values joined

  TimePoint stored;
  Duration age_then{0};  // when it was stored
  Duration lifetime{0};
  bool explicitly_fresh = false;  // it said so itself
  bool for_authorized = false;    // it allows requests with Authorization

  Duration age(TimePoint now) const { return age_then + (now - stored); }
  bool fresh(TimePoint now) const { return age(now) < lifetime; }
  std::string_view header(std::string_view name) const;
  // Whether a request has the same values of the fields it varies by.
  bool suits(const HttpRequest& request) const;
  std::size_t bytes() const;
};
using EntryPointer = std::shared_ptr<const Entry>;

// All values of a field of a request, joined by ", ".
std::string joined_field(const HttpRequest& request, std::string_view name);

}  // namespace rr::http::cache
