// The data-plane side of a worker process: its two pipes, the exchange it has, the frames between.
//
//   idle ──run──▶ running ──frame with STREAM──▶ streaming ──client gone──▶ draining
//    ▲              │ last frame                    │ last frame                │ last frame
//    └──────────────┴───────────────────────────────┴───────────────────────────┘
//   any ──▶ left: the pipes are out of the reactor and the control plane ends the process
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rr/exchange.h"
#include "runtime/goridge/frame.h"
#include "runtime/net/byte_buffer.h"
#include "runtime/net/reactor.h"
#include "runtime/pool/process/output_pipe.h"
#include "runtime/pool/process/worker_status.h"

namespace rr::pool {

class PipeWorker;

// How a worker left the data plane, and so what the control plane must do.
enum class Departure : std::uint8_t {
  stopping,  // it has its stop frame: give it time to exit
  kill,      // not to be trusted any more
};

// What a worker asks of its crew. Thread-safe.
class PipeCrew {
 public:
  // See CrewHost.
  virtual ExchangePtr take() = 0;
  virtual void finished() = 0;
  virtual void hand_back(ExchangePtr exchange) = 0;
  // The worker has nothing to do and its word is free: it may be given work from now on.
  virtual void became_idle(PipeWorker& worker, net::Handle handle) = 0;
  // The worker is out of the reactor and belongs to the control plane again.
  virtual void left(PipeWorker& worker, Departure departure) = 0;

 protected:
  ~PipeCrew() = default;
};

// The same for all workers of a crew.
struct PipeLimits {
  std::uint64_t max_jobs = 0;
  Duration exec_ttl{};
  Duration stream_timeout{};
  std::uint32_t max_payload = 0;
};

// Owned, like every Pollable, by the word of the read end; members that say "owner" need it. The
// object is used for one process after another: control plane ── join ──▶ data plane ── left ──▶.
class PipeWorker final : private net::Pollable, private OutputPipe::Listener {
 public:
  PipeWorker(std::uint32_t index, net::Reactor& reactor, PipeCrew& crew, const PipeLimits& limits)
      : index_(index), reactor_(reactor), crew_(crew), limits_(limits), reader_(limits.max_payload),
        output_(reactor, *this) {}

  std::uint32_t index() const { return index_; }
  WorkerStatus& status() { return status_; }
  const WorkerStatus& status() const { return status_; }

  // Control thread, worker not joined. Takes the pipes of a process that has answered the handshake
  // into the reactor; the descriptors stay the caller's and open until left(). `job_limit`: after so
  // many executions it is to be replaced; 0: never. `only`: not null in debug mode, the one exchange
  // of this process (running).
  void join(int from_worker, int to_worker, std::uint64_t job_limit, ExchangePtr only);

  // What the control plane wants; done by whoever owns the worker. Any thread, worker joined.
  enum Wish : std::uint8_t {
    kRetire = 1,       // leave when idle
    kStopNow = 2,      // stop frame at once, even behind a running exchange; leave when it is done
    kExited = 4,       // the process is gone: read what it left and leave
    kAbandon = 8,      // kExited, and do not wait for a slow client either
    kWriteFailed = 16  // the rest of a request could not be written
  };
  void wish(Wish wish) { wish_at(wish, handle_); }

  // Owner. Free, nothing unread in the pipe, no wish waits: run() may follow. Otherwise enter() must.
  bool free_and_clean();
  // Owner, after free_and_clean(). Takes a running exchange; the word is given away.
  void run(ExchangePtr exchange);
  // Owner, after free_and_clean(): nothing to run after all.
  void put_back();
  // Owner. Does what is to do; the word is given away.
  void enter();

 private:
  enum class Phase : std::uint8_t { left, idle, running, streaming, draining };
  enum class Turn : std::uint8_t {
    again,   // there may be more to read
    wait,    // nothing to do until an event comes
    gone,    // left the data plane: nothing of the object may be touched
    paused,  // the word waits with the exchange for a slow client; same
  };
  // Exchanges that are answered and let their connections go once the worker is seen to: that may
  // submit the next request on this thread.
  struct Done {
    ExchangePtr first;
    std::vector<ExchangePtr> others;
    void add(ExchangePtr exchange);
    void conclude();
  };
  // A stream that waits for a slow client. Shared by the worker and the callback in the exchange:
  // who comes second must not find it gone.
  struct Pause {
    enum State : std::uint8_t { asking, paused, resumed, revoked };
    std::atomic<State> state{asking};
    PipeWorker* worker = nullptr;
  };

  void on_ready(net::Readiness) override;
  void on_deadline(TimePoint now) override;
  void output_failed(net::Handle worker) override { wish_at(kWriteFailed, worker); }
  void wish_at(Wish wish, net::Handle handle);
  bool revoke_pause();

  void drive();
  bool settle();
  Turn turn(Done& done);
  Turn read_pipe(Done& done);
  Turn take_frames(std::string_view bytes, Done& done);
  Turn take_frame(std::string_view payload, std::string_view rest, Done& done);
  Turn take_last(const WireAnswer& answer, bool stray, Done& done);
  Turn take_chunk(const WireAnswer& answer, std::string_view rest, Done& done);
  Turn pause();
  Turn end_stream_early(std::string_view rest, Done& done);
  Turn end_of_file(Done& done);
  Turn fail(Error error, WorkerState state, Departure departure, Done& done);
  Turn after_job(Done& done);
  Turn leave(Departure departure, WorkerState state);
  bool start(ExchangePtr exchange, Done& done);
  enum class Unread : std::uint8_t { nothing, bytes, end };
  Unread probe();
  bool send(std::string_view frame) { return output_.write(frame); }
  ExchangePtr release_exchange();
  void arm(Duration limit);
  void disarm();
  void count_execution();
  bool limit_reached() const;
  bool wants_to_leave() const { return (noted_ & (kRetire | kStopNow)) != 0; }
  static void resume(void* context);

  const std::uint32_t index_;
  net::Reactor& reactor_;    // outlives the pool
  PipeCrew& crew_;           // owns this
  const PipeLimits& limits_;  // the crew's
  WorkerStatus status_;
  std::atomic<std::uint8_t> wishes_{0};  // not yet seen by an owner

  // Owner.
  net::Handle handle_;  // also read by the control thread, which wrote it
  int from_worker_ = -1;
  int to_worker_ = -1;
  std::uint64_t job_limit_ = 0;
  Phase phase_ = Phase::left;
  std::uint8_t noted_ = 0;   // wishes seen
  bool stop_sent_ = false;
  bool last_ = false;        // debug mode: stopped after this exchange
  bool expired_ = false;     // the deadline has passed
  bool armed_ = false;       // a deadline is set
  bool emptied_ = false;     // the last read took all there was
  bool broken_ = false;      // found by probe(): the worker cannot be used
  goridge::FrameReader reader_;
  net::ByteBuffer inbox_;    // the beginning of a frame
  ExchangePtr exchange_;     // running, streaming
  WireRequest wire_;         // what the pipe has not taken of a request may point into it
  char header_[goridge::kMaxHeaderBytes];
  OutputPipe output_;

  std::mutex pause_mutex_;  // guards pause_
  // Shared with the callback that the exchange holds: see Pause.
  std::shared_ptr<Pause> pause_;
};

}  // namespace rr::pool
