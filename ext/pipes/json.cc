#include "ext/pipes/json.h"

namespace rr::ext {

char JsonReader::peek() {
  const std::size_t at = rest_.find_first_not_of(" \t\r\n");
  rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at);
  return rest_.empty() ? '\0' : rest_.front();
}

bool JsonReader::take(char c) {
  if (peek() != c || rest_.empty()) return false;
  rest_.remove_prefix(1);
  return true;
}

bool JsonReader::word(std::string_view word) {
  peek();
  if (rest_.substr(0, word.size()) != word) return false;
  rest_.remove_prefix(word.size());
  return true;
}

bool JsonReader::null() {
  return word("null");
}

bool JsonReader::boolean(bool* out) {
  *out = word("true");
  return *out || word("false");
}

bool JsonReader::hex(unsigned* out) {
  if (rest_.size() < 4) return false;
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = rest_[static_cast<std::size_t>(i)];
    const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                                  : 16;
    if (digit > 15) return false;
    value = value * 16 + digit;
  }
  rest_.remove_prefix(4);
  *out = value;
  return true;
}

static void append_utf8(std::string* out, unsigned code) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
    return;
  }
  if (code < 0x800) {
    out->push_back(static_cast<char>(0xC0 | code >> 6));
  } else {
    if (code < 0x10000) {
      out->push_back(static_cast<char>(0xE0 | code >> 12));
    } else {
      out->push_back(static_cast<char>(0xF0 | code >> 18));
      out->push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    }
    out->push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
  }
  out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
}

// Behind a backslash.
bool JsonReader::escape() {
  if (rest_.empty()) return false;
  const char c = rest_.front();
  rest_.remove_prefix(1);
  switch (c) {
    case '"':
    case '\\':
    case '/':
      unescaped_->push_back(c);
      return true;
    case 'b':
      unescaped_->push_back('\b');
      return true;
    case 'f':
      unescaped_->push_back('\f');
      return true;
    case 'n':
      unescaped_->push_back('\n');
      return true;
    case 'r':
      unescaped_->push_back('\r');
      return true;
    case 't':
      unescaped_->push_back('\t');
      return true;
    case 'u':
      break;
    default:
      return false;
  }
  unsigned code = 0, low = 0;
  if (!hex(&code)) return false;
  if (code >= 0xDC00 && code <= 0xDFFF) return false;
  if (code >= 0xD800 && code <= 0xDBFF) {
    if (rest_.substr(0, 2) != "\\u") return false;
    rest_.remove_prefix(2);
    if (!hex(&low) || low < 0xDC00 || low > 0xDFFF) return false;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(unescaped_, code);
  return true;
}

bool JsonReader::string(std::string_view* out) {
  if (!take('"')) return false;
  const std::size_t plain = rest_.find_first_of("\"\\");
  if (plain == std::string_view::npos) return false;
  if (rest_[plain] == '"') {
    *out = rest_.substr(0, plain);
    rest_.remove_prefix(plain + 1);
    return true;
  }
  const std::size_t start = unescaped_->size();
  for (;;) {
    const std::size_t at = rest_.find_first_of("\"\\");
    if (at == std::string_view::npos) return false;
    unescaped_->append(rest_.substr(0, at));
    const bool ends = rest_[at] == '"';
    rest_.remove_prefix(at + 1);
    if (ends) break;
    if (!escape()) return false;
  }
  *out = std::string_view(*unescaped_).substr(start);
  return true;
}

bool JsonReader::skip_string() {
  rest_.remove_prefix(1);
  for (;;) {
    const std::size_t at = rest_.find_first_of("\"\\");
    if (at == std::string_view::npos) return false;
    const bool ends = rest_[at] == '"';
    rest_.remove_prefix(at + 1);
    if (ends) return true;
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
  }
}

bool JsonReader::skip_number() {
  const std::size_t end = rest_.find_first_not_of("0123456789+-.eE");
  const std::size_t size = end == std::string_view::npos ? rest_.size() : end;
  rest_.remove_prefix(size);
  return size > 0;
}

// Without recursion: how deep it is nested is the sender's choice.
bool JsonReader::skip(std::string_view* whole) {
  peek();
  const char* const start = rest_.data();
  std::size_t depth = 0;
  do {
    switch (peek()) {
      case '{':
      case '[':
        ++depth;
        rest_.remove_prefix(1);
        continue;
      case '}':
      case ']':
        if (depth == 0) return false;
        --depth;
        rest_.remove_prefix(1);
        break;
      case ',':
      case ':':
        if (depth == 0) return false;
        rest_.remove_prefix(1);
        continue;
      case '"':
        if (!skip_string()) return false;
        break;
      case 't':
      case 'f':
      case 'n':
        if (!word("true") && !word("false") && !word("null")) return false;
        break;
      default:
        if (!skip_number()) return false;
    }
  } while (depth > 0);
  if (whole) *whole = std::string_view(start, static_cast<std::size_t>(rest_.data() - start));
  return true;
}

}  // namespace rr::ext
