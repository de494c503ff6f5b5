#include "runtime/plugins/http/quoted_printable.h"

#include <algorithm>

#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/percent.h"

namespace rr::http {
namespace {

constexpr std::size_t kMaxLine = 4096;

Error failure(std::string text) {
  return Error(Errc::invalid, "", "quotedprintable: " + std::move(text));
}

std::string hex_byte(char c) {
  return {'0', 'x', ascii::kLowerHex[ascii::byte(c) >> 4], ascii::kLowerHex[ascii::byte(c) & 15]};
}

// `whole` ends with its line feed, unless it is the last.
Result<void> decode_line(std::string_view whole, std::string& out) {
  std::string_view line = whole;
  line = line.substr(0, line.find_last_not_of(" \t\r\n") + 1);
  const std::string_view stripped = whole.substr(line.size());
  std::string_view ending;
  if (line.ends_with('=')) {
    line.remove_suffix(1);
    const bool at_end = stripped.empty() && !line.empty();
    if (!stripped.starts_with('\n') && !stripped.starts_with("\r\n") && !at_end) {
      return failure("invalid bytes after =: " + quoted(stripped));
    }
  } else if (whole.ends_with("\r\n")) {
    ending = "\r\n";
  } else if (whole.ends_with('\n')) {
    ending = "\n";
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '=' && i + 2 < line.size() && ascii::hex(line[i + 1]) >= 0 &&
        ascii::hex(line[i + 2]) >= 0) {
      out += static_cast<char>(ascii::hex(line[i + 1]) << 4 | ascii::hex(line[i + 2]));
      i += 2;
    } else if (c == '=' && i + 1 == line.size()) {
      return failure("invalid bytes after =: \"\"");
    } else if ((ascii::byte(c) < 0x20 && c != '\t' && c != '\r') || c == 0x7F) {
      return failure("invalid unescaped byte " + hex_byte(c) + " in body");
    } else {
      out += c;  // a '=' that begins no escape stands for itself
    }
  }
  out += ending;
  return {};
}

}  // namespace

Result<void> QuotedPrintableDecoder::feed(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    const std::size_t length = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    if (line_.size() + length > kMaxLine) return failure("line too long");
    line_.append(bytes, 0, length);
    bytes.remove_prefix(length);
    if (line_.back() != '\n') continue;
    auto decoded = decode_line(line_, out);
    line_.clear();
    if (!decoded) return decoded;
  }
  return {};
}

Result<void> QuotedPrintableDecoder::finish(std::string& out) {
  if (line_.empty()) return {};
  auto decoded = decode_line(line_, out);
  line_.clear();
  return decoded;
}

}  // namespace rr::http
