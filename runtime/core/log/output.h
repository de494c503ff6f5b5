// Where lines go: descriptors and files, with rotation. Used by the writer thread of one log
// system.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/core/log/config.h"

namespace rr::log {

class Output {
 public:
  virtual ~Output() = default;
  // For messages: stdout, or the file.
  virtual std::string name() const = 0;
  // Writes all of it, waiting as long as the other end does not read. Returns an error number, 0 on
  // success; what could not be written is dropped.
  virtual int write(std::string_view lines) = 0;
  // Opens its file anew, by name: somebody renamed it. Returns an error number, 0 on success; then
  // the old file goes on being written to. Descriptors have nothing to open.
  virtual int reopen() { return 0; }
};

// "stdout", "stderr", a path or file:// URL: appended to, created with the process's umask. Throws
// ConfigError "open sink "x": …".
std::unique_ptr<Output> open_output(const std::string& name);

// A file that is renamed to name-2006-01-02T15-04-05.000.ext (UTC) before a write would pass
// max_size; backups.h compresses and removes renamed files. Folders are made. Throws ConfigError
// when it cannot be opened. When it cannot be renamed it grows on, which write() returns as an
// error each max_size.
std::unique_ptr<Output> open_rotating(const FileConfig& config);

// write(2) of everything to a descriptor that may be non-blocking; returns an error number or 0.
int write_all(int descriptor, std::string_view bytes);

}  // namespace rr::log
