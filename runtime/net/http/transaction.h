// One request and its answer, whatever HTTP version carried it: the native view (rr::HttpExchange)
// over the door it came through. The HTTP plugin derives from it and adds the wire view.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "rr/http.h"
#include "rr/http_middleware.h"
#include "runtime/net/byte_buffer.h"
#include "runtime/net/http/request_block.h"
#include "runtime/net/reactor.h"

namespace rr::net::http {

class Transaction;

// The protocol side of an answer: HTTP/1.1 connection, HTTP/2 stream or FastCGI request.
// Called by whoever may answer (state `writing` or taken over), never concurrently for one
// transaction. False: the client is gone.
class Door {
 public:
  virtual bool inform(Transaction& transaction, const HttpResponseHead& head) = 0;
  virtual bool respond(Transaction& transaction, const HttpResponseHead& head,
                       PinnedBytes body) = 0;
  virtual bool start(Transaction& transaction, const HttpResponseHead& head) = 0;
  using Wait = HttpAnswerSink::Wait;
  virtual bool write(Transaction& transaction, PinnedBytes chunk, Wait wait) = 0;
  // Files: unless overridden they are read, in pieces, into start(), write() and finish().
  virtual bool respond_file(Transaction& transaction, const HttpResponseHead& head, FileBytes body);
  virtual bool write_file(Transaction& transaction, FileBytes chunk, Wait wait);
  virtual bool add_trailers(Transaction& transaction, std::span<const HeaderView> fields) = 0;
  virtual bool finish(Transaction& transaction) = 0;
  // See Exchange::congested.
  virtual bool congested(Transaction& transaction, void (*resume)(void*), void* context) = 0;
  // The answer is complete and nobody uses the door any more: the connection goes on.
  virtual void concluded(Transaction& transaction) = 0;
  // The client has given this answer up, though its connection goes on. Any thread.
  virtual bool gone(const Transaction&) const { return false; }

 protected:
  ~Door() = default;
};

// Memory is recycled: acquired by a connection when a request's first byte comes, released when the
// answer is concluded and no worker holds it any more.
class Transaction : public HttpExchange {
 public:
  const HttpRequest& request() const final { return request_; }
  bool inform(const HttpResponseHead& head) final;
  bool respond(const HttpResponseHead& head, PinnedBytes body) final;
  bool start(const HttpResponseHead& head) final;
  bool write(PinnedBytes chunk) final;
  bool respond_file(const HttpResponseHead& head, FileBytes body) final;
  bool write_file(FileBytes chunk) final;
  bool add_trailers(std::span<const HeaderView> fields) final;
  bool finish() final;
  bool started() const final { return status() != 0; }
  bool aborted() const final;
  bool congested(void (*resume)(void*), void* context) final;

  // For a worker on a pipe, which must not be kept waiting: the same as write(), never waits.
  bool write_no_wait(PinnedBytes chunk);

  // Of the answer as it was given, before middleware: for the access log. 0: none yet.
  int status() const { return status_.load(std::memory_order_relaxed); }
  std::uint64_t body_bytes_sent() const { return body_bytes_sent_; }

  // ---- middleware. The request is not submitted yet.
  // Answers enter here instead of at the door; it outlives the answer.
  void enter_answers_at(HttpAnswerSink& entry) { entry_ = &entry; }
  // The way out for the outermost of them.
  HttpAnswerSink& way_out() { return way_out_; }
  // Changes of the request: views taken before are void.
  void add_field(std::string_view name, std::string_view value);
  void remove_field(std::string_view name);
  void add_attribute(std::string_view name, std::string_view value);
  void set_remote_address(std::string_view address);  // without a port
  // The request as it is now, for begin_again(): it came in, and answers enter at the door.
  void remember_request();
  void begin_again();

  // Answers a request that has not been submitted (waiting).
  void answer_at_once(const HttpResponseHead& head, std::string_view body) {
    if (begin()) respond(head, PinnedBytes{body});
  }

