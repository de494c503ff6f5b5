// A connection to a server's RPC socket: calls are pipelined, replies matched by sequence.
#ifndef RR_EMBED_RPC_CONNECTION_H
#define RR_EMBED_RPC_CONNECTION_H

#include <sys/types.h>
#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ext/address.h"
#include "ext/rpc/replies.h"

#include "rr/services.h"

namespace rr::ext {

// A call on its way. Between begin() and the end of result() or drop().
struct Pending {
  std::uint32_t sequence;
  int status;  // -1: no reply yet
  std::chrono::steady_clock::time_point begun;
  std::string text;
};

// One thread's. Connects with the first call, and anew when the connection was lost or the process
// is a child of the one that connected; calls that wait then are RR_UNREACHABLE, and so is a call
// whose first byte was sent. Texts that it returns live until the next call of anything here.
class Connection {
 public:
  explicit Connection(Address address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const std::string& name() const { return name_; }
  void set_connect_timeout(double seconds) { connect_seconds_ = seconds; }

  // As rr_services has them; `seconds` is 0 or more.
  int call(std::string_view method, unsigned codec, std::string_view argument, double seconds,
           std::string_view* reply);
  int begin(std::string_view method, unsigned codec, std::string_view argument, Pending** pending,
            std::string_view* error);
  bool ready(Pending* pending);
  int result(Pending* pending, double seconds, std::string_view* reply);
  void drop(Pending* pending);

  // More calls than these that nobody fetches the replies of would be somebody's mistake.
  static constexpr std::size_t kMaxWaiting = 65536;

 private:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;
  enum class Step { done, again, timed_out, lost };

  int send_call(std::string_view method, unsigned codec, std::string_view argument, TimePoint begun,
                TimePoint deadline, std::uint32_t* sequence);
  Step send_all(iovec* pieces, int count, TimePoint deadline, bool* some);
  bool ensure_connected();
  bool went_stale();

  int await(std::uint32_t sequence, Pending* pending, double seconds, TimePoint begun,
            TimePoint deadline, std::string_view* reply);
  Step receive(double seconds, TimePoint deadline, bool first);
  Step wait_for(short events, TimePoint deadline);
  void limit_receive(double seconds);
  bool deliver(const goridge::RpcMessage& reply);
  bool drain();
  Step next_reply(goridge::RpcMessage* reply);
  void poll_replies();

  void lose(const std::string& why);
  void forget_parent();
  int unreachable(TimePoint begun, std::string_view* error);
  int timed_out(double seconds, std::string_view* error);
  std::uint32_t next_sequence();

  const Address address_;
  const std::string name_;
  int socket_ = -1;
  pid_t owner_ = 0;  // the process that connected
  double connect_seconds_ = 1;
  double receive_seconds_ = -1;  // the limit that the socket has
  bool fresh_ = false;           // nothing was received yet
  Replies replies_;
  std::uint32_t sequence_ = 0;
  std::unordered_map<std::uint32_t, Pending*> waiting_;  // null: nobody wants the reply
  std::string kept_;                                     // the text that a caller was given
};

}  // namespace rr::ext

#endif
