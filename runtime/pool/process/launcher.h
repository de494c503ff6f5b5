// Starts worker processes: pipes, process group, user, signals (spec 01 §3.1).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rr/result.h"
#include "runtime/pool/process/descriptor.h"

namespace rr::pool {

class Reaper;

struct RunAs {
  uid_t user = 0;
  gid_t group = 0;
};

// What every worker of a pool is started with. Immutable once workers start.
struct LaunchPlan {
  std::vector<std::string> command;      // command[0] is looked up in the server's PATH
  std::vector<std::string> environment;  // NAME=value, the whole of it
  std::string folder;                    // working directory; empty: the server's
  bool may_stay = false;                 // where the server is, if there is no such folder
  std::optional<RunAs> run_as;           // needs root, unless the server is that user
  enum class Streams {
    frames,       // three pipes
    errors_only,  // stdin and stdout are /dev/null
    output,       // stdin is /dev/null; stdout and stderr are one pipe, Child::errors
  };
  Streams streams = Streams::frames;
  const Reaper* reaper = nullptr;  // told of the child's group. Outlives the plan; null: nobody is
};

// A process that runs. Whoever holds it must reap it.
struct Child {
  pid_t pid = 0;
  Descriptor pidfd;       // readable when it has exited
  Descriptor to_child;    // its stdin; nonblocking; with Streams::frames
  Descriptor from_child;  // its stdout; nonblocking; with Streams::frames
  Descriptor errors;      // its stderr; nonblocking
};

// Any thread. Returns when the program has been executed, or with the reason it could not be. The
// child is killed when the calling *thread* ends (PR_SET_PDEATHSIG): call it on one that lives on.
Result<Child> launch(const LaunchPlan& plan);

// Where a program is, by the server's PATH; a name with a slash is taken as it is, whether there is
// one or not.
Result<std::string> find_program(const std::string& name);

// The whole process becomes that user, for good, without supplementary groups. Needs root, unless
// it is that user already.
Result<void> become(const RunAs& who);

// A user's id and primary group.
Result<RunAs> find_user(const std::string& name);

}  // namespace rr::pool
