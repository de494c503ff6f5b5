#include "runtime/core/log/style.h"

#include <array>
#include <cctype>
#include <cmath>
#include <ctime>

#include "runtime/core/log/json_text.h"

namespace rr::log {

namespace {

constexpr std::size_t kNameWidth = 12;
constexpr std::string_view kReset = "\033[0m";

bool same_word(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != lower[i]) return false;
  }
  return true;
}

constexpr std::array<std::string_view, 7> kLower{"debug",  "info",  "warn", "error",
                                                 "dpanic", "panic", "fatal"};
constexpr std::array<std::string_view, 7> kUpper{"DEBUG",  "INFO",  "WARN", "ERROR",
                                                 "DPANIC", "PANIC", "FATAL"};

std::string_view name_of(Level level, bool upper) {
  const auto index = static_cast<std::size_t>(static_cast<int>(level)) + 1;
  if (index >= kLower.size()) return {};
  return upper ? kUpper[index] : kLower[index];
}

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::debug:
      return "\033[97m";
    case Level::info:
      return "\033[96m";
    case Level::warn:
      return "\033[93m";
    case Level::error:
      return "\033[91m";
    default:
      return "\033[95m";
  }
}

// 2026-11-22T05:51:17+0000; the text of the last second is kept for this thread.
void append_time(std::int64_t unix_ns, std::string& out) {
  thread_local std::time_t known = -1;
  thread_local std::array<char, 40> text;
  std::time_t seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  if (unix_ns < 0 && unix_ns % 1'000'000'000 != 0) --seconds;
  if (seconds != known) {
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S+0000", &parts);
    known = seconds;
  }
  out += text.data();
}

bool readable(Mode mode) {
  return mode == Mode::development || mode == Mode::other;
}

void append_padded(std::string_view name, std::string& out) {
  out += name;
  if (name.size() < kNameWidth) out.append(kNameWidth - name.size(), ' ');
}

// Writes the fields of a record as members of a JSON object.
class Members {
 public:
  Members(Mode mode, bool spaced, std::string& out) : mode_(mode), spaced_(spaced), out_(out) {}

  void key(std::string_view name) {
    if (!first_) out_ += spaced_ ? ", " : ",";
    first_ = false;
    append_json_string(name, out_);
    out_ += spaced_ ? ": " : ":";
  }
  void text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(value, out_);
  }
  void field(const KeyValue& field) {
    key(field.key);
    std::visit([&](const auto& value) { write(value); }, field.value);
  }

 private:
  void write(bool value) { out_ += value ? "true" : "false"; }
  void write(std::int64_t value) { out_ += std::to_string(value); }
  void write(std::uint64_t value) { out_ += std::to_string(value); }
  void write(double value) { append_json_number(value, out_); }
  void write(std::string_view value) { append_json_string(value, out_); }
  void write(Duration value) {
    if (readable(mode_)) {
      append_json_string(to_string(value), out_);
    } else if (mode_ == Mode::production) {
      append_json_number(static_cast<double>(value.count()) / 1e9, out_);
    } else {
      out_ += std::to_string(value.count());
    }
  }
  void write(std::chrono::system_clock::time_point value) {
    const std::int64_t unix_ns =
        std::chrono::duration_cast<Duration>(value.time_since_epoch()).count();
    if (!readable(mode_)) {
      out_ += std::to_string(unix_ns);
      return;
    }
    out_ += '"';
    append_time(unix_ns, out_);
    out_ += '"';
  }
  void write(std::span<const std::string> values) {
    out_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += spaced_ ? ", " : ",";
      append_json_string(values[i], out_);
    }
    out_ += ']';
  }

  const Mode mode_;
  const bool spaced_;
  std::string& out_;
  bool first_ = true;
};

void format_json(const Style& style, const Record& record, std::span<const KeyValue> fields,
                 std::string& out) {
  const bool other = style.mode == Mode::other;
  out += '{';
  Members members(style.mode, false, out);
  if (style.mode != Mode::raw) {
    members.text(other ? "L" : "level", name_of(record.level, style.mode != Mode::production));
    members.key(other ? "T" : "ts");
    if (style.mode == Mode::production) {
      out += std::to_string(record.unix_ns);
    } else {
      out += '"';
      append_time(record.unix_ns, out);
      out += '"';
    }
    if (!record.logger.empty()) {
      std::string name;
      if (style.mode == Mode::production) {
        name = record.logger;
      } else {
        append_padded(record.logger, name);
      }
      members.text(other ? "N" : "logger", name);
    }
  }
  members.text(style.mode == Mode::raw ? "message" : other ? "M" : "msg", record.message);
  for (const KeyValue& field : fields) members.field(field);
  out += '}';
}

void format_console(const Style& style, const Record& record, std::span<const KeyValue> fields,
                    std::string& out) {
  const bool colour = style.colour == Colour::yes && readable(style.mode);
  if (style.mode != Mode::raw) {
    if (readable(style.mode)) {
      append_time(record.unix_ns, out);
    } else {
      out += std::to_string(record.unix_ns);
    }
    out += '\t';
    if (colour) out += colour_of(record.level);
    out += name_of(record.level, readable(style.mode));
    if (colour) out += kReset;
    out += '\t';
    if (!record.logger.empty()) {
      if (colour) out += "\033[92m";
      if (readable(style.mode)) {
        append_padded(record.logger, out);
      } else {
        out += record.logger;
      }
      if (colour) out += kReset;
      out += '\t';
    }
  }
  out += record.message;
  if (fields.empty()) return;
  out += "\t{";
  Members members(style.mode, true, out);
  for (const KeyValue& field : fields) members.field(field);
  out += '}';
}

}  // namespace

Mode mode_of(std::string_view word) {
  if (same_word(word, "development")) return Mode::development;
  if (same_word(word, "production")) return Mode::production;
  if (same_word(word, "raw")) return Mode::raw;
  if (same_word(word, "none") || same_word(word, "off")) return Mode::none;
  return Mode::other;
}

std::optional<Level> level_of(std::string_view word) {
  for (std::size_t i = 0; i < kLower.size(); ++i) {
    if (word == kLower[i] || word == kUpper[i]) return static_cast<Level>(static_cast<int>(i) - 1);
  }
  return std::nullopt;
}

Level default_level(Mode mode) {
  return mode == Mode::production || mode == Mode::raw ? Level::info : Level::debug;
}

Encoding default_encoding(Mode mode) {
  return mode == Mode::production ? Encoding::json : Encoding::console;
}

void format(const Style& style, const Record& record, std::span<const KeyValue> fields,
            std::string& out) {
  if (style.encoding == Encoding::json) {
    format_json(style, record, fields, out);
  } else {
    format_console(style, record, fields, out);
  }
  out += style.line_ending;
}

}  // namespace rr::log
