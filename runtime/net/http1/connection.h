// One HTTP/1.x connection: socket, parser and answer on one side, transactions on the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/net/byte_buffer.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/http1/request_parser.h"
#include "runtime/net/http1/response_writer.h"
#include "runtime/net/reactor.h"

namespace rr::net::http1 {

// Deadlines of a client and sizes, one set per listener. Spec 02 §5.2.
struct ConnectionLimits {
  Duration header = std::chrono::minutes(5);  // from the first byte to the end of the head
  Duration body = std::chrono::minutes(5);    // without progress
  Duration write = std::chrono::minutes(5);   // without progress
  Duration idle = std::chrono::hours(1);      // between requests
  Duration linger = std::chrono::seconds(2);  // unread input after a last answer
  std::size_t drain_bytes = 256 * 1024;       // unread body that is read away to keep a connection
  std::size_t output_bytes = 1024 * 1024;     // buffered of a stream before its writer waits
  Limits parser;
};

class Server;

// Ownership is the reactor's word (reactor.h): while a transaction is out, the word travels with it.
// Output that the socket did not take is the one thing another thread may work on meanwhile; a lock
// of its own guards it. Objects are recycled by the Server.
class Connection final : public Pollable, private http::Door {
 public:
  explicit Connection(Server& server) : server_(server), parser_(Limits{}) {}

  // Takes the socket over and registers it. The object is idle afterwards.
  void open(int socket, std::string_view remote_address, std::uint16_t remote_port,
            std::string_view local_address, std::uint16_t local_port);

  // The server is stopping: an idle connection closes, others close after their answer. Any thread.
  void drain();

  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint now) override;
  void on_writable_unowned(std::uint32_t generation) override;

 private:
  enum class Stage : std::uint8_t {
    head,       // reading a head; no transaction while not a byte of it has come
    body,       // collecting a body
    exchange,   // a transaction is out
    drain,      // reading away a body nobody wanted
    linger,     // last answer sent: reads until the client has seen it
    closed,
  };
  enum class Next : std::uint8_t { read, wait, handed_over, closed };
  enum class Flush : std::uint8_t { done, blocked, failed };

  // ---- owner
  void drive(bool may_read);
  Next advance();
  Next after_head();
  Next advance_body();
  Next complete(std::string_view body);
  Next refuse(int status, std::string_view reason);
  Next read_some();
  Next end_of_input();
  Next linger_or_close();
  void begin_request();
  void next_request();
  void close();
  void deadline_in(Duration duration);

  // ---- Door: who may answer
  bool inform(http::Transaction& transaction, const HttpResponseHead& head) override;
  bool respond(http::Transaction& transaction, const HttpResponseHead& head,
               PinnedBytes body) override;
  bool start(http::Transaction& transaction, const HttpResponseHead& head) override;
  bool write(http::Transaction& transaction, PinnedBytes chunk, Wait wait) override;
  bool finish(http::Transaction& transaction) override;
  bool congested(http::Transaction& transaction, void (*resume)(void*), void* context) override;
  void concluded(http::Transaction& transaction) override;
  void prepare_answer();

  // ---- output
  bool send(std::string_view head, PinnedBytes body, std::string_view tail);
  Flush flush_locked();
  bool output_pending() const { return output_pending_.load(std::memory_order_acquire); }
  bool wait_for_room();
  void drop_output_locked();

  Server& server_;  // owns this object
  int socket_ = -1;
  Handle handle_;
  Stage stage_ = Stage::closed;
  bool answered_ = false;        // of the transaction that is out: writer_ was reset for it
  bool close_after_ = false;     // after the current answer
  bool eof_ = false;
  bool body_unread_ = false;     // a body follows that nobody reads
  bool stream_ = false;
  std::uint16_t remote_port_ = 0;
  std::uint16_t local_port_ = 0;
  std::atomic<bool> draining_{false};
  std::uint64_t body_left_ = 0;  // of a body with Content-Length
  std::size_t drained_ = 0;
  http::Transaction* transaction_ = nullptr;  // one reference, until it is handed over
  ByteBuffer carry_;                          // input past the current request
  std::string remote_address_;
  std::string local_address_;
  HeadParser parser_;
  ChunkedDecoder chunked_{Limits{}};
  ResponseWriter writer_;

  std::atomic<bool> output_pending_{false};
  std::mutex output_mutex_;  // guards the rest
  struct Piece {
    std::string_view bytes;
    PinnedBytes pin;
  };
  std::uint32_t output_generation_ = 0;
  ByteBuffer output_;          // sent first
  std::vector<PinnedBytes> pinned_;  // then these
  std::size_t pinned_sent_ = 0;      // of pinned_.front()
  bool output_failed_ = false;
  void (*resume_)(void*) = nullptr;
  void* resume_context_ = nullptr;
};

}  // namespace rr::net::http1
