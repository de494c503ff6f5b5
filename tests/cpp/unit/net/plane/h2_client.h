// An HTTP/2 client with many streams at a time, for tests. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.h"

struct nghttp2_session;

namespace rr::net::testing {

struct H2Answer {
  int status = 0;
  std::multimap<std::string, std::string> fields;
  std::multimap<std::string, std::string> trailers;
  std::vector<int> interim;
  std::string body;
  bool complete = false;  // the stream has ended well
  int reset = -1;         // the code it was reset with

  bool over() const { return complete || reset >= 0; }
  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

class H2Client {
 public:
  struct Options {
    Client::Options socket;
    std::int32_t window = 0;  // of each stream, 0: the protocol's 65535
    bool update_windows = true;
  };
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit H2Client(const std::string& address) : H2Client(address, Options()) {}
  H2Client(const std::string& address, Options options);
  ~H2Client();
  H2Client(const H2Client&) = delete;

  // Begins a request; further fields after the pseudo ones.
  std::int32_t request(std::string_view method, std::string_view path, const Fields& fields = {},
                       std::string body = {});
  // The same with exactly these fields.
  std::int32_t raw_request(const Fields& fields, std::string body = {});
  void reset(std::int32_t stream, std::uint32_t code = 8);
  // Lets the server send so much more: without update_windows.
  void open_window(std::int32_t stream, std::int32_t bytes);

  // Until the stream is over; null: the connection has ended before, or the time is up.
  const H2Answer* wait(std::int32_t stream);
  const H2Answer& answer(std::int32_t stream) { return answers_[stream]; }
  bool step();  // moves some bytes
  void poke();  // the same where there may be none
  // Sends what is ready and reads until the connection ends.
  void run_to_end();
  void send_raw(std::string_view bytes);  // behind what is ready

  // What a GOAWAY of the server said; -1: none came.
  int goaway() const { return goaway_; }
  std::uint32_t setting(int id) const;
  Client& socket() { return client_; }
  // For messages: of the connection, and of a stream too.
  std::string state() const;
  std::string state(std::int32_t stream) const;

 private:
  friend struct H2Callbacks;
  void collect();

  Client client_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, H2Answer> answers_;
  struct Body {
    std::string bytes;
    std::size_t sent = 0;
  };
  std::map<std::int32_t, Body> bodies_;
  int goaway_ = -1;
  std::string trouble_;  // with what the server sent
};

}  // namespace rr::net::testing
