// The data-plane side of a worker process: its two pipes, the exchange it has, the frames between.
//
//   idle ──run──▶ running ──frame with STREAM──▶ streaming ──client gone──▶ draining
//    ▲              │ last frame                    │ last frame                │ last frame
//    └──────────────┴───────────────────────────────┴───────────────────────────┘
//   any ──▶ left: the pipes are out of the reactor and the control plane ends the process
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rr/exchange.h"
#include "runtime/goridge/frame.h"
#include "runtime/net/byte_buffer.h"
#include "runtime/net/reactor.h"
#include "runtime/pool/process/idle_list.h"
#include "runtime/pool/process/output_pipe.h"
#include "runtime/pool/process/worker_status.h"

namespace rr::pool {

class PipeWorker;

// How a worker left the data plane, and so what the control plane must do.
enum class Departure : std::uint8_t {
  stopping,  // it has its stop frame: give it time to exit
  kill,      // not to be trusted any more, or gone already
};

// What a worker asks of its crew. Thread-safe.
class PipeCrew {
 public:
  // See CrewHost.
  virtual ExchangePtr take() = 0;
  virtual void finished() = 0;
  // The exchange this worker had is answered with an error.
  virtual void failed(const PipeWorker& worker, const Error& error) = 0;
  virtual void hand_back(ExchangePtr exchange) = 0;
  // This worker has an exchange in hand from here on.
  virtual void began() = 0;
  // It has no longer the one that it got then. `seen`: grown_slow() has shown it.
  enum class Slow : bool { unseen, seen };
  virtual void over(const PipeWorker& worker, Exchange& exchange, TimePoint since, Slow slow) = 0;
  // The worker has nothing to do and its word is free: it may be given work from now on.
  virtual void became_idle(PipeWorker& worker, Stay stay) = 0;
  // The worker is out of the reactor and belongs to the control plane again. `note`: what an
  // operator should know, empty for an ordinary end.
  virtual void left(PipeWorker& worker, Departure departure, std::string note) = 0;

 protected:
  ~PipeCrew() = default;
};

// The same for all workers of a crew.
struct PipeLimits {
  Duration exec_ttl{};  // zero: none
  Duration stream_timeout{};
  std::uint32_t max_payload = 0;
};

// Owned, like every Pollable, by the word of the read end; members that say "owner" need it. The
// object is used for one process after another: control plane ── join ──▶ data plane ── left ──▶.
class PipeWorker final : private net::Pollable, private OutputPipe::Listener {
 public:
  PipeWorker(std::uint32_t index, net::Reactor& reactor, PipeCrew& crew, const PipeLimits& limits);
  ~PipeWorker();

  std::uint32_t index() const { return index_; }
  WorkerStatus& status() { return status_; }
  const WorkerStatus& status() const { return status_; }
  // Any thread. What it has in hand; nothing: it waits, or drains a stream that nobody wants.
  std::optional<RunningExchange> running() const;
  // Guard. What it has in hand, once, when it has had it for longer than this; `next` becomes when
  // to look again, if that is earlier.
  std::optional<RunningExchange> grown_slow(TimePoint now, Duration limit, TimePoint& next);

  // Control thread, worker not joined. Takes the pipes of a process that has answered the handshake
  // into the reactor; the descriptors stay the caller's, and open until left(). `job_limit`: it is
  // replaced after so many executions; 0: never. `only`: not null in debug mode, the one exchange
  // of this process (running).
  void join(int from_worker, int to_worker, std::uint64_t job_limit, ExchangePtr only);

  // What the control plane wants; done by whoever owns the worker, in a moment or when it is due.
  enum Wish : std::uint8_t {
    kRetire = 1,        // leave when idle
    kStopNow = 2,       // stop frame at once, even behind a running exchange; leave when it is done
    kExited = 4,        // the process is gone: read what it left, then leave
    kAbandon = 8,       // leave at once, even while a client is slow to take a stream
    kWriteFailed = 16,  // the rest of a request could not be written
  };
  // Control thread.
  void wish(Wish wish) { wish_at(wish, stay_); }

  // Owner. Free, nothing unread in the pipe, no wish waits: run() or put_back() may follow. False:
  // enter() must.
  bool free_and_clean();
  // Runs an exchange (state running); the word is given away.
  void run(ExchangePtr exchange);
  // Nothing to run after all; the word is given away.
  void put_back();
  // Owner. Does what is to do; the word is given away.
  void enter();

