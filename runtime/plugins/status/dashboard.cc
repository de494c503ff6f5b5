#include "runtime/plugins/status/dashboard.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "rr/base64.h"

namespace rr::status {

namespace {

constexpr HeaderView kText[] = {{"Content-Type", "text/plain; charset=utf-8"},
                                {"X-Content-Type-Options", "nosniff"},
                                {"Cache-Control", "no-store"}};
constexpr HeaderView kAskForToken[] = {
    {"Content-Type", "text/plain; charset=utf-8"},
    {"X-Content-Type-Options", "nosniff"},
    {"Cache-Control", "no-store"},
    {"WWW-Authenticate", "Basic realm=\"rr-embed dashboard\", charset=\"UTF-8\""}};
constexpr HeaderView kState[] = {{"Content-Type", "application/json"},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"Cache-Control", "no-store"},
                                 {"Cross-Origin-Resource-Policy", "same-origin"}};

// What proxies add to requests.
constexpr std::string_view kProxyFields[] = {"Forwarded",
                                             "X-Forwarded-For",
                                             "X-Forwarded-Host",
                                             "X-Forwarded-Proto",
                                             "X-Forwarded-Server",
                                             "X-Real-IP",
                                             "Via"};

// Not of the client's bytes: as the socket has it.
bool local_peer(std::string_view address) {
  return address == "::1" || address == "@" || address.starts_with("127.") ||
         address.starts_with("::ffff:127.");
}

bool local_name(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1) == "[::1]";
  host = host.substr(0, host.find(':'));
  if (host == "localhost") return true;
  // Digits and dots: a name that begins so may lead elsewhere.
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool through_proxy(const HttpRequest& request) {
  return std::ranges::any_of(kProxyFields, [&](std::string_view name) {
    return std::ranges::any_of(request.fields, [&](const HttpField& field) {
      return std::ranges::equal(request(field.name), name, [](char a, char b) {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; };
        return lower(a) == lower(b);
      });
    });
  });
}

// Of `Authorization`; nothing: there is none that we know.
std::optional<std::string> token_in(std::string_view field) {
  const auto scheme = [&field](std::string_view name) {
    return field.size() > name.size() && field[name.size()] == ' ' &&
           std::ranges::equal(field.substr(0, name.size()), name,
                              [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  };
  if (scheme("Bearer")) return std::string(field.substr(field.find_last_of(' ') + 1));
  if (!scheme("Basic")) return std::nullopt;
  const auto both = base64_decode(field.substr(field.find_last_of(' ') + 1));
  if (!both || both->find(':') == std::string::npos) return std::nullopt;
  return both->substr(both->find(':') + 1);
}

std::string make_nonce() {
  std::random_device random;
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t word = random();
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(word >> shift & 0xFF);
  }
  return base64_encode(bytes);
}

}  // namespace

bool same_secret(std::string_view secret, std::string_view sent) {
  // Volatile: no compiler finds an early end.
  volatile unsigned difference = secret.size() == sent.size() ? 0 : 1;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const char other = secret.empty() ? '\0' : secret[i % secret.size()];
    difference = difference | static_cast<unsigned char>(sent[i] ^ other);
  }
  return difference == 0 && !secret.empty();
}

Admission admission(const DashboardConfig& config, const HttpRequest& request) {
  if (!config.token.empty()) {
    const auto sent = token_in(request.field("Authorization"));
    return sent && same_secret(config.token, *sent) ? Admission::granted : Admission::wants_token;
  }
  const bool local = local_peer(request(request.head.remote_address)) &&
                     local_name(request(request.head.host)) && !through_proxy(request);
  return local ? Admission::granted : Admission::local_only;
}

Dashboard::Dashboard(DashboardConfig config, Inside& inside)
    : config_(std::move(config)), state_path_(config_.path + "/state"), inside_(inside) {}

bool Dashboard::serves(std::string_view path) const {
  return path == config_.path || path == state_path_;
}

void Dashboard::answer(HttpExchange& exchange) const {
  const HttpRequest& request = exchange.request();
  switch (admission(config_, request)) {
    case Admission::granted:
      break;
    case Admission::local_only:
      exchange.respond({.status = 403, .headers = kText},
                       PinnedBytes{"the dashboard is for this machine only; with "
                                   "status.dashboard.token it can be seen from elsewhere\n"});
      return;
    case Admission::wants_token:
      exchange.respond({.status = 401, .headers = kAskForToken},
                       PinnedBytes{"the password is status.dashboard.token\n"});
      return;
  }
  const std::string_view method = request(request.head.method);
  if (method != "GET" && method != "HEAD") {
    exchange.respond({.status = 405, .headers = kText}, PinnedBytes{"only GET is answered here\n"});
    return;
  }
  request(request.head.path) == config_.path ? answer_page(exchange) : answer_state(exchange);
}

void Dashboard::answer_page(HttpExchange& exchange) const {
  constexpr std::string_view kPlace = "{{nonce}}";
  const std::string nonce = make_nonce();
  std::string page;
  std::string_view rest = dashboard_html();
  for (std::size_t at; (at = rest.find(kPlace)) != std::string_view::npos;) {
    page.append(rest.substr(0, at)).append(nonce);
    rest.remove_prefix(at + kPlace.size());
  }
  page += rest;
  const std::string policy =
      "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce +
      "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors "
      "'none'";
  const std::array headers{HeaderView{"Content-Type", "text/html; charset=utf-8"},
                           HeaderView{"Content-Security-Policy", policy},
                           HeaderView{"X-Content-Type-Options", "nosniff"},
                           HeaderView{"X-Frame-Options", "DENY"},
                           HeaderView{"Referrer-Policy", "no-referrer"},
                           HeaderView{"Cross-Origin-Opener-Policy", "same-origin"},
                           HeaderView{"Cross-Origin-Resource-Policy", "same-origin"},
                           HeaderView{"Cache-Control", "no-store"}};
  exchange.respond({.status = 200, .headers = headers}, PinnedBytes{page});
}

void Dashboard::answer_state(HttpExchange& exchange) const {
  // Bytes of clients may be no UTF-8.
  const std::string text =
      inside_.picture().dump(-1, ' ', false, RpcValue::error_handler_t::replace);
  exchange.respond({.status = 200, .headers = kState}, PinnedBytes{text});
}

}  // namespace rr::status
