#include "runtime/app/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <optional>
#include <thread>

#include "rr/rpc_caller.h"
#include "rr/worker_hosts.h"
#include "runtime/app/code_watch.h"
#include "runtime/app/container.h"
#include "runtime/app/guardian/guardian.h"
#include "runtime/app/guardian/link.h"
#include "runtime/app/guardian/upgrade.h"
#include "runtime/app/logs.h"
#include "runtime/app/orphans.h"
#include "runtime/app/pid_file.h"
#include "runtime/app/pools.h"
#include "runtime/app/reload.h"
#include "runtime/app/restart.h"
#include "runtime/app/signals.h"
#include "runtime/app/watchdog.h"
#include "runtime/core/control.h"
#include "runtime/core/crash_report.h"
#include "runtime/core/events/bus.h"
#include "runtime/core/log/system.h"
#include "runtime/core/sd_notify.h"
#include "runtime/core/version.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/kept_sockets.h"
#include "runtime/php/services.h"
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

// What this process got from who started it. Before any thread: it changes the environment.
struct Inherited {
  bool restarted = is_restarted();
  std::vector<std::string> complaints = net::KeptSockets::of_process().adopt_from_environment();
};

PidFile::Wanted pid_file_wanted(const ServeOptions& options) {
  return options.pid_file ? PidFile::Wanted::yes : PidFile::Wanted::no;
}

// The parts of a running server, in the order they come up.
class Server {
 public:
  // `link`: to whoever started this process for it, or null. Outlives this, as the others do.
  Server(ServeOptions& options, const Inherited& inherited, guardian::Link* link)
      : options_(options),
        inherited_(inherited),
        link_(link),
        signals_(guarded() ? link->starter() : 0),
        logs_(logs_config(options.config, options.endure)),
        plane_(std::max(2U, std::thread::hardware_concurrency())),
        pid_file_(guarded() ? PidFile::Wanted::no : pid_file_wanted(options),
                  logs_.logger("server")),
        container_(options.config, logs_) {
    signals_.on_forced_exit([this] { leave(); });
    signals_.while_starting([this] {
      say(options_, "stop signal received while starting");
      if (guarded()) link_->ending();
      leave();
      _exit(0);
    });
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
    signals_.on_forced_exit({});
    signals_.started();
  }

  // Returns the exit code; a restart that works does not return.
  int run() {
    start();
    if (link_) link_->ready();
    net::KeptSockets::of_process().at_end(net::KeptSockets::AtEnd::close);
    pid_file_.write(link_ ? link_->starter() : 0);
    if (link_) link_->settled();
    succession_.allow();
    // Before anybody is told: who stops a server that is ready wants it to end as one.
    signals_.started();
    say(options_, "[INFO] RoadRunner server started; version: " + std::string(kRoadRunnerVersion) +
                      ", buildtime: " + std::string(build_time()));
    tell_ready();
    unsettle();
    const Signal why = wait();
    settle();
    succession_.abandon();
    if (why == Signal::leave) hand_over();
    if (why == Signal::stop) announce_stop();
    if (why == Signal::restart) announce_restart();
    stop(why);
    return execs(why) ? restart() : 0;
  }

 private:
  bool guarded() const { return link_ && link_->guarded(); }
  // Below a guardian that one starts the next program.
  bool execs(Signal why) const { return why == Signal::restart && !guarded(); }

  void start() {
    if (link_) {
      link_->start({.leave = [this] { signals_.post(Signal::leave); },
                    .make_room = [this] { make_room(); },
                    .carry_on = [this] { carry_on(); }});
    }
    try {
      make_plugins();
    } catch (const ConfigError&) {
      log_warnings();  // the typo that is behind it may be among them
      throw;
    }
    log_warnings();
    if (pools_) pools_->start_engine();
    control_.start();
    orphans_.emplace(control_.io().get_executor());
    if (!pools_ || !pools_->terms().interpreters_poll)
      plane_.start_pollers(std::max(2U, std::thread::hardware_concurrency()));
    plane_.start_guard();
    if (inherited_.restarted) start_watchdog();  // systemd has been counting on
    // Before a worker has read its script: what changes from there on is noticed, and waits for
    // unsettle().
    watch(options_.config);
    try {
      container_.serve();
    } catch (...) {
      stop(Signal::stop);
      throw;
    }
    for (const std::string& name : net::KeptSockets::of_process().close_unclaimed()) {
      logs_.logger("config").warn("an inherited socket is no address of the configuration: closed",
                                  kv("socket", name));
    }
  }