 private:
  enum class Phase : std::uint8_t { left, idle, running, streaming, draining };
  enum class Turn : std::uint8_t {
    again,   // there may be more to do at once
    wait,    // nothing to do until an event comes
    gone,    // left the data plane: nothing of the object may be touched any more
    paused,  // the word waits with the exchange for a slow client; the same
  };
  // Exchanges that are answered. Their connections are let go once the worker is seen to, because
  // that may submit the next request on this thread.
  class Done {
   public:
    void add(ExchangePtr exchange);
    void conclude();

   private:
    ExchangePtr first_;
    std::vector<ExchangePtr> others_;
  };
  struct Pause;

  void on_ready(net::Readiness) override;
  void on_deadline(TimePoint now) override;
  void output_failed(Stay stay) override { wish_at(kWriteFailed, stay); }
  void wish_at(Wish wish, Stay stay);

  void drive();
  bool settle();
  Turn turn(Done& done);
  Turn heed_wishes(Done& done);
  Turn read_pipe(Done& done);
  Turn take_frames(std::string_view bytes, Done& done);
  Turn take_frame(std::string_view payload, bool stray, Done& done);
  Turn take_chunk(const WireAnswer& answer, Done& done);
  Turn complete(const WireAnswer* answer, const Error* error, bool stray, Done& done);
  Turn hand_back(Departure departure);
  Turn malformed(std::string_view bytes, Done& done);
  Turn end_of_file(Done& done);
  Turn fail(const Error& error, WorkerState state, Departure departure, Done& done);
  Turn after_job(Done& done);
  Turn leave(Departure departure, WorkerState state, std::string note = {});
  bool start(ExchangePtr exchange, Done& done);
  bool probe();
  void take_in_hand(ExchangePtr exchange, TimePoint now);
  ExchangePtr release_exchange();
  void arm(Duration limit);
  void disarm();
  void count_execution();
  // Has done a job before: what is handed back then does not go round among workers that die at
  // once.
  bool proven() const {
    return status_.executions.load(std::memory_order_relaxed) > (busy() ? 1 : 0);
  }
  bool busy() const { return phase_ == Phase::running || phase_ == Phase::streaming; }
  bool wants_to_leave() const { return (noted_ & (kRetire | kStopNow)) != 0; }

  bool pause_if_congested();
  bool revoke_pause();
  static void resume(void* context);

  const std::uint32_t index_;
  net::Reactor& reactor_;     // outlives the pool
  PipeCrew& crew_;            // owns this
  const PipeLimits& limits_;  // the crew's
  WorkerStatus status_;
  // stay number << 8 | wishes that no owner has seen yet
  std::atomic<std::uint64_t> wishes_{0};

  // Owner.
  Stay stay_;  // the control thread, which wrote it, reads it too
  int to_worker_ = -1;
  int from_worker_ = -1;
  std::uint64_t job_limit_ = 0;
  Phase phase_ = Phase::left;
  std::uint8_t noted_ = 0;  // wishes seen
  bool stop_sent_ = false;
  bool single_ = false;    // debug mode: stopped behind its exchange
  bool expired_ = false;   // the deadline has passed
  bool armed_ = false;     // a deadline is set
  bool emptied_ = false;   // the last read took all there was, and nothing was reported since
  bool unparsed_ = false;  // inbox_ may hold whole frames
  std::string broken_;     // why the worker cannot be used any more; empty: it can
  goridge::FrameReader reader_;
  net::ByteBuffer inbox_;  // the beginning of a frame
  ExchangePtr exchange_;   // busy()
  WireRequest wire_;       // with header_: what the pipe has not taken of a request points here
  char header_[goridge::kMaxHeaderBytes];
  std::size_t request_bytes_ = 0;  // of the frame that exchange_ was written as
  OutputPipe output_;
  Pause* spare_pause_ = nullptr;

  mutable std::mutex hand_mutex_;  // guards what follows
  Exchange* in_hand_ = nullptr;    // exchange_, while it is there
  TimePoint in_hand_since_;        // written by the owner, which reads it without the lock
  bool slow_seen_ = false;

  std::mutex pause_mutex_;  // guards pause_
  Pause* pause_ = nullptr;
};

}  // namespace rr::pool
