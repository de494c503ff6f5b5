#include "runtime/plugins/http/acme/config.h"

#include <algorithm>
#include <set>

#include "runtime/plugins/http/ascii.h"

namespace rr::http::acme {
namespace {

constexpr std::string_view kProduction = "https://acme-v02.api.letsencrypt.org/directory";
constexpr std::string_view kStaging = "https://acme-staging-v02.api.letsencrypt.org/directory";

bool is_domain(std::string_view name) {
  if (name.empty() || name.size() > 253 || name.front() == '.' || name.back() == '.') return false;
  return name.find("..") == name.npos && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

}  // namespace

void AcmeConfig::settle() {
  const AcmeConfig fallback;
  if (cache_dir.empty()) cache_dir = fallback.cache_dir;
  if (alt_http_port == 0) alt_http_port = fallback.alt_http_port;
  if (alt_tlsalpn_port == 0) alt_tlsalpn_port = fallback.alt_tlsalpn_port;
  for (std::string& domain : domains) {
    for (char& c : domain) c = ascii::lower(c);
  }
}

void AcmeConfig::check(config::Errors& errors) const {
  errors.require(!email.empty(), "email", "email could not be empty");
  errors.require(!domains.empty(), "domains", "should be at least 1 domain");
  std::set<std::string_view> seen;
  for (const std::string& domain : domains) {
    if (domain.starts_with("*.")) {
      errors.require(false, "domains",
                     "\"" + domain +
                         "\": authorities give wildcards for a DNS challenge only, which is not "
                         "supported: name each host");
    } else {
      errors.require(is_domain(domain), "domains",
                     "\"" + domain + "\" is no name of a host (letters of ASCII, digits, hyphens)");
    }
    errors.require(seen.insert(domain).second, "domains", "\"" + domain + "\" is there twice");
  }
  errors.require(directory_url.empty() || directory_url.starts_with("https://"), "directory_url",
                 "an authority's directory begins with https://");
}

std::string AcmeConfig::authority() const {
  if (!directory_url.empty()) return directory_url;
  return std::string(use_production_endpoint ? kProduction : kStaging);
}

}  // namespace rr::http::acme
