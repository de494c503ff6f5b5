// The requests of one connection that carries many at a time, and who may touch them: what HTTP/2
// and HTTP/3 have in common between their sessions and the handler.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "runtime/net/held_output.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/peer.h"
#include "runtime/net/reactor.h"
#include "runtime/net/streams/session.h"
#include "runtime/net/streams/stream.h"
#include "runtime/net/streams/turn.h"

namespace rr::net::streams {

// Deadlines of a client and sizes of one connection. Spec 02 §5.2.
struct Limits {
  std::uint32_t streams = 128;                 // requests that are read or worked on
  std::uint32_t head = 1024 * 1024 + 320;      // bytes of a request's fields
  Duration request = std::chrono::minutes(5);  // head or body, without progress
  Duration write = std::chrono::minutes(5);    // an answer, without progress
  std::size_t output_bytes = 1024 * 1024;      // as of HTTP/1, of one stream
  std::size_t script_output_bytes = 32 * 1024 * 1024;
};

// The connection, as its streams see it.
class StreamsHost {
 public:
  // Called by who has the turn: takes what was said (Streams::take_inbox) and sends it.
  virtual void pass() = 0;
  // Called without the turn, once: see Streams::leave().
  virtual void finished() = 0;

 protected:
  ~StreamsHost() = default;
};

// Session, socket and streams belong to who has the *turn*. Who reads waits for it, answerers do
// not: they put what they have to say into the inbox, and when the turn is taken, its holder looks
// there again before it leaves. So answers that come at the same time leave in one write.
//
// Recycled with its connection: open() and shut() take turns.
class Streams final : private SessionEvents, private Output {
 public:
  // All of them outlive this.
  Streams(StreamsHost& host, http::Handler& handler, const Limits& limits, HttpVersion version)
      : host_(host), handler_(handler), limits_(limits), version_(version) {}

  // ---- any thread
  void enter();  // waits for the turn
  // Gives it back. True, once: the streams are shut and no transaction is out; the connection may
  // be used again.
  [[nodiscard]] bool leave();
  // Sends what is in the inbox, unless somebody else will.
  void pump();
  // The same for what ends an answer: a thread that will have more in a moment may send it then.
  void pump_soon();

  // Requests on their way to the handler, which sees them when the connection is free for others.
  struct Ready {
    Stream* stream;
    http::Transaction* transaction;
    bool answered;  // before it was handed over
  };
  using ReadyList = std::vector<Ready>;
  void deliver(const ReadyList& ready);

  // ---- who has the turn
  SessionEvents& events() { return *this; }
  // A session begins. `reactor`: null, or where `handle` says whether the client is there at all.
  // The referred outlive shut().
  void open(Session& session, const Peer& peer, bool tls, Reactor* reactor, Handle handle);
  // It ends: nobody reads any answer. Its last call of events() was before.
  void shut();
  void take_inbox();
  void take_ready(ReadyList& into);
  bool has_ready() const { return !ready_.empty(); }
  bool empty() const { return streams_.empty(); }
  // No request is with the handler.
  bool idle() const { return transactions_out_ == 0; }
  // Cancels what makes no progress. False: nothing can be said to this client any more.
  [[nodiscard]] bool expire(TimePoint now);
  // How often expire() wants to be called while there are streams.
  Duration expiry_step() const { return std::min(limits_.request, limits_.write) / 2; }
  const Limits& limits() const { return limits_; }

 private:
  friend class Stream;
  struct Wakeup {
    void (*resume)(void*);
    void* context;
  };

  // ---- who has the turn
  void apply(Stream& stream, Stream::Said& said);
  bool recyclable();
  void forget(Stream& stream);
  void cancel(Stream& stream);
  void lose(Stream& stream);  // gone_, and what was said is dropped
  void wake(std::vector<Wakeup>& wakeups);
  void answer_plainly(Stream& stream, int status);
  void hand_over(Stream& stream, std::string_view body, bool answered);

  void send() override { pump(); }

  // ---- SessionEvents
  SessionStream* begin() override;
  bool field(SessionStream& stream, std::string_view name, std::string_view value) override;
  bool head(SessionStream& stream, bool has_body) override;
  void data(SessionStream& stream, std::string_view bytes) override;
  void complete(SessionStream& stream) override;
  void closed(SessionStream& stream) override;

  // ---- any thread: notes under the inbox lock that a stream has something in said_.
  void note_locked(Stream& stream);

  StreamsHost& host_;
  http::Handler& handler_;
  const Limits& limits_;
  const HttpVersion version_;

  Turn turn_;  // guards all down to ready_
  const Streams* outer_ = nullptr;
  Session* session_ = nullptr;  // null: shut
  const Peer* peer_ = nullptr;
  bool tls_ = false;
  bool given_back_ = true;  // the connection is with whoever recycles it
  Reactor* reactor_ = nullptr;
  Handle handle_;
  std::size_t transactions_out_ = 0;
  std::vector<std::unique_ptr<Stream>> all_;
  std::vector<Stream*> free_;
  std::vector<Stream*> streams_;     // in the session
  std::vector<Stream*> touched_;     // the session took bytes of them, or they are gone
  std::vector<Stream*> taken_;       // from the inbox
  std::vector<Wakeup> left_paused_;  // writers of streams that are forgotten
  ReadyList ready_;

  std::mutex inbox_mutex_;  // guards inbox_, and what streams say is theirs under it
  std::vector<Stream*> inbox_;
  std::atomic<bool> noted_{false};  // inbox_ is not empty
};

}  // namespace rr::net::streams
