// applogger.v1 (spec 04 §10).
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "rr/message.h"

namespace rr::app_logger {

struct LogAttrs {
  std::string key;
  std::string value;

  static constexpr auto message_fields() {
    using message::field;
    return std::tuple{field(1, "key", &LogAttrs::key), field(2, "value", &LogAttrs::value)};
  }
};

struct LogEntry {
  std::string message;
  std::vector<LogAttrs> log_attrs;

  static constexpr auto message_fields() {
    using message::field;
    return std::tuple{field(1, "message", &LogEntry::message),
                      field(2, "log_attrs", &LogEntry::log_attrs)};
  }
};

struct Response {
  static constexpr auto message_fields() { return std::tuple{}; }
};

}  // namespace rr::app_logger