  // ---- the connection's side
  void attach(Door& door, Reactor& reactor, Handle handle);
  // Behind a socket that many connections share: only the door knows whether a client is there.
  void attach(Door& door);
  RequestBlock& block() { return block_; }
  ByteBuffer& body_buffer() { return body_; }
  // The request is complete: spans and body become visible to the worker.
  void publish(std::string_view body);
  // What was sent of a body; where middleware may have changed it, what was given counts.
  void count_body(std::uint64_t bytes) {
    if (entry_ == nullptr) body_bytes_sent_ += bytes;
  }
  void set_received(TimePoint when, std::int64_t unix_us) {
    request_.received = when;
    request_.received_unix_us = unix_us;
  }

 protected:
  // Ready for the next request, with one reference; memory past a limit is given back. In
  // dispose().
  void recycle();
  // For answer_error: the caller may answer already (state `writing`, or taken over).
  bool respond_now(const HttpResponseHead& head, std::string_view body);
  void abandon_stream();  // a stream that cannot go on: ends the message
  void concluded() final;

 private:
  template <class Call>
  bool guarded(bool last, Call&& call);
  template <class Bytes, class Call>
  bool guarded(bool last, Bytes bytes, Call&& call);
  void set_status(int status) { status_.store(status, std::memory_order_relaxed); }
  bool send_whole(const HttpResponseHead& head, PinnedBytes body);
  bool send_piece(PinnedBytes chunk, HttpAnswerSink::Wait wait);
  void count_given(std::uint64_t bytes);
  TextSpan append_text(std::string_view text);  // none of this request's own
  HttpField append_field(std::string_view name, std::string_view value);

  // The door in the shape of a sink.
  class WayOut final : public HttpAnswerSink {
   public:
    explicit WayOut(Transaction& transaction) : transaction_(transaction) {}
    bool inform(const HttpResponseHead& head) override;
    bool respond(const HttpResponseHead& head, PinnedBytes body) override;
    bool start(const HttpResponseHead& head) override;
    bool write(PinnedBytes chunk, Wait wait) override;
    bool add_trailers(std::span<const HeaderView> fields) override;
    bool finish() override;
    bool respond_file(const HttpResponseHead& head, FileBytes body) override;
    bool write_file(FileBytes chunk, Wait wait) override;

   private:
    Transaction& transaction_;  // has this
  };

  Door* door_ = nullptr;
  Reactor* reactor_ = nullptr;
  Handle handle_;
  WayOut way_out_{*this};
  HttpAnswerSink* entry_ = nullptr;  // null: answers go to the door
  HttpRequest request_;
  std::vector<HttpField> attributes_;
  struct {
    std::vector<HttpField> fields;
    TextSpan remote_address;
    std::uint16_t remote_port = 0;
  } remembered_;
  RequestBlock block_;
  ByteBuffer body_;
  // Set by whoever answers, asked for by a worker that may have lost that.
  std::atomic<int> status_{0};
  std::uint64_t body_bytes_sent_ = 0;
};

// What the layer above does with requests. Thread-safe; called by whoever drives the connection.
class Handler {
 public:
  virtual ~Handler() = default;

  // A transaction with one reference, owned by the caller. Fast: from a free list.
  virtual Transaction* make_transaction() = 0;

  // The head is there. What to do about a body that follows it?
  //   read    collect it, then handle()
  //   skip    nobody reads it: handle() at once
  //   refuse  the handler has answered (respond on the transaction); the connection closes
  enum class BodyPlan { read, skip, refuse };
  virtual BodyPlan head_complete(Transaction& transaction) = 0;
  // Longest body that is collected; more is body_failed(too_large).
  virtual std::uint64_t max_body_bytes(const Transaction& transaction) const = 0;
  // The request is complete. The handler answers it or submits it (taking over the reference).
  virtual void handle(Transaction* transaction) = 0;
  enum class BodyError { too_large, cut_off, malformed };
  // The body could not be read: the handler answers (respond); the connection closes.
  // `reason`: of `malformed`, static text.
  virtual void body_failed(Transaction& transaction, BodyError error, std::string_view reason) = 0;
  // The answer has been handed to the connection whole. For the access log.
  virtual void answered(Transaction& transaction) = 0;
};

}  // namespace rr::net::http
