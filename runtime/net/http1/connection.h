// One HTTP/1.x connection: socket, parser and answer on one side, transactions on the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/net/byte_buffer.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/http1/limits.h"
#include "runtime/net/http1/request_parser.h"
#include "runtime/net/http1/response_writer.h"
#include "runtime/net/http1/socket_output.h"
#include "runtime/net/peer.h"
#include "runtime/net/reactor.h"
#include "runtime/net/tls/stream.h"

namespace rr::net::http1 {

class Server;

// Ownership is the reactor's word (reactor.h): while a transaction is out, the word travels with
// it (but see SocketOutput). Objects are recycled by the Server.
class Connection final : public Pollable, private http::Door {
 public:
  explicit Connection(Server& server);

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

  bool send(std::string_view head, PinnedBytes body, std::string_view tail);
  bool send_file(std::string_view head, FileBytes file, std::string_view tail);

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
  SocketOutput output_;
  HeadParser parser_;
  ChunkedDecoder chunked_;
  ResponseWriter writer_;
};

}  // namespace rr::net::http1
