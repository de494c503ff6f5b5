// One of a connection's requests at a time (HTTP/2, HTTP/3) and its answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/net/http/answer.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/streams/request.h"
#include "runtime/net/streams/session.h"

namespace rr::net::streams {

class Streams;

// Two sides meet here: the connection's driver (whoever has its turn), and whoever answers. What
// the one gives the other lies under the connection's inbox lock. Recycled by the connection, when
// the session has forgotten the stream and its transaction is concluded.
class Stream final : public SessionStream, private http::Door {
 public:
  explicit Stream(Streams& all) : all_(all) {}

 private:
  friend class Streams;

  // A part of the body on its way out.
  struct Piece {
    std::string copy;
    PinnedBytes pin;
    std::string_view bytes() const { return pin.release ? pin.bytes : std::string_view(copy); }
  };
  // What an answerer has said since the driver last looked.
  struct Said {
    std::vector<http::Answer> interim;
    std::vector<Piece> pieces;
    bool head = false;       // answer_ may be sent
    bool end = false;        // no piece follows
    bool give_up = false;    // the client does not read: reset
    bool concluded = false;  // the transaction needs the stream no more
  };

  // ---- Door: who may answer
  bool inform(http::Transaction& transaction, const HttpResponseHead& head) override;
  bool respond(http::Transaction& transaction, const HttpResponseHead& head,
               PinnedBytes body) override;
  bool start(http::Transaction& transaction, const HttpResponseHead& head) override;
  bool write(http::Transaction& transaction, PinnedBytes chunk, Wait wait) override;
  bool add_trailers(http::Transaction& transaction, std::span<const HeaderView> fields) override;
  bool finish(http::Transaction& transaction) override;
  bool congested(http::Transaction& transaction, void (*resume)(void*), void* context) override;
  void concluded(http::Transaction& transaction) override;
  bool gone(const http::Transaction&) const override {
    return gone_.load(std::memory_order_acquire);
  }
  void begin_answer(const http::Transaction& transaction);
  bool say(PinnedBytes bytes, bool end);
  bool wait_for_room();

  // ---- SessionStream: driver
  Taken take_body(char* into, std::size_t room) override;
  std::span<const HeaderView> take_trailers() override;
  void drop_pieces();
  void reset();

  Streams& all_;  // owns this object

  // ---- driver
  RequestBuilder builder_;
  http::Transaction* transaction_ = nullptr;  // one reference, until it is handed over
  bool in_session_ = false;
  bool out_ = false;        // a transaction is with the handler
  bool deaf_ = false;       // of the request nothing more is wanted
  bool head_ = false;       // of the request, whole
  bool complete_ = false;   // the request
  bool submitted_ = false;  // the head of the answer
  bool ended_ = false;      // the last piece is in pieces_, or was
  bool sent_ = false;       // the session has taken all of it
  std::vector<Piece> pieces_;
  std::size_t front_ = 0;        // pieces_ before it are taken
  std::size_t front_taken_ = 0;  // of pieces_[front_]
  TimePoint progress_;           // bytes came, or went

  // ---- who answers
  http::Answer answer_;
  bool answering_ = false;
  bool head_said_ = false;

  // ---- under the inbox lock
  Said said_;
  bool noted_ = false;  // in the connection's inbox
  void (*resume_)(void*) = nullptr;
  void* resume_context_ = nullptr;

  // Nobody reads the answer any more. Set under the inbox lock.
  std::atomic<bool> gone_{false};
  std::atomic<std::size_t> queued_{0};  // bytes said and not taken by the session
  std::atomic<std::uint32_t> room_{0};  // changes when queued_ shrinks: a writer sleeps on it
  std::atomic<bool> awaited_{false};    // it does
};

}  // namespace rr::net::streams
