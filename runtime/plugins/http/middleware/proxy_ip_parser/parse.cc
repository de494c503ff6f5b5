#include "runtime/plugins/http/middleware/proxy_ip_parser/parse.h"

#include <algorithm>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/plugins/http/remote_address.h"

namespace rr::http::proxy_ip {
namespace {

namespace chars = net::http::chars;

std::string_view without_quotes(std::string_view text) {
  while (!text.empty() && text.front() == '"') text.remove_prefix(1);
  while (!text.empty() && text.back() == '"') text.remove_suffix(1);
  return text;
}

bool is_trusted(std::string_view member, std::span<const Subnet> trusted) {
  const auto reduced = reduce_remote_address(member);
  const auto address = reduced ? parse_address(*reduced) : std::nullopt;
  return address && std::ranges::any_of(
                        trusted, [&](const Subnet& subnet) { return subnet.contains(*address); });
}

}  // namespace

std::string_view client_of_forwarded(std::string_view field) {
  constexpr std::string_view kFor = "for=";
  for (std::size_t at = 0; at + kFor.size() <= field.size(); ++at) {
    if (!net::http::equals_ignoring_case(field.substr(at, kFor.size()), kFor)) continue;
    const std::string_view rest = field.substr(at + kFor.size());
    const std::string_view value = rest.substr(0, rest.find_first_of(";,| ()"));
    if (!value.empty()) return chars::trim(without_quotes(value));
  }
  return {};
}

std::string_view first_forwarded_for(std::string_view field) {
  return chars::trim(field.substr(0, field.find(',')));
}

std::string last_untrusted(const HttpRequest& request, std::span<const Subnet> trusted) {
  std::string_view client;
  // From the last line's last member on, back to the first that no trusted proxy has.
  for (std::size_t i = request.fields.size(); i-- > 0;) {
    const HttpField& field = request.fields[i];
    if (!net::http::equals_ignoring_case(request(field.name), "X-Forwarded-For")) continue;
    std::string_view list = request(field.value);
    while (!list.empty()) {
      const auto comma = list.rfind(',');
      const std::string_view member =
          chars::trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
      list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
      if (member.empty()) continue;
      client = member;
      if (!is_trusted(member, trusted)) return std::string(client);
    }
  }
  return std::string(client);
}

}  // namespace rr::http::proxy_ip
