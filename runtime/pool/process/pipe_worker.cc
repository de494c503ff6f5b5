#include "runtime/pool/process/pipe_worker.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace rr::pool {
namespace {

constexpr std::size_t kScratch = 64 * 1024;
constexpr std::size_t kGrowth =
    1 << 20;  // least step of a large frame: nothing is allocated on trust
constexpr std::size_t kKeptBody = 256 * 1024;
constexpr int kBigPipe = 1 << 20;

constexpr std::string_view kStopReply = R"({"stop":true})";
// Frames without a varying part (vectors A, M and N of spec 01 §2).
constexpr char kStopFrameBytes[] =
    "\x13\x09\x0d\x00\x00\x00\x3a\x6b\xfa\xcb\x00\x00{\"stop\":true}";
constexpr char kPongFrameBytes[] = "\x13\x00\x00\x00\x00\x00\x96\xd1\x80\x34\x08\x00";
constexpr char kEndStreamFrameBytes[] = "\x13\x00\x00\x00\x00\x00\x96\xd1\x80\x34\x02\x00";
constexpr std::string_view kStopFrame(kStopFrameBytes, sizeof kStopFrameBytes - 1);
constexpr std::string_view kPongFrame(kPongFrameBytes, sizeof kPongFrameBytes - 1);
constexpr std::string_view kEndStreamFrame(kEndStreamFrameBytes, sizeof kEndStreamFrameBytes - 1);

constexpr std::string_view kReceive = "sync_worker_receive_frame";
constexpr std::string_view kValidationFailed =
    "validation failed on the message sent to STDOUT, see: "
    "https://docs.roadrunner.dev/error-codes/stdout-crc, invalid message: ";
constexpr std::size_t kQuoted = 4096;  // of stray output, in errors and logs

constexpr std::uint64_t kWishBits = 0xff;

Error receive_error(Errc code, std::string_view text) {
  return Error(code, std::string(kReceive), std::string(text));
}

// One read of the thread's own, so that no worker keeps a buffer. Never nested: see enter().
char* scratch() {
  thread_local const std::unique_ptr<char[]> bytes(new char[kScratch]);
  return bytes.get();
}

// A worker whose turn came up while this thread was driving another one; it is ours and is driven
// when that is done, so that a chain of fast answers does not grow the stack.
struct ThreadWork {
  bool driving = false;
  std::vector<PipeWorker*> later;
};
thread_local ThreadWork thread_work;

}  // namespace

