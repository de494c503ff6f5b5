// What the guardian hears and does at once; lives.cc has how servers begin and end.
#include "runtime/app/guardian/guardian.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "runtime/app/logs.h"
#include "runtime/app/signals.h"
#include "runtime/core/log/system.h"
#include "runtime/core/sd_notify.h"

namespace rr::app::guardian {
namespace {

using namespace std::chrono_literals;
using config::Node;

constexpr auto kForce = 1s;  // for a server that was told to leave at once

sigset_t watched() {
  sigset_t set = Signals::handled();
  sigaddset(&set, SIGCHLD);
  return set;
}

bool on_threads(const Node& pool) {
  const Node* mode = pool.find("mode");
  return mode != nullptr && mode->is(Node::Kind::text) &&
         (mode->text() == "embed" || mode->text() == "classic");
}

bool has_threads(const Node& section) {
  const Node* pool = section.find("pool");
  if (pool != nullptr && on_threads(*pool)) return true;
  const Node* pools = section.find("pools");
  return pools != nullptr && pools->is(Node::Kind::map) &&
         std::ranges::any_of(pools->map(),
                             [](const Node::Entry& each) { return on_threads(each.value); });
}

int poll_timeout(TimePoint until) {
  if (until == TimePoint::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace

bool wanted(const Node& root) {
  if (const Node* key = root.find("server.guardian")) {
    // What is no boolean is refused when its section is decoded.
    config::Errors errors;
    const config::Errors::Scope scope(errors, {}, *key);
    bool value = false;
    config::decode_value(*key, value, errors);
    return value;
  }
  if (::getpid() == 1) return true;
  return root.is(Node::Kind::map) && std::ranges::any_of(root.map(), [](const Node::Entry& each) {
           return has_threads(each.value);
         });
}

Guardian::Guardian(Options options)
    : options_(std::move(options)), pid_file_(options_.pid_file, Logger()) {}

Result<std::unique_ptr<Link>> Guardian::fork_server() {
  auto ends = Channel::pair();
  if (!ends) return std::move(ends).error();
  auto executable = Executable::of_process(options_.program.path);
  if (!executable) return std::move(executable).error();
  ::signal(SIGCHLD, SIG_DFL);  // ignored, children would end unseen
  const sigset_t all = watched();
  const sigset_t of_server = Signals::handled();
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &all, &before);
  std::fflush(nullptr);
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return Error(Errc::io, "", "the server's process cannot be made");
  if (pid == 0) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_sigmask(SIG_BLOCK, &of_server, nullptr);
    ends->first.close();
    return std::make_unique<Link>(std::move(ends->second), Link::To::guardian, self);
  }
  executable_ = std::move(*executable);
  children_.push_back({.pid = pid, .channel = std::move(ends->first), .since = Clock::now()});
  return std::unique_ptr<Link>();
}

int Guardian::watch() {
  ::signal(SIGPIPE, SIG_IGN);
  // The first server has them, and says which it uses.
  net::KeptSockets::of_process().close_unclaimed();
  const sigset_t all = watched();
  signals_.reset(::signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC));
  while (!code_) wait_for_events();
  return *code_;
}

void Guardian::wait_for_events() {
  std::vector<pollfd> sources{{signals_.get(), POLLIN, 0}};
  for (const Child& child : children_) {
    if (child.channel) sources.push_back({child.channel.descriptor(), POLLIN, 0});
  }
  const TimePoint until = std::min({start_at_, force_at_, give_up_at_});
  if (::poll(sources.data(), sources.size(), poll_timeout(until)) < 0) return;  // EINTR
  // Messages first: they say what a death that follows means.
  for (auto child = children_.begin(); child != children_.end(); ++child) {
    Message message;
    auto got = Channel::Got::nothing;
    while (child->channel &&
           (got = child->channel.receive(message, Channel::Wait::no)) == Channel::Got::message) {
      on_message(child, std::move(message));
    }
    if (got == Channel::Got::end) child->channel.close();
  }
  signalfd_siginfo info{};
  bool child_ended = false;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    const int number = static_cast<int>(info.ssi_signo);
    if (number == SIGCHLD) {
      child_ended = true;
    } else {
      on_signal(number);
    }
  }
  if (child_ended) reap();
  on_time(Clock::now());
}

