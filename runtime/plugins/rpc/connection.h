// One RPC client: its calls run side by side, its replies are written whole, in the order in which
// they are ready. A call that does not block is answered in the turn that read it, with nothing
// spawned: a wait, a recv and a send are all that it costs beside the method.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "rr/log.h"
#include "runtime/core/control.h"
#include "runtime/core/task_group.h"
#include "runtime/goridge/rpc.h"
#include "runtime/plugins/rpc/memory_budget.h"
#include "runtime/plugins/rpc/router.h"

namespace rr::rpc {

// What connections share; the server's, which outlives what runs for them.
struct Surroundings {
  Control& control;
  const Router& router;
  TaskGroup& calls;
  Logger log;
  std::shared_ptr<MemoryBudget> memory;  // its own, and the connections'
  std::array<char, 65536> scratch{};  // control thread: so that an idle connection holds no buffer
};

// Control thread only. Kept by its reading task and by each of its calls (shared_ptr): the socket
// is closed when the last of them has ended.
class Connection final : public std::enable_shared_from_this<Connection>,
                         private MemoryBudget::Account {
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
  // Of all connections: two of the largest calls.
  static constexpr std::size_t kMaxBytesTogether = 512U << 20;
  // What is answered at once is short, for decoding takes time too; and after so many such calls in
  // a row the other clients have their turn.
  static constexpr std::size_t kMaxQuickBytes = 4096;
  static constexpr std::size_t kQuickCallsInATurn = 128;

 private:
  enum class End : std::uint8_t { closed, no_call };
  enum class Progress : std::uint8_t {
    more_calls,  // its turn is over, and there may be more
    want_input,
    crowded,
    no_call,
    evicted,
  };
  enum class Rest : std::uint8_t { none, to_write };
  class Call;

  Task<End> read_calls();
  Progress take_calls();
  Progress take_call(std::string& replies, std::size_t& quick);
  void spawn_call(const goridge::RpcMessage& message, std::size_t header_size);
  static Task<void> answer(Call call);
  Task<void> turn_away();

  ssize_t receive();
  void append_input(std::string_view bytes);
  void drop_taken_input();

  Rest reply(std::string frames);
  static Task<void> write_rest(std::shared_ptr<Connection> self);
  Rest write_kept();
  std::size_t send_some(std::string_view bytes);
  void lose_client();

  void hold(std::size_t bytes);
  void let_go(std::size_t bytes);
  void recount() { holds(held_ + input_.capacity()); }
  void evict() override;
  bool crowded() const { return calls_ >= kMaxCalls || (held_ > kMaxHeldBytes && busy()); }
  bool busy() const { return calls_ > 0 || writing_; }
  Task<void> change();
  void changed() { change_.cancel(); }

  Surroundings& surroundings_;
  Socket socket_;
  std::string input_;
  std::size_t taken_ = 0;  // bytes of it that were calls; what follows begins with a frame
  std::size_t need_ = 0;   // bytes of the whole of that frame, as far as known
  std::list<std::string> output_;
  std::size_t written_ = 0;  // of the first of them
  bool writing_ = false;
  std::size_t calls_ = 0;      // not answered yet
  std::size_t held_ = 0;       // bytes of these and of replies not written
  asio::steady_timer change_;  // never expires: cancelled when one of these counts goes down
};

}  // namespace rr::rpc
