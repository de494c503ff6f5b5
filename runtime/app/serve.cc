#include "runtime/app/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <optional>
#include <thread>

#include "runtime/app/container.h"
#include "runtime/app/guardian/guardian.h"
#include "runtime/app/guardian/link.h"
#include "runtime/app/guardian/upgrade.h"
#include "runtime/app/logs.h"
#include "runtime/app/orphans.h"
#include "runtime/app/pid_file.h"
#include "runtime/app/pools.h"
#include "runtime/app/signals.h"
#include "runtime/core/control.h"
#include "runtime/core/crash_report.h"
#include "runtime/core/events/bus.h"
#include "runtime/core/log/system.h"
#include "runtime/core/version.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/kept_sockets.h"
#include "runtime/plugins/http/plugin.h"
#include "runtime/plugins/rpc/config.h"

namespace rr::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kPastGrace = 5s;  // then a stop that hangs is ended hard
// What clients with a kept connection have to use it once more when another server has taken over.
constexpr auto kLastRequests = 5s;

// Connections are descriptors: as many as the system lets this process have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 1'048'576);
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void say(const ServeOptions& options, const std::string& line) {
  if (options.silent) return;
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

PidFile::Wanted pid_file_wanted(const ServeOptions& options) {
  return options.pid_file ? PidFile::Wanted::yes : PidFile::Wanted::no;
}

// The parts of a running server, in the order they come up.
class Server {
 public:
  // `link`: to whoever started this process for it, or null. Outlives this.
  Server(ServeOptions& options, guardian::Link* link)
      : options_(options),
        link_(link),
        signals_(guarded() ? link->starter() : 0),
        pid_file_(guarded() ? PidFile::Wanted::no : pid_file_wanted(options)),
        logs_(logs_config(options.config, options.endure)),
        plane_(std::max(2U, std::thread::hardware_concurrency())),
        container_(options.config, logs_) {
    signals_.on_forced_exit([this] { logs_.flush(); });
    crash::install(guarded() ? link_->descriptor() : -1, static_cast<char>(guardian::Word::crash));
    if (guarded()) {
      notify_through([link](std::string_view state, std::string* error) {
        return link->notify(state, error);
      });
    }
  }

  ~Server() {
    if (link_) link_->drop_orders();
    notify_through({});
  }

  // Returns the exit code; a restart ends in exec.
  int run() {
    start();
    if (link_) link_->ready();
    net::KeptSockets::of_process().at_end(net::KeptSockets::AtEnd::close);
    pid_file_.write();
    if (link_) link_->settled();
    succession_.allow();
    say(options_, "[INFO] RoadRunner server started; version: " + std::string(kRoadRunnerVersion) +
                      ", buildtime: " + std::string(build_time()));
    const Signal why = wait();
    if (why == Signal::leave) hand_over();
    if (why == Signal::restart && guarded()) {
      link_->restart();
      net::KeptSockets::of_process().at_end(net::KeptSockets::AtEnd::leave);
    }
    if (why == Signal::stop && guarded()) link_->ending();
    succession_.abandon();
    stop();
    if (why == Signal::restart && !guarded()) exec_again();
    return 0;
  }

 private:
  bool guarded() const { return link_ && link_->guarded(); }

  void start() {
    if (link_) {
      link_->start({.leave = [this] { signals_.post(Signal::leave); },
                    .make_room = [this] { make_room(); },
                    .carry_on = [this] { carry_on(); }});
    }
    container_.provide<Events>(events_);
    container_.provide(plane_);
    container_.provide(control_);
    if (!options_.static_root.empty()) container_.provide(folder_);
    if (container_.has("server")) {
      std::string rpc;
      if (const auto* node = options_.config.root().find("rpc.listen"))
        rpc = node->is(config::Node::Kind::text) ? node->text() : "";
      pools_.emplace(Pools::Parts{container_, events_, plane_, control_,
                                  std::string(kRoadRunnerVersion), rpc, [this] {
                                    if (link_) link_->die_with_guardian();
                                  }});
      container_.provide<pool::PoolFactory>(*pools_);
    }
    PluginRegistry registry;
    register_all(registry);
    container_.init(registry);
    container_.provide<RpcService>(upgrades_);
    if (options_.endure.print_graph) std::fputs(container_.graph().c_str(), stderr);
    log_warnings();
    if (pools_) pools_->start_engine();
    control_.start();
    orphans_.emplace(control_.io().get_executor());
    if (!pools_ || !pools_->interpreters_poll())
      plane_.start_pollers(std::max(2U, std::thread::hardware_concurrency()));
    plane_.start_guard();
    try {
      container_.serve();
    } catch (...) {
      stop();
      throw;
    }
    for (const std::string& name : net::KeptSockets::of_process().close_unclaimed()) {
      logs_.logger("server").info("a socket that was handed on is not used, it is closed",
                                  kv("address", name));
    }
  }

  void log_warnings() {
    const Logger log = logs_.logger("config");
    if (options_.debug)
      log.warn("the debug server (-d) is not built yet in rr-embed: it has no effect");
    for (const config::Problem& warning : options_.config.take_warnings()) {
      log.warn(warning.text, kv("key", warning.path), kv("at", warning.at.text()));
    }
  }

  Signal wait() {
    for (;;) {
      switch (const Signal signal = signals_.wait()) {
        case Signal::stop:
          say(options_, "stop signal received, grace timeout is: " +
                            std::to_string(options_.endure.grace_period / 1s) + " seconds");
          return signal;
        case Signal::restart:
          say(options_, "restart signal [SIGUSR2] received");
          return signal;
        case Signal::leave:
          return signal;
        case Signal::reset:
          reset_all();
          break;
        case Signal::reopen_logs:
          logs_.reopen();
          break;
      }
    }
  }

  Result<void> upgrade() { return guarded() ? link_->upgrade() : succession_.upgrade(); }
  void make_room() {
    if (pools_) pools_->make_room();
  }
  void carry_on() {
    if (pools_) pools_->carry_on();
  }

  // Another server listens on our sockets: the clients that are here are served to their end.
  void hand_over() {
    logs_.logger("server").info("a new server has taken over, this one ends what it has begun");
    net::KeptSockets::of_process().at_end(net::KeptSockets::AtEnd::leave);
    container_.hand_over(Clock::now() +
                         std::min<Duration>(options_.endure.grace_period, kLastRequests));
  }

  void reset_all() {
    for (WorkerHost* host : container_.all<WorkerHost>()) {
      const Logger log = logs_.logger(host->host_name());
      log.info("reset signal was received");
      if (auto done = host->pool().reset(); done) {
        log.info("plugin was successfully reset");
      } else {
        log.error("reset failed", kv("error", done.error().text()));
      }
    }
  }

  void stop() {
    const TimePoint deadline = Clock::now() + options_.endure.grace_period;
    std::promise<void> done;
    std::thread watch([this, deadline, ended = done.get_future()] {
      if (ended.wait_until(deadline + kPastGrace) == std::future_status::ready) return;
      std::fputs("error: the stop took longer than grace_period\n", stderr);
      logs_.flush();
      _exit(1);
    });
    container_.stop(deadline);
    plane_.stop();
    orphans_.reset();
    control_.stop();
    done.set_value();
    watch.join();
    std::uint32_t stuck = 0;
    for (WorkerHost* host : container_.all<WorkerHost>()) stuck += host->pool().counts().abandoned;
    if (stuck > 0) {
      // Threads are still inside PHP: neither it nor what they use can be taken down.
      logs_.logger("server").warn("threads are stuck in PHP, leaving without them",
                                  kv("threads", stuck));
      logs_.flush();
      pid_file_.remove();
      std::fflush(nullptr);
      _exit(0);
    }
  }

  void exec_again() {
    logs_.flush();
    std::vector<char*> argv;
    for (std::string& word : options_.program.argv) argv.push_back(word.data());
    argv.push_back(nullptr);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    execv("/proc/self/exe", argv.data());
    std::perror("restart failed");
    _exit(1);
  }

  ServeOptions& options_;
  guardian::Link* const link_;
  http::ServedFolder folder_{options_.static_root};
  Signals signals_;  // before every thread: they inherit its mask
  PidFile pid_file_;
  log::System logs_;
  events::Bus events_;
  net::DataPlane plane_;
  Control control_;
  std::optional<Orphans> orphans_;
  Container container_;
  std::optional<Pools> pools_;
  guardian::Succession succession_{options_.program,
                                   {.make_room = [this] { make_room(); },
                                    .carry_on = [this] { carry_on(); },
                                    .leave = [this] { signals_.post(Signal::leave); }}};
  guardian::UpgradeService upgrades_{[this] { return upgrade(); }};
};

int run(ServeOptions& options, guardian::Link* link) {
  try {
    Server server(options, link);
    return server.run();
  } catch (const ConfigError& e) {
    if (link) link->failed(e.what());
    throw;
  }
}

}  // namespace

int serve(ServeOptions options) {
  raise_descriptor_limit();
  auto& sockets = net::KeptSockets::of_process();
  for (const std::string& complaint : sockets.adopt_from_environment()) {
    options.config.warn({"", complaint, {}});
  }
  if (auto link = guardian::Link::from_environment()) {
    // Until it serves, the sockets are somebody else's.
    sockets.at_end(net::KeptSockets::AtEnd::leave);
    return run(options, link.get());
  }
  if (!guardian::wanted(options.config.root())) return run(options, nullptr);
  guardian::Guardian guardian(
      {options.program, options.config, options.endure, pid_file_wanted(options)});
  auto link = guardian.fork_server();
  if (!link) throw ConfigError({}, link.error().message, {});
  return *link ? run(options, link->get()) : guardian.watch();
}

void start_failed(const std::string& why) {
  if (const auto link = guardian::Link::from_environment()) link->failed(why);
}

}  // namespace rr::app
