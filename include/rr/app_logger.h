// What an application logs through the server.
#pragma once

#include <span>
#include <string_view>

#include "rr/log.h"
#include "rr/result.h"

namespace rr {

struct LogAttribute {
  std::string_view key;
  std::string_view value;
};

// Provided by the plugin `app`, which is always there. Thread-safe.
class AppLogger {
 public:
  using Attributes = std::span<const LogAttribute>;

  // One record of the logger `app`, with the attributes in order; keys may repeat. Filtered as
  // logs.channels.app says.
  virtual void log(log::Level level, std::string_view message, Attributes attributes = {}) = 0;
  bool enabled(log::Level level) const { return logger().enabled(level); }

  // A line on the server's stderr, whatever `logs` says: the message, and "k1:v1,k2:v2" behind a
  // blank. May block while nobody reads stderr. Error: it cannot be written.
  virtual Result<void> write(std::string_view message, Attributes attributes = {}) = 0;

 protected:
  ~AppLogger() = default;
  virtual const Logger& logger() const = 0;
};

}  // namespace rr
