// A blocking client of the server's RPC (spec 01 §9.1), for commands.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "runtime/cli/command.h"

namespace rr::cli {

class RpcClient {
 public:
  // "tcp://host:port" or "unix://path". Throws ConfigError with Go's words: "dial tcp
  // 127.0.0.1:6001: connect: connection refused".
  explicit RpcClient(const std::string& dsn);
  ~RpcClient();
  RpcClient(const RpcClient&) = delete;
  RpcClient& operator=(const RpcClient&) = delete;

  // A server that takes longer to answer, or to take a call, counts as gone: the calls throw then.
  // Without it they wait.
  void give_up_after(std::chrono::milliseconds time);

  struct Reply {
    std::uint32_t sequence = 0;
    std::string body;   // in the codec of the call
    std::string error;  // empty: it worked
  };

  // Sends a call with a JSON argument; returns the number its reply will carry.
  std::uint32_t send(std::string_view method, const nlohmann::json& argument);
  // The next reply, in the order the server finishes calls. Throws ConfigError when the connection
  // ends.
  Reply receive();
  // Both; throws ConfigError with the server's text when the call failed.
  nlohmann::json call(std::string_view method, const nlohmann::json& argument);
  // The same with a protobuf message as argument and result.
  std::string call_proto(std::string_view method, std::string_view message);

 private:
  std::uint32_t send(std::string_view method, std::uint8_t codec, std::string_view argument);

  int socket_ = -1;
  std::uint32_t last_sequence_ = 0;
  std::string received_;  // bytes behind the last frame
};

// The address of the server by file and overrides, as client commands find it (spec 05 §1.1).
// Throws ConfigError with the texts of §1.8.
std::string rpc_address(const Globals& globals);

}  // namespace rr::cli
