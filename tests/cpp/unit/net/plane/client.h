// A client that checks what it gets: blocking calls with a limit of 30 s, after which they say so
// by returning nothing. Not thread-safe.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "certificate.h"

namespace rr::net::testing {

struct Answer {
  int status = 0;
  std::string version;                             // "HTTP/1.1"
  std::multimap<std::string, std::string> fields;  // names in lower case
  std::string body;
  bool closes = false;  // says Connection: close, or its end is the connection's

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

class Client {
 public:
  struct Options {
    int receive_buffer = 0;  // bytes, 0: the system's
    int send_buffer = 0;
    // Over TLS: sent with the first bytes of the client, whatever it sends.
    std::optional<TlsWish> tls = over_tls() ? std::optional(TlsWish{}) : std::nullopt;
  };
  explicit Client(const std::string& address) : Client(address, Options()) {}
  Client(const std::string& address, Options options);
  ~Client();
  Client(const Client&) = delete;

  bool connected() const { return socket_ >= 0; }
  // Bytes that go out while the client waits for something; flush() waits for just that.
  void send(std::string_view bytes) { out_.append(bytes); }
  bool flush();
  // For other protocols: moves some bytes (false: ended or over the limit); what came so far.
  bool step() { return pump(); }
  std::string take() { return std::exchange(in_, {}); }

  // The next answer, interim ones (1xx) included. Nothing: the connection ended, see
  // ended_cleanly().
  std::optional<Answer> answer(bool to_head = false);
  // Everything until the connection ends.
  std::string rest();
  // The connection has ended and nothing of a further answer had come.
  bool at_end();
  bool ended() const { return ended_; }
  bool timed_out() const { return timed_out_; }
  bool partial() const { return !in_.empty(); }

  // Reads at most so many bytes at a time, and pauses before each of them.
  void read_slowly(std::size_t bytes, std::chrono::microseconds pause) {
    at_a_time_ = bytes;
    pause_ = pause;
  }
  void set_limit(std::chrono::milliseconds limit) {
    limit_ = limit;
    timed_out_ = false;
  }
  void half_close();
  void reset();  // RST
  int socket() const { return socket_; }
  TlsClient* tls() { return tls_.get(); }
  // Over TLS: false when the server did not want us.
  bool shake_hands();

 private:
  bool pump();  // moves some bytes; false: ended or over the limit
  bool until(std::size_t size);
  bool receive(std::string_view bytes);
  bool sending() const { return !out_.empty() || !ciphertext_.empty(); }

  int socket_ = -1;
  std::unique_ptr<TlsClient> tls_;
  bool shaken_ = false;
  std::string ciphertext_;  // on its way out
  std::string out_;
  std::string in_;
  std::size_t at_a_time_ = 64 * 1024;
  std::chrono::microseconds pause_{0};
  std::chrono::milliseconds limit_{30'000};
  bool ended_ = false;
  bool timed_out_ = false;
};

}  // namespace rr::net::testing
