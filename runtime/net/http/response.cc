#include "runtime/net/http/response.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "runtime/net/http/chars.h"

namespace rr::net::http {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};

// RoadRunner's words (Go): 413, 414 and 416 are older than RFC 9110's.
constexpr Phrase kPhrases[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Requested Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Entity"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {510, "Not Extended"},
    {511, "Network Authentication Required"},
};

constexpr int kFirstStatus = 100;
constexpr auto kPhraseOf = [] {
  std::array<std::string_view, 500> table{};
  for (const Phrase& phrase : kPhrases) table[phrase.status - kFirstStatus] = phrase.text;
  return table;
}();

// "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
struct DateLine {
  static constexpr std::size_t kPrefix = 6;
  static constexpr std::size_t kDate = 29;
  time_t second = -1;
  char text[kPrefix + kDate + 2];
};

void put_two(char* at, int number) {
  at[0] = static_cast<char>('0' + number / 10);
  at[1] = static_cast<char>('0' + number % 10);
}

void format(DateLine& line, time_t now) {
  static constexpr char kDays[] = "SunMonTueWedThuFriSat";
  static constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  tm utc{};
  gmtime_r(&now, &utc);
  std::memcpy(line.text, "Date: ddd, dd mmm yyyy hh:mm:ss GMT\r\n", sizeof line.text);
  char* const date = line.text + DateLine::kPrefix;
  std::memcpy(date, kDays + 3 * utc.tm_wday, 3);
  put_two(date + 5, utc.tm_mday);
  std::memcpy(date + 8, kMonths + 3 * utc.tm_mon, 3);
  put_two(date + 12, (utc.tm_year + 1900) / 100);
  put_two(date + 14, utc.tm_year % 100);
  put_two(date + 17, utc.tm_hour);
  put_two(date + 20, utc.tm_min);
  put_two(date + 23, utc.tm_sec);
  line.second = now;
}

const DateLine& current_date() {
  thread_local DateLine line;
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != line.second) format(line, now.tv_sec);
  return line;
}

constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// ---- sniffing: the tables of mimesniff.spec.whatwg.org §6, §7.1 as Go has them

constexpr std::string_view kHtmlTags[] = {
    "<!DOCTYPE HTML", "<HTML", "<HEAD",  "<SCRIPT", "<IFRAME", "<H1",   "<DIV", "<FONT",
    "<TABLE",         "<A",    "<STYLE", "<TITLE",  "<B",      "<BODY", "<BR",  "<P",
    "<!--",
};

// "?" in `pattern` stands for any byte (no signature has a question mark of its own).
struct Signature {
  std::string_view pattern;
  std::string_view type;
};

using namespace std::string_view_literals;
constexpr Signature kSignatures[] = {
    {"%PDF-", "application/pdf"},
    {"%!PS-Adobe-", "application/postscript"},
    {"\xFE\xFF??"sv, "text/plain; charset=utf-16be"},
    {"\xFF\xFE??"sv, "text/plain; charset=utf-16le"},
    {"\xEF\xBB\xBF?"sv, "text/plain; charset=utf-8"},
    {"\x00\x00\x01\x00"sv, "image/x-icon"},
    {"\x00\x00\x02\x00"sv, "image/x-icon"},
    {"BM", "image/bmp"},
    {"GIF87a", "image/gif"},
    {"GIF89a", "image/gif"},
    {"RIFF????WEBPVP"sv, "image/webp"},
    {"\x89PNG\r\n\x1A\n"sv, "image/png"},
    {"\xFF\xD8\xFF"sv, "image/jpeg"},
    {"FORM????AIFF"sv, "audio/aiff"},
    {"ID3", "audio/mpeg"},
    {"OggS\x00"sv, "application/ogg"},
    {"MThd\x00\x00\x00\x06"sv, "audio/midi"},
    {"RIFF????AVI "sv, "video/avi"},
    {"RIFF????WAVE"sv, "audio/wave"},
    {"\x1A\x45\xDF\xA3"sv, "video/webm"},
    {"\x00\x01\x00\x00"sv, "font/ttf"},
    {"OTTO", "font/otf"},
    {"ttcf", "font/collection"},
    {"wOFF", "font/woff"},
    {"wOF2", "font/woff2"},
    {"\x1F\x8B\x08"sv, "application/x-gzip"},
    {"PK\x03\x04"sv, "application/zip"},
    {"Rar!\x1A\x07\x00"sv, "application/x-rar-compressed"},
    {"Rar!\x1A\x07\x01\x00"sv, "application/x-rar-compressed"},
    {"\x00\x61\x73\x6D"sv, "application/wasm"},
};
// Has no first byte of its own.
constexpr std::size_t kFontObjectMark = 34;

