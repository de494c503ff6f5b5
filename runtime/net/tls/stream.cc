#include "runtime/net/tls/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "runtime/net/tls/context.h"

namespace rr::net::tls {
namespace {

constexpr std::size_t kRecord = 16 * 1024;   // cleartext of one record
constexpr std::size_t kAtATime = 64 * 1024;  // encrypted before the socket is asked
// Ciphertext that may wait: what send() leaves, and our answers to what the client makes us say.
constexpr std::size_t kMostWaiting = 4 * kAtATime;

}  // namespace

// OpenSSL's way to the socket: reads from it, writes into the stream's buffer.
struct Bio {
  static Stream& stream(bio_st* bio) { return *static_cast<Stream*>(BIO_get_data(bio)); }

  static int read(bio_st* bio, char* into, int room) {
    Stream& self = stream(bio);
    BIO_clear_retry_flags(bio);
    ssize_t count;
    do {
      count = ::recv(self.socket_, into, static_cast<std::size_t>(room), 0);
    } while (count < 0 && errno == EINTR);
    self.drained_ = count < room;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) BIO_set_retry_read(bio);
    if (count == 0) self.eof_ = true;
    return static_cast<int>(count);
  }

  static int write(bio_st* bio, const char* bytes, int size) {
    stream(bio).out_.append({bytes, static_cast<std::size_t>(size)});
    return size;
  }

  static long control(bio_st* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return stream(bio).eof_ ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static bio_method_st* method() {
    static bio_method_st* const one = [] {
      bio_method_st* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rr-embed");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      BIO_meth_set_create(method, [](bio_st* bio) {
        BIO_set_init(bio, 1);
        return 1;
      });
      return method;
    }();
    return one;
  }
};

Stream::Stream(std::shared_ptr<const Contexts> contexts, int socket)
    : contexts_(std::move(contexts)), ssl_(SSL_new(contexts_->first())), socket_(socket) {
  bio_st* bio = ssl_ ? BIO_new(Bio::method()) : nullptr;
  if (!bio) {
    SSL_free(ssl_);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

Stream::~Stream() {
  SSL_free(ssl_);
}

Stream::Handshake Stream::handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_);
  const int why = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_, done);
  const Push pushed = push();
  if (done == 1) return pushed == Push::failed ? Handshake::failed : Handshake::done;
  if (why == SSL_ERROR_WANT_READ && pushed != Push::failed) return Handshake::wait;
  broken_ = true;
  const unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST) {
    ERR_clear_error();
    return Handshake::plain_http;
  }
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  failure_ = reason ? reason : eof_ ? "the client has closed the connection" : std::strerror(errno);
  ERR_clear_error();
  return Handshake::failed;
}

std::string_view Stream::protocol() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_, &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

bool Stream::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}

ssize_t Stream::read(char* into, std::size_t room) {
  if (broken_) {
    errno = ECONNRESET;
    return -1;
  }
  ERR_clear_error();
  std::size_t count = 0;
  const int done = SSL_read_ex(ssl_, into, room, &count);
  // What reading makes us say (an update of keys) waits for the next send when it does not fit.
  if (unsent()) {
    push();
    if (out_.size() > kMostWaiting) broken_ = true;
  }
  if (done == 1) return static_cast<ssize_t>(count);
  switch (SSL_get_error(ssl_, done)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      broken_ = true;
      ERR_clear_error();
      errno = ECONNRESET;
      return -1;
  }
}

bool Stream::drained() const {
  return drained_ && SSL_has_pending(ssl_) == 0;
}

bool Stream::has_input() const {
  return SSL_has_pending(ssl_) != 0;
}

bool Stream::encrypt(const char* bytes, std::size_t size) {
  ERR_clear_error();
  std::size_t written = 0;
  if (SSL_write_ex(ssl_, bytes, size, &written) == 1 && written == size) return true;
  broken_ = true;
  ERR_clear_error();
  return false;
}

ssize_t Stream::send(const iovec* parts, int count) {
  if (unsent()) {
    const std::size_t before = out_.size();
    if (push() != Push::done) return out_.size() < before ? 0 : -1;
  }
  if (broken_) {
    errno = EPIPE;
    return -1;
  }
  ssize_t taken = 0;
  char record[kRecord];  // small parts go together
  std::size_t filled = 0;
  const auto seal = [&] {
    if (filled == 0) return true;
    const bool sealed = encrypt(record, filled);
    if (sealed) taken += static_cast<ssize_t>(filled);
    filled = 0;
    return sealed;
  };
  for (int part = 0; part < count; ++part) {
    const char* at = static_cast<const char*>(parts[part].iov_base);
    std::size_t left = parts[part].iov_len;
    while (left > 0) {
      const std::size_t piece = std::min(left, kRecord - filled);
      if (filled == 0 && piece == kRecord) {
        if (!encrypt(at, piece)) return taken > 0 ? taken : -1;
        taken += static_cast<ssize_t>(piece);
      } else {
        std::memcpy(record + filled, at, piece);
        filled += piece;
        if (filled == kRecord && !seal()) return taken > 0 ? taken : -1;
      }
      at += piece;
      left -= piece;
      if (out_.size() >= kAtATime && filled == 0 && push() != Push::done) return taken;
    }
  }
  if (!seal() && taken == 0) {
    errno = EPIPE;
    return -1;
  }
  push();
  return taken;
}

Stream::Push Stream::push() {
  while (!out_.empty()) {
    const std::string_view bytes = out_.view();
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Push::blocked : Push::failed;
    }
    out_.consume(static_cast<std::size_t>(sent));
  }
  if (out_.room_size() > kRecord) {
    const int error = errno;
    out_.clear(kRecord);
    errno = error;
  }
  return Push::done;
}

void Stream::end() {
  if (broken_ || unsent() || SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
  push();
}

}  // namespace rr::net::tls
