// How servers begin and end below the guardian.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "runtime/app/guardian/guardian.h"
#include "runtime/app/guardian/upgrade.h"

namespace rr::app::guardian {
namespace {

std::string cause_of(int status) {
  if (WIFEXITED(status)) return "exit code " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const char* name = ::sigabbrev_np(number);
  return "signal " + std::to_string(number) + (name ? std::string(" (SIG") + name + ")" : "");
}

// As the process would have ended by itself. PID 1 cannot die of a signal.
int end_like(int status) {
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  const int number = WTERMSIG(status);
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);  // the server has left one
  ::signal(number, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  std::fflush(nullptr);
  ::raise(number);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return 128 + number;
}

// Lines of a crash report: thread, script, request.
std::array<std::string, 3> lines_of(const std::string& text) {
  std::array<std::string, 3> lines;
  std::size_t at = 0;
  for (std::string& line : lines) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    line = text.substr(at, end - at);
    at = std::min(end + 1, text.size());
  }
  return lines;
}

}  // namespace

Guardian::Place Guardian::in(State state) {
  return std::ranges::find_if(
      children_, [state](const Child& child) { return child.state == state && !child.successor; });
}

Guardian::Place Guardian::successor() {
  return std::ranges::find(children_, true, &Child::successor);
}

std::vector<net::KeptSockets::Socket> Guardian::sockets_to_hand_on() {
  const Place serving = in(State::serving);
  const auto& from = serving != children_.end() ? serving->sockets : kept_;
  std::vector<net::KeptSockets::Socket> all;
  for (const Kept& kept : from) all.push_back({kept.name, kept.descriptor.get()});
  return all;
}

// What went wrong, or nothing.
std::optional<std::string> Guardian::launch(const Executable& executable, bool successor) {
  auto spawned = spawn(options_.program, executable, kGuardianVariable, sockets_to_hand_on());
  if (!spawned) return spawned.error().message;
  children_.push_back({.pid = spawned->pid,
                       .channel = std::move(spawned->channel),
                       .successor = successor,
                       .since = Clock::now()});
  return std::nullopt;
}

void Guardian::start_again(Duration wait) {
  start_at_ = Clock::now() + wait;
}

void Guardian::start_now() {
  start_at_ = TimePoint::max();
  const auto failed = launch(executable_, false);
  if (!failed) return;
  const Duration wait = backoff_.next(Duration::zero());
  tell(log::Level::error, "the server cannot be started, trying again",
       {kv("error", *failed), kv("wait", wait)});
  start_again(wait);
}

void Guardian::on_ready(Place child) {
  if (child->successor) {
    const Place old = in(State::serving);
    if (old != children_.end()) {
      old->state = State::leaving;
      old->sockets.clear();
      const Place asked = std::ranges::find(children_, asker_, &Child::pid);
      if (asked != children_.end()) asked->channel.send(Word::upgraded);
      old->channel.send(Word::leave);
    }
    executable_ = std::exchange(candidate_, {});
    child->successor = false;
    asker_ = -1;
    give_up_at_ = TimePoint::max();
  }
  kept_.clear();
  child->state = State::serving;
  child->since = Clock::now();
  if (!std::exchange(served_, true)) pid_file_.write();
  child->channel.send(Word::go);
}

void Guardian::begin_upgrade(Place asker) {
  const auto refuse = [&](std::string_view why) { asker->channel.send(Word::upgraded, why); };
  if (stops_ > 0) return refuse("the server is stopping");
  if (asker->ending || asker->restart) return refuse("this server is leaving already");
  if (asker->state == State::starting || successor() != children_.end() ||
      in(State::leaving) != children_.end()) {
    return refuse(kUnderWay);
  }
  auto executable = Executable::open(options_.program.path);
  if (!executable) return refuse(executable.error().message);
  candidate_ = std::move(*executable);
  asker_ = asker->pid;
  asker->channel.send(Word::make_room);
  give_up_at_ = Clock::now() + kUpgradeLimit;
  if (const auto failed = launch(candidate_, true)) upgrade_failed(*failed);
}

void Guardian::upgrade_failed(const std::string& why) {
  give_up_at_ = TimePoint::max();
  candidate_ = {};
  const Place asked = std::ranges::find(children_, std::exchange(asker_, -1), &Child::pid);
  if (asked == children_.end()) return;
  asked->channel.send(Word::carry_on);
  asked->channel.send(Word::upgraded, "the new server does not come up: " + why);
}

void Guardian::on_death(Place child, int status) {
  Child dead = std::move(*child);
  children_.erase(child);
  if (dead.successor) return on_successors_death(dead, status);
  if (stops_ > 0 || dead.ending) {
    if (dead.state != State::leaving) last_status_ = status;
    if (children_.empty()) return end(last_status_);
    // A server that was told to end by itself: so are the others.
    if (dead.state != State::leaving && stops_ == 0) stop_wanted(SIGTERM);
    return;
  }
  if (dead.state == State::leaving) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    return tell_of_death(log::Level::warn, "the old server died", dead, status, std::nullopt);
  }
  // The first start tells its errors itself.
  if (!served_) return end(status);

  if (dead.state == State::serving) kept_ = std::move(dead.sockets);
  const bool another_comes = successor() != children_.end();
  if (dead.restart) {
    if (auto fresh = Executable::open(options_.program.path)) executable_ = std::move(*fresh);
    if (!another_comes) start_again(Duration::zero());
    return;
  }
  const Duration served =
      dead.state == State::serving ? Clock::now() - dead.since : Duration::zero();
  const Duration wait = another_comes ? Duration::zero() : backoff_.next(served);
  tell_of_death(log::Level::error,
                dead.state == State::serving ? "server died, starting it again"
                                             : "server does not come up, trying again",
                dead, status, wait);
  if (!another_comes) start_again(wait);
}

void Guardian::on_successors_death(const Child& dead, int status) {
  const std::string why = dead.failure.empty() ? cause_of(status) : dead.failure;
  upgrade_failed(why);
  if (!children_.empty()) return;
  if (stops_ > 0) return end(last_status_);
  // The one it was to follow has died meanwhile.
  tell(log::Level::error, "the new server does not come up, starting the old one again",
       {kv("error", why)});
  start_again(Duration::zero());
}

void Guardian::tell_of_death(log::Level level, std::string_view message, const Child& dead,
                             int status, std::optional<Duration> wait) {
  const std::string cause = cause_of(status);
  const auto [thread, script, request] = lines_of(dead.crash);
  std::vector<log::KeyValue> fields{kv("pid", dead.pid), kv("cause", cause)};
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) fields.push_back(kv(name, text));
  };
  add("thread", thread);
  add("script", script);
  add("request", request);
  add("error", dead.failure);
  if (wait) fields.push_back(kv("wait", *wait));
  tell(level, message, fields);
}

void Guardian::end(int status) {
  pid_file_.remove();
  if (forced_) {
    std::puts("exit forced");
    std::fflush(stdout);
    code_ = 1;
    return;
  }
  code_ = end_like(status);
}

}  // namespace rr::app::guardian
