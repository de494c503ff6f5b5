// One RPC client: its calls run side by side, its replies are written whole, in the order in which
// they are ready.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "rr/log.h"
#include "runtime/core/control.h"
#include "runtime/core/task_group.h"
#include "runtime/goridge/rpc.h"
#include "runtime/plugins/rpc/router.h"

namespace rr::rpc {

// What connections share; the server's, which outlives what runs for them.
struct Surroundings {
  Control& control;
  const Router& router;
  TaskGroup& calls;
  Logger log;
  std::array<char, 65536> scratch{};  // control thread: so that an idle connection holds no buffer
};

// Control thread only. Kept by its reading task and by each of its calls (shared_ptr): the socket
// is closed when the last of them has ended.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  Connection(Surroundings& surroundings, Socket socket);

  // Reads calls until the client has ended its side, or sent what is no call: then it is turned
  // away once its calls are answered. To be spawned.
  static Task<void> serve(std::shared_ptr<Connection> self);

  // No call and no key of a cache is as large; grows with what has come, whatever a header
  // promises.
  static constexpr std::uint32_t kMaxPayload = 256U << 20;
  // A client that goes on calling is read no further until some calls have been answered.
  static constexpr std::size_t kMaxCalls = 1024;
  static constexpr std::size_t kMaxHeldBytes = 64U << 20;

 private:
  enum class End : std::uint8_t { closed, no_call };
  class Call;

  Task<End> read_calls();
  Task<void> turn_away();
  static Task<void> answer(Call call);
  Task<void> send(std::string frame);
  Task<void> change();
  void changed() { change_.cancel(); }
  bool crowded() const { return calls_ >= kMaxCalls || (held_ > kMaxHeldBytes && busy()); }
  bool busy() const { return calls_ > 0 || writing_; }
  ssize_t receive();

  Surroundings& surroundings_;
  Socket socket_;
  std::string input_;  // the beginning of a frame
  std::deque<std::string> output_;
  bool writing_ = false;
  std::size_t calls_ = 0;      // not answered yet
  std::size_t held_ = 0;       // bytes of these and of replies not written
  asio::steady_timer change_;  // never expires: cancelled when one of these counts goes down
};

}  // namespace rr::rpc
