// One FastCGI connection: requests of a web server, several at a time, answered by any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "runtime/net/byte_buffer.h"
#include "runtime/net/fastcgi/records.h"
#include "runtime/net/http/answer.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/http1/connection.h"
#include "runtime/net/peer.h"
#include "runtime/net/reactor.h"

namespace rr::net::fastcgi {

using ConnectionLimits = http1::ConnectionLimits;
constexpr std::size_t kMostParams = 1024 * 1024 + 4096;  // of one request
constexpr std::size_t kMostRequests = 128;               // of a connection at a time

class Connection;
class Server;

// One request and its answer. Its input is the business of who reads the connection until it is
// handed over, its output of who answers; the connection recycles it once it is concluded.
class Request final : private http::Door {
 public:
  explicit Request(Connection& connection) : connection_(connection) {}

 private:
  friend class Connection;

  bool inform(http::Transaction&, const HttpResponseHead&) override {
    return true;
  }  // no such thing
  bool respond(http::Transaction& transaction, const HttpResponseHead& head,
               PinnedBytes body) override;
  bool start(http::Transaction& transaction, const HttpResponseHead& head) override;
  bool write(http::Transaction& transaction, PinnedBytes chunk, Wait wait) override;
  bool add_trailers(http::Transaction&, std::span<const HeaderView>) override { return true; }
  bool finish(http::Transaction& transaction) override;
  bool congested(http::Transaction& transaction, void (*resume)(void*), void* context) override;
  void concluded(http::Transaction& transaction) override;
  bool gone(const http::Transaction&) const override {
    return gone_.load(std::memory_order_acquire);
  }
  void begin_answer(const http::Transaction& transaction);
  bool say(PinnedBytes body, bool end);

  Connection& connection_;
  // ---- who reads
  std::uint16_t id_ = 0;
  bool keep_connection_ = false;
  ByteBuffer params_;
  http::Transaction* transaction_ = nullptr;  // one reference, from its parameters to its end
  // ---- who answers
  http::Answer answer_;
  bool answering_ = false;
  bool head_said_ = false;
  // ---- under the connection's lock
  bool handed_over_ = false;
  bool ended_ = false;  // its END_REQUEST is queued
  void (*resume_)(void*) = nullptr;
  void* resume_context_ = nullptr;
  std::atomic<bool> gone_{false};  // the web server has aborted it
};

// Who has the reactor's word reads, and lets go before a handler sees a request. The output and the
// list of requests have a lock of their own: whoever answers writes at once, and leaves to the
// socket's next event what it does not take. Recycled by the Server.
class Connection final : public Pollable {
 public:
  explicit Connection(Server& server) : server_(server) {}

  void open(int socket, const Peer& peer);
  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint now) override;

 private:
  friend class Request;
  struct Ready {
    http::Transaction* transaction;
    bool answered;  // before it was handed over
  };
  enum class Input : std::uint8_t { drained, ended };

  // ---- who has the word
  void drive();
  Input read_input();
  bool take(const Record& record);
  void begin(const Record& record);
  void params(Request& request, std::string_view content);
  void input(Request& request, std::string_view content);
  void head(Request& request);
  void hand_over(Request& request, std::string_view body, bool answered);
  void refuse(Request& request, const char* why);
  void close();
  void deliver(std::vector<Ready>& ready);

  // ---- under the lock
  Request* find(std::uint16_t id);
  void end_locked(Request& request, Ended ended);
  void forget_locked(Request& request);
  bool flush_locked();
  void set_deadline_locked();
  void take_resumes_locked(std::vector<std::pair<void (*)(void*), void*>>& resumes);
  bool recyclable_locked();

  bool wait_for_room(Request& request);

  Server& server_;  // owns this object
  int socket_ = -1;
  Handle handle_;
  Peer peer_;
  RecordReader reader_;
  std::vector<Ready> ready_;  // who has the word

  std::mutex mutex_;  // guards all that follows
  std::vector<std::unique_ptr<Request>> all_;
  std::vector<Request*> free_;
  std::vector<Request*> active_;
  ByteBuffer out_;
  bool open_ = false;
  bool given_back_ = true;
  bool failed_ = false;   // the socket
  bool closing_ = false;  // once the output is out
  bool said_all_ = false;
  TimePoint progress_;  // input that was wanted, or output
};

}  // namespace rr::net::fastcgi
