#include "runtime/plugins/http/middleware/headers/cors.h"

#include <time.h>

#include <algorithm>
#include <cstdio>

#include <re2/re2.h>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/plugins/http/ascii.h"

namespace rr::http::headers {
namespace {

namespace chars = net::http::chars;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii::lower(c);
  return out;
}

// Members that are not empty, trimmed.
std::vector<std::string> members(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    if (const auto member = chars::next_member(list); !member.empty()) out.emplace_back(member);
  }
  return out;
}

}  // namespace

void CorsConfig::check(config::Errors& errors) const {
  if (!allowed_origin_regex.empty()) {
    const re2::RE2 regex(allowed_origin_regex, re2::RE2::Quiet);
    errors.require(regex.ok(), "allowed_origin_regex",
                   "allowed_origin_regex is no regular expression: " + regex.error());
  }
  errors.require(options_success_status >= 200 && options_success_status <= 599,
                 "options_success_status", "options_success_status should be between 200 and 599");
}

Cors::Cors(const CorsConfig& config) : config_(config) {
  if (!config.allowed_origin_regex.empty()) {
    regex_ = std::make_unique<re2::RE2>(config.allowed_origin_regex, re2::RE2::Quiet);
  } else {
    for (const std::string& origin : members(lower(config.allowed_origin))) {
      const auto star = origin.find('*');
      if (origin == "*") all_origins_ = true;
      if (star == std::string::npos) {
        origins_.push_back({origin, {}, false});
      } else {
        origins_.push_back({origin.substr(0, star), origin.substr(star + 1), true});
      }
    }
    all_origins_ |= origins_.empty();
  }
  methods_ = members(config.allowed_methods);
  for (const std::string& name : members(config.allowed_headers)) {
    all_headers_ |= name == "*";
    headers_.push_back(lower(name));
  }
  for (std::string name : members(config.exposed_headers)) {
    net::http::canonicalize(name);
    exposed_ += (exposed_.empty() ? "" : ", ") + name;
  }
}

Cors::~Cors() = default;

HttpVerdict Cors::handle(HttpCall& call) const {
  const HttpRequest& request = call.request();
  const std::string_view method = request(request.head.method);
  if (method == "OPTIONS" && !request.field("Access-Control-Request-Method").empty()) {
    preflight(call);
    call.respond({.status = static_cast<int>(config_.options_success_status)});
    return HttpVerdict::answered;
  }
  actual(call);
  return HttpVerdict::pass;
}

void Cors::preflight(HttpCall& call) const {
  const HttpRequest& request = call.request();
  const std::string_view origin = request.field("Origin");
  const std::string_view method = request.field("Access-Control-Request-Method");
  const std::string_view headers = request.field("Access-Control-Request-Headers");
  trace("Handler: Preflight request");
  call.add_answer_field("Vary",
                        "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  if (origin.empty()) return trace("  Preflight aborted: empty origin");
  if (!allows_origin(origin))
    return trace("  Preflight aborted: origin '" + std::string(origin) + "' not allowed");
  if (method != "OPTIONS" && !allows_method(method))
    return trace("  Preflight aborted: method '" + std::string(method) + "' not allowed");
  if (!allows_headers(headers))
    return trace("  Preflight aborted: headers '" + std::string(headers) + "' not allowed");
  allow(call, origin);
  call.set_answer_field("Access-Control-Allow-Methods", method);
  if (!headers.empty()) call.set_answer_field("Access-Control-Allow-Headers", headers);
  if (config_.max_age > 0)
    call.set_answer_field("Access-Control-Max-Age", std::to_string(config_.max_age));
}

void Cors::actual(HttpCall& call) const {
  const HttpRequest& request = call.request();
  const std::string_view origin = request.field("Origin");
  const std::string_view method = request(request.head.method);
  call.add_answer_field("Vary", "Origin");
  if (origin.empty()) return;
  trace("Handler: Actual request");
  if (!allows_origin(origin))
    return trace("  Actual request no headers added: origin '" + std::string(origin) +
                 "' not allowed");
  if (method != "OPTIONS" && !allows_method(method))
    return trace("  Actual request no headers added: method '" + std::string(method) +
                 "' not allowed");
  allow(call, origin);
  if (!exposed_.empty()) call.set_answer_field("Access-Control-Expose-Headers", exposed_);
}

// What both kinds of request get.
void Cors::allow(HttpCall& call, std::string_view origin) const {
  call.set_answer_field("Access-Control-Allow-Origin", all_origins_ ? "*" : origin);
  if (config_.allow_credentials) call.set_answer_field("Access-Control-Allow-Credentials", "true");
}

bool Cors::allows_origin(std::string_view origin) const {
  if (all_origins_) return true;
  if (regex_) return re2::RE2::PartialMatch({origin.data(), origin.size()}, *regex_);
  const std::string name = lower(origin);
  return std::any_of(origins_.begin(), origins_.end(), [&](const Pattern& pattern) {
    if (!pattern.wild) return name == pattern.before;
    return name.size() >= pattern.before.size() + pattern.after.size() &&
           name.starts_with(pattern.before) && name.ends_with(pattern.after);
  });
}

bool Cors::allows_method(std::string_view method) const {
  return std::ranges::find(methods_, method) != methods_.end();
}

bool Cors::allows_headers(std::string_view list) const {
  if (all_headers_) return true;
  while (!list.empty()) {
    const std::string_view name = chars::next_member(list);
    if (!name.empty() && std::ranges::find(headers_, lower(name)) == headers_.end()) return false;
  }
  return true;
}

void Cors::trace(const std::string& what) const {
  if (!config_.debug) return;
  const time_t now = time(nullptr);
  tm parts{};
  localtime_r(&now, &parts);
  char when[32];
  strftime(when, sizeof when, "%Y/%m/%d %H:%M:%S", &parts);
  std::printf("[cors] %s %s\n", when, what.c_str());
  std::fflush(stdout);
}

}  // namespace rr::http::headers
