#include "rr/kv_timeout.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace rr::keyvalue {

namespace {

constexpr std::string_view kLayout = "2006-01-02T15:04:05Z07:00";
constexpr Moment kSecond = 1'000'000;

bool is_digit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// Go's time.quote(): what is no plain character is \x and two digits.
std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < 0x20) {
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
      out += escaped;
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

// Reads from front to end and keeps the first complaint. Go's time.Parse() for this layout.
class Parser {
 public:
  explicit Parser(std::string_view text) : whole_(text), rest_(text) {}

  Result<Timeout> parse() {
    const int year = this->year();
    literal('-', "-");
    const int month = number("01", "month", 1, 12, Digits::two);
    literal('-', "-");
    const int day = number("02", "day", 0, 99, Digits::two);
    literal('T', "T");
    const int hour = number("15", "hour", 0, 23, Digits::one_or_two);
    literal(':', ":");
    const int minute = number("04", "minute", 0, 59, Digits::two);
    literal(':', ":");
    const int second = number("05", "second", 0, 59, Digits::two);
    const int micros = fraction();
    Timeout timeout;
    zone(timeout);
    if (!rest_.empty()) fail(": extra text: " + quote(rest_));
    using namespace std::chrono;
    const year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                              std::chrono::day(unsigned(day))};
    if (failure_.empty() && !date.ok()) fail(": day out of range");
    if (!failure_.empty()) return Error(Errc::invalid, "", std::move(failure_));
    const std::int64_t days = sys_days(date).time_since_epoch().count();
    const std::int64_t seconds = ((days * 24 + hour) * 60 + minute - timeout.offset) * 60 + second;
    timeout.at = seconds * kSecond + micros;
    if (timeout.at == kNever) timeout.at = 1;  // 1970 itself, which is over as well
    return timeout;
  }

 private:
  enum class Digits : std::uint8_t { two, one_or_two };

  bool failed() const { return !failure_.empty(); }
  void fail(std::string_view why) {
    if (!failed()) failure_ = "parsing time " + quote(whole_) + std::string(why);
  }
  void fail_at(std::string_view element) {
    fail(" as " + quote(kLayout) + ": cannot parse " + quote(rest_) + " as " + quote(element));
  }

  int year() {
    const bool good =
        is_digit(rest_, 0) && is_digit(rest_, 1) && is_digit(rest_, 2) && is_digit(rest_, 3);
    if (!good) {
      fail_at("2006");
      return 0;
    }
    return take(4);
  }

  void literal(char wanted, std::string_view element) {
    if (failed()) return;
    if (rest_.empty() || rest_.front() != wanted) return fail_at(element);
    rest_.remove_prefix(1);
  }

  int number(std::string_view element, std::string_view name, int least, int most, Digits digits) {
    if (failed()) return least;
    std::size_t count = 2;
    if (is_digit(rest_, 0) && !is_digit(rest_, 1) && digits == Digits::one_or_two) count = 1;
    if (!is_digit(rest_, 0) || (count == 2 && !is_digit(rest_, 1))) {
      fail_at(element);
      return least;
    }
    const int value = take(count);
    if (value < least || value > most) fail(": " + std::string(name) + " out of range");
    return value;
  }

  // As many digits as there are; nine of them count in Go, six here.
  int fraction() {
    if (failed() || rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !is_digit(rest_, 1))
      return 0;
    rest_.remove_prefix(1);
    int micros = 0;
    std::size_t digits = 0;
    for (; is_digit(rest_, 0); ++digits, rest_.remove_prefix(1)) {
      if (digits < 6) micros = micros * 10 + (rest_[0] - '0');
    }
    for (; digits < 6; ++digits) micros *= 10;
    return micros;
  }

  void zone(Timeout& timeout) {
    if (failed()) return;
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      timeout.zulu = true;
      return;
    }
    const bool good = rest_.size() >= 6 && rest_[3] == ':' &&
                      (rest_[0] == '+' || rest_[0] == '-') && is_digit(rest_, 1) &&
                      is_digit(rest_, 2) && is_digit(rest_, 4) && is_digit(rest_, 5);
    if (!good) return fail_at("Z07:00");
    const bool west = rest_[0] == '-';
    const int hours = (rest_[1] - '0') * 10 + (rest_[2] - '0');
    const int minutes = (rest_[4] - '0') * 10 + (rest_[5] - '0');
    rest_.remove_prefix(6);
    if (hours > 24) return fail(": time zone offset hour out of range");
    if (minutes > 60) return fail(": time zone offset minute out of range");
    const int offset = hours * 60 + minutes;
    timeout.offset = static_cast<std::int16_t>(west ? -offset : offset);
  }

  int take(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(digits);
    return value;
  }

  const std::string_view whole_;
  std::string_view rest_;
  std::string failure_;
};

}  // namespace

Moment now() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

Result<Timeout> parse_timeout(std::string_view text) {
  return Parser(text).parse();
}

std::string to_text(const Timeout& timeout) {
  if (!timeout.is_set()) return {};
  using namespace std::chrono;
  const std::int64_t local =
      (timeout.at >= 0 ? timeout.at : timeout.at - (kSecond - 1)) / kSecond + timeout.offset * 60;
  const sys_seconds at{seconds(local)};
  const sys_days day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  char text[48];
  int size = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()));
  if (timeout.zulu) {
    text[size++] = 'Z';
  } else {
    const int minutes = timeout.offset < 0 ? -timeout.offset : timeout.offset;
    const int hours = std::min(minutes / 60, 24);  // the most that is read; with 60 minutes, too
    size += std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), "%c%02d:%02d",
                          timeout.offset < 0 ? '-' : '+', hours, minutes - 60 * hours);
  }
  return std::string(text, static_cast<std::size_t>(size));
}

ExactText::ExactText(Moment at) {
  using namespace std::chrono;
  const sys_time<microseconds> when{microseconds(at)};
  const sys_days day = floor<days>(when);
  const year_month_day date{day};
  std::int64_t micros = (when - day).count();
  char* out = text;
  const auto number = [&](std::int64_t value, int digits, char after) {
    for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
    out[digits] = after;
    out += digits + 1;
  };
  number(static_cast<int>(date.year()), 4, '-');
  number(static_cast<unsigned>(date.month()), 2, '-');
  number(static_cast<unsigned>(date.day()), 2, 'T');
  number(micros / kSecond / 3600, 2, ':');
  number(micros / kSecond / 60 % 60, 2, ':');
  number(micros / kSecond % 60, 2, '.');
  number(micros % kSecond, 6, 'Z');
}

bool is_blank(std::string_view key) {
  // Unicode's White_Space beyond ASCII.
  static constexpr std::string_view kWide[] = {
      "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
      "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
      "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
      "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
  while (!key.empty()) {
    const char c = key.front();
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      key.remove_prefix(1);
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x80) return false;
    const auto wide =
        std::ranges::find_if(kWide, [&](std::string_view each) { return key.starts_with(each); });
    if (wide == std::end(kWide)) return false;
    key.remove_prefix(wide->size());
  }
  return true;
}

}  // namespace rr::keyvalue
