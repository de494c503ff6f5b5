// The socket on which worker processes reach the server when `server.relay` names one, in place of
// pipes (spec 01 §3.4).
//
// Anybody may connect, so a connection is a guest until it has answered the pid request with the
// pid of a worker that is awaited: each has its own small buffer and its own deadline, and there
// are so many of them at most that the oldest has to go when one more comes.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "rr/exchange.h"
#include "rr/log.h"
#include "rr/result.h"
#include "runtime/net/listener.h"
#include "runtime/pool/process/descriptor.h"
#include "runtime/pool/process/handshake.h"
#include "runtime/pool/process/launcher.h"

namespace rr::pool {

// Shared by all pools. Members are for the control thread, but for open() and the destructor, which
// run while it does not, or before the first and after the last worker.
class Relay {
 public:
  // "unix://PATH" (a file that is in the way is replaced; it belongs to `owner` and nobody else) or
  // "tcp://host:port". Errors: another scheme, an address that cannot be had.
  static Result<std::unique_ptr<Relay>> open(boost::asio::io_context& control,
                                             const std::string& address,
                                             const std::optional<RunAs>& owner, Logger log);
  ~Relay();

  // Calls `arrived` once with the nonblocking socket of the process, when it has connected and said
  // its pid. `limit`: how long workers of this pool may take.
  using Arrived = std::function<void(Descriptor socket)>;
  void expect(pid_t pid, Duration limit, Arrived arrived);
  // `arrived` of this pid will not be called any more.
  void forget(pid_t pid) { expected_.erase(pid); }

  // Between the two, who connects waits: workers of another server that has the same socket come.
  void make_room();
  void carry_on();

  std::size_t guests() const { return guests_.size(); }
  static constexpr std::size_t kMaxGuests = 1024;

 private:
  using Stream = boost::asio::posix::stream_descriptor;
  struct Door;
  struct Guest;
  using Place = std::list<std::unique_ptr<Guest>>::iterator;

  Relay(boost::asio::io_context& control, std::vector<net::ListenSocket> sockets, Logger log);
  void accept(Door& door);
  void accept_later(Door& door);
  void welcome(Descriptor socket);
  void listen_to(Place place);
  void read(Place place);
  void show_out(Place place, const char* why);
  void watch_time();

  boost::asio::io_context& control_;  // outlives this
  const Logger log_;
  std::vector<std::unique_ptr<Door>> doors_;
  bool open_ = false;
  bool makes_room_ = false;
  Duration limit_ = std::chrono::seconds(60);  // of a guest's handshake
  std::list<std::unique_ptr<Guest>> guests_;   // oldest first
  std::unordered_map<pid_t, Arrived> expected_;
  boost::asio::steady_timer timer_;  // of the oldest guest
  bool timer_runs_ = false;
};

}  // namespace rr::pool
