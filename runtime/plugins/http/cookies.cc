#include "runtime/plugins/http/cookies.h"

#include <algorithm>

#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/percent.h"

namespace rr::http {
namespace {

bool is_cookie(const HttpRequest& request, const HttpField& field) {
  return field.name.length == 6 && ascii::iequals(request(field.name), "cookie");
}

bool plain_value_byte(char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != ';' && c != '\\';
}

}  // namespace

void Cookies::parse(const HttpRequest& request) {
  list_.clear();
  decoded_.clear();
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const HttpField& field : request.fields) {
    if (!is_cookie(request, field)) continue;
    const std::string_view line = request(field.value);
    count += 1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), ';'));
    bytes += line.size();
  }
  if (count == 0 || count > kMax) return;
  if (decoded_.capacity() < bytes) decoded_.reserve(bytes);
  for (const HttpField& field : request.fields) {
    if (is_cookie(request, field)) add_line(request(field.value));
  }
  if (list_.size() > 1) keep_last_of_each_name();
}

void Cookies::add_line(std::string_view line) {
  while (!line.empty()) {
    const std::size_t stop = std::min(line.find(';'), line.size());
    add_pair(ascii::trim(line.substr(0, stop)));
    line.remove_prefix(std::min(stop + 1, line.size()));
  }
}

void Cookies::add_pair(std::string_view pair) {
  const std::size_t equals = std::min(pair.find('='), pair.size());
  const std::string_view name = ascii::trim(pair.substr(0, equals));
  if (!ascii::is_token(name)) return;
  std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
  if (value.size() > 1 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  bool encoded = false;
  for (char c : value) {
    if (!plain_value_byte(c)) return;
    encoded |= c == '%' || c == '+';
  }
  if (encoded) {
    const std::size_t begin = decoded_.size();
    std::string_view bad;
    if (!append_form_decoded(decoded_, value, bad)) return;
    value = std::string_view(decoded_).substr(begin);
  }
  list_.push_back({name, value});
}

// The order of names does not matter to anybody; that of values with one name does.
void Cookies::keep_last_of_each_name() {
  constexpr std::size_t kFew = 32;
  if (list_.size() <= kFew) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < list_.size(); ++i) {
      const HeaderView cookie = list_[i];
      const auto begin = list_.begin();
      const auto end = begin + static_cast<std::ptrdiff_t>(kept);
      const auto same = std::find_if(
          begin, end, [&](const HeaderView& other) { return other.name == cookie.name; });
      if (same == end) {
        list_[kept++] = cookie;
      } else {
        same->value = cookie.value;
      }
    }
    list_.resize(kept);
    return;
  }
  std::stable_sort(list_.begin(), list_.end(),
                   [](const HeaderView& a, const HeaderView& b) { return a.name < b.name; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < list_.size(); ++i) {
    if (i + 1 == list_.size() || list_[i].name != list_[i + 1].name) list_[kept++] = list_[i];
  }
  list_.resize(kept);
}

}  // namespace rr::http
