// HTTP/3 for one service: its sockets, connections and what they have in common.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/log.h"
#include "rr/result.h"
#include "runtime/net/connections.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/http3/connection.h"
#include "runtime/net/http3/credentials.h"
#include "runtime/net/http3/endpoint.h"
#include "runtime/net/http3/timers.h"
#include "runtime/net/reactor.h"

namespace rr::net::http3 {

// bind() to end(): one thread at a time. The rest: any thread. Destroyed when no thread drives the
// reactor any more; all that it is made of outlives it.
class Server final {
 public:
  Server(Reactor& reactor, http::Handler& handler, const CredentialsStore& credentials,
         const ConnectionLimits& limits, log::Logger log);
  ~Server();

  // Takes the address: "host:port". Packets wait until open().
  Result<void> bind(std::string_view address, bool reuse_port);
  Result<void> open();
  std::vector<std::string> addresses() const;
  std::uint16_t port() const;  // as bound, of the first

  // Clients are told to open no more requests; connections close once theirs are answered. New
  // clients are refused, or left to try again when others take the socket over (KeptSockets).
  void drain();
  // The same where another process reads from our sockets already: what is here goes on by sockets
  // of its own, and ours are read no more.
  void hand_over();
  // Blocks until no connection may hand over another request, or the deadline has passed. After
  // drain() or hand_over().
  void wait_begun(TimePoint deadline);
  // Blocks until no connection is open or the deadline has passed. After drain() or hand_over().
  void wait_closed(TimePoint deadline) { connections_.wait_closed(deadline); }
  // Ends what is still open and gives the sockets up.
  void end();

  std::size_t open_connections() const { return connections_.count(); }
  std::size_t handshakes() const { return handshakes_.load(std::memory_order_relaxed); }

  // ---- for endpoints
  struct Found {
    Connection* connection = nullptr;
    bool buried = false;  // was ours, and is over
    Batch last_words;     // to be said once more
  };
  Found find(const Id& id);
  Mood mood() const;
  Connection& new_connection();

  // ---- for connections
  Reactor& reactor() { return reactor_; }
  http::Handler& handler() { return handler_; }
  const ConnectionLimits& limits() const { return limits_; }
  const QuicLimits& quic_limits() const { return quic_limits_; }
  const Secrets& secrets() const { return secrets_; }
  Timers& timers() { return timers_; }
  std::shared_ptr<const Credentials> credentials() const { return credentials_.contexts(); }
  bool draining() const { return connections_.draining(); }

  void add(const Id& id, Connection& connection);
  void forget(std::span<const Id> ids, const Connection& owner);
  // The owner of these ids is over; for a while late packets are answered with its last words, if
  // it had any.
  void bury(const std::vector<Id>& ids, const Connection& owner, Batch last_words, TimePoint until);
  // Not started. Null: there can be none.
  Endpoint* endpoint_of_its_own(const Endpoint& shared, const Address& local,
                                const Address& remote);
  // A connection may hand over requests from here on, no more.
  void asking() { asking_.fetch_add(1, std::memory_order_relaxed); }
  void asked();
  void handshake_begun() { handshakes_.fetch_add(1, std::memory_order_relaxed); }
  void handshake_ended() { handshakes_.fetch_sub(1, std::memory_order_relaxed); }
  void closed(Connection& connection) { connections_.closed(connection); }

 private:
  // What is left of a connection for a while. Shared by its ids.
  struct Grave {
    Batch last_words;
    std::uint32_t visits = 0;
    std::vector<Id> ids;
    TimePoint until;
  };
  struct Entry {
    Connection* connection = nullptr;
    std::shared_ptr<Grave> grave;  // also in graves_
  };
  std::vector<Connection*> all_open();
  void clear_graves_locked(TimePoint now);

  Reactor& reactor_;
  http::Handler& handler_;
  const CredentialsStore& credentials_;
  const ConnectionLimits limits_;
  const QuicLimits quic_limits_;
  const log::Logger log_;
  const Secrets secrets_;
  std::atomic<std::size_t> handshakes_{0};
  std::atomic<Mood> leaving_{Mood::refuse};  // when draining
  std::atomic<std::size_t> asking_{0};
  std::mutex asking_mutex_;  // what none_asks_ waits with
  std::condition_variable none_asks_;

  std::mutex ids_mutex_;  // guards ids_ and graves_
  std::map<Id, Entry> ids_;
  std::deque<std::shared_ptr<Grave>> graves_;

  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::mutex moved_mutex_;  // guards moved_
  std::vector<std::unique_ptr<Endpoint>> moved_;
  Timers timers_;
  Connections<Connection> connections_;  // use all of the above
};

}  // namespace rr::net::http3
