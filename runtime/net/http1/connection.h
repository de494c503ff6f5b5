// One HTTP/1.x connection: socket, parser and answer on one side, transactions on the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/net/byte_buffer.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/http1/request_parser.h"
#include "runtime/net/http1/response_writer.h"
#include "runtime/net/peer.h"
#include "runtime/net/reactor.h"
#include "runtime/net/tls/stream.h"

namespace rr::net::http1 {

// Deadlines of a client and sizes, one set per listener. Spec 02 §5.2.
struct ConnectionLimits {
  Duration header = std::chrono::minutes(5);  // from the first byte to the end of the head
  Duration body = std::chrono::minutes(5);    // without progress
  Duration write = std::chrono::minutes(5);   // without progress
  Duration idle = std::chrono::hours(1);      // between requests
  Duration first = std::chrono::seconds(1);   // to a first request, once the server drains
  Duration linger = std::chrono::seconds(2);  // unread input after a last answer
  std::size_t drain_bytes = 256 * 1024;       // unread body that is read away to keep a connection
  // Buffered for a client that reads slowly: before a worker on a pipe is paused, and before a
  // script on a thread is kept waiting. The second is large: a page that was written in one go must
  // not hold an interpreter for as long as its client takes to read it.
  std::size_t output_bytes = 1024 * 1024;
  std::size_t script_output_bytes = 32 * 1024 * 1024;
  Limits parser;
};

class Server;

// Ownership is the reactor's word (reactor.h): while a transaction is out, the word travels with
// it. Output that the socket did not take is the one thing another thread may work on meanwhile; a
// lock of its own guards it. Objects are recycled by the Server.
class Connection final : public Pollable, private http::Door {
 public:
  explicit Connection(Server& server) : server_(server), parser_(Limits{}), chunked_(Limits{}) {}

  // Takes a nonblocking socket over and registers it. Without TLS `stream` is null.
  void open(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream);

  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint now) override;
  void on_writable_unowned(std::uint32_t generation) override;
  void on_stalled_unowned(std::uint32_t generation, TimePoint now) override;

 private:
  enum class Stage : std::uint8_t {
    head,      // reading a head; no transaction while not a byte of it has come
    body,      // collecting a body
    exchange,  // a transaction is out
    drain,     // reading away a body nobody wanted
    linger,    // last answer sent: reads until the client has seen it
    closed,
  };
  enum class Next : std::uint8_t { again, read, handed_over, closed };
  // Whether the socket may hold input that was not read yet. `taken`: not before the next event,
  // but the client's FIN may come right after what was read; `none`: not even that.
  enum class Input : std::uint8_t { unknown, taken, none };
  enum class Flush : std::uint8_t { done, blocked, failed };

  // ---- owner
  void drive();
  Next advance();
  Next after_head();
  Next advance_body();
  Next advance_drain();
  Next advance_linger();
  Next body_error(http::Handler::BodyError error, std::string_view reason = {});
  Next refuse(int status, std::string_view reason);
  bool begins_http2() const;
  Next leave_to_http2();
  Next hand_over(std::string_view body);
  Next answered_here();
  Next after_answer();
  Next linger_or_close();
  bool read_some();
  bool end_of_input();
  void begin_request();
  void drop_unbegun_request();
  void take_carry_into_block();
  void give_up();
  void close();
  void retire();
  void wait_deadline();
  void fixed_deadline(Duration duration);
  void deadline_in(Duration duration);

  // ---- Door: who may answer
  bool inform(http::Transaction& transaction, const HttpResponseHead& head) override;
  bool respond(http::Transaction& transaction, const HttpResponseHead& head,
               PinnedBytes body) override;
  bool start(http::Transaction& transaction, const HttpResponseHead& head) override;
  bool write(http::Transaction& transaction, PinnedBytes chunk, Wait wait) override;
  bool respond_file(http::Transaction& transaction, const HttpResponseHead& head,
                    FileBytes body) override;
  bool write_file(http::Transaction& transaction, FileBytes chunk, Wait wait) override;
  bool add_trailers(http::Transaction& transaction, std::span<const HeaderView> fields) override;
  bool finish(http::Transaction& transaction) override;
  bool congested(http::Transaction& transaction, void (*resume)(void*), void* context) override;
  void concluded(http::Transaction& transaction) override;
  void prepare_answer(http::Transaction& transaction);

  // ---- output
  bool send(std::string_view head, PinnedBytes body, std::string_view tail);
  bool send_file(std::string_view head, FileBytes file, std::string_view tail);
  bool keep(std::string_view head, PinnedBytes body, std::string_view tail, std::size_t sent);
  bool output_broken();
  bool flush_queued(std::unique_lock<std::mutex>& lock);
  void queue_copy_locked(std::string_view bytes);
  bool unsent() const { return stream_ && stream_->unsent(); }  // ciphertext
  bool output_pending() const { return output_pending_.load(std::memory_order_acquire); }
  Flush flush();
  Flush flush_locked();
  Flush flush_bytes_locked();
  Flush flush_file_locked();
  void sent_locked(std::size_t bytes);
  void expect_progress_locked();
  void finish_flush(std::unique_lock<std::mutex>& lock, Flush flushed);
  void drop_output_locked();
  void fail_output_locked();
  bool wait_for_room();

  Server& server_;  // owns this object
  int socket_ = -1;
  Handle handle_;
  Stage stage_ = Stage::closed;
  Input input_ = Input::unknown;  // outlasts exchanges: what came before is not reported again
  bool fresh_ = false;            // no request of it has been handed over: the server counts these
  bool answer_begun_ = false;     // writer_ is set up for the transaction that is out
  bool close_after_ = false;      // after the current answer
  bool eof_ = false;
  bool body_unread_ = false;  // a body follows that nobody reads
  bool chunked_body_ = false;
  bool linger_input_ = false;
  bool deadline_fixed_ = false;
  std::uint64_t body_left_ = 0;  // of a body with Content-Length
  std::size_t drained_ = 0;
  http::Transaction* transaction_ = nullptr;  // one reference, until it is handed over
  ByteBuffer carry_;                          // input past what was taken
  Peer peer_;
  std::unique_ptr<tls::Stream> stream_;  // null: no TLS. Rules: tls/stream.h
  HeadParser parser_;
  ChunkedDecoder chunked_;
  ResponseWriter writer_;

  // What the socket did not take. Either copied bytes, pinned ones, or a file, which shrinks as it
  // is sent and is no memory that counts.
  struct Piece {
    std::string copy;
    PinnedBytes pin;
    FileBytes file;
    bool is_file() const { return file.descriptor >= 0; }
    bool is_copy() const { return !is_file() && !pin.release; }
    std::string_view bytes() const { return pin.release ? pin.bytes : std::string_view(copy); }
  };
  std::atomic<bool> output_pending_{false};  // changes under output_mutex_
  std::mutex output_mutex_;                  // guards all that follows
  std::uint32_t output_generation_ = 0;      // of handle_ while open; 0 closed
  std::deque<Piece> output_;
  std::size_t front_sent_ = 0;    // of output_.front()
  std::size_t output_bytes_ = 0;  // not sent yet
  TimePoint write_deadline_;      // while output is pending: without progress
  bool output_failed_ = false;
  void (*resume_)(void*) = nullptr;  // a paused writer
  void* resume_context_ = nullptr;
};

}  // namespace rr::net::http1
