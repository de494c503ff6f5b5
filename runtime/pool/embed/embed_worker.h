// One interpreter thread of an embed pool.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/held_output.h"
#include "runtime/php/stack_ask.h"
#include "runtime/pool/embed/embed_crew.h"

namespace rr::pool {

// Thread rules are said at each member. Life: start(), any number of recycles, leave(), then the
// destructor once has_ended().
class EmbedWorker final : private php::WorkSource, private net::OutputHolder {
 public:
  EmbedWorker(EmbedShared& shared, int id);
  ~EmbedWorker();  // joins; only after has_ended() or leave()

  // Crew: starts the thread. wait_ready() then says how the first boot went.
  void start();
  // Blocks until the script has asked for work since the last start() or recycle_now(), has failed
  // to, or the deadline has passed.
  Result<void> wait_ready(TimePoint deadline);

  // The worker whose thread this is; null elsewhere.
  static EmbedWorker* here();
  // On this worker's own thread: takes an exchange to run next, when idle.
  bool accept(const EmbedCrew& crew, ExchangePtr& exchange);
  void set_crew(EmbedCrew& crew) { crew_ = &crew; }

  // Before start(): told on the worker's thread how its first boot went; after a failure it leaves.
  void tell_when_up(Crew::Done done) { up_ = std::move(done); }
  // Any thread, before leave(): told when nothing of it is left but the thread's last steps.
  void tell_when_gone(Crew::Done done);

  // Any thread. A fresh interpreter as soon as the exchange in hand is done; recycle_now() makes
  // wait_ready() wait for it.
  void recycle_soon();
  void recycle_now();
  // Any thread. Ends the thread as soon as the exchange in hand is done.
  void leave();
  // Any thread. It is idle: wake() makes it look for work.
  bool waits() const { return waits_.load(std::memory_order_seq_cst); }
  void wake();
  // Any thread. There may be work: wakes a script that waits for ready_descriptor().
  void ring();
  bool leaves() const { return leave_.load(std::memory_order_acquire); }
  // Any thread, after leave(). False: still running at the deadline.
  bool wait_ended(TimePoint deadline);
  bool has_ended() const { return ended_.load(std::memory_order_acquire); }
  // Any thread. Makes a running script end, harder with each call.
  void interrupt();

  // Guard: exec_ttl, CPU limit, slow exchanges. Sets `stuck` when the script did not react and its
  // exchange has been answered for it: the worker must then be replaced.
  TimePoint expire(TimePoint now, bool& stuck);
  // Guard: a script over one of the soft limits leaves once it is idle and starts anew.
  void supervise(TimePoint now);

  WorkerInfo info() const;  // any thread
  // Any thread. Asks the script where it is; told() waits for what it says until the deadline.
  // Null: it waits for work.
  std::shared_ptr<php::StackAsk> ask_stack();
  WorkerStack told_stack(php::StackAsk* ask, TimePoint deadline) const;
  int id() const { return id_; }
  std::int64_t pid() const { return thread_id_.load(std::memory_order_acquire); }
  WorkerState state() const { return state_.load(std::memory_order_acquire); }

 private:
  static constexpr Duration kUnknown = std::chrono::seconds(1);

  Exchange* next(TimePoint deadline) override;
  void done() override;
  void failed(const Error& error) override;
  void script_failed(std::string_view message) override;
  void hand_back() override;
  bool stopping() const override;
  void recycle() override;
  void note_time_limit(TimePoint when) override { shared_.plane.note_deadline(when); }
  int ready_descriptor() override;
  int worker_id() const override { return id_; }
  TimePoint running_since() const override { return running_since_; }

  bool hold(net::Output& output) override;
  void note_script_time(TimePoint now);
  void send_what_is_old(TimePoint now, Duration age);

  enum class Boot { pending, ready, failed };

  void thread_main();
  void life(php::Interpreter& interpreter);
  ExchangePtr take_from_hand();
  void ask_for_work();
  bool await_work(TimePoint deadline);
  void booted(Boot boot, std::string error = {});
  void fail_local(const php::ScriptReport& report);
  std::string boot_failure(const php::ScriptReport& report) const;
  bool told() const {
    return leave_.load(std::memory_order_acquire) || recycle_.load(std::memory_order_acquire);
  }
  bool become(WorkerState to);
  void ring_if_work_waits();
  TimePoint watch_slow(TimePoint now);
  void end_slow();
  void log_slow(const RunningExchange& running, const std::vector<std::string>& frames,
                std::string_view note) const;

  EmbedShared& shared_;
  EmbedCrew* crew_ = nullptr;
  const int id_;
  const std::uint64_t max_jobs_;

  // ---- this thread
  bool idle_ = false;       // between exchanges: accept() may hand one over
  ExchangePtr local_;       // handed over by accept()
  ExchangePtr in_hand_;     // with the script
  std::uint64_t jobs_ = 0;  // since the last boot
  unsigned failed_boots_ = 0;
  bool waited_ = true;           // since the last exchange began
  Duration average_ = kUnknown;  // of an exchange, from its beginning to that of the next
  net::Parker parker_;

  // ---- any thread
  net::HeldOutput held_;
  std::atomic<int> bell_{-1};  // eventfd, made when a script first asks for it
  std::atomic<bool> leave_{false};
  std::atomic<bool> recycle_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> waits_{false};  // set before it looks at the queue for the last time
  std::atomic<WorkerState> state_{WorkerState::inactive};
  std::atomic<std::uint64_t> executions_{0};
  std::atomic<std::int64_t> created_unix_ns_{0};
  std::atomic<TimePoint> began_{TimePoint{}};      // this life of the script
  std::atomic<TimePoint> last_used_{TimePoint{}};  // start of its last exchange; the epoch: none
  std::atomic<int> thread_id_{0};

  mutable std::mutex hand_mutex_;  // guards what follows
  Exchange* running_ = nullptr;
  TimePoint running_since_;  // written by this thread, which reads it without the lock
  int interrupts_ = 0;
  TimePoint last_interrupt_;
  // Of what is running, once it has become slow; see watch_slow().
  std::shared_ptr<php::StackAsk> slow_ask_;
  std::string slow_call_;  // the C call that it was in shortly after
  bool slow_logged_ = false;
  php::Interpreter* interpreter_ = nullptr;

  mutable std::mutex boot_mutex_;  // guards what follows
  std::condition_variable boot_changed_;
  Boot boot_ = Boot::pending;
  std::string boot_error_;
  Crew::Done up_;
  Crew::Done gone_;

  pthread_t thread_{};
  bool joinable_ = false;
};

}  // namespace rr::pool
