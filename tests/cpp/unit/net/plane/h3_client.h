// An HTTP/3 client with many streams at a time, for tests. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certificate.h"
#include "h2_client.h"

namespace rr::net::testing {

// As an answer over HTTP/2; `reset` is HTTP/3's code.
using H3Answer = H2Answer;

class H3Client {
 public:
  struct Options {
    std::string host = "localhost";  // SNI
    std::string protocol = "h3";     // ALPN
    const Certificate* own = nullptr;
    std::uint64_t window = 256 * 1024;  // of each stream, and of the connection
    bool update_windows = true;
    std::string token;                           // of an earlier connection
    std::vector<std::string>* record = nullptr;  // gets each packet that is sent
    // Packets of the client that are not sent: each one that gives 0 modulo this; 0: none.
    unsigned loses_each = 0;
  };
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit H3Client(const std::string& address) : H3Client(address, Options()) {}
  H3Client(const std::string& address, Options options);
  ~H3Client();
  H3Client(const H3Client&) = delete;

  // Begins a request, as soon as it may; further fields after the pseudo ones. The number names it
  // from here on.
  int request(std::string_view method, std::string_view path, const Fields& fields = {},
              std::string body = {});
  // The same with exactly these fields.
  int raw_request(const Fields& fields, std::string body = {});
  // Its body does not end.
  int open_request(std::string_view method, std::string_view path, std::string body);
  void reset(int request, std::uint64_t code = 0x10c);
  // The client reads no more of the answer.
  void stop_reading(int request, std::uint64_t code = 0x10c);
  void open_window(int request, std::uint64_t bytes);
  // A stream of the client's own that is no request, with these bytes. -1: there can be none now.
  std::int64_t raw_stream(std::string_view bytes);

  // Until the request is over; null: the connection has ended before, or the time is up.
  const H3Answer* wait(int request);
  const H3Answer& answer(int request) { return answers_[request]; }
  // Moves packets until the handshake is done; false: it has failed.
  bool shake_hands();
  bool step();  // moves some packets; false: the connection is over, or 30 s have passed
  void poke();  // the same where there may be none
  void run_to_end();
  // Goes on from another port.
  void move();
  // Leaves without a word.
  void vanish();
  // Says that it ends.
  void close();

  bool going_away() const { return going_away_; }  // the server has said so
  bool ended() const { return ended_; }
  bool timed_out() const { return timed_out_; }
  // What the server said at the end; -1: nothing.
  std::int64_t close_code() const { return close_code_; }
  bool close_is_http() const { return close_is_http_; }
  bool stateless_reset() const { return stateless_reset_; }
  bool retried() const { return retried_; }  // was asked for a token
  const std::string& new_token() const { return new_token_; }
  std::string peer_name() const;  // common name of the server's certificate
  std::uint64_t requests_allowed() const;
  std::string state() const;

 private:
  friend struct H3Callbacks;
  struct Parts;
  void connect(const std::string& address);
  void begin_waiting();
  bool receive(std::chrono::milliseconds patience);
  void send();
  void fail(int code);

  struct Body {
    std::string bytes;
    std::size_t given = 0;
    bool open = false;
  };
  struct Wanted {
    int number;
    Fields fields;
  };

  const Options options_;
  std::unique_ptr<Parts> parts_;
  int socket_ = -1;
  std::map<int, H3Answer> answers_;
  std::map<int, Body> bodies_;
  std::map<int, std::int64_t> streams_;
  std::map<std::int64_t, int> numbers_;
  std::vector<Wanted> wanted_;
  int next_ = 1;
  unsigned sent_ = 0;
  bool secured_ = false;
  bool going_away_ = false;
  bool ended_ = false;
  bool timed_out_ = false;
  bool stateless_reset_ = false;
  bool retried_ = false;
  bool close_is_http_ = false;
  std::int64_t close_code_ = -1;
  std::string new_token_;
};

}  // namespace rr::net::testing
