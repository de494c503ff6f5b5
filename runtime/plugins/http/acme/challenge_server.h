// Answers challenges on a port of its own, for as long as an order is under way.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "rr/result.h"
#include "runtime/core/task_group.h"
#include "runtime/plugins/http/acme/challenges.h"
#include "runtime/plugins/http/acme/config.h"

namespace rr::http::acme {

// Of one thread: that of `io`. It says nothing but challenges; a client has ten seconds and 8 KiB,
// and there are 64 at a time.
class ChallengeServer final {
 public:
  // Listens on every address. Errors say what is in the way. Both outlive this.
  static Result<std::unique_ptr<ChallengeServer>> open(asio::io_context& io, ChallengeType type,
                                                       std::uint16_t port,
                                                       const Challenges& challenges);
  // Ends all connections.
  ~ChallengeServer();

 private:
  // What the coroutines use; they may be in their last steps when the server has gone.
  struct State;
  explicit ChallengeServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;  // of this and its coroutines
};

}  // namespace rr::http::acme
