// The TLS side of one connection: a socket with cleartext at its other end.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <memory>
#include <string>
#include <string_view>

#include "runtime/net/byte_buffer.h"

struct bio_method_st;
struct bio_st;
struct ssl_st;

namespace rr::net::tls {

class Contexts;

// Not thread-safe, and OpenSSL's objects are not either: one thread at a time may call any member.
// HTTP/2 has its turn for that. An HTTP/1 connection reads only while it has no output pending, and
// writes as its owner or, while output is pending, under its output lock; so reading and writing
// never meet.
//
// What was encrypted and did not fit into the socket stays here (see unsent()): an answer is
// encrypted once, whatever the socket takes.
class Stream final {
 public:
  // `contexts` are kept for as long as the stream. The socket stays the caller's.
  Stream(std::shared_ptr<const Contexts> contexts, int socket);
  ~Stream();
  Stream(const Stream&) = delete;

  // One try at the server's side of the handshake.
  //   wait        for input, or for room to write
  //   plain_http  the client speaks HTTP without TLS
  //   failed      see failure(); an alert has been sent
  enum class Handshake { done, wait, plain_http, failed };
  Handshake handshake();
  const std::string& failure() const { return failure_; }
  // Chosen by ALPN; empty when the client did not ask.
  std::string_view protocol() const;
  bool resumed() const;

  // As recv(2), of cleartext. 0 also when the client ended without saying so: whether something was
  // cut off is for HTTP's framing to tell.
  ssize_t read(char* into, std::size_t room);
  // The last read() has emptied the socket and left nothing decrypted.
  bool drained() const;
  // Input that was received but not handed out.
  bool has_input() const;

  // As sendmsg(2): how many bytes were taken, for good. May take some and leave part of them
  // unsent(); with something unsent it may send just that and return 0. -1 and EAGAIN: the socket
  // takes nothing now.
  ssize_t send(const iovec* parts, int count);
  bool unsent() const { return !out_.empty(); }

  // Tells the client that nothing follows, if the socket takes it. After the last send();
  // once is enough.
  void end();

 private:
  friend struct Bio;
  enum class Push { done, blocked, failed };
  Push push();
  bool encrypt(const char* bytes, std::size_t size);

  std::shared_ptr<const Contexts> contexts_;
  ssl_st* ssl_ = nullptr;
  int socket_ = -1;
  bool eof_ = false;
  bool drained_ = false;  // the last recv(2) returned less than was asked for
  bool broken_ = false;   // OpenSSL has failed: it must not be called again
  ByteBuffer out_;        // ciphertext the socket did not take
  std::string failure_;
};

}  // namespace rr::net::tls