// First bytes of signatures: nearly every body is told apart by its first byte.
constexpr auto kStarts = [] {
  std::array<bool, 256> starts{};
  for (const Signature& signature : kSignatures) {
    starts[static_cast<unsigned char>(signature.pattern[0])] = true;
  }
  return starts;
}();

bool matches(std::string_view data, std::string_view pattern) {
  if (data.size() < pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != data[i] && pattern[i] != '?') return false;
  }
  return true;
}

bool is_html(std::string_view text) {
  for (std::string_view tag : kHtmlTags) {
    if (text.size() <= tag.size()) continue;
    const char next = text[tag.size()];
    if (next != ' ' && next != '>') continue;
    if (std::equal(tag.begin(), tag.end(), text.begin(),
                   [](char of_tag, char given) { return of_tag == to_upper(given); })) {
      return true;
    }
  }
  return false;
}

bool is_mp4(std::string_view data) {
  if (data.size() < 12 || data.substr(4, 4) != "ftyp") return false;
  std::uint32_t box = 0;
  for (int i = 0; i < 4; ++i) box = box << 8 | static_cast<unsigned char>(data[i]);
  if (box % 4 != 0 || data.size() < box) return false;
  for (std::size_t at = 8; at < box; at += 4) {
    if (at != 12 && data.substr(at, 3) == "mp4") return true;  // 12: the minor version
  }
  return false;
}

constexpr bool is_binary(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value <= 0x08 || value == 0x0b || (value >= 0x0e && value <= 0x1a) ||
         (value >= 0x1c && value <= 0x1f);
}

bool has_binary(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
#if defined(__SSE2__)
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    for (char allowed : {'\t', '\n', '\f', '\r', '\x1b'}) {
      low = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(allowed)), low);
    }
    if (_mm_movemask_epi8(low) != 0) return true;
    at += 16;
  }
#endif
  return std::any_of(at, end, is_binary);
}

}  // namespace

std::string_view reason_phrase(int status, std::string& storage) {
  if (status >= kFirstStatus && status < kFirstStatus + static_cast<int>(kPhraseOf.size())) {
    const std::string_view phrase = kPhraseOf[status - kFirstStatus];
    if (!phrase.empty()) return phrase;
  }
  storage = "status code " + std::to_string(status);
  return storage;
}

std::string_view date_now() {
  return {current_date().text + DateLine::kPrefix, DateLine::kDate};
}

std::string_view date_line() {
  const DateLine& line = current_date();
  return {line.text, sizeof line.text};
}

std::string_view sniff_content_type(std::string_view body) {
  constexpr std::size_t kSniffed = 512;
  body = body.substr(0, kSniffed);
  const std::size_t start = std::min(body.find_first_not_of("\t\n\f\r "), body.size());
  const std::string_view text = body.substr(start);
  if (text.starts_with('<')) {
    if (is_html(text)) return "text/html; charset=utf-8";
    if (text.starts_with("<?xml")) return "text/xml; charset=utf-8";
  }
  if (!body.empty() && kStarts[static_cast<unsigned char>(body.front())]) {
    for (const Signature& signature : kSignatures) {
      if (matches(body, signature.pattern)) return signature.type;
    }
  }
  if (is_mp4(body)) return "video/mp4";
  if (body.size() >= kFontObjectMark + 2 && body.substr(kFontObjectMark, 2) == "LP") {
    return "application/vnd.ms-fontobject";
  }
  return has_binary(text) ? "application/octet-stream" : "text/plain; charset=utf-8";
}

bool valid_field_name(std::string_view name) {
  return !name.empty() && chars::all(name, chars::kToken);
}

bool append_field_name(std::string& out, std::string_view name, Case form) {
  if (!valid_field_name(name)) return false;
  const std::size_t start = out.size();
  out.append(name);
  if (form == Case::canonical) {
    bool first = true;
    for (char* at = out.data() + start; at != out.data() + out.size(); ++at) {
      *at = first ? to_upper(*at) : to_lower(*at);
      first = *at == '-';
    }
  }
  return true;
}

void append_field_value(std::string& out, std::string_view value) {
  value = chars::trim<chars::is_sent_blank>(value);
  const std::size_t start = out.size();
  out.append(value);
  char* at = out.data() + start;
  char* const end = out.data() + out.size();
  while ((at += chars::find_control(at, end) - at) != end) *at++ = ' ';
}

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto result = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, result.ptr);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

void canonicalize(std::string& name) {
  if (!valid_field_name(name)) return;
  bool first = true;
  for (char& c : name) {
    c = first ? to_upper(c) : to_lower(c);
    first = c == '-';
  }
}

}  // namespace rr::net::http
