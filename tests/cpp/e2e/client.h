// A blocking HTTP/1.1 client for tests: sends exactly the bytes it is given and shows exactly what
// came back. One thread uses a client at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rr::e2e {

using Fields = std::vector<std::pair<std::string, std::string>>;

enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct Response {
  std::string version;  // "HTTP/1.1"
  int status = 0;
  std::string reason;
  Fields headers;  // names in lower case, in order
  Framing framing = Framing::none;
  std::string body;
  std::vector<std::string> chunks;  // as framed, when chunked
  Fields trailers;
  std::vector<Response> interim;  // 1xx that came before

  // All values of a field joined by ", "; empty when absent.
  std::string header(std::string_view name) const;
  bool has(std::string_view name) const;
};

// The peer closed or reset the connection before the answer was complete.
struct ConnectionClosed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// Nothing more came in time.
struct TimedOut : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Client {
 public:
  // Throw ConnectionClosed when nobody listens.
  static Client tcp(std::uint16_t port);
  static Client unix_socket(const std::string& path);
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  void send(std::string_view bytes);
  // The next final response. `method`: what was asked, HEAD has no body.
  Response read(std::string_view method = "GET");
  // The head alone; read_chunk() then gives a chunked body's pieces as they come, empty at its end.
  Response read_head();
  std::string read_chunk();
  // Waits until the peer closes; what came before that.
  std::string read_to_end();
  // Whether nothing comes, and the peer keeps the connection, for that long.
  bool stays_silent(std::chrono::milliseconds time);
  void shutdown_write();
  // Closes; with RST.
  void reset();
  // Takes in nothing more: for clients that do not read. Call before anything is received.
  void shrink_receive_buffer();
  int descriptor() const { return fd_; }

 private:
  explicit Client(int fd) : fd_(fd) {}
  bool fill();  // false: the peer has closed
  std::string read_line();
  std::string read_exactly(std::size_t bytes);
  void read_fields(Fields& fields);
  void read_body(Response& response, std::string_view method);

  int fd_ = -1;
  std::chrono::milliseconds timeout_{20'000};
  std::string buffer_;  // received, not yet used
};

// "METHOD target HTTP/1.1" with Host, the given field lines ("Name: value\r\n" each) and a body
// with its Content-Length.
std::string request(std::string_view method, std::string_view target, std::string_view fields = "",
                    std::string_view body = "");
// One request on a connection of its own.
Response fetch(std::uint16_t port, std::string_view method, std::string_view target,
               std::string_view fields = "", std::string_view body = "");
Response get(std::uint16_t port, std::string_view target);

}  // namespace rr::e2e
