// The application's log for scripts on this process' threads.
#include <vector>

#include "rr/host.h"
#include "runtime/php/services.h"

namespace rr::php {

namespace {

log::Level level_of(int level) {
  if (level >= RR_LOG_ERROR) return log::Level::error;
  if (level >= RR_LOG_WARNING) return log::Level::warn;
  return level >= RR_LOG_INFO ? log::Level::info : log::Level::debug;
}

}  // namespace

namespace log_calls {

void write(void*, rr_text channel, int level, rr_text message, const rr_header* attributes,
           size_t count) noexcept {
  AppLogger* app = offered().app;
  if (app == nullptr || !app->enabled(level_of(level))) return;
  std::vector<LogAttribute> all;
  all.reserve(count + 1);
  for (size_t i = 0; i < count; ++i)
    all.push_back({view_of(attributes[i].name), view_of(attributes[i].value)});
  if (view_of(channel) != "app") all.push_back({"channel", view_of(channel)});
  app->log(level_of(level), view_of(message), all);
}

}  // namespace log_calls

}  // namespace rr::php
