// Where lines of PHP go: the log channel of the pool.
#pragma once

#include <string_view>

#include "rr/log.h"

namespace rr::php {

// A line of PHP's own error log, with its syslog priority.
void log_php(const log::Logger& log, int priority, std::string_view line) noexcept;
// What a script wrote to STDERR in one go: a record a line, with its newline.
void log_error_output(const log::Logger& log, std::string_view bytes) noexcept;
// What a script printed where nobody reads it (echo outside a request): line by line.
// `pending` holds an unfinished line between calls.
void log_output(const log::Logger& log, std::string& pending, std::string_view bytes) noexcept;
void log_rest(const log::Logger& log, std::string& pending) noexcept;

}  // namespace rr::php