void Guardian::on_signal(int number) {
  if (number != SIGHUP && number != SIGUSR1 && number != SIGUSR2) return stop_wanted(number);
  // A server that comes up hears of it when it is there.
  for (const Child& child : children_) {
    if (number == SIGUSR1 || child.state == State::serving ||
        (child.state == State::starting && !child.successor)) {
      ::kill(child.pid, number);
    }
  }
}

void Guardian::stop_wanted(int number) {
  ++stops_;
  start_at_ = TimePoint::max();
  if (children_.empty()) {
    code_ = 0;
    return;
  }
  for (Child& child : children_) {
    // One that has not served yet need not come up for it.
    if (child.successor) child.failure = "the server is stopping";
    ::kill(child.pid, child.successor ? SIGKILL : number);
  }
  if (stops_ > 1) force_at_ = Clock::now() + kForce;
}

void Guardian::on_message(Place child, Message message) {
  switch (message.word) {
    case Word::opened:
      if (message.descriptor)
        child->sockets.push_back({std::move(message.text), std::move(message.descriptor)});
      break;
    case Word::closed: {
      const auto gone = std::ranges::find(child->sockets, message.text, &Kept::name);
      if (gone != child->sockets.end()) child->sockets.erase(gone);
      child->channel.send(Word::gone);
      break;
    }
    case Word::ready:
      on_ready(child);
      break;
    case Word::failed:
      child->failure = std::move(message.text);
      break;
    case Word::ending:
      child->ending = true;
      break;
    case Word::restart:
      child->restart = true;
      break;
    case Word::crash:
      child->crash = std::move(message.text);
      break;
    case Word::notify:
      notify(*child, message.text);
      break;
    case Word::upgrade:
      begin_upgrade(child);
      break;
    default:
      break;
  }
}

void Guardian::notify(const Child& child, std::string_view state) {
  std::string error;
  // Of the service there is one, whoever comes or goes beside it.
  const bool serves = child.state != State::leaving && !child.successor;
  const Notified notified = serves ? sd_notify(state, &error) : Notified::yes;
  child.channel.send(Word::notified, notified == Notified::no ? "-" : error);
}

// Also what is not ours: a PID 1 is the parent of every orphan.
void Guardian::reap() {
  for (;;) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    const auto child = std::ranges::find(children_, pid, &Child::pid);
    if (child == children_.end()) continue;
    // What it still had to say.
    Message message;
    while (child->channel &&
           child->channel.receive(message, Channel::Wait::no) == Channel::Got::message) {
      on_message(child, std::move(message));
    }
    on_death(child, status);
  }
}

void Guardian::on_time(TimePoint now) {
  if (now >= start_at_) start_now();
  if (now >= force_at_) {
    force_at_ = TimePoint::max();
    forced_ = true;
    for (const Child& child : children_) ::kill(child.pid, SIGKILL);
  }
  if (now >= give_up_at_) {
    give_up_at_ = TimePoint::max();
    const Place late = successor();
    if (late == children_.end()) return;
    late->failure = "it is not ready in time";
    ::kill(late->pid, SIGKILL);
  }
}

// With the settings of the server, and at once: there is no writer beside the one thread.
void Guardian::tell(log::Level level, std::string_view message,
                    const std::vector<log::KeyValue>& fields) {
  try {
    log::System logs(logs_config(options_.config, options_.endure));
    logs.logger("guardian").log(level, message, std::span(fields));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rr-embed: %.*s (not in the log: %s)\n", static_cast<int>(message.size()),
                 message.data(), error.what());
  }
}

}  // namespace rr::app::guardian
