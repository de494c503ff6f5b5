// A socket that clients of HTTP/3 send to, in the reactor.
#pragma once

#include <utility>
#include <vector>

#include "runtime/net/http3/connection.h"
#include "runtime/net/http3/doorkeeper.h"
#include "runtime/net/http3/udp_socket.h"
#include "runtime/net/reactor.h"

namespace rr::net::http3 {

class Server;

// Who has the reactor's word reads datagrams and gives them to their connections; requests that
// become complete are handed over when the word is free. Any thread may send.
class Endpoint final : public Pollable {
 public:
  Endpoint(Server& server, UdpSocket socket);
  ~Endpoint();  // no thread drives it any more

  void start();
  // Reads no more. Blocks for the moment another thread is reading.
  void stop_reading();
  // And the socket is closed, or kept: see KeptSockets.
  void stop();
  const UdpSocket& socket() const { return socket_; }

  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint) override { on_ready({}); }

 private:
  using Deliveries = std::vector<std::pair<Connection*, Connection::ReadyList>>;
  void read(Deliveries& deliveries);
  void dispatch(const std::vector<Datagram>& datagrams, Deliveries& deliveries);
  void meet(const Datagram& stray, TimePoint now);

  Server& server_;  // owns this object
  UdpSocket socket_;
  Doorkeeper doorkeeper_;  // who has the word
  Handle handle_;
  bool reading_ = false;
};

}  // namespace rr::net::http3
