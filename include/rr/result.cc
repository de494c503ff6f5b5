#include "rr/result.h"

namespace rr {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::queue_size:
      return "QueueSize";
    case Errc::no_free_workers:
      return "NoFreeWorkers";
    case Errc::stopped:
      return "Workers watcher stopped";
    case Errc::network:
      return "Network";
    case Errc::decode:
      return "Decode";
    case Errc::encode:
      return "Encode";
    case Errc::soft_job:
      return "SoftJobError";
    case Errc::exec_ttl:
      return "ExecTTL";
    case Errc::worker_allocate:
      return "WorkerAllocate";
    case Errc::file_not_found:
      return "FileNotFound";
    case Errc::retry:
      return "Retry";
    case Errc::none:
    case Errc::not_found:
    case Errc::invalid:
    case Errc::io:
      return "";
  }
  return "";
}

std::string Error::text() const {
  std::string out = op;
  if (auto kind = to_string(code); !kind.empty()) {
    if (!out.empty()) out += ": ";
    out += kind;
  }
  if (!message.empty()) {
    // A message that begins with a line break is the text of an inner error.
    if (!out.empty()) out += message.starts_with("\n\t") ? ":" : ": ";
    out += message;
  }
  return out;
}

}  // namespace rr