// A stream that waits for a slow client. Shared by the worker and the callback that the exchange
// has: whoever comes second must not find it gone.
struct PipeWorker::Pause {
  enum State : std::uint8_t { asking, paused, resumed, revoked };
  explicit Pause(PipeWorker& worker) : worker(worker) {}
  void release() {
    if (holders.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  PipeWorker& worker;
  std::atomic<State> state{asking};
  std::atomic<int> holders{2};
};

void PipeWorker::Done::add(ExchangePtr exchange) {
  if (!first_) {
    first_ = std::move(exchange);
  } else {
    others_.push_back(std::move(exchange));
  }
}

void PipeWorker::Done::conclude() {
  const auto conclude_one = [](ExchangePtr exchange) {
    // A stream that nobody wants any more has no last frame: it ends here.
    if (exchange->begin_write()) exchange->end_write(true);
    // Otherwise somebody has taken it over, and lets the connection go.
    if (exchange->state() == ExchangeState::answered) exchange->conclude();
  };
  if (first_) conclude_one(std::move(first_));
  for (auto& exchange : std::exchange(others_, {})) conclude_one(std::move(exchange));
}

PipeWorker::PipeWorker(std::uint32_t index, net::Reactor& reactor, PipeCrew& crew,
                       const PipeLimits& limits)
    : index_(index),
      reactor_(reactor),
      crew_(crew),
      limits_(limits),
      reader_(limits.max_payload),
      output_(reactor, *this) {}

PipeWorker::~PipeWorker() {
  delete spare_pause_;
}

// ---------------------------------------------------------------- coming and going

void PipeWorker::join(int from_worker, int to_worker, std::uint64_t job_limit, ExchangePtr only) {
  from_worker_ = from_worker;
  to_worker_ = to_worker;
  job_limit_ = job_limit;
  phase_ = Phase::idle;
  noted_ = 0;
  stop_sent_ = expired_ = armed_ = emptied_ = unparsed_ = false;
  broken_.clear();
  single_ = only != nullptr;
  ++stay_.number;
  wishes_.store(std::uint64_t{stay_.number} << 8, std::memory_order_seq_cst);
  stay_.handle = reactor_.add(from_worker, *this);
  output_.open(to_worker, stay_);
  status_.become(WorkerState::ready);
  if (only) {
    run(std::move(only));
  } else if (!settle()) {
    enter();
  }
}

PipeWorker::Turn PipeWorker::leave(Departure departure, WorkerState state, std::string note) {
  const bool cut = output_.pending();
  output_.close();
  reactor_.close(stay_.handle);
  inbox_.clear(0);
  phase_ = Phase::left;
  status_.become(state);
  if (departure == Departure::stopping) {
    status_.become(WorkerState::stopping);
    // One frame always fits, unless the worker has left its input unread.
    const bool sent =
        stop_sent_ || (!cut && ::write(to_worker_, kStopFrame.data(), kStopFrame.size()) ==
                                   static_cast<ssize_t>(kStopFrame.size()));
    if (!sent) departure = Departure::kill;
  }
  crew_.left(*this, departure, std::move(note));
  return Turn::gone;
}

void PipeWorker::wish_at(Wish wish, Stay stay) {
  std::uint64_t wishes = wishes_.load(std::memory_order_relaxed);
  do {
    if (wishes >> 8 != stay.number) return;  // of an earlier process
  } while (!wishes_.compare_exchange_weak(wishes, wishes | wish, std::memory_order_seq_cst));
  if (reactor_.try_own(stay.handle)) return enter();
  // Its owner looks at the wishes after letting go; but a stream that waits for a client has none.
  if (wish == kAbandon && revoke_pause()) enter();
}

// ---------------------------------------------------------------- work from the crew

bool PipeWorker::free_and_clean() {
  if (phase_ != Phase::idle || wants_to_leave() ||
      (wishes_.load(std::memory_order_acquire) & kWishBits) != 0) {
    return false;
  }
  return probe();
}

// False: the idle worker has written something, or closed its end. What it owes nobody must not
// become the answer of the next request.
bool PipeWorker::probe() {
  char bytes[kQuoted];
  ssize_t got;
  do {
    got = ::read(from_worker_, bytes, sizeof bytes);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    emptied_ = true;
    return true;
  }
  if (got <= 0) {
    broken_ = "the worker closed its output";
  } else {
    broken_ = std::string(kValidationFailed).append(bytes, static_cast<std::size_t>(got));
  }
  return false;
}

void PipeWorker::run(ExchangePtr exchange) {
  Done done;
  Turn next = Turn::wait;
  if (!start(std::move(exchange), done)) next = after_job(done);
  if (next == Turn::wait && !settle()) enter();
  done.conclude();
}

void PipeWorker::put_back() {
  if (!settle()) enter();
}

// True: the worker is at work. False: the exchange is over; broken_ says whether the worker is
// fine.
bool PipeWorker::start(ExchangePtr exchange, Done& done) {
  wire_.flags = 0;
  wire_.context.clear();
  wire_.body_storage.clear();
  wire_.body = {};
  auto encoded = exchange->encode(wire_);
  const std::size_t bytes = wire_.context.size() + wire_.body.size();
  if (encoded && bytes == 0) {
    encoded = Error(Errc::invalid, "static_pool_exec", "payload can not be empty");
  } else if (encoded && bytes > limits_.max_payload) {
    encoded = Error(Errc::encode, "static_pool_exec", "payload is larger than a frame may be");
  }
  if (!encoded) {
    crew_.finished();
    exchange->fail(encoded.error());
    done.add(std::move(exchange));
    return false;
  }

  goridge::Header header;
  header.flags = wire_.flags;
  header.option_count = 1;
  header.options[0] = static_cast<std::uint32_t>(wire_.context.size());
  header.payload_bytes = static_cast<std::uint32_t>(bytes);
  const std::string_view parts[] = {
      {header_, goridge::encode(header, header_)}, wire_.context, wire_.body};
  status_.become(WorkerState::working);
  const TimePoint now = Clock::now();
  status_.last_used_ns.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  std::size_t written = 0;
  if (!output_.write(parts, std::size(parts), written)) {
    broken_ = std::strerror(errno);
    status_.become(WorkerState::errored);
    if (written == 0 && proven()) {
      // It died while idle and nobody has seen a byte of this: another worker may have it.
      crew_.hand_back(std::move(exchange));
    } else {
      const Error error(Errc::network, "sync_worker_send_frame", "\n\t" + broken_);
      crew_.finished();
      crew_.failed(*this, error);
      exchange->fail(error);
      done.add(std::move(exchange));
    }
    return false;
  }
  take_in_hand(std::move(exchange), now);
  request_bytes_ = parts[0].size() + bytes;
  phase_ = Phase::running;
  count_execution();
  if (limits_.exec_ttl > Duration::zero()) arm(limits_.exec_ttl);
  return true;
}

// ---------------------------------------------------------------- driving

void PipeWorker::on_ready(net::Readiness) {
  emptied_ = false;
  enter();
}

void PipeWorker::on_deadline(TimePoint) {
  armed_ = false;
  expired_ = true;
  enter();
}

void PipeWorker::enter() {
  if (thread_work.driving) {
    thread_work.later.push_back(this);
    return;
  }
  thread_work.driving = true;
  drive();
  while (!thread_work.later.empty()) {
    PipeWorker* next = thread_work.later.back();
    thread_work.later.pop_back();
    next->drive();
  }
  thread_work.driving = false;
}

void PipeWorker::drive() {
  for (;;) {
    Done done;
    const Turn next = turn(done);
    const bool given_away =
        next == Turn::gone || next == Turn::paused || (next == Turn::wait && settle());
    done.conclude();
    if (given_away) return;
  }
}

// Lets the word go. False: something has come up and the word is still, or again, ours.
bool PipeWorker::settle() {
  const bool idle = phase_ == Phase::idle;
  const Stay stay = stay_;
  if (!reactor_.let_go(stay.handle)) {
    emptied_ = false;
    return false;
  }
  // From here on only what is atomic may be touched. Who wishes something sets it first and tries
  // to own the worker then; we do it the other way round, so one of the two sees the other. (A
  // read-modify-write: it is ordered with theirs.)
  const std::uint64_t wishes = wishes_.fetch_or(0, std::memory_order_seq_cst);
  if ((wishes & kWishBits) != 0 && reactor_.try_own(stay.handle)) return false;
  if (idle) crew_.became_idle(*this, stay);
  return true;
}

PipeWorker::Turn PipeWorker::turn(Done& done) {
  const Turn heeded = heed_wishes(done);
  if (heeded != Turn::again) return heeded;
  if (expired_) {
    expired_ = false;
    if (busy()) {
      return fail(Error(Errc::exec_ttl, "worker_exec_with_timeout", "context deadline exceeded"),
                  WorkerState::exec_ttl_reached, Departure::kill, done);
    }
    if (phase_ == Phase::draining) {
      return leave(Departure::kill, WorkerState::exec_ttl_reached,
                   "the stream did not end within stream_timeout");
    }
  }
  if (!broken_.empty()) return leave(Departure::kill, WorkerState::errored, std::move(broken_));
  if (unparsed_) {
    unparsed_ = false;
    return take_frames(inbox_.view(), done);
  }
  if (emptied_) return Turn::wait;
  return read_pipe(done);
}

PipeWorker::Turn PipeWorker::heed_wishes(Done& done) {
  const auto fresh = static_cast<std::uint8_t>(
      wishes_.fetch_and(~kWishBits, std::memory_order_acq_rel) & kWishBits);
  noted_ |= fresh;
  if (noted_ == 0) return Turn::again;
  if ((fresh & kExited) != 0) emptied_ = false;
  if ((noted_ & kAbandon) != 0) {
    if (busy()) {
      return fail(receive_error(Errc::network, "worker stopped"), WorkerState::errored,
                  Departure::kill, done);
    }
    return leave(Departure::kill, WorkerState::errored);
  }
  if ((noted_ & kWriteFailed) != 0) {
    if (busy()) {
      return fail(Error(Errc::network, "sync_worker_send_frame",
                        std::string("\n\t") + std::strerror(EPIPE)),
                  WorkerState::errored, Departure::kill, done);
    }
    return leave(Departure::kill, WorkerState::errored);
  }
  if (phase_ == Phase::idle && wants_to_leave() && (noted_ & kExited) == 0) {
    return leave(Departure::stopping, WorkerState::stopping);
  }
  if ((fresh & kStopNow) != 0 && !stop_sent_) {
    stop_sent_ = true;
    status_.become(WorkerState::stopping);
    output_.write(kStopFrame);  // when it fails, the end of file is near
  }
  return Turn::again;
}

PipeWorker::Turn PipeWorker::read_pipe(Done& done) {
  const bool direct = inbox_.empty();
  std::size_t room = kScratch;
  if (!direct) {
    // Exactly the rest of the frame, so that nothing of a next one is mixed in.
    room = std::min(reader_.need() - inbox_.size(), std::max(kGrowth, inbox_.size()));
  }
  char* into = direct ? scratch() : inbox_.room(room);
  ssize_t got;
  do {
    got = ::read(from_worker_, into, room);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    emptied_ = true;
    // Somebody else may hold the pipe open, but nobody will write to it any more.
    return (noted_ & kExited) != 0 ? end_of_file(done) : Turn::wait;
  }
  if (got <= 0) return end_of_file(done);
  const auto bytes = static_cast<std::size_t>(got);
  // Less than asked for: the pipe is empty, and more will be reported. A closed pipe says so once
  // only: then the end is to be read too.
  emptied_ = bytes < room && !reactor_.hung_up(stay_.handle);
  if (direct) return take_frames({into, bytes}, done);
  inbox_.commit(bytes);
  return take_frames(inbox_.view(), done);
}

// `bytes` are new ones in the thread's scratch, or all of inbox_.
PipeWorker::Turn PipeWorker::take_frames(std::string_view bytes, Done& done) {
  bool kept = bytes.data() == inbox_.view().data();
  while (!bytes.empty()) {
    if (phase_ == Phase::idle) {
      return leave(Departure::kill, WorkerState::errored,
                   std::string(kValidationFailed).append(bytes.substr(0, kQuoted)));
    }
    switch (reader_.parse(bytes)) {
      case goridge::Parse::malformed:
        return malformed(bytes, done);
      case goridge::Parse::incomplete:
        if (!kept) inbox_.append(bytes);
        if (reader_.need() > kScratch && inbox_.size() <= kScratch) {
          fcntl(from_worker_, F_SETPIPE_SZ, kBigPipe);  // best effort: fewer wake-ups
        }
        return emptied_ ? Turn::wait : Turn::again;
      case goridge::Parse::complete:
        break;
    }
    const std::size_t size = reader_.frame_size();
    const Turn next = take_frame(reader_.payload(bytes), size < bytes.size(), done);
    if (next == Turn::gone) return next;
    if (kept) {
      inbox_.consume(size);
      bytes = inbox_.view();
    } else {
      bytes.remove_prefix(size);
      if (!bytes.empty()) {
        // The scratch is anybody's on this thread once we let go.
        inbox_.append(bytes);
        bytes = inbox_.view();
        kept = true;
      }
    }
    if (phase_ == Phase::streaming) {
      unparsed_ = !bytes.empty();
      if (pause_if_congested()) return Turn::paused;
      unparsed_ = false;
    }
  }
  inbox_.clear();
  return emptied_ ? Turn::wait : Turn::again;
}

// `stray`: more bytes follow the frame.
PipeWorker::Turn PipeWorker::take_frame(std::string_view payload, bool stray, Done& done) {
  const goridge::Header& header = reader_.header();
  const bool more = (header.stream & goridge::stream::more) != 0;

  if (phase_ == Phase::draining) {
    if ((header.flags & goridge::flag::error) != 0) {
      return leave(Departure::stopping, WorkerState::invalid);
    }
    if (more) return Turn::again;
    disarm();
    phase_ = Phase::idle;
    if (stray) return Turn::again;  // the next look at the bytes finds it out
    if (job_limit_ != 0 && status_.executions.load(std::memory_order_relaxed) >= job_limit_) {
      return leave(Departure::stopping, WorkerState::max_jobs_reached);
    }
    status_.become(WorkerState::ready);
    return after_job(done);
  }

  const bool first = phase_ == Phase::running;
  if ((header.flags & goridge::flag::error) != 0) {
    const Error error = receive_error(Errc::soft_job, payload);
    if (first) return complete(nullptr, &error, stray, done);
    return fail(error, WorkerState::invalid, Departure::stopping, done);
  }
  if (header.option_count != 1) {
    return fail(receive_error(Errc::decode, "options length should be equal 1 (body offset)"),
                WorkerState::errored, Departure::stopping, done);
  }
  if (header.options[0] > payload.size()) {
    return fail(receive_error(Errc::network, std::string("bad payload ").append(payload)),
                WorkerState::errored, Departure::kill, done);
  }
  const WireAnswer answer{.flags = header.flags,
                          .more = more,
                          .context = payload.substr(0, header.options[0]),
                          .body = payload.substr(header.options[0])};
  if (first && !more && !single_ && answer.body.empty() && answer.context == kStopReply) {
    return hand_back(Departure::stopping);
  }
  if (!first && (header.stream & goridge::stream::ping) != 0) {
    count_execution();
    output_.write(kPongFrame);  // when it fails, the end of file is near
  }
  return more ? take_chunk(answer, done) : complete(&answer, nullptr, stray, done);
}

PipeWorker::Turn PipeWorker::take_chunk(const WireAnswer& answer, Done& done) {
  phase_ = Phase::streaming;
  if (exchange_->answer(answer)) {
    if (limits_.exec_ttl > Duration::zero()) arm(limits_.exec_ttl);  // each frame has its own
    return Turn::again;
  }
  count_execution();
  crew_.finished();
  done.add(release_exchange());
  phase_ = Phase::draining;
  if (!output_.write(kEndStreamFrame)) {
    return leave(Departure::kill, WorkerState::errored, std::strerror(errno));
  }
  arm(limits_.stream_timeout);
  return Turn::again;
}

// The worker has done its part: the last frame, or an error that it lives on after.
PipeWorker::Turn PipeWorker::complete(const WireAnswer* answer, const Error* error, bool stray,
                                      Done& done) {
  const bool reached =
      job_limit_ != 0 && status_.executions.load(std::memory_order_relaxed) >= job_limit_;
  // A request that was answered before it was read whole leaves the pipe in the middle of a frame.
  const bool unread = output_.pending();
  if (unread) output_.drop();
  disarm();
  status_.become(reached ? WorkerState::max_jobs_reached : WorkerState::ready);
  // Counted out before the client sees the answer: its next request must not find it inside.
  crew_.finished();
  if (answer) {
    exchange_->answer(*answer);
  } else {
    crew_.failed(*this, *error);
    exchange_->fail(*error);
  }
  done.add(release_exchange());
  phase_ = Phase::idle;
  if (unread) {
    return leave(Departure::kill, WorkerState::errored, "answered before it had read the request");
  }
  if (stray) return Turn::again;  // the next look at the bytes finds it out
  if (reached) return leave(Departure::stopping, WorkerState::max_jobs_reached);
  return after_job(done);
}

// The worker has not taken the job: another one may have it.
PipeWorker::Turn PipeWorker::hand_back(Departure departure) {
  phase_ = Phase::idle;
  ExchangePtr exchange = release_exchange();
  PipeCrew& crew = crew_;
  leave(departure, WorkerState::invalid);
  crew.hand_back(std::move(exchange));
  return Turn::gone;
}

PipeWorker::Turn PipeWorker::malformed(std::string_view bytes, Done& done) {
  std::string text;
  if (reader_.fault() == goridge::Fault::too_long) {
    text = "the frame is larger than allowed";
  } else {
    text = std::string(kValidationFailed).append(bytes.substr(0, kQuoted));
  }
  if (!busy()) return leave(Departure::kill, WorkerState::errored, std::move(text));
  return fail(receive_error(Errc::network, "\n\tgoridge_frame_receive: " + text),
              WorkerState::errored, Departure::kill, done);
}

PipeWorker::Turn PipeWorker::end_of_file(Done& done) {
  if (!busy()) return leave(Departure::kill, WorkerState::errored);
  int unread = 0;
  if (phase_ == Phase::running && inbox_.empty() && proven() && !output_.pending() &&
      ioctl(to_worker_, FIONREAD, &unread) == 0 &&
      static_cast<std::size_t>(unread) == request_bytes_) {
    // It was dying when the request was written, and has not read a byte of it.
    return hand_back(Departure::kill);
  }
  return fail(receive_error(Errc::network, inbox_.empty() ? "EOF" : "unexpected EOF"),
              WorkerState::errored, Departure::kill, done);
}

PipeWorker::Turn PipeWorker::fail(const Error& error, WorkerState state, Departure departure,
                                  Done& done) {
  if (output_.pending()) {
    output_.drop();  // points into the exchange
    departure = Departure::kill;
  }
  status_.become(state);
  crew_.finished();
  crew_.failed(*this, error);
  exchange_->fail(error);
  done.add(release_exchange());
  phase_ = Phase::idle;
  return leave(departure, state);
}

// Idle, and nothing left of the last answer: takes what waits.
PipeWorker::Turn PipeWorker::after_job(Done& done) {
  if (single_ || wants_to_leave()) return leave(Departure::stopping, WorkerState::stopping);
  while (broken_.empty()) {
    if (!emptied_ && !probe()) break;
    ExchangePtr next = crew_.take();
    if (!next || start(std::move(next), done)) return Turn::wait;
  }
  return leave(Departure::kill, WorkerState::errored, std::move(broken_));
}

void PipeWorker::take_in_hand(ExchangePtr exchange, TimePoint now) {
  exchange_ = std::move(exchange);
  {
    std::lock_guard lock(hand_mutex_);
    in_hand_ = exchange_.get();
    in_hand_since_ = now;
    slow_seen_ = false;
  }
  crew_.began();
}

std::optional<RunningExchange> PipeWorker::running() const {
  std::lock_guard lock(hand_mutex_);
  if (!in_hand_) return std::nullopt;
  return describe(*in_hand_, in_hand_since_);
}

std::optional<RunningExchange> PipeWorker::grown_slow(TimePoint now, Duration limit,
                                                      TimePoint& next) {
  std::lock_guard lock(hand_mutex_);
  if (!in_hand_ || slow_seen_) return std::nullopt;
  if (now < in_hand_since_ + limit) {
    next = std::min(next, in_hand_since_ + limit);
    return std::nullopt;
  }
  slow_seen_ = true;
  return describe(*in_hand_, in_hand_since_);
}

ExchangePtr PipeWorker::release_exchange() {
  auto slow = PipeCrew::Slow::unseen;
  {
    std::lock_guard lock(hand_mutex_);
    in_hand_ = nullptr;
    if (slow_seen_) slow = PipeCrew::Slow::seen;
  }
  crew_.over(*this, *exchange_, in_hand_since_, slow);
  wire_.body = {};
  if (wire_.body_storage.capacity() > kKeptBody) wire_.body_storage = {};
  if (wire_.context.capacity() > kKeptBody) wire_.context = {};
  return std::move(exchange_);
}

void PipeWorker::arm(Duration limit) {
  armed_ = true;
  reactor_.set_deadline(stay_.handle, Clock::now() + limit);
}

void PipeWorker::disarm() {
  expired_ = false;
  if (!armed_) return;
  armed_ = false;
  reactor_.set_deadline(stay_.handle, net::Reactor::kNever);
}

void PipeWorker::count_execution() {
  status_.executions.fetch_add(1, std::memory_order_relaxed);
}

// ---------------------------------------------------------------- slow clients

// True: the word now waits with the exchange, and resume() takes it up again.
bool PipeWorker::pause_if_congested() {
  if (!spare_pause_) spare_pause_ = new Pause(*this);
  Pause* pause = spare_pause_;
  {
    std::lock_guard lock(pause_mutex_);
    pause_ = pause;
  }
  if (!exchange_->congested(&PipeWorker::resume, pause)) {
    std::lock_guard lock(pause_mutex_);
    pause_ = nullptr;
    return false;
  }
  spare_pause_ = nullptr;
  disarm();
  auto expected = Pause::asking;
  if (pause->state.compare_exchange_strong(expected, Pause::paused, std::memory_order_acq_rel)) {
    return true;  // `this` may be owned by another thread already
  }
  // There was room again before we got here.
  {
    std::lock_guard lock(pause_mutex_);
    pause_ = nullptr;
  }
  pause->release();
  if (limits_.exec_ttl > Duration::zero()) arm(limits_.exec_ttl);
  return false;
}

void PipeWorker::resume(void* context) {
  auto* pause = static_cast<Pause*>(context);
  if (pause->state.exchange(Pause::resumed, std::memory_order_acq_rel) == Pause::paused) {
    PipeWorker& worker = pause->worker;
    {
      std::lock_guard lock(worker.pause_mutex_);
      worker.pause_ = nullptr;
    }
    pause->release();  // the worker's
    if (worker.limits_.exec_ttl > Duration::zero()) worker.arm(worker.limits_.exec_ttl);
    worker.emptied_ = false;
    worker.enter();
  }
  pause->release();
}

// True: the word was waiting for a slow client and is the caller's now.
bool PipeWorker::revoke_pause() {
  std::lock_guard lock(pause_mutex_);
  if (!pause_) return false;
  auto expected = Pause::paused;
  if (!pause_->state.compare_exchange_strong(expected, Pause::revoked, std::memory_order_acq_rel)) {
    return false;
  }
  std::exchange(pause_, nullptr)->release();
  return true;
}

}  // namespace rr::pool