  void make_plugins() {
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
    reloader_.emplace(Reloader::Parts{container_, pools_ ? &*pools_ : nullptr, plane_, logs_,
                                      options_.config, options_.endure, options_.load});
    PluginRegistry registry;
    register_all(registry, options_.config);
    container_.init(registry);
    container_.provide<RpcService>(upgrades_);
    php::offer({.rpc = container_.look_for<RpcCaller>(),
                .kv = container_.look_for<KvStorages>(),
                .locks = container_.look_for<LockManager>(),
                .metrics = container_.look_for<Metrics>(),
                .app = container_.look_for<AppLogger>()});
    if (options_.endure.print_graph) std::fputs(container_.graph().c_str(), stderr);
  }

  void start_watchdog() {
    const Duration interval = Watchdog::interval(options_.endure.watchdog_sec);
    if (watchdog_ || interval == Duration::zero() || std::getenv("NOTIFY_SOCKET") == nullptr)
      return;
    watchdog_.emplace(interval, control_, plane_, logs_.logger("server"));
    watchdog_interval_ = interval;
  }

  void tell_ready() {
    std::string error;
    const Notified told = sd_notify("READY=1", &error);
    if (told == Notified::failed) say(options_, "[WARN] sdnotify: " + error);
    if (told != Notified::yes) return;
    say(options_, "[INFO] sdnotify: notified");
    start_watchdog();
    if (watchdog_) {
      say(options_,
          "[INFO] sdnotify: watchdog enabled, timeout: " +
              std::to_string(std::chrono::ceil<std::chrono::seconds>(watchdog_interval_).count()) +
              " seconds");
    }
  }

  // From here on things may change.
  void unsettle() {
    reloader_->on_change([this](config::Config& config) { watch(config); });
    reloader_->start();
  }

  void watch(config::Config& config) {
    if (!pools_) return;
    if (!code_watch_) code_watch_.emplace(*pools_, *reloader_, logs_.logger("server"));
    code_watch_->watch(config.section<ServerConfig>("server").watch);
  }

  // Nothing changes any more.
  void settle() {
    reloader_->stop();
    if (code_watch_) code_watch_->stop();
  }

