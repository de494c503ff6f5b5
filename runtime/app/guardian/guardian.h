// The parent of a server with PHP on threads: a crash there ends the whole process, so somebody
// else must hold what clients and operators know it by. The guardian is the PID that was started;
// it holds the listening sockets, starts the server again when it dies, passes on signals, exit
// code and what is for systemd, puts the new program in the place of the old one (upgrade), and, as
// PID 1, reaps what nobody waits for.
//
//   server      starting ──ready──▶ serving ──another is ready──▶ leaving
//                  │                   │                            │
//                  └───────────────────┴── ends ────────────────────┘
#pragma once

#include <sys/types.h>

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rr/log.h"
#include "rr/result.h"
#include "runtime/app/endure_config.h"
#include "runtime/app/guardian/backoff.h"
#include "runtime/app/guardian/channel.h"
#include "runtime/app/guardian/link.h"
#include "runtime/app/guardian/spawn.h"
#include "runtime/app/pid_file.h"
#include "runtime/core/config/config.h"
#include "runtime/core/program.h"

namespace rr::app::guardian {

// Whether this configuration is served under a guardian: `server.guardian` says so, else a pool
// with threads or being PID 1 does.
bool wanted(const config::Node& root);

// One thread, and no other in the process.
class Guardian {
 public:
  struct Options {
    Program program;
    config::Config& config;  // both for its own log; outlive this
    const EndureConfig& endure;
    PidFile::Wanted pid_file = PidFile::Wanted::no;
  };
  explicit Guardian(Options options);

  // Forks the first server, which finds everything as it is here. Returns its link there, null in
  // the guardian. Errors: no process.
  Result<std::unique_ptr<Link>> fork_server();
  // Guards until the end; returns the exit code, or ends as the server did.
  int watch();

 private:
  enum class State : std::uint8_t { starting, serving, leaving };
  struct Kept {
    std::string name;
    Descriptor descriptor;
  };
  struct Child {
    pid_t pid = -1;
    Channel channel;
    State state = State::starting;
    bool successor = false;  // comes up beside one that serves
    TimePoint since;         // of its state
    std::vector<Kept> sockets = {};
    std::string crash = {};    // its last words
    std::string failure = {};  // why it did not come up
    bool ending = false;       // has said that it goes
    bool restart = false;      // and wants to be followed
  };
  using Place = std::list<Child>::iterator;

  void wait_for_events();
  void on_signal(int number);
  void on_message(Place child, Message message);
  void notify(const Child& child, std::string_view state);
  void reap();
  void on_death(Place child, int status);
  void on_successors_death(const Child& dead, int status);
  void on_time(TimePoint now);

  void on_ready(Place child);
  void begin_upgrade(Place asker);
  void upgrade_failed(const std::string& why);
  void start_again(Duration wait);
  void start_now();
  std::optional<std::string> launch(const Executable& executable, bool successor);
  void stop_wanted(int number);
  void end(int status);

  Place in(State state);
  Place successor();
  std::vector<net::KeptSockets::Socket> sockets_to_hand_on();
  void tell(log::Level level, std::string_view message, const std::vector<log::KeyValue>& fields);
  void tell_of_death(log::Level level, std::string_view message, const Child& dead, int status,
                     std::optional<Duration> wait);

  Options options_;
  PidFile pid_file_;
  Descriptor signals_;
  Executable executable_;  // of the server that served last
  Executable candidate_;   // of the successor
  std::list<Child> children_;
  std::vector<Kept> kept_;  // of the server that served last and is gone
  Backoff backoff_;
  bool served_ = false;  // some server was ready
  int stops_ = 0;
  int last_status_ = 0;  // of the server, once it has ended after a stop
  bool forced_ = false;
  pid_t asker_ = -1;  // who wants the upgrade
  TimePoint start_at_ = TimePoint::max();
  TimePoint force_at_ = TimePoint::max();
  TimePoint give_up_at_ = TimePoint::max();  // the successor
  std::optional<int> code_;
};

}  // namespace rr::app::guardian
