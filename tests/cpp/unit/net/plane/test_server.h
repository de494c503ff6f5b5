// A whole data plane on loopback: listener, HTTP/1 server, pool, scripted interpreters, guard.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "certificate.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/http1/server.h"
#include "runtime/net/http2/server.h"
#include "runtime/net/http3/server.h"
#include "runtime/net/listener.h"
#include "runtime/net/tls/handshakes.h"
#include "runtime/pool/pool.h"
#include "scripted_crew.h"

namespace rr::net::testing {

// What the server saw.
struct Counts {
  std::atomic<std::uint64_t> made{0};  // transactions
  std::atomic<std::uint64_t> disposed{0};
  std::atomic<std::uint64_t> handled{0};   // complete requests
  std::atomic<std::uint64_t> answered{0};  // answers handed over whole
  std::atomic<std::uint64_t> answered_twice{0};
};

// Requests whose path starts with /native are answered without the pool; bodies for /skip are not
// read. Errors are answered with 500 and "X-Error: <number of the kind>". Every answer repeats
// X-Id.
class ScriptedHandler final : public http::Handler {
 public:
  void set_pool(Pool& pool) { pool_ = &pool; }
  void set_recycling(bool recycles) { recycles_ = recycles; }
  void set_max_body(std::uint64_t bytes) { max_body_ = bytes; }
  // In place of the pool.
  void set_handle(std::function<void(ExchangePtr)> handle) { handle_ = std::move(handle); }

  http::Transaction* make_transaction() override;
  BodyPlan head_complete(http::Transaction& transaction) override;
  std::uint64_t max_body_bytes(const http::Transaction&) const override { return max_body_; }
  void handle(http::Transaction* transaction) override;
  void body_failed(http::Transaction& transaction, BodyError error,
                   std::string_view reason) override;
  void answered(http::Transaction& transaction) override;

  bool recycles() const { return recycles_; }
  Counts& counts() { return counts_; }

 private:
  Pool* pool_ = nullptr;
  bool recycles_ = false;
  std::uint64_t max_body_ = 1024 * 1024;
  std::function<void(ExchangePtr)> handle_;
  Counts counts_;
};

// Reads as an answer's head: status, X-Id of the request.
bool respond_with(HttpExchange& exchange, int status, PinnedBytes body);
bool start_with(HttpExchange& exchange, int status);

// Bytes in which a piece that is lost, moved or repeated shows.
inline std::string lettered(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + i % 23);
  return bytes;
}

// Bytes with a count of who holds them.
struct PinCount {
  std::atomic<std::int64_t> held{0};
  PinnedBytes pin(std::string_view bytes) {
    held.fetch_add(1, std::memory_order_relaxed);
    return {.bytes = bytes,
            .release =
                [](void* owner) {
                  static_cast<PinCount*>(owner)->held.fetch_sub(1, std::memory_order_relaxed);
                },
            .owner = this};
  }
};

class TestServer {
 public:
  struct Options {
    std::string address = "127.0.0.1:0";
    unsigned pollers = 2;
    ScriptedOptions crew;
    pool::PoolConfig pool;
    http1::ConnectionLimits limits;
    http2::ConnectionLimits http2;
    bool recycles = false;
    std::uint64_t max_body = 1024 * 1024;
    bool listens = true;
    // Over TLS with these files; without any, with a certificate made on the spot.
    std::optional<tls::Settings> tls = over_tls() ? std::optional(tls::Settings{}) : std::nullopt;
    tls::Handshakes::Limits handshakes;
    // Over HTTP/3 too, with these files; without any, with a certificate made on the spot.
    std::optional<tls::Settings> quic = std::nullopt;
    http3::ConnectionLimits http3;
  };
  explicit TestServer(Options options);
  ~TestServer();

  // Listener, then connections, then workers, then the threads of the plane. Once.
  void stop(Duration grace = std::chrono::seconds(10));
  const std::string& address() const { return address_; }
  std::string quic_address() const { return http3->addresses().front(); }

  DataPlane plane;
  ScriptedHandler handler;
  std::unique_ptr<pool::WorkerPool> pool;
  std::unique_ptr<http1::Server> server;
  std::unique_ptr<http2::Server> http2;
  std::unique_ptr<tls::Store> certificates;
  std::unique_ptr<tls::Handshakes> handshakes;
  std::unique_ptr<http3::CredentialsStore> credentials;
  std::unique_ptr<http3::Server> http3;
  std::unique_ptr<Listener> listener;

 private:
  std::string address_;
  bool stopped_ = false;
};

}  // namespace rr::net::testing
