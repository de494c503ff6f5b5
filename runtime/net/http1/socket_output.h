// What a connection sends: at once as far as the socket takes it, the rest when there is room.
// Bytes that are copied or pinned, and files.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "rr/http.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/http1/limits.h"
#include "runtime/net/reactor.h"
#include "runtime/net/tls/stream.h"

namespace rr::net::http1 {

// Whoever has the connection's word calls everything but what ends in `unowned`; what the socket
// did not take is the one thing that another thread may work on meanwhile, and a lock guards it.
class SocketOutput {
 public:
  enum class Flush : std::uint8_t { done, blocked, failed };

  SocketOutput(Reactor& reactor, const ConnectionLimits& limits)
      : reactor_(reactor), limits_(limits) {}

  // A nonblocking socket; without TLS `stream` is null. begin() once it is registered, before the
  // first byte.
  void open(int socket, std::unique_ptr<tls::Stream> stream);
  void begin(Handle handle);
  // The end of the connection, but for the socket. A writer that was paused is told by who closes,
  // when nothing of the connection is in use any more.
  struct Resume {
    void (*resume)(void*) = nullptr;
    void* context = nullptr;
  };
  [[nodiscard]] Resume close();

  // Null: no TLS. Rules: tls/stream.h
  tls::Stream* stream() const { return stream_.get(); }

  // Send what the socket takes and keep the rest. False: nothing more can be sent. What is pinned
  // is released once its bytes are out, or here.
  bool send(std::string_view head, PinnedBytes body, std::string_view tail);
  bool send_file(std::string_view head, FileBytes file, std::string_view tail);

  // Something was kept. Any thread.
  bool pending() const { return pending_.load(std::memory_order_acquire); }
  Flush flush();
  // A streaming script may run that much ahead of its client
  // (ConnectionLimits::script_output_bytes); then it waits, at most the write deadline without
  // progress. False: no more is wanted.
  bool wait_for_room();
  // True: `resume` is called once when there is room, or nobody reads any more.
  bool congested(void (*resume)(void*), void* context);

  // Any thread, for the reactor: the socket is writable, or time has passed, while the word is with
  // somebody.
  void flush_unowned(std::uint32_t generation);
  void expire_unowned(std::uint32_t generation, TimePoint now);

 private:
  // What the socket did not take. Either copied bytes, pinned ones, or a file, which shrinks as it
  // is sent and is no memory that counts.
  struct Piece {
    std::string copy;
    PinnedBytes pin;
    FileBytes file;
    bool is_file() const { return file.descriptor >= 0; }
    bool is_copy() const { return !is_file() && !pin.release; }
    std::string_view bytes() const { return pin.release ? pin.bytes : std::string_view(copy); }
  };

  bool keep(std::string_view head, PinnedBytes body, std::string_view tail, std::size_t sent);
  bool broken();
  bool flush_queued(std::unique_lock<std::mutex>& lock);
  void queue_copy_locked(std::string_view bytes);
  bool unsent() const { return stream_ && stream_->unsent(); }  // ciphertext
  Flush flush_locked();
  Flush flush_bytes_locked();
  Flush flush_file_locked();
  void sent_locked(std::size_t bytes);
  void expect_progress_locked();
  void finish_flush(std::unique_lock<std::mutex>& lock, Flush flushed);
  void drop_output_locked();
  void fail_output_locked();

  Reactor& reactor_;
  const ConnectionLimits& limits_;
  int socket_ = -1;
  Handle handle_;
  std::unique_ptr<tls::Stream> stream_;

  std::atomic<bool> pending_{false};  // changes under mutex_
  std::mutex mutex_;                  // guards all that follows
  std::uint32_t generation_ = 0;      // of handle_ while open; 0 closed
  std::deque<Piece> pieces_;
  std::size_t front_sent_ = 0;  // of pieces_.front()
  std::size_t bytes_ = 0;       // not sent yet
  TimePoint write_deadline_;    // while output is pending: without progress
  bool failed_ = false;
  void (*resume_)(void*) = nullptr;  // a paused writer
  void* resume_context_ = nullptr;
};

}  // namespace rr::net::http1
