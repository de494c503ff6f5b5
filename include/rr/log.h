// Named loggers: a constant message, data in fields.
//
//   log.info("worker replaced", kv("pid", pid), kv("reason", state));
//
// A Logger is a cheap value and may be used by any thread. A record below the channel's level costs
// one branch besides its arguments. Records are copied into memory here and formatted and written
// by a thread of the log system; what one thread logs, or what happens after another, keeps its
// order.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <variant>
#include <vector>

#include "rr/duration.h"

namespace rr::log {

// error: an operator must act; warn: degraded; info: life cycle; debug: per request. The others
// exist in configurations only: `panic` silences a channel.
enum class Level : std::int8_t { debug = -1, info, warn, error, dpanic, panic, fatal, off };

// A value of a field. Views are read before the logging call returns.
using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view, Duration,
                           std::chrono::system_clock::time_point, std::span<const std::string>>;

struct KeyValue {
  std::string_view key;
  Value value;
};

inline KeyValue kv(std::string_view key, bool value) {
  return {key, value};
}
inline KeyValue kv(std::string_view key, std::string_view value) {
  return {key, value};
}
inline KeyValue kv(std::string_view key, const std::string& value) {
  return {key, std::string_view(value)};
}
inline KeyValue kv(std::string_view key, const char* value) {
  return {key, std::string_view(value)};
}
inline KeyValue kv(std::string_view key, double value) {
  return {key, value};
}
inline KeyValue kv(std::string_view key, Duration value) {
  return {key, value};
}
inline KeyValue kv(std::string_view key, std::chrono::system_clock::time_point value) {
  return {key, value};
}
inline KeyValue kv(std::string_view key, std::span<const std::string> value) {
  return {key, value};
}
inline KeyValue kv(std::string_view key, const std::vector<std::string>& value) {
  return {key, std::span<const std::string>(value)};
}
template <std::integral T>
requires(!std::same_as<T, bool>) KeyValue kv(std::string_view key, T value) {
  if constexpr (std::is_signed_v<T>) {
    return {key, static_cast<std::int64_t>(value)};
  } else {
    return {key, static_cast<std::uint64_t>(value)};
  }
}
template <class Rep, class Period>
requires(!std::same_as<std::chrono::duration<Rep, Period>, Duration>) KeyValue
    kv(std::string_view key, std::chrono::duration<Rep, Period> value) {
  return {key, std::chrono::duration_cast<Duration>(value)};
}

// Where the records of one name go. Thread-safe; lives as long as the log system, which owns it.
class Channel {
 public:
  explicit Channel(Level level) : level_(level) {}
  virtual ~Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  bool enabled(Level level) const { return level >= level_.load(std::memory_order_relaxed); }
  void set_level(Level level) { level_.store(level, std::memory_order_relaxed); }
  // Takes a record that enabled() let pass. Does not fail; waits only when the outputs are far
  // behind.
  virtual void write(Level level, std::string_view message, std::span<const KeyValue> fields) = 0;

 private:
  std::atomic<Level> level_;
};

class Logger {
 public:
  // Logs nothing.
  Logger();
  explicit Logger(Channel& channel) : channel_(&channel) {}

  bool enabled(Level level) const { return channel_->enabled(level); }

  template <std::same_as<KeyValue>... Fields>
  void log(Level level, std::string_view message, const Fields&... fields) const {
    if (!channel_->enabled(level)) return;
    const std::array<KeyValue, sizeof...(Fields)> all{fields...};
    channel_->write(level, message, all);
  }
  void log(Level level, std::string_view message, std::span<const KeyValue> fields) const {
    if (channel_->enabled(level)) channel_->write(level, message, fields);
  }
  template <class... Fields>
  void debug(std::string_view message, const Fields&... fields) const {
    log(Level::debug, message, fields...);
  }
  template <class... Fields>
  void info(std::string_view message, const Fields&... fields) const {
    log(Level::info, message, fields...);
  }
  template <class... Fields>
  void warn(std::string_view message, const Fields&... fields) const {
    log(Level::warn, message, fields...);
  }
  template <class... Fields>
  void error(std::string_view message, const Fields&... fields) const {
    log(Level::error, message, fields...);
  }

 private:
  Channel* channel_;  // outlives every logger: the log system goes last
};

}  // namespace rr::log

namespace rr {
using log::kv;
using log::Logger;
}  // namespace rr
