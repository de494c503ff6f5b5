#include "runtime/net/streams/streams.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "runtime/net/http/response.h"

namespace rr::net::streams {
namespace {

// The connection whose turn this thread has, or whose requests it is handing over: what is said to
// it meanwhile is sent afterwards.
thread_local const Streams* busy_here = nullptr;

Stream& stream_of(SessionStream& stream) {
  return static_cast<Stream&>(stream);
}

std::int64_t unix_us_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void release(const PinnedBytes& pin) {
  if (pin.release) pin.release(pin.owner);
}

}  // namespace

// ---- the turn

void Streams::enter() {
  turn_.take();
  outer_ = std::exchange(busy_here, this);
}

bool Streams::leave() {
  std::vector<Wakeup> wakeups;
  wake(wakeups);
  const bool finished = recyclable();
  busy_here = std::exchange(outer_, nullptr);
  turn_.give();
  for (const Wakeup& each : wakeups) each.resume(each.context);
  return finished;
}

void Streams::pump() {
  if (busy_here == this) return;
  while (noted_.load(std::memory_order_seq_cst)) {
    if (!turn_.try_take()) return;
    outer_ = std::exchange(busy_here, this);
    host_.pass();
    if (leave()) return host_.finished();
  }
}

void Streams::pump_soon() {
  if (busy_here == this) return;
  if (OutputHolder* holder = OutputHolder::here(); holder && holder->hold(*this)) return;
  pump();
}

void Streams::deliver(const ReadyList& ready) {
  if (ready.empty()) return;
  const Streams* outer = std::exchange(busy_here, this);
  for (const Ready& each : ready) {
    if (each.answered) {
      each.transaction->conclude();
      each.transaction->release();
    } else if (each.stream->gone_.load(std::memory_order_acquire)) {
      // The client has reset it already.
      each.transaction->release();
      std::lock_guard lock(inbox_mutex_);
      each.stream->said_.concluded = true;
      note_locked(*each.stream);
    } else {
      handler_.handle(each.transaction);
    }
  }
  busy_here = outer;
}

void Streams::note_locked(Stream& stream) {
  if (!std::exchange(stream.noted_, true)) inbox_.push_back(&stream);
  noted_.store(true, std::memory_order_seq_cst);
}

// ---- who has the turn

void Streams::open(Session& session, const Peer& peer, bool tls, Reactor* reactor, Handle handle) {
  session_ = &session;
  peer_ = &peer;
  tls_ = tls;
  reactor_ = reactor;
  handle_ = handle;
  given_back_ = false;
}

void Streams::shut() {
  session_ = nullptr;
  for (Stream* stream : streams_) {
    stream->in_session_ = false;
    if (!stream->sent_) lose(*stream);
    if (!stream->out_) forget(*stream);
  }
  streams_.clear();
}

bool Streams::recyclable() {
  if (session_ || given_back_ || transactions_out_ > 0) return false;
  given_back_ = true;
  return true;
}

void Streams::take_ready(ReadyList& into) {
  if (into.empty()) return into.swap(ready_);
  into.insert(into.end(), ready_.begin(), ready_.end());
  ready_.clear();
}

void Streams::take_inbox() {
  if (!noted_.load(std::memory_order_seq_cst)) return;
  {
    std::lock_guard lock(inbox_mutex_);
    taken_.swap(inbox_);
    noted_.store(false, std::memory_order_seq_cst);
    for (Stream* stream : taken_) stream->noted_ = false;
  }
  for (Stream* stream : taken_) {
    Stream::Said said;
    {
      std::lock_guard lock(inbox_mutex_);
      std::swap(said, stream->said_);
    }
    apply(*stream, said);
  }
  taken_.clear();
}

void Streams::apply(Stream& stream, Stream::Said& said) {
  if (stream.in_session_) {
    for (http::Answer& interim : said.interim) {
      session_->inform(stream, interim.status(), interim.fields());
    }
    if (stream.pieces_.empty()) {
      stream.pieces_.swap(said.pieces);
    } else {
      for (Stream::Piece& piece : said.pieces) stream.pieces_.push_back(std::move(piece));
    }
    stream.ended_ |= said.end;
    if (said.head) {
      http::Answer& answer = stream.answer_;
      const bool body = !answer.bodiless() && (!said.end || !stream.pieces_.empty() ||
                                               answer.cut_short() || !answer.trailers().empty());
      stream.submitted_ = true;
      stream.sent_ = !body;
      stream.progress_ = Clock::now();
      session_->answer(stream, answer.status(), answer.fields(), body);
    } else if (stream.submitted_) {
      session_->more_body(stream);
    }
    if (said.give_up) cancel(stream);
  } else {
    for (const Stream::Piece& piece : said.pieces) release(piece.pin);
  }
  if (!said.concluded) return;
  --transactions_out_;
  stream.out_ = false;
  if (!stream.in_session_) forget(stream);
}

bool Streams::expire(TimePoint now) {
  for (Stream* stream : streams_) {
    const bool receiving = !stream->complete_ && !stream->deaf_;
    if (receiving && now >= stream->progress_ + limits_.request) {
      if (!stream->head_) return false;  // in the middle of a head nothing else can be said
      cancel(*stream);
    } else if (stream->submitted_ && !stream->sent_ && stream->queued_ > 0 &&
               now >= stream->progress_ + limits_.write) {
      cancel(*stream);
    }
  }
  return true;
}

// The session may know of it for as long as the client does not say that it has heard.
void Streams::cancel(Stream& stream) {
  stream.deaf_ = true;
  session_->cancel(stream);
  lose(stream);
}

void Streams::lose(Stream& stream) {
  std::vector<Stream::Piece> unwanted;
  {
    std::lock_guard lock(inbox_mutex_);
    stream.gone_.store(true, std::memory_order_release);
    unwanted.swap(stream.said_.pieces);
    stream.said_.interim.clear();
  }
  for (const Stream::Piece& piece : unwanted) release(piece.pin);
  stream.drop_pieces();
  touched_.push_back(&stream);
}

void Streams::forget(Stream& stream) {
  if (stream.transaction_) stream.transaction_->release();
  {
    std::lock_guard lock(inbox_mutex_);
    // A writer may be paused whose exchange has been taken over.
    if (stream.resume_) left_paused_.push_back({stream.resume_, stream.resume_context_});
    stream.reset();
  }
  free_.push_back(&stream);
  if (session_) session_->request_done();
}

// Writers that waited for room, or for a client that has left.
void Streams::wake(std::vector<Wakeup>& wakeups) {
  for (Stream* stream : touched_) {
    stream->room_.fetch_add(1, std::memory_order_seq_cst);
    if (stream->awaited_.load(std::memory_order_seq_cst)) {
      syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&stream->room_), FUTEX_WAKE_PRIVATE, 1,
              nullptr, nullptr, 0);
    }
    std::lock_guard lock(inbox_mutex_);
    if (!stream->resume_) continue;
    if (!stream->gone_ && stream->queued_ > limits_.output_bytes / 2) continue;
    wakeups.push_back({std::exchange(stream->resume_, nullptr), stream->resume_context_});
  }
  touched_.clear();
  wakeups.insert(wakeups.end(), left_paused_.begin(), left_paused_.end());
  left_paused_.clear();
}

