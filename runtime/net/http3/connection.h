// One client of HTTP/3: its QUIC connection, its requests, and the socket its packets leave by.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/net/http3/quic.h"
#include "runtime/net/http3/timers.h"
#include "runtime/net/peer.h"
#include "runtime/net/streams/streams.h"

namespace rr::net::http3 {

class Endpoint;
class Server;

// Deadlines of a client and sizes, one set per server.
struct ConnectionLimits : streams::Limits {
  QuicLimits quic;  // but for what is said above
  std::size_t connections = 10'000;
  // Handshakes at a time: beyond the first number clients must show that they are where they say
  // they are (Retry); beyond the second they are left to try again.
  std::size_t doubted_handshakes = 100;
  std::size_t handshakes = 1000;

  QuicLimits of_quic() const {
    QuicLimits all = quic;
    all.session.streams = streams;
    all.session.head = head;
    return all;
  }
};

// Belongs to who has the streams' turn. Packets, times and answers come in on any thread. Recycled
// by the Server, once the connection is over and no transaction is out.
class Connection final : public Timer, private streams::StreamsHost, private QuicHost {
 public:
  explicit Connection(Server& server);

  // Begins with the first packet.
  void open(Endpoint& endpoint, const Opening& opening, const Datagram& first);

  // Packets that came by `endpoint`, in order. What became complete of them is in `ready`, for
  // deliver() when the socket is free for others.
  using ReadyList = streams::Streams::ReadyList;
  void receive(std::span<const Datagram* const> datagrams, TimePoint now, ReadyList& ready);
  void deliver(const ReadyList& ready);
  void on_timer(TimePoint now) override;

  // Looks around: the server drains.
  void notice();
  // Its packets come and go by a socket of its own from here on; see UdpSocket::for_client. What
  // cannot have one is closed.
  void move_out();
  // Ends, whatever is out.
  void abort();

 private:
  // ---- who has the turn
  void pass() override;
  void flush(TimePoint now);
  bool send(const Batch& batch);
  void wind_up(TimePoint now);
  void look_after_streams(TimePoint now);
  void set_timer(TimePoint now);
  void close(TimePoint now);
  void ask_no_more();

  void finished() override;

  // ---- QuicHost
  void add_id(const Id& id) override;
  void remove_id(const Id& id) override;
  void handshake_done() override;
  const Secrets& secrets() const override;

  Server& server_;  // owns this object
  streams::Streams streams_;

  std::atomic<unsigned> undelivered_{0};  // lists that were made and not yet delivered

  // ---- who has the turn
  Endpoint* endpoint_ = nullptr;  // lives as long as the server
  Peer peer_;
  std::unique_ptr<Quic> quic_;  // null: not open
  std::vector<Id> ids_;
  Batch unsent_;                // waits for room in the socket; no bytes: there is none
  bool shaking_hands_ = false;  // counts as one of the server's handshakes
  bool kept_alive_ = false;
  bool asks_ = false;                       // requests may come of it
  TimePoint retry_at_;                      // where unsent_
  TimePoint refuse_at_ = TimePoint::max();  // when clients may know that we drain
  TimePoint look_at_ = TimePoint::max();    // after streams that make no progress
};

}  // namespace rr::net::http3
