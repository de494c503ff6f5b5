// One QUIC connection of a server, sans I/O: ngtcp2 with a handshake by GnuTLS, and an HTTP/3
// session on it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rr/exchange.h"
#include "runtime/net/http3/credentials.h"
#include "runtime/net/http3/id.h"
#include "runtime/net/http3/session.h"
#include "runtime/net/http3/udp_socket.h"

struct ngtcp2_conn;

namespace rr::net::http3 {

struct QuicLimits {
  Duration handshake = std::chrono::seconds(10);  // the whole of it
  Duration idle = std::chrono::minutes(1);        // without a packet from the client
  Duration ping = std::chrono::seconds(20);   // how often one is asked for while a request is out
  std::uint32_t stream_window = 1024 * 1024;  // bytes a client may send ahead, of a stream
  std::uint32_t window = 2 * 1024 * 1024;     // of the connection
  SessionLimits session;
};

// What a client's first packet said, and how far it is trusted.
struct Opening {
  std::uint32_t version = 0;
  Id client;                   // names the client's end
  Id server;                   // what the client calls our end until we name it ourselves
  std::optional<Id> original;  // what it called it before it was sent away for a token
  std::string token;           // a valid one; empty: none
  Address local;
  Address remote;
};

// Who looks after many of them.
class QuicHost {
 public:
  // Packets for the connection may bear this id from now on, no longer.
  virtual void add_id(const Id& id) = 0;
  virtual void remove_id(const Id& id) = 0;
  virtual void handshake_done() = 0;
  virtual const Secrets& secrets() const = 0;

 protected:
  ~QuicHost() = default;
};

// Datagrams that leave in one call.
struct Batch {
  Address local;
  Address remote;
  std::uint8_t ecn = 0;
  std::size_t segment = 0;
  std::string bytes;
};

// Not thread-safe. Calls the host and the events of its session while it is fed, asked for output
// or told the time.
class Quic final : private Transport {
 public:
  // Null: the opening is none a connection can come of.
  static std::unique_ptr<Quic> accept(const Opening& opening,
                                      std::shared_ptr<const Credentials> credentials,
                                      QuicHost& host, SessionEvents& events,
                                      const QuicLimits& limits, TimePoint now);
  ~Quic();
  Quic(const Quic&) = delete;

  void feed(const Datagram& datagram, TimePoint now);
  // When expire() wants to be called.
  TimePoint expiry() const;
  void expire(TimePoint now);
  // False: nothing is to be sent now.
  bool produce(Batch& batch, TimePoint now);

  // The connection is over when this is no longer `none`.
  //   silent  nobody is at the other end, or it has said that it is over
  //   told    the last packet is there, see last_packet()
  enum class End : std::uint8_t { none, silent, told };
  End end() const { return end_; }
  // Ends it, in the words of HTTP/3: H3_NO_ERROR.
  void close();
  // Ends it without a word.
  void abandon() { end_ = End::silent; }
  // Empty: there is none. Once.
  bool last_packet(Batch& batch, TimePoint now);
  // How long packets may still come that belong to the end of this connection.
  Duration afterlife() const;

  Session& session() { return session_; }
  bool secured() const;  // the handshake is over
  // The client is asked for a sign of life now and then.
  void keep_alive(bool wanted);
  Duration round_trip() const;  // a careful guess
  Address local() const;
  Address remote() const;

 private:
  friend struct QuicCallbacks;
  Quic(std::shared_ptr<const Credentials> credentials, QuicHost& host, SessionEvents& events,
       const QuicLimits& limits);
  bool start(const Opening& opening, TimePoint now);
  bool start_session();
  void fail(int code);           // QUIC's
  bool fail_session(bool done);  // HTTP/3's, unless done
  void send_tickets();
  std::ptrdiff_t write_packet(char* into, std::size_t room, Batch& facts, TimePoint now);

  // ---- Transport
  void stop_reading(std::int64_t stream, std::uint64_t code) override;
  void stop_writing(std::int64_t stream, std::uint64_t code) override;
  void consumed(std::int64_t stream, std::size_t bytes) override;
  void allow_request() override;

  struct Parts;  // of the two libraries
  const std::shared_ptr<const Credentials> credentials_;
  QuicHost& host_;
  const QuicLimits& limits_;
  Session session_;
  std::unique_ptr<Parts> parts_;
  Batch held_;  // a packet that did not fit to those before it
  TimePoint now_{};
  End end_ = End::none;
};

}  // namespace rr::net::http3
