#include "runtime/plugins/http/urlencoded.h"

#include <algorithm>

#include "runtime/plugins/http/percent.h"

namespace rr::http {
namespace {

// Calls pair(name, value), still encoded, for each non-empty one.
template <class Pair>
void each_pair(std::string_view text, Pair pair) {
  while (!text.empty()) {
    const std::size_t stop = std::min(text.find('&'), text.size());
    const std::string_view item = text.substr(0, stop);
    text.remove_prefix(std::min(stop + 1, text.size()));
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    pair(item.substr(0, equals), item.substr(std::min(equals + 1, item.size())));
  }
}

}  // namespace

Result<void> check_urlencoded(std::string_view text) {
  if (static_cast<std::size_t>(std::count(text.begin(), text.end(), '&')) >= kMaxPairs) {
    return Error(Errc::invalid, "", "number of URL query parameters exceeded limit");
  }
  if (text.find(';') != text.npos) {
    return Error(Errc::invalid, "", "invalid semicolon separator in query");
  }
  std::string_view bad;
  each_pair(text, [&](std::string_view name, std::string_view value) {
    if (bad.empty()) bad = invalid_escape(name);
    if (bad.empty()) bad = invalid_escape(value);
  });
  if (!bad.empty()) return Error(Errc::invalid, "", "invalid URL escape " + quoted(bad));
  return {};
}

Result<void> parse_urlencoded(std::string_view text, std::string& storage,
                              std::vector<HeaderView>& pairs) {
  if (auto checked = check_urlencoded(text); !checked) return checked;
  storage.clear();
  storage.reserve(text.size());  // decoding never makes longer, so views into it stay good
  const auto decode = [&](std::string_view piece) -> std::string_view {
    if (piece.find_first_of("%+") == piece.npos) return piece;
    const std::size_t begin = storage.size();
    std::string_view bad;
    append_form_decoded(storage, piece, bad);
    return std::string_view(storage).substr(begin);
  };
  each_pair(text, [&](std::string_view name, std::string_view value) {
    const std::string_view decoded = decode(name);
    pairs.push_back({decoded, decode(value)});
  });
  return {};
}

}  // namespace rr::http
