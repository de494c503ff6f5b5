// One HTTP/2 connection: many streams, answered by any thread, over one socket.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "runtime/net/byte_buffer.h"
#include "runtime/net/http2/session.h"
#include "runtime/net/peer.h"
#include "runtime/net/reactor.h"
#include "runtime/net/streams/streams.h"
#include "runtime/net/tls/stream.h"

namespace rr::net::http2 {

// Deadlines of a client and sizes, one set per listener. Spec 02 §5.2.
struct ConnectionLimits : streams::Limits {
  SessionLimits session;                      // but for what is said above
  Duration idle = std::chrono::hours(1);      // without a stream
  Duration linger = std::chrono::seconds(2);  // for the client to see the last frames

  SessionLimits of_session() const {
    SessionLimits all = session;
    all.streams = streams;
    all.head = head;
    return all;
  }
};

class Server;

// Who has the reactor's word reads; it lets go before a handler sees what was read. All else
// belongs to who has the streams' turn. Recycled by the Server, once the socket is closed and no
// transaction is out.
class Connection final : public Pollable, private streams::StreamsHost {
 public:
  explicit Connection(Server& server);

  // Takes a nonblocking socket over and registers it. `early`: what was read from it already.
  void open(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream,
            std::string_view early);

  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint now) override;

 private:
  // ---- who has the word
  void drive();

  // ---- who has the turn
  void read_input();
  void read_away();
  void pass() override;
  void flush();
  ssize_t send_some();
  void wind_up();
  void set_deadline();
  void expire(TimePoint now);
  void close();

  void finished() override;

  Server& server_;  // owns this object
  streams::Streams streams_;

  // ---- who has the turn
  int socket_ = -1;
  Handle handle_;  // changes in open() only
  Peer peer_;
  std::unique_ptr<tls::Stream> stream_;  // null: no TLS
  std::unique_ptr<Session> session_;
  ByteBuffer out_;  // frames the socket did not take
  bool open_ = false;
  bool eof_ = false;
  bool failed_ = false;     // the socket: nobody is at the other end
  bool blocked_ = false;    // the socket takes nothing more
  bool lingering_ = false;  // said all: reads until the client has seen it
  TimePoint sent_at_;
  TimePoint look_at_;  // the deadline that is set
};

}  // namespace rr::net::http2
