// One process of a service: started, listened to, started again, stopped.
#pragma once

#include <sys/types.h>

#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "rr/exchange.h"
#include "rr/log.h"
#include "runtime/core/task_group.h"
#include "runtime/plugins/service/config.h"
#include "runtime/pool/process/launcher.h"
#include "runtime/pool/process/reaper.h"

namespace rr::service {

// Control thread only. Destroyed only when it is over().
//
//   start() ─▶ runs ─▶ has ended ─▶ waits restart_sec ─▶ runs … (remain_after_exit)
//                          └─▶ over
//   stop() from anywhere ─▶ SIGINT ─▶ timeout_stop_sec ─▶ SIGKILL ─▶ over
class Process {
 public:
  // `plan` and `config` are the service's and outlive this, as `reaper` does. `log` gets what the
  // process writes.
  Process(boost::asio::io_context& control, const pool::LaunchPlan& plan,
          const ServiceConfig& config, pool::Reaper& reaper, Logger log);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Once. Errors are the operating system's.
  Result<void> start();
  // It is to end: at once when it waits to be started again. `kill_at`: for SIGKILL, if that is
  // sooner than timeout_stop_sec says; may be called again with another.
  void stop(TimePoint kill_at);
  // It has ended for good and nothing of it is left; returns at once when that is so.
  Task<void> over();

  // Of the last one that was started; 0 before.
  pid_t pid() const { return pid_; }
  bool runs() const { return running_; }

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;

  Result<void> launch();
  Task<void> run();
  Task<void> until_ended();
  Task<void> until(TimePoint when);
  void watch_exit();
  void watch_output();
  void read_output();
  void exited();
  void report() const;
  void signal(int number) const;
  void ring() { bell_.cancel(); }

  boost::asio::io_context& control_;
  const pool::LaunchPlan& plan_;
  const ServiceConfig& config_;
  pool::Reaper& reaper_;
  const Logger log_;
  boost::asio::steady_timer bell_;  // what run() waits on; ring() wakes it
  boost::asio::steady_timer over_;  // until the end of time; cancelled when it is over
  Descriptor exit_;                 // pidfd
  Descriptor output_;               // stdout and stderr, as one
  pid_t pid_ = 0;
  int exit_status_ = 0;
  int outstanding_ = 0;  // handlers that have not come back
  bool running_ = false;
  bool output_open_ = false;
  bool stopping_ = false;
  bool is_over_ = true;
  TimePoint kill_at_ = TimePoint::max();
};

}  // namespace rr::service
