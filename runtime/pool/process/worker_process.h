// The control-plane side of a worker: process after process, each spawned, greeted, watched, ended,
// reaped and replaced.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "rr/exchange.h"
#include "runtime/pool/process/handshake.h"
#include "runtime/pool/process/line_splitter.h"
#include "runtime/pool/process/options.h"
#include "runtime/pool/process/pipe_worker.h"
#include "runtime/pool/process/process_stats.h"
#include "runtime/pool/process/stderr_tail.h"

namespace rr::pool {

// Control thread only.
class WorkerProcess {
 public:
  // Told on the control thread.
  class Owner {
   public:
    // It takes jobs from here on; not told of one that is to be renewed at once.
    virtual void came_up(WorkerProcess& process) = 0;
    // After the process is gone; there will be another try, unless the owner calls end().
    virtual void failed_to_start(WorkerProcess& process, const Error& error) = 0;
    // After end(), or after the exchange of serve_one(): no process is left and begin() or
    // serve_one() may be called again, or the object destroyed.
    virtual void ended(WorkerProcess& process) = 0;

   protected:
    ~Owner() = default;
  };

  WorkerProcess(boost::asio::io_context& control, const ProcessOptions& options, PipeWorker& pipes,
                Owner& owner);

  // Keeps one process running from here on.
  void begin();
  // Debug mode: a process for this exchange (running) alone.
  void serve_one(ExchangePtr exchange);

  // Replaces the process once it is idle. came_up() tells when the new one is there.
  void renew();
  // Ends the process once it is idle, without replacement.
  void end();
  // The process, busy or not, gets its stop frame now and is killed when it is still there after
  // `grace`. `abandon`: its exchange is then failed even if it waits for a slow client only.
  enum class Abandon : std::uint8_t { no, yes };
  void stop_now(Duration grace, Abandon abandon);
  // It was at work when it was told to stop at once, with Abandon::yes, and did not do so in time.
  bool cut_off() const { return busy_at_end_ && overdue_; }
  // The pipes are ours again (told by whoever drove them, through the control thread's queue).
  void left(Departure departure, const std::string& note);

  // serve_one(): the exchange, when the process has not come up.
  ExchangePtr take_exchange() { return std::move(exchange_); }

  // Looks at the soft limits.
  void supervise(TimePoint now);

  PipeWorker& pipes() { return pipes_; }
  bool joined() const { return joined_; }
  // end() has been called, or the process is gone for good.
  bool ending() const { return ending_; }

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<Result<void>> bring_up();
  boost::asio::awaitable<Result<void>> greet_over_pipes();
  boost::asio::awaitable<Result<void>> greet_over_relay();
  boost::asio::awaitable<void> shake_hands(Handshake& handshake);
  boost::asio::awaitable<void> until_gone();
  boost::asio::awaitable<void> give_time_to_exit();
  boost::asio::awaitable<void> reap();
  boost::asio::awaitable<void> hold_off();
  boost::asio::awaitable<void> until(TimePoint when);
  void spawn_run();
  void ring() { bell_.cancel(); }
  void watch_exit();
  void watch_errors();
  void watch_output();
  void read_errors();
  void flush_line_soon();
  void kill();
  void exited();
  void retire(WorkerState why);
  std::string with_last_words(std::string text) const;
  std::string with_exit_status(std::string text) const;
  std::uint64_t draw_job_limit() const;

  boost::asio::io_context& control_;
  const ProcessOptions& options_;   // the crew's
  PipeWorker& pipes_;               // the crew's, outlives this
  Owner& owner_;                    // the crew
  boost::asio::steady_timer bell_;  // what run() waits on; ring() wakes it
  boost::asio::steady_timer line_timer_;
  Descriptor exit_;  // pidfd
  Descriptor errors_;
  Descriptor from_worker_;  // ours during the handshake and after left()
  int from_worker_fd_ = -1;
  int to_worker_fd_ = -1;
  pid_t pid_ = 0;
  int exit_status_ = 0;
  int outstanding_ = 0;    // handlers that have not come back; run() ends after the last one
  bool readable_ = false;  // from_worker_, during the handshake
  bool exited_ = true;
  bool killed_ = false;
  bool line_timer_runs_ = false;
  bool joined_ = false;    // the data plane has the pipes
  bool expected_ = false;  // it has its stop frame and goes by itself
  bool retiring_ = false;  // it has been told to leave when idle
  bool ending_ = false;
  bool single_ = false;
  bool renew_ = false;  // replace it as soon as it has come up
  bool retry_now_ = false;
  bool abandon_ = false;
  bool busy_at_end_ = false;
  bool overdue_ = false;
  TimePoint kill_at_ = TimePoint::max();
  TimePoint began_{};
  Duration pause_{};      // before the next try
  ExchangePtr exchange_;  // single_
  StderrTail last_words_;
  LineSplitter lines_;
  MemoryGauge memory_;
};

}  // namespace rr::pool
