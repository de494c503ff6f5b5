// One HTTP/2 connection: many streams, answered by any thread, over one socket.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "runtime/net/byte_buffer.h"
#include "runtime/net/http2/session.h"
#include "runtime/net/http2/stream.h"
#include "runtime/net/http2/turn.h"
#include "runtime/net/peer.h"
#include "runtime/net/reactor.h"
#include "runtime/net/tls/stream.h"

namespace rr::net::http2 {

// Deadlines of a client and sizes, one set per listener. Spec 02 §5.2.
struct ConnectionLimits {
  SessionLimits session;
  Duration request = std::chrono::minutes(5);  // head or body, without progress
  Duration write = std::chrono::minutes(5);    // an answer, without progress
  Duration idle = std::chrono::hours(1);       // without a stream
  Duration linger = std::chrono::seconds(2);   // for the client to see the last frames
  std::size_t output_bytes = 1024 * 1024;      // as of HTTP/1, of one stream
  std::size_t script_output_bytes = 32 * 1024 * 1024;
};

class Server;

// Who has the reactor's word reads; it lets go before a handler sees what was read. Session, socket
// and streams belong to who has the *turn*: readers wait for it, answerers do not: they put what
// they have to say into the inbox, and when the turn is taken, its holder looks there again before
// it leaves. So answers that come at the same time leave in one write. Recycled by the Server, once
// the socket is closed and no transaction is out.
class Connection final : public Pollable, private SessionEvents {
 public:
  explicit Connection(Server& server) : server_(server) {}

  // Takes a nonblocking socket over and registers it. `early`: what was read from it already.
  void open(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream,
            std::string_view early);

  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint now) override;

 private:
  friend class Stream;
  struct Ready {
    Stream* stream;
    http::Transaction* transaction;
    bool answered;  // before it was handed over
  };
  struct Wakeup {
    void (*resume)(void*);
    void* context;
  };

  // ---- who has the word
  void drive();
  void deliver(std::vector<Ready>& ready);

  // ---- who has the turn
  void read_input();
  void read_away();
  void pass();
  void take_inbox();
  void apply(Stream& stream, Stream::Said& said);
  void flush();
  ssize_t send_some();
  void wind_up();
  void set_deadline();
  void expire(TimePoint now);
  void close();
  bool recyclable();
  void forget(Stream& stream);
  void wake(std::vector<Wakeup>& wakeups);
  void answer_plainly(Stream& stream, int status);
  void hand_over(Stream& stream, std::string_view body, bool answered);

  // ---- SessionEvents
  SessionStream* begin() override;
  bool field(SessionStream& stream, std::string_view name, std::string_view value) override;
  bool head(SessionStream& stream, bool has_body) override;
  void data(SessionStream& stream, std::string_view bytes) override;
  void complete(SessionStream& stream) override;
  void closed(SessionStream& stream) override;

  static constexpr int kGivenBack =
      -2;  // in place of a socket: the server may use the object again

  // ---- any thread
  // Notes under the inbox lock that a stream has something in said_.
  void note_locked(Stream& stream);
  // Sends what is in the inbox, unless somebody else will.
  void pump();
  void lose(Stream& stream);  // gone_, and what was said is dropped

  Server& server_;  // owns this object
  Turn turn_;       // guards all down to ready_
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
  std::size_t transactions_out_ = 0;
  std::vector<std::unique_ptr<Stream>> all_;
  std::vector<Stream*> free_;
  std::vector<Stream*> streams_;     // in the session
  std::vector<Stream*> touched_;     // the session took bytes of them, or they are gone
  std::vector<Stream*> taken_;       // from the inbox
  std::vector<Wakeup> left_paused_;  // writers of streams that are forgotten
  std::vector<Ready> ready_;

  std::mutex inbox_mutex_;  // guards inbox_, and what streams say is theirs under it
  std::vector<Stream*> inbox_;
  std::atomic<bool> noted_{false};  // inbox_ is not empty
};

}  // namespace rr::net::http2
