// Starts the program anew as a process of its own: by the guardian, or by the server that is to be
// followed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "rr/result.h"
#include "runtime/app/guardian/channel.h"
#include "runtime/core/program.h"
#include "runtime/net/kept_sockets.h"

namespace rr::app::guardian {

// Variables that tell a server the number of its descriptor of the channel.
inline constexpr const char* kGuardianVariable = "RR_EMBED_GUARDIAN";
inline constexpr const char* kPredecessorVariable = "RR_EMBED_PREDECESSOR";

// How long a new program may take until it serves, beside the one that does: longer than any
// sensible start.
inline constexpr auto kUpgradeLimit = std::chrono::minutes(5);

struct Spawned {
  pid_t pid = -1;
  Channel channel;
};

// The file that is executed: by its path while that still names it, else by the descriptor, so that
// a file which was replaced meanwhile takes no part by accident.
class Executable {
 public:
  Executable() = default;
  // Errors: it cannot be opened.
  static Result<Executable> open(const std::string& path);
  // The one of this process.
  static Result<Executable> of_process(const std::string& path);

  std::string path() const;

 private:
  Executable(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  Descriptor file_;  // O_PATH
};

// Runs it as `program` says, with the sockets and one end of a channel as descriptors, which
// `variable` and KeptSockets' name. The server's signals stay blocked until it asks for them, so
// none is lost. Any thread. Errors: no process, or the file cannot be executed.
Result<Spawned> spawn(const Program& program, const Executable& executable, const char* variable,
                      const std::vector<net::KeptSockets::Socket>& sockets);

}  // namespace rr::app::guardian
