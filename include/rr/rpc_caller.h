// Calls of RPC methods from inside the server: no frames, no sockets, and there without a section
// `rpc`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "rr/result.h"

namespace rr {

// Provided by the plugin rpc. Thread-safe; takes calls between that plugin's serve() and stop(),
// before and after it refuses them. `codec` is a flags byte of goridge with a codec's bit. The
// results are those that a client on a socket gets: Error::text() is the text of an error reply.
class RpcCaller {
 public:
  using Done = std::function<void(Result<std::string>)>;

  // The answer, when there is one without waiting; nothing when it takes begin().
  virtual std::optional<Result<std::string>> call_at_once(std::string_view method, unsigned codec,
                                                          std::string_view argument) = 0;
  // Runs the method on a thread that may block. `done` is called once, on any thread, and neither
  // throws nor waits; never, when the server ends before the method does.
  virtual void begin(std::string method, unsigned codec, std::string argument, Done done) = 0;

 protected:
  ~RpcCaller() = default;
};

}  // namespace rr
