#include "runtime/core/log/config.h"

#include "runtime/core/log/style.h"

namespace rr::log {

void ChannelConfig::check(config::Errors& errors) const {
  const Mode known = mode_of(mode);
  if (known == Mode::other && !mode.empty()) {
    errors.warn("mode", "unknown mode \"" + mode +
                            "\", its records have keys of one letter: development, production, "
                            "raw and none are known");
  }
  if (!level.empty() && !level_of(level)) {
    errors.warn("level", "unknown level \"" + level +
                             "\", the mode's own counts: debug, info, warn and error are known");
  }
  const bool encodes = known != Mode::none && !file_logger_options;
  errors.require(!encodes || encoding.empty() || encoding == "json" || encoding == "console",
                 "encoding", "no encoder registered for name \"" + encoding + "\"");
}

}  // namespace rr::log
