#include "runtime/plugins/http/media_type.h"

#include <map>
#include <optional>

#include "runtime/plugins/http/ascii.h"

namespace rr::http {
namespace {

constexpr std::size_t kMaxParameters = 100;  // of one value; each costs a scan of the others

bool mime_special(char c) {
  return std::string_view("()<>@,;:\\\"/[]?=").find(c) != std::string_view::npos;
}
bool mime_token(char c) {
  return c > 0x20 && c < 0x7F && !mime_special(c);
}
bool space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

void skip_space(std::string_view& text) {
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
}

std::string_view take_token(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && mime_token(text[length])) ++length;
  const std::string_view token = text.substr(0, length);
  text.remove_prefix(length);
  return token;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii::lower(c);
  return out;
}

// A token or quoted string. A backslash before anything but a special character stands for itself:
// some browsers send C:\dir\file unescaped.
std::optional<std::string> take_value(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  if (text.front() != '"') {
    const std::string_view token = take_token(text);
    return token.empty() ? std::nullopt : std::optional<std::string>(token);
  }
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (c == '\\' && i + 1 < text.size() && mime_special(text[i + 1])) {
      c = text[++i];
    } else if (c == '\r' || c == '\n') {
      return std::nullopt;
    }
    value += c;
  }
  return std::nullopt;
}

bool append_unescaped(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || ascii::hex(text[i + 1]) < 0 || ascii::hex(text[i + 2]) < 0) {
      out.resize(begin);
      return false;
    }
    out += static_cast<char>(ascii::hex(text[i + 1]) << 4 | ascii::hex(text[i + 2]));
    i += 2;
  }
  return true;
}

// charset'language'text of RFC 2231.
bool append_extended(std::string& out, std::string_view text) {
  const std::size_t first = text.find('\'');
  const std::size_t second = first == text.npos ? text.npos : text.find('\'', first + 1);
  if (second == text.npos) return false;
  const std::string charset = to_lower(text.substr(0, first));
  if (charset != "us-ascii" && charset != "utf-8") return false;
  return append_unescaped(out, text.substr(second + 1));
}

using Pieces = std::map<std::string, std::string>;

// Puts name*, name*0, name*1* … together.
std::optional<std::string> joined(const std::string& name, const Pieces& pieces) {
  std::string out;
  if (auto whole = pieces.find(name + '*'); whole != pieces.end()) {
    if (!append_extended(out, whole->second)) return std::nullopt;
    return out;
  }
  bool any = false;
  for (int n = 0;; ++n) {
    const std::string key = name + '*' + std::to_string(n);
    if (auto piece = pieces.find(key); piece != pieces.end()) {
      out += piece->second;
    } else if (auto encoded = pieces.find(key + '*'); encoded != pieces.end()) {
      n == 0 ? append_extended(out, encoded->second) : append_unescaped(out, encoded->second);
    } else {
      break;
    }
    any = true;
  }
  return any ? std::optional(out) : std::nullopt;
}

bool valid_type(std::string_view type) {
  const std::string_view major = take_token(type);
  if (major.empty()) return false;
  if (type.empty()) return true;  // a disposition
  if (type.front() != '/') return false;
  type.remove_prefix(1);
  return !take_token(type).empty() && type.empty();
}

void set_parameter(MediaType& type, const std::string& name, std::string value) {
  for (auto& [key, old] : type.parameters) {
    if (key == name) {
      old = std::move(value);
      return;
    }
  }
  type.parameters.emplace_back(name, std::move(value));
}

}  // namespace

const std::string* MediaType::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

MediaType parse_media_type(std::string_view text) {
  MediaType result;
  const std::size_t semicolon = std::min(text.find(';'), text.size());
  std::string_view base = text.substr(0, semicolon);
  skip_space(base);
  while (!base.empty() && space(base.back())) base.remove_suffix(1);
  if (!valid_type(base)) return result;
  MediaType parsed;
  parsed.type = to_lower(base);
  std::map<std::string, Pieces> continued;
  const auto malformed = [&] {
    result.type = parsed.type;
    return result;
  };
  text.remove_prefix(semicolon);
  std::size_t count = 0;
  while (true) {
    skip_space(text);
    if (text.empty()) break;
    if (text.front() != ';' || ++count > kMaxParameters) return malformed();
    text.remove_prefix(1);
    skip_space(text);
    if (text.empty()) break;  // a semicolon at the end
    const std::string name = to_lower(take_token(text));
    skip_space(text);
    if (name.empty() || text.empty() || text.front() != '=') return malformed();
    text.remove_prefix(1);
    skip_space(text);
    auto value = take_value(text);
    if (!value) return malformed();
    const std::size_t star = name.find('*');
    if (star != name.npos) {
      auto [at, fresh] = continued[name.substr(0, star)].try_emplace(name, *value);
      if (!fresh && at->second != *value) return result;
    } else if (const std::string* old = parsed.parameter(name); old != nullptr && *old != *value) {
      return result;  // one name twice
    } else {
      set_parameter(parsed, name, std::move(*value));
    }
  }
  for (const auto& [name, pieces] : continued) {
    if (auto value = joined(name, pieces)) set_parameter(parsed, name, std::move(*value));
  }
  return parsed;
}

}  // namespace rr::http
