// Who the client is, by what proxies say (spec 02 §4.6). Pure functions over untrusted text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rr/http.h"
#include "runtime/plugins/http/middleware/proxy_ip_parser/config.h"
#include "runtime/plugins/http/middleware/proxy_ip_parser/subnet.h"

namespace rr::http::proxy_ip {

// The first "for=" of a Forwarded field that has a value; empty when there is none.
std::string_view client_of_forwarded(std::string_view field);

// The member of X-Forwarded-For lines that counts; empty when there is none.
std::string_view first_forwarded_for(std::string_view field);
std::string last_untrusted(const HttpRequest& request, std::span<const Subnet> trusted);

}  // namespace rr::http::proxy_ip
