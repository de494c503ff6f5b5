#include "runtime/php/script_log.h"

#include <syslog.h>

#include <algorithm>
#include <exception>
#include <string>

namespace rr::php {

void log_php(const log::Logger& log, int priority, std::string_view line) noexcept {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  try {
    if (priority <= LOG_ERR) {
      log.error(line);
    } else if (priority == LOG_WARNING) {
      log.warn(line);
    } else {
      log.info(line);
    }
  } catch (const std::exception&) {
    // Out of memory while logging: the line is lost, the script is not.
  }
}

void log_error_output(const log::Logger& log, std::string_view bytes) noexcept {
  try {
    while (!bytes.empty()) {
      const std::size_t end = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
      log.info(bytes.substr(0, end));
      bytes.remove_prefix(end);
    }
  } catch (const std::exception&) {
  }
}

void log_output(const log::Logger& log, std::string& pending, std::string_view bytes) noexcept {
  try {
    while (!bytes.empty()) {
      std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) {
        pending += bytes;
        if (pending.size() > 64 * 1024) log_rest(log, pending);
        return;
      }
      pending += bytes.substr(0, end);
      log_rest(log, pending);
      bytes.remove_prefix(end + 1);
    }
  } catch (const std::exception&) {
  }
}

void log_rest(const log::Logger& log, std::string& pending) noexcept {
  try {
    if (!pending.empty() && pending.back() == '\r') pending.pop_back();
    if (!pending.empty()) log.info(pending);
  } catch (const std::exception&) {
  }
  pending.clear();
}

}  // namespace rr::php
