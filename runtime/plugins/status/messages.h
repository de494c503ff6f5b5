// status.v1 (spec 04 §10).
#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "rr/message.h"

namespace rr::status {

struct Request {
  std::string plugin;

  static constexpr auto message_fields() {
    return std::tuple{message::field(1, "plugin", &Request::plugin)};
  }
};

struct Response {
  std::int64_t code = 0;
  std::string message;

  static constexpr auto message_fields() {
    using rr::message::field;
    return std::tuple{field(1, "code", &Response::code), field(2, "message", &Response::message)};
  }
};

}  // namespace rr::status
