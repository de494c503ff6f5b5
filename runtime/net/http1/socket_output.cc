#include "runtime/net/http1/socket_output.h"

#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <utility>

namespace rr::net::http1 {
namespace {

constexpr std::size_t kPinFrom = 4 * 1024;     // less is copied
constexpr std::size_t kSendWhole = 2 * 1024;   // of an answer: up to here its parts are sent as one
constexpr std::size_t kFilePiece = 64 * 1024;  // of a file that is encrypted
constexpr std::size_t kFileTurn = 4 * 1024 * 1024;  // of a file, before others get their turn

// What the socket takes of the three, as sendmsg(2). A short answer is copied together: that costs
// less than the kernel's reading of a list of parts.
ssize_t send_now(int socket, tls::Stream* stream, std::string_view head, std::string_view body,
                 std::string_view tail, std::size_t total) {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (char whole[kSendWhole]; !stream && total <= sizeof whole) {
    char* end = std::copy(head.begin(), head.end(), whole);
    end = std::copy(body.begin(), body.end(), end);
    std::copy(tail.begin(), tail.end(), end);
    return ::send(socket, whole, total, kFlags);
  }
  iovec parts[3] = {{const_cast<char*>(head.data()), head.size()},
                    {const_cast<char*>(body.data()), body.size()},
                    {const_cast<char*>(tail.data()), tail.size()}};
  if (stream) return stream->send(parts, 3);
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 3;
  return sendmsg(socket, &message, kFlags);
}

// A piece of the file by way of memory: what is encrypted cannot go from file to socket.
ssize_t send_piece(tls::Stream& stream, const FileBytes& file) {
  thread_local std::unique_ptr<char[]> buffer(new char[kFilePiece]);
  const ssize_t read =
      pread(file.descriptor, buffer.get(), std::min<std::uint64_t>(file.length, kFilePiece),
            static_cast<off_t>(file.offset));
  if (read <= 0) return 0;
  const iovec part{buffer.get(), static_cast<std::size_t>(read)};
  ssize_t sent;
  do {
    sent = stream.send(&part, 1);
  } while (sent == 0 || (sent < 0 && errno == EINTR));
  return sent;
}

// What the socket takes of the file, as sendfile(2); moves the range on. 0: the file has become
// shorter.
ssize_t send_some(int socket, tls::Stream* stream, FileBytes& file) {
  auto offset = static_cast<off_t>(file.offset);
  ssize_t count;
  do {
    count = stream ? send_piece(*stream, file)
                   : sendfile(socket, file.descriptor, &offset,
                              std::min<std::uint64_t>(file.length, kFileTurn));
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    file.offset += static_cast<std::uint64_t>(count);
    file.length -= static_cast<std::uint64_t>(count);
  }
  return count;
}

template <class Bytes>
void release(const Bytes& pin) {
  if (pin.release) pin.release(pin.owner);
}

}  // namespace

void SocketOutput::open(int socket, std::unique_ptr<tls::Stream> stream) {
  std::lock_guard lock(mutex_);
  socket_ = socket;
  stream_ = std::move(stream);
  failed_ = false;
}

void SocketOutput::begin(Handle handle) {
  std::lock_guard lock(mutex_);
  handle_ = handle;
  generation_ = handle.generation;
}

SocketOutput::Resume SocketOutput::close() {
  std::lock_guard lock(mutex_);
  if (stream_ && !failed_ && !pending()) stream_->end();
  stream_.reset();
  drop_output_locked();
  failed_ = true;
  generation_ = 0;
  socket_ = -1;
  return {std::exchange(resume_, nullptr), resume_context_};
}

bool SocketOutput::congested(void (*resume)(void*), void* context) {
  if (!pending()) return false;
  std::lock_guard lock(mutex_);
  if (failed_ || bytes_ <= limits_.output_bytes) return false;
  resume_ = resume;
  resume_context_ = context;
  return true;
}

// Sends what the socket takes and keeps the rest. The pin is released here or when its bytes are
// out.
bool SocketOutput::send(std::string_view head, PinnedBytes body, std::string_view tail) {
  std::size_t sent = 0;
  const std::size_t total = head.size() + body.bytes.size() + tail.size();
  if (!pending()) {
    ssize_t count;
    do {
      count = send_now(socket_, stream_.get(), head, body.bytes, tail, total);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
      release(body);
      std::lock_guard lock(mutex_);
      failed_ = true;
      return false;
    }
    sent = count < 0 ? 0 : static_cast<std::size_t>(count);
    if (sent == total && !unsent()) {
      release(body);
      return true;
    }
  }
  return keep(head, body, tail, sent);
}

// The same with a file between the two.
bool SocketOutput::send_file(std::string_view head, FileBytes file, std::string_view tail) {
  if (file.length == 0) {
    release(file);
    return send(head, {}, tail);
  }
  if (broken()) {
    release(file);
    return false;
  }
  std::unique_lock lock(mutex_);
  queue_copy_locked(head);
  pieces_.push_back({.file = file});
  queue_copy_locked(tail);
  return flush_queued(lock);
}

// Queues what follows the first `sent` bytes of an answer.
bool SocketOutput::keep(std::string_view head, PinnedBytes body, std::string_view tail,
                        std::size_t sent) {
  if (broken()) {
    release(body);
    return false;
  }
  std::unique_lock lock(mutex_);
  const auto rest = [&sent](std::string_view bytes) {
    const std::size_t skip = std::min(sent, bytes.size());
    sent -= skip;
    return bytes.substr(skip);
  };
  queue_copy_locked(rest(head));
  body.bytes = rest(body.bytes);
  if (body.release && body.bytes.size() >= kPinFrom) {
    pieces_.push_back({.pin = body});
    bytes_ += body.bytes.size();
    body = {};
  } else {
    queue_copy_locked(body.bytes);
  }
  queue_copy_locked(rest(tail));
  const bool alive = flush_queued(lock);
  release(body);
  return alive;
}

bool SocketOutput::broken() {
  std::lock_guard lock(mutex_);
  return failed_;
}

// Sends what was queued just now as far as the socket takes it.
bool SocketOutput::flush_queued(std::unique_lock<std::mutex>& lock) {
  // First the wish, then another try: an edge between the two would be missed otherwise. More to
  // write is no progress: the deadline stays.
  if (!pending_.exchange(true, std::memory_order_acq_rel)) {
    reactor_.want_writable(handle_, true);
    expect_progress_locked();
  }
  const Flush flushed = flush_locked();
  finish_flush(lock, flushed);  // a writer may be paused whose exchange has been taken over
  return flushed != Flush::failed;
}

void SocketOutput::queue_copy_locked(std::string_view bytes) {
  if (bytes.empty()) return;
  bytes_ += bytes.size();
  if (!pieces_.empty() && pieces_.back().is_copy()) {
    pieces_.back().copy.append(bytes);
  } else {
    pieces_.push_back({.copy = std::string(bytes)});
  }
}

SocketOutput::Flush SocketOutput::flush() {
  std::unique_lock lock(mutex_);
  const Flush flushed = flush_locked();
  finish_flush(lock, flushed);
  return flushed;
}

// After flush_locked(): wakes a paused writer, without the lock.
void SocketOutput::finish_flush(std::unique_lock<std::mutex>& lock, Flush flushed) {
  void (*resume)(void*) = nullptr;
  void* context = resume_context_;
  if (flushed == Flush::failed || bytes_ <= limits_.output_bytes / 2) {
    std::swap(resume, resume_);
  }
  lock.unlock();
  if (resume) resume(context);
}

SocketOutput::Flush SocketOutput::flush_locked() {
  if (failed_) return Flush::failed;
  while (!pieces_.empty() || unsent()) {
    const bool file = !pieces_.empty() && pieces_.front().is_file();
    const Flush flushed = file ? flush_file_locked() : flush_bytes_locked();
    if (flushed != Flush::done) return flushed;
  }
  reactor_.want_writable(handle_, false);
  reactor_.set_deadline(handle_, Reactor::kNever);
  pending_.store(false, std::memory_order_release);
  return Flush::done;
}

// The pieces at the front that are in memory, once. `done`: some of it was sent.
SocketOutput::Flush SocketOutput::flush_bytes_locked() {
  iovec parts[8];
  int count = 0;
  int more = 0;
  for (auto& piece : pieces_) {
    if (piece.is_file()) more = MSG_MORE;  // its first bytes may share a packet with these
    if (count == 8 || piece.is_file()) break;
    const std::string_view bytes = piece.bytes();
    const std::size_t skip = count == 0 ? front_sent_ : 0;
    parts[count++] = {const_cast<char*>(bytes.data() + skip), bytes.size() - skip};
  }
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = static_cast<std::size_t>(count);
  ssize_t sent;
  do {
    sent = stream_ ? stream_->send(parts, count)
                   : sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) {
    sent_locked(static_cast<std::size_t>(sent));
    return Flush::done;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) return Flush::blocked;
  drop_output_locked();
  failed_ = true;
  return Flush::failed;
}

void SocketOutput::sent_locked(std::size_t bytes) {
  expect_progress_locked();
  bytes_ -= bytes;
  front_sent_ += bytes;
  while (!pieces_.empty() && !pieces_.front().is_file() &&
         front_sent_ >= pieces_.front().bytes().size()) {
    front_sent_ -= pieces_.front().bytes().size();
    release(pieces_.front().pin);
    pieces_.pop_front();
  }
}

// The file at the front, up to a turn's worth. `blocked`: the reactor will report.
SocketOutput::Flush SocketOutput::flush_file_locked() {
  FileBytes& file = pieces_.front().file;
  for (std::size_t turn = 0; file.length > 0;) {
    const ssize_t sent = send_some(socket_, stream_.get(), file);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Flush::blocked;
    if (sent <= 0) {
      fail_output_locked();  // its promised length cannot be kept
      return Flush::failed;
    }
    expect_progress_locked();
    turn += static_cast<std::size_t>(sent);
    if (turn >= kFileTurn && file.length > 0) {
      reactor_.report_again(handle_);
      return Flush::blocked;
    }
  }
  release(file);
  pieces_.pop_front();
  return Flush::done;
}

void SocketOutput::expect_progress_locked() {
  write_deadline_ = Clock::now() + limits_.write;
  reactor_.set_deadline(handle_, write_deadline_);
}

// Nothing more can be sent, now or later: what follows would not join on to what the client has.
void SocketOutput::fail_output_locked() {
  drop_output_locked();
  failed_ = true;
  ::shutdown(socket_, SHUT_RDWR);
}

void SocketOutput::drop_output_locked() {
  for (auto& piece : pieces_) {
    release(piece.pin);
    release(piece.file);
  }
  pieces_.clear();
  bytes_ = front_sent_ = 0;
  pending_.store(false, std::memory_order_release);
}

void SocketOutput::flush_unowned(std::uint32_t generation) {
  std::unique_lock lock(mutex_);
  if (generation != generation_ || !pending()) return;
  finish_flush(lock, flush_locked());
}

void SocketOutput::expire_unowned(std::uint32_t generation, TimePoint now) {
  std::unique_lock lock(mutex_);
  if (generation != generation_ || !pending() || now < write_deadline_) return;
  fail_output_locked();
  finish_flush(lock, Flush::failed);
}

// A streaming script may run this much ahead of its client; then it waits, at most the write
// deadline without progress.
bool SocketOutput::wait_for_room() {
  while (pending()) {
    std::size_t before;
    {
      std::unique_lock lock(mutex_);
      if (failed_) return false;
      if (bytes_ <= limits_.script_output_bytes) return true;
      before = bytes_;
    }
    pollfd wait{.fd = socket_, .events = POLLOUT, .revents = 0};
    const auto timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(limits_.write).count();
    const int ready =
        ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(timeout, INT32_MAX)));
    if (ready < 0 && errno == EINTR) {
      return false;  // the script's time is over: that is what signals are for here
    }
    const Flush flushed = flush();
    if (flushed == Flush::failed) return false;
    std::lock_guard lock(mutex_);
    if (ready == 0 && pending() && bytes_ >= before) {
      fail_output_locked();
      return false;
    }
  }
  std::lock_guard lock(mutex_);
  return !failed_;
}

}  // namespace rr::net::http1
