// Finds the service and method of a call and words the reply: all of RPC besides sockets. Fuzzed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rr/plugin.h"
#include "runtime/goridge/rpc.h"

namespace rr::rpc {

// Thread-safe. The services outlive it.
class Router {
 public:
  explicit Router(std::vector<RpcService*> services) : services_(std::move(services)) {}

  // The frame of the reply: result or error, once for each call. Runs the method, so it may block.
  // What a method throws is its error.
  std::string answer(const goridge::RpcMessage& call) const;

  // The same when it takes neither waiting nor long; else nothing, and answer() has to be asked.
  std::optional<std::string> answer_at_once(const goridge::RpcMessage& call) const;

  // The same two without a frame around what comes of it: for callers in this process. An error's
  // text is what the frame would hold.
  Result<std::string> call(const goridge::RpcMessage& call) const;
  std::optional<Result<std::string>> call_at_once(const goridge::RpcMessage& call) const;

 private:
  enum class May : std::uint8_t { wait, not_wait };
  std::optional<Result<std::string>> run(const goridge::RpcMessage& call, May may) const;

  std::vector<RpcService*> services_;
};

}  // namespace rr::rpc