// Without the handler: the request is none that it should see.
void Streams::answer_plainly(Stream& stream, int status) {
  stream.deaf_ = true;
  stream.sent_ = true;
  const HeaderView date{"date", http::date_now()};
  session_->answer(stream, status, {&date, 1}, false);
}

void Streams::hand_over(Stream& stream, std::string_view body, bool answered) {
  http::Transaction* transaction = std::exchange(stream.transaction_, nullptr);
  if (!answered) transaction->publish(body);
  stream.out_ = true;
  stream.deaf_ = true;
  ++transactions_out_;
  ready_.push_back({&stream, transaction, answered});
}

// ---- SessionEvents

SessionStream* Streams::begin() {
  // Those that clients have reset count for as long as somebody works on them.
  if (transactions_out_ >= limits_.streams) return nullptr;
  if (free_.empty()) {
    all_.push_back(std::make_unique<Stream>(*this));
    free_.push_back(all_.back().get());
  }
  Stream& stream = *free_.back();
  free_.pop_back();
  stream.in_session_ = true;
  stream.transaction_ = handler_.make_transaction();
  if (reactor_) {
    stream.transaction_->attach(stream, *reactor_, handle_);
  } else {
    stream.transaction_->attach(stream);
  }
  stream.progress_ = Clock::now();
  stream.transaction_->set_received(stream.progress_, unix_us_now());
  streams_.push_back(&stream);
  return &stream;
}

bool Streams::field(SessionStream& session_stream, std::string_view name, std::string_view value) {
  Stream& stream = stream_of(session_stream);
  if (stream.deaf_) return true;
  if (stream.builder_.field(stream.transaction_->block(), name, value, limits_.head)) return true;
  stream.deaf_ = true;
  return false;
}

bool Streams::head(SessionStream& session_stream, bool has_body) {
  Stream& stream = stream_of(session_stream);
  stream.head_ = true;
  if (stream.deaf_) return true;
  http::Transaction& transaction = *stream.transaction_;
  http::RequestBlock& block = transaction.block();
  if (!stream.builder_.complete(block, version_, has_body)) {
    stream.deaf_ = true;
    return false;
  }
  if (stream.builder_.too_large() || stream.builder_.bad_target()) {
    answer_plainly(stream, stream.builder_.too_large() ? 431 : 400);
    return true;
  }
  block.head.tls = tls_;
  block.head.remote_address = block.append(peer_->remote_address);
  block.head.local_address = block.append(peer_->local_address);
  block.head.remote_port = peer_->remote_port;
  block.head.local_port = peer_->local_port;
  transaction.publish({});
  switch (handler_.head_complete(transaction)) {
    case http::Handler::BodyPlan::read:
      if (!has_body) {
        hand_over(stream, {}, false);
      } else if (block.head.expect_continue) {
        session_->inform(stream, 100, {});
      }
      break;
    case http::Handler::BodyPlan::skip:
      hand_over(stream, {}, false);
      break;
    case http::Handler::BodyPlan::refuse:
      hand_over(stream, {}, true);
      break;
  }
  return true;
}

void Streams::data(SessionStream& session_stream, std::string_view bytes) {
  Stream& stream = stream_of(session_stream);
  if (stream.deaf_) return;
  stream.progress_ = Clock::now();
  ByteBuffer& body = stream.transaction_->body_buffer();
  if (body.size() + bytes.size() <= handler_.max_body_bytes(*stream.transaction_))
    return body.append(bytes);
  handler_.body_failed(*stream.transaction_, http::Handler::BodyError::too_large, {});
  hand_over(stream, {}, true);
}

void Streams::complete(SessionStream& session_stream) {
  Stream& stream = stream_of(session_stream);
  stream.complete_ = true;
  if (!stream.deaf_) hand_over(stream, stream.transaction_->body_buffer().view(), false);
}

void Streams::closed(SessionStream& session_stream) {
  Stream& stream = stream_of(session_stream);
  stream.in_session_ = false;
  std::erase(streams_, &stream);
  if (!stream.sent_) lose(stream);
  if (!stream.out_) forget(stream);
}

}  // namespace rr::net::streams
