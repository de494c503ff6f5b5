#include "runtime/app/guardian/upgrade.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "runtime/app/guardian/spawn.h"
#include "runtime/core/sd_notify.h"

namespace rr::app::guardian {
namespace {

using namespace std::chrono_literals;

Error refused(std::string why) {
  return Error(Errc::invalid, "", std::move(why));
}

std::string how_it_ended(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                           : "signal " + std::to_string(WTERMSIG(status));
}

// False: nothing came in time.
bool readable(const Channel& channel, TimePoint until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd source{channel.descriptor(), POLLIN, 0};
    const int ready = ::poll(&source, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
  }
}

}  // namespace

UpgradeService::UpgradeService(std::function<Result<void>()> upgrade) {
  methods_.add<bool>("Start", [upgrade = std::move(upgrade)](bool) -> Result<RpcValue> {
    if (auto done = upgrade(); !done) return std::move(done).error();
    return RpcValue(true);
  });
}

void Succession::allow() {
  std::lock_guard lock(mutex_);
  under_way_ = false;
}

Result<void> Succession::upgrade() {
  {
    std::lock_guard lock(mutex_);
    if (over_) return refused("this server is leaving already");
    if (std::exchange(under_way_, true)) return refused(std::string(kUnderWay));
  }
  auto done = attempt();
  std::lock_guard lock(mutex_);
  under_way_ = false;
  return done;
}

Result<void> Succession::attempt() {
  auto executable = Executable::open(program_.path);
  if (!executable) return std::move(executable).error();
  orders_.make_room();
  auto spawned =
      spawn(program_, *executable, kPredecessorVariable, net::KeptSockets::of_process().all());
  auto done = spawned ? await(spawned->pid, spawned->channel) : Result<void>(spawned.error());
  if (!done) {
    orders_.carry_on();
    return refused("the new server does not come up: " + done.error().message);
  }
  orders_.leave();
  return {};
}

Result<void> Succession::await(pid_t pid, const Channel& channel) {
  {
    std::lock_guard lock(mutex_);
    successor_ = pid;
    if (over_) ::kill(pid, SIGKILL);
  }
  std::string why;
  const TimePoint until = Clock::now() + kUpgradeLimit;
  for (Message message;;) {
    if (!readable(channel, until)) {
      why = "it is not ready in time";
      break;
    }
    if (channel.receive(message, Channel::Wait::yes) != Channel::Got::message) break;
    if (message.word == Word::failed) why = std::move(message.text);
    if (message.word != Word::ready) continue;
    {
      std::lock_guard lock(mutex_);
      if (over_) break;
      over_ = true;
    }
    // While this is the main process: systemd believes no other.
    sd_notify("MAINPID=" + std::to_string(pid));
    channel.send(Word::go);
    while (readable(channel, until) &&
           channel.receive(message, Channel::Wait::yes) == Channel::Got::message &&
           message.word != Word::settled) {
    }
    return {};
  }
  {
    std::lock_guard lock(mutex_);
    successor_ = -1;
  }
  ::kill(pid, SIGKILL);
  const std::string end = how_it_ended(pid);
  return Error(Errc::io, "", why.empty() ? end : why);
}

void Succession::abandon() {
  std::lock_guard lock(mutex_);
  if (std::exchange(over_, true) || successor_ < 0) return;
  ::kill(successor_, SIGKILL);
}

}  // namespace rr::app::guardian
