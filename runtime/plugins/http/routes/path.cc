#include "runtime/plugins/http/routes/path.h"

#include <algorithm>

#include "runtime/plugins/http/ascii.h"

namespace rr::http::routes {
namespace {

// What makes a path more than its bytes.
constexpr auto kSpecial = [] {
  std::array<bool, 256> set{};
  for (int c = 0; c < 0x20; ++c) set[c] = true;
  for (const char c : {'%', '\\', '#', '\x7f'}) set[static_cast<unsigned char>(c)] = true;
  return set;
}();

// A slash, and behind it another one or a dot: where empty and dot segments begin.
bool has_odd_segment(std::string_view path) {
  for (std::size_t at = path.find('/'); at != path.npos; at = path.find('/', at + 1)) {
    if (at + 1 < path.size() && (path[at + 1] == '/' || path[at + 1] == '.')) return true;
  }
  return false;
}

bool has_dot_segment(std::string_view path) {
  for (std::size_t at = path.find("/."); at != path.npos; at = path.find("/.", at + 1)) {
    std::string_view segment = path.substr(at + 1);
    segment = segment.substr(0, segment.find('/'));
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

}  // namespace

bool Path::read(std::string_view sent) {
  count_ = 0;
  if (sent.size() > kLongest) return false;
  const bool special = std::ranges::any_of(sent, [](char c) { return kSpecial[ascii::byte(c)]; });
  if (!special && !has_odd_segment(sent)) {
    add(sent);
    return true;
  }
  for (std::string* buffer : {&plain_, &plain_merged_, &decoded_, &decoded_merged_})
    buffer->clear();
  if (!decode(sent, Slashes::as_sent, plain_) || !decode(sent, Slashes::decoded, decoded_))
    return false;
  // Every slash that anybody may see is one here.
  if (has_dot_segment(decoded_)) return false;
  add(plain_);
  add_merged(plain_, plain_merged_);
  if (decoded_ == plain_) return true;
  add(decoded_);
  add_merged(decoded_, decoded_merged_);
  return true;
}

// An encoded slash that is none stays encoded: no pattern has a percent sign.
bool Path::decode(std::string_view sent, Slashes slashes, std::string& out) const {
  for (std::size_t i = 0; i < sent.size(); ++i) {
    char c = sent[i];
    const bool encoded = c == '%';
    if (encoded) {
      if (i + 2 >= sent.size()) return false;
      const int high = ascii::hex(sent[i + 1]), low = ascii::hex(sent[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high << 4 | low);
      i += 2;
    }
    if (c == '\0' || (!encoded && (c == '#' || ascii::byte(c) < 0x20 || c == '\x7f'))) return false;
    if (c == '\\' && slashes == Slashes::decoded) c = '/';
    if (c == '/' && encoded && slashes == Slashes::as_sent) {
      out.append(sent, i - 2, 3);
    } else {
      out += c;
    }
  }
  return true;
}

void Path::add(std::string_view reading) {
  while (reading.size() > 1 && reading.back() == '/') reading.remove_suffix(1);
  readings_[count_++] = reading;
}

void Path::add_merged(const std::string& reading, std::string& merged) {
  if (reading.find("//") == std::string::npos) return;
  for (const char c : reading) {
    if (c != '/' || merged.empty() || merged.back() != '/') merged += c;
  }
  add(merged);
}

}  // namespace rr::http::routes
