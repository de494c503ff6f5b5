#include "runtime/net/streams/stream.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "runtime/net/streams/streams.h"

namespace rr::net::streams {
namespace {

constexpr std::size_t kPinFrom = 4 * 1024;  // less is copied

void release(const PinnedBytes& pin) {
  if (pin.release) pin.release(pin.owner);
}

}  // namespace

void Stream::begin_answer(const http::Transaction& transaction) {
  if (std::exchange(answering_, true)) return;
  answer_.reset({.head_method = transaction.request().head.head_method});
}

bool Stream::inform(http::Transaction&, const HttpResponseHead& head) {
  if (head.status < 100 || head.status > 199 || head.status == 101) return true;
  http::Answer interim;
  interim.reset({});
  interim.inform(head);
  {
    std::lock_guard lock(all_.inbox_mutex_);
    if (gone_) return false;
    said_.interim.push_back(std::move(interim));
    all_.note_locked(*this);
  }
  all_.pump();
  return true;
}

bool Stream::respond(http::Transaction& transaction, const HttpResponseHead& head,
                     PinnedBytes body) {
  begin_answer(transaction);
  answer_.respond(head, body.bytes);
  body.bytes = answer_.body_to_send();
  transaction.count_body(body.bytes.size());
  return say(body, true);
}

bool Stream::start(http::Transaction& transaction, const HttpResponseHead& head) {
  begin_answer(transaction);
  answer_.start(head);
  return answer_.ready() ? say({}, false) : !gone_;
}

bool Stream::write(http::Transaction& transaction, PinnedBytes chunk, Wait wait) {
  if (chunk.bytes.empty()) {
    release(chunk);
    return true;
  }
  answer_.piece(chunk.bytes);
  chunk.bytes = answer_.body_to_send();
  transaction.count_body(chunk.bytes.size());
  return say(chunk, false) && (wait == Wait::no || wait_for_room());
}

bool Stream::add_trailers(http::Transaction&, std::span<const HeaderView> fields) {
  answer_.add_trailers(fields);
  return true;
}

bool Stream::finish(http::Transaction&) {
  answer_.finish();
  return say({}, true);
}

// Hands on what answer_ allows of a body. The bytes are released now or once the session has them.
bool Stream::say(PinnedBytes bytes, bool end) {
  const bool pins = bytes.release && bytes.bytes.size() >= kPinFrom;
  Piece piece;
  if (pins) {
    piece.pin = bytes;
  } else {
    piece.copy = bytes.bytes;
  }
  bool wanted;
  {
    std::lock_guard lock(all_.inbox_mutex_);
    wanted = !gone_.load(std::memory_order_relaxed);
    if (wanted) {
      if (!std::exchange(head_said_, true)) said_.head = true;
      if (!bytes.bytes.empty()) {
        queued_.fetch_add(bytes.bytes.size(), std::memory_order_relaxed);
        said_.pieces.push_back(std::move(piece));
      }
      said_.end |= end;
      all_.note_locked(*this);
    }
  }
  if (!pins || !wanted) release(bytes);
  if (wanted) end ? all_.pump_soon() : all_.pump();
  return wanted && !gone_.load(std::memory_order_acquire);
}

bool Stream::congested(http::Transaction&, void (*resume)(void*), void* context) {
  std::lock_guard lock(all_.inbox_mutex_);
  if (gone_ || queued_ <= all_.limits_.output_bytes) return false;
  resume_ = resume;
  resume_context_ = context;
  return true;
}

// A streaming script may run this much ahead of its client; then it waits, at most the write
// deadline without progress.
bool Stream::wait_for_room() {
  const Limits& limits = all_.limits_;
  while (!gone_.load(std::memory_order_acquire)) {
    const std::uint32_t seen = room_.load(std::memory_order_seq_cst);
    awaited_.store(true, std::memory_order_seq_cst);
    const std::size_t before = queued_.load(std::memory_order_seq_cst);
    if (before <= limits.script_output_bytes || gone_) {
      awaited_.store(false, std::memory_order_relaxed);
      return !gone_.load(std::memory_order_acquire);
    }
    timespec limit{};
    limit.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(limits.write).count();
    limit.tv_nsec = (limits.write % std::chrono::seconds(1)).count();
    const long waited = syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&room_),
                                FUTEX_WAIT_PRIVATE, seen, &limit, nullptr, 0);
    const int error = waited == 0 ? 0 : errno;
    awaited_.store(false, std::memory_order_relaxed);
    if (error == EINTR) {
      return false;  // the script's time is over: that is what signals are for here
    }
    if (error == ETIMEDOUT && queued_.load(std::memory_order_seq_cst) >= before) {
      {
        std::lock_guard lock(all_.inbox_mutex_);
        said_.give_up = true;
        all_.note_locked(*this);
      }
      all_.pump();
      return false;
    }
  }
  return false;
}

void Stream::concluded(http::Transaction& transaction) {
  all_.handler_.answered(transaction);
  {
    std::lock_guard lock(all_.inbox_mutex_);
    said_.concluded = true;
    all_.note_locked(*this);
  }
  all_.pump_soon();
}

Stream::Taken Stream::take_body(char* into, std::size_t room) {
  Taken taken;
  while (taken.size < room && front_ < pieces_.size()) {
    const std::string_view rest = pieces_[front_].bytes().substr(front_taken_);
    const std::size_t size = std::min(rest.size(), room - taken.size);
    std::memcpy(into + taken.size, rest.data(), size);
    taken.size += size;
    front_taken_ += size;
    if (size == rest.size()) {
      release(pieces_[front_].pin);
      pieces_[front_] = {};
      front_taken_ = 0;
      ++front_;
    }
  }
  if (front_ == pieces_.size()) {
    pieces_.clear();
    front_ = 0;
    taken.end = ended_ && !answer_.cut_short();
    taken.broken = ended_ && answer_.cut_short() && taken.size == 0;
  }
  sent_ = taken.end;
  if (taken.size > 0) {
    queued_.fetch_sub(taken.size, std::memory_order_seq_cst);
    progress_ = Clock::now();
    all_.touched_.push_back(this);
  }
  return taken;
}

std::span<const HeaderView> Stream::take_trailers() {
  return answer_.trailers();
}

void Stream::drop_pieces() {
  for (std::size_t i = front_; i < pieces_.size(); ++i) release(pieces_[i].pin);
  pieces_.clear();
  front_ = front_taken_ = 0;
}

// For the next request.
void Stream::reset() {
  builder_.reset();
  transaction_ = nullptr;
  in_session_ = out_ = deaf_ = head_ = complete_ = submitted_ = ended_ = sent_ = false;
  answering_ = head_said_ = false;
  drop_pieces();
  said_ = {};
  resume_ = nullptr;
  gone_.store(false, std::memory_order_relaxed);
  queued_.store(0, std::memory_order_relaxed);
}

}  // namespace rr::net::streams
