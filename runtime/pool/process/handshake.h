// What is said between the start of a worker process and its first job (spec 01 §3.3), without I/O.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "rr/result.h"
#include "runtime/goridge/frame.h"

namespace rr::pool {

// The first frame to a worker: `{"pid":…}` with the server's own pid.
std::string pid_request(pid_t server);

// Takes the worker's first bytes. One thread.
class Handshake {
 public:
  enum class State {
    waiting,   // for more bytes
    ready,     // the worker is up
    draining,  // what came is no frame; reads on for a moment, to quote all of it
    failed,    // error() says why
  };
  explicit Handshake(std::uint32_t max_payload = kMaxPayload) : reader_(max_payload) {}

  State feed(std::string_view bytes);
  // The worker has closed its output, or the time to read on is over.
  State end();
  // Cause only, as it stands behind "static_pool_allocate_workers: WorkerAllocate:".
  const std::string& error() const { return error_; }
  // When ready: what the worker says its pid is.
  pid_t pid() const { return pid_; }

 private:
  static constexpr std::uint32_t kMaxPayload = 64 * 1024;
  static constexpr std::size_t kMaxQuoted = 64 * 1024;

  State fail(std::string error);
  State check(std::string_view payload);

  goridge::FrameReader reader_;
  std::string bytes_;
  std::string error_;
  State state_ = State::waiting;
  pid_t pid_ = 0;
};

}  // namespace rr::pool
