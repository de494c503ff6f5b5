// `rr-embed upgrade`: the new program serves while this server ends what it has begun.
#pragma once

#include <sys/types.h>

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "rr/plugin.h"
#include "rr/rpc.h"
#include "runtime/app/guardian/channel.h"
#include "runtime/core/program.h"

namespace rr::app::guardian {

inline constexpr std::string_view kUnderWay = "a start or an upgrade is under way";

// RPC method upgrade.Start: answers once the new program serves, or with what went wrong.
class UpgradeService final : public RpcService {
 public:
  // `upgrade` blocks; any thread.
  explicit UpgradeService(std::function<Result<void>()> upgrade);

  std::string_view rpc_name() const override { return "upgrade"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }

 private:
  RpcMethods methods_;
};

// The server that follows one without a guardian. Any thread.
class Succession {
 public:
  struct Orders {
    std::function<void()> make_room;  // it comes up
    std::function<void()> carry_on;   // it does not
    std::function<void()> leave;      // it serves
  };
  Succession(Program program, Orders orders)
      : program_(std::move(program)), orders_(std::move(orders)) {}

  // This server serves: from here on it can be followed.
  void allow();
  // Starts it with our sockets and blocks until it serves: systemd has been told its PID by then.
  // Errors: it does not come up; another one is coming up; this server stops.
  Result<void> upgrade();
  // This server stops: one that comes up is ended, none will be started.
  void abandon();

 private:
  Result<void> attempt();
  Result<void> await(pid_t pid, const Channel& channel);

  const Program program_;
  const Orders orders_;
  std::mutex mutex_;       // guards what follows
  bool under_way_ = true;  // a start or an upgrade
  bool over_ = false;      // somebody follows already, or we stop
  pid_t successor_ = -1;
};

}  // namespace rr::app::guardian