  void log_warnings() {
    const Logger log = logs_.logger("config");
    for (const std::string& complaint : inherited_.complaints) log.warn(complaint);
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
                            std::to_string(reloader_->grace_period() / 1s) + " seconds");
          return signal;
        case Signal::restart:
          say(options_, "restart signal [SIGUSR2] received");
          if (auto possible = can_restart(options_.program); possible)
            return signal;
          else
            restart_failed(possible.error(), "the server goes on as it is");
          break;
        case Signal::leave:
          return signal;
        case Signal::reset:
          reloader_->ask();
          break;
        case Signal::reopen_logs:
          logs_.reopen();
          break;
      }
    }
  }

  void announce_stop() {
    sd_notify("STOPPING=1");
    if (guarded()) link_->ending();
  }

  void announce_restart() {
    using AtEnd = net::KeptSockets::AtEnd;
    sd_notify(sd_reloading());
    if (guarded()) link_->restart();
    // The guardian has its own.
    net::KeptSockets::of_process().at_end(guarded() ? AtEnd::leave : AtEnd::keep);
  }

  // Another server listens on our sockets: the clients that are here are served to their end.
  void hand_over() {
    logs_.logger("server").info("a new server has taken over, this one ends what it has begun");
    net::KeptSockets::of_process().at_end(net::KeptSockets::AtEnd::leave);
    container_.hand_over(Clock::now() +
                         std::min<Duration>(options_.endure.grace_period, kLastRequests));
  }

  Result<void> upgrade() { return guarded() ? link_->upgrade() : succession_.upgrade(); }
  void make_room() {
    if (pools_) pools_->make_room();
  }
  void carry_on() {
    if (pools_) pools_->carry_on();
  }

  void restart_failed(const Error& why, std::string_view then) {
    say(options_, "restart failed: " + why.text());
    logs_.logger("server").error("restart failed", kv("error", why.text()), kv("then", then));
  }

  void stop(Signal why) {
    const TimePoint deadline = Clock::now() + options_.endure.grace_period;
    std::promise<void> done;
    std::thread watch([this, deadline, ended = done.get_future()] {
      if (ended.wait_until(deadline + kPastGrace) == std::future_status::ready) return;
      std::fputs("error: the stop took longer than grace_period\n", stderr);
      leave();
      _exit(1);
    });
    container_.stop(deadline);
    if (pools_) pools_->stop(deadline);
    watchdog_.reset();
    plane_.stop();
    orphans_.reset();
    control_.stop();
    done.set_value();
    watch.join();
    std::uint32_t cut_off = pools_ ? pools_->abandoned() : 0;
    const auto hosts = container_.all<WorkerHost>();
    for (const std::string& name : pool_names(hosts)) {
      for (const auto& pool : pools_named(hosts, name)) cut_off += pool->counts().abandoned;
    }
    if (cut_off > 0 && !execs(why)) {
      logs_.logger("server").warn("workers did not end by themselves within grace_period",
                                  kv("workers", cut_off));
      leave();
      std::fflush(nullptr);
      // Threads may still be inside PHP: neither it nor what they use can be taken down.
      _exit(why == Signal::stop ? 1 : 0);
    }
  }

  // After stop(). Returns the exit code when there is no next program.
  int restart() {
    signals_.finish();  // those that come now are the next program's
    if (signals_.stop_wanted()) {
      net::KeptSockets::of_process().close_unclaimed();
      return 0;
    }
    logs_.flush();
    if (watchdog_interval_ > Duration::zero()) sd_notify("WATCHDOG=1");  // got as far as this
    restart_failed(exec_again(options_.program), "the server has stopped");
    net::KeptSockets::of_process().close_unclaimed();
    return 1;
  }

  // Before _exit(): what destructors would have done for others. Any thread.
  void leave() {
    logs_.flush(1s);
    pid_file_.remove();
  }

  ServeOptions& options_;
  const Inherited& inherited_;
  guardian::Link* const link_;
  http::ServedFolder folder_{options_.static_root};
  Signals signals_;  // before every thread: they inherit its mask
  log::System logs_;
  events::Bus events_;
  net::DataPlane plane_;
  Control control_;
  std::optional<Orphans> orphans_;
  PidFile pid_file_;
  Container container_;
  std::optional<Pools> pools_;
  std::optional<Reloader> reloader_;
  std::optional<CodeWatch> code_watch_;
  Duration watchdog_interval_{};
  std::optional<Watchdog> watchdog_;
  guardian::Succession succession_{options_.program,
                                   {.make_room = [this] { make_room(); },
                                    .carry_on = [this] { carry_on(); },
                                    .leave = [this] { signals_.post(Signal::leave); }}};
  guardian::UpgradeService upgrades_{[this] { return upgrade(); }};
};

int run(ServeOptions& options, const Inherited& inherited, guardian::Link* link) {
  try {
    Server server(options, inherited, link);
    return server.run();
  } catch (const ConfigError& e) {
    if (link) link->failed(e.what());
    throw;
  }
}

}  // namespace

int serve(ServeOptions options) {
  raise_descriptor_limit();
  const Inherited inherited;
  if (auto link = guardian::Link::from_environment()) {
    // Until it serves, the sockets are somebody else's.
    net::KeptSockets::of_process().at_end(net::KeptSockets::AtEnd::leave);
    return run(options, inherited, link.get());
  }
  if (!guardian::wanted(options.config.root())) return run(options, inherited, nullptr);
  guardian::Guardian guardian(
      {options.program, options.config, options.endure, pid_file_wanted(options)});
  auto link = guardian.fork_server();
  if (!link) throw ConfigError({}, link.error().message, {});
  return *link ? run(options, inherited, link->get()) : guardian.watch();
}

void start_failed(const std::string& why) {
  if (const auto link = guardian::Link::from_environment()) link->failed(why);
}

}  // namespace rr::app
