// service.v1 (spec 04 §10).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "rr/message.h"

namespace rr::service {

struct Create {
  std::string name;
  std::string command;
  std::int64_t process_num = 0;
  std::int64_t exec_timeout = 0;  // whole seconds
  bool remain_after_exit = false;
  std::map<std::string, std::string> env;
  std::uint64_t restart_sec = 0;
  bool service_name_in_logs = false;
  std::uint64_t timeout_stop_sec = 0;

  static constexpr auto message_fields() {
    using message::field;
    return std::tuple{field(1, "name", &Create::name),
                      field(2, "command", &Create::command),
                      field(3, "process_num", &Create::process_num),
                      field(4, "exec_timeout", &Create::exec_timeout),
                      field(5, "remain_after_exit", &Create::remain_after_exit),
                      field(6, "env", &Create::env),
                      field(7, "restart_sec", &Create::restart_sec),
                      field(8, "service_name_in_logs", &Create::service_name_in_logs),
                      field(9, "timeout_stop_sec", &Create::timeout_stop_sec)};
  }
};

struct Service {
  std::string name;

  static constexpr auto message_fields() {
    return std::tuple{message::field(1, "name", &Service::name)};
  }
};

struct Response {
  std::string message;
  bool ok = false;

  static constexpr auto message_fields() {
    using rr::message::field;
    return std::tuple{field(1, "message", &Response::message), field(2, "ok", &Response::ok)};
  }
};

// common.v1.Status, without its details, which nobody fills.
struct Problem {
  std::int32_t code = 0;
  std::string message;

  static constexpr auto message_fields() {
    using rr::message::field;
    return std::tuple{field(1, "code", &Problem::code), field(2, "message", &Problem::message)};
  }
};

struct Status {
  float cpu_percent = 0;
  std::int32_t pid = 0;
  std::uint64_t memory_usage = 0;
  std::string command;
  Problem status;

  static constexpr auto message_fields() {
    using message::field;
    return std::tuple{field(1, "cpu_percent", &Status::cpu_percent), field(2, "pid", &Status::pid),
                      field(3, "memory_usage", &Status::memory_usage),
                      field(4, "command", &Status::command), field(5, "status", &Status::status)};
  }
};

struct Statuses {
  std::vector<Status> status;

  static constexpr auto message_fields() {
    return std::tuple{message::field(1, "status", &Statuses::status)};
  }
};

struct List {
  std::vector<std::string> services;

  static constexpr auto message_fields() {
    return std::tuple{message::field(1, "services", &List::services)};
  }
};

}  // namespace rr::service
