// The page that shows the server from inside (include/rr/inside.h), and who may see it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rr/http.h"
#include "rr/inside.h"
#include "runtime/plugins/status/config.h"

namespace rr::status {

enum class Admission : std::uint8_t {
  granted,
  local_only,   // no token is set, and the client is not, or may not be, of this machine
  wants_token,  // none was sent, or another
};

// With a token whoever sends it (`Authorization: Bearer`, or as the password of `Basic`); without
// one who connects from this machine itself. What a proxy passes on from elsewhere comes from this
// machine, too: requests that show traces of one are refused, and so are those for another host
// than this machine, which a page in a browser can make by a name that leads here.
Admission admission(const DashboardConfig& config, const HttpRequest& request);

// Whether two texts are the same, in a time that depends on the length of `sent` only.
bool same_secret(std::string_view secret, std::string_view sent);

// HTML with two places for a nonce: "{{nonce}}".
std::string_view dashboard_html();

// Thread-safe.
class Dashboard {
 public:
  // `inside` outlives this.
  Dashboard(DashboardConfig config, Inside& inside);

  // The page's path and that of its numbers, "…/state".
  bool serves(std::string_view path) const;
  // Of a request whose path it serves.
  void answer(HttpExchange& exchange) const;

 private:
  void answer_page(HttpExchange& exchange) const;
  void answer_state(HttpExchange& exchange) const;

  const DashboardConfig config_;
  const std::string state_path_;
  Inside& inside_;
};

}  // namespace rr::status
