#include "runtime/app/guardian/link.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/app/guardian/spawn.h"
#include "runtime/app/guardian/upgrade.h"
#include "runtime/net/kept_sockets.h"

namespace rr::app::guardian {
namespace {

using net::KeptSockets;

int number_of(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) return -1;
  int number = -1;
  const char* end = value + std::strlen(value);
  if (std::from_chars(value, end, number).ptr != end) number = -1;
  ::unsetenv(variable);
  return number;
}

bool is_channel(int descriptor) {
  int type = 0;
  socklen_t length = sizeof type;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
         type == SOCK_SEQPACKET;
}

}  // namespace

std::unique_ptr<Link> Link::from_environment() {
  for (const auto& [variable, to] : {std::pair(kGuardianVariable, To::guardian),
                                     std::pair(kPredecessorVariable, To::predecessor)}) {
    const int descriptor = number_of(variable);
    if (descriptor < 0 || !is_channel(descriptor)) continue;
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    // Executed by descriptor, a process is called by its number.
    ::prctl(PR_SET_NAME, "rr-embed");
    return std::make_unique<Link>(Channel(Descriptor(descriptor)), to, ::getppid());
  }
  return nullptr;
}

Link::Link(Channel channel, To to, pid_t starter)
    : channel_(std::move(channel)), to_(to), starter_(starter) {
  if (guarded()) die_with_guardian();
  // systemd's watchdog is told by the main process, or in its name: here.
  if (std::getenv("WATCHDOG_PID") != nullptr)
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
}

Link::~Link() {
  if (!listener_.joinable()) return;
  // The end of the channel for this side only: the descriptor stays until the thread has left.
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  ::shutdown(channel_.descriptor(), SHUT_RD);
  listener_.join();
  KeptSockets::of_process().watch({});
}

void Link::die_with_guardian() const {
  if (!guarded()) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have gone just before.
  if (::getppid() != starter_) ::raise(SIGKILL);
}

void Link::start(Orders orders) {
  orders_ = std::move(orders);
  listener_ = std::thread([this] { listen(); });
  if (!guarded()) return;
  KeptSockets::of_process().watch([this](const KeptSockets::Socket& socket) {
    if (socket.descriptor >= 0) {
      channel_.send(Word::opened, socket.name, socket.descriptor);
    } else {
      // A copy that stays open would still take clients in.
      static_cast<void>(ask(closed_, socket.name));
    }
  });
}

void Link::listen() {
  Message message;
  while (channel_.receive(message, Channel::Wait::yes) == Channel::Got::message) {
    switch (message.word) {
      case Word::leave:
        obey(&Orders::leave);
        break;
      case Word::make_room:
        obey(&Orders::make_room);
        break;
      case Word::carry_on:
        obey(&Orders::carry_on);
        break;
      default:
        answered(message.word, std::move(message.text));
    }
  }
  std::lock_guard lock(mutex_);
  // Beside PR_SET_PDEATHSIG, which a change of the user takes away for a moment. The reaper ends
  // the workers.
  if (guarded() && !over_) ::_exit(1);
  over_ = true;
  changed_.notify_all();
}

void Link::obey(std::function<void()> Orders::*order) {
  std::lock_guard lock(orders_mutex_);
  if (orders_.*order) (orders_.*order)();
}

void Link::drop_orders() {
  std::lock_guard lock(orders_mutex_);
  orders_ = {};
}

void Link::answered(Word word, std::string text) {
  std::lock_guard lock(mutex_);
  for (Question* question : {&ready_, &closed_, &notify_, &upgrade_}) {
    if (question->reply == word) question->answer = std::move(text);
  }
  changed_.notify_all();
}

// Empty: the other end is gone.
std::optional<std::string> Link::ask(Question& question, std::string_view text) {
  std::lock_guard one(question.one_at_a_time);
  return ask_alone(question, text);
}

std::optional<std::string> Link::ask_alone(Question& question, std::string_view text) {
  std::unique_lock lock(mutex_);
  question.answer.reset();
  if (over_ || !channel_.send(question.ask, text)) return std::nullopt;
  changed_.wait(lock, [&] { return question.answer || over_; });
  return std::exchange(question.answer, std::nullopt);
}

void Link::ready() {
  static_cast<void>(ask(ready_));
}

void Link::settled() {
  channel_.send(Word::settled);
}

void Link::failed(std::string_view why) {
  channel_.send(Word::failed, why);
}

void Link::ending() {
  channel_.send(Word::ending);
}

void Link::restart() {
  channel_.send(Word::restart);
}

Notified Link::notify(std::string_view state, std::string* error) {
  const auto answer = ask(notify_, state);
  if (answer && answer->empty()) return Notified::yes;
  if (!answer || *answer == "-") return Notified::no;
  if (error != nullptr) *error = *answer;
  return Notified::failed;
}

Result<void> Link::upgrade() {
  const std::unique_lock alone(upgrade_.one_at_a_time, std::try_to_lock);
  if (!alone) return Error(Errc::invalid, "", std::string(kUnderWay));
  const auto answer = ask_alone(upgrade_, {});
  if (answer && answer->empty()) return {};
  return Error(Errc::io, "", answer ? *answer : "the guardian does not answer");
}

}  // namespace rr::app::guardian
