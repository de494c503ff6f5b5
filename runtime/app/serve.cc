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
#include "runtime/app/logs.h"
#include "runtime/app/orphans.h"
#include "runtime/app/pid_file.h"
#include "runtime/app/pools.h"
#include "runtime/app/restart.h"
#include "runtime/app/signals.h"
#include "runtime/app/watchdog.h"
#include "runtime/core/control.h"
#include "runtime/core/events/bus.h"
#include "runtime/core/log/system.h"
#include "runtime/core/sd_notify.h"
#include "runtime/core/version.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/kept_sockets.h"
#include "runtime/plugins/http/plugin.h"
#include "runtime/plugins/rpc/config.h"

namespace rr::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kPastGrace = 5s;  // then a stop that hangs is ended hard

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

// The parts of a running server, in the order they come up.
class Server {
 public:
  explicit Server(ServeOptions& options)
      : options_(options),
        logs_(logs_config(options.config, options.endure)),
        plane_(std::max(2U, std::thread::hardware_concurrency())),
        pid_file_(options.pid_file ? PidFile::Wanted::yes : PidFile::Wanted::no,
                  logs_.logger("server")),
        container_(options.config, logs_) {
    signals_.on_forced_exit([this] { leave(); });
    signals_.while_starting([this] {
      say(options_, "stop signal received while starting");
      leave();
      _exit(0);
    });
  }

  ~Server() {
    signals_.on_forced_exit({});
    signals_.started();
  }

  // Returns the exit code; a restart that works does not return.
  int run() {
    start();
    pid_file_.write();
    say(options_, "[INFO] RoadRunner server started; version: " + std::string(kRoadRunnerVersion) +
                      ", buildtime: " + std::string(build_time()));
    tell_ready();
    signals_.started();
    const Signal why = wait();
    sd_notify(why == Signal::restart ? sd_reloading() : "STOPPING=1");
    if (why == Signal::restart)
      net::KeptSockets::of_process().at_end(net::KeptSockets::AtEnd::keep);
    stop(why);
    return why == Signal::restart ? restart() : 0;
  }

 private:
  void start() {
    container_.provide<Events>(events_);
    container_.provide(plane_);
    container_.provide(control_);
    if (!options_.static_root.empty()) container_.provide(folder_);
    if (container_.has("server")) {
      std::string rpc;
      if (const auto* node = options_.config.root().find("rpc.listen"))
        rpc = node->is(config::Node::Kind::text) ? node->text() : "";
      pools_.emplace(Pools::Parts{container_, events_, plane_, control_,
                                  std::string(kRoadRunnerVersion), rpc});
      container_.provide<pool::PoolFactory>(*pools_);
    }
    PluginRegistry registry;
    register_all(registry, options_.config);
    container_.init(registry);
    if (options_.endure.print_graph) std::fputs(container_.graph().c_str(), stderr);
    log_warnings();
    if (pools_) pools_->start_engine();
    control_.start();
    orphans_.emplace(control_.io().get_executor());
    if (!pools_ || !pools_->interpreters_poll())
      plane_.start_pollers(std::max(2U, std::thread::hardware_concurrency()));
    plane_.start_guard();
    if (inherited_.restarted) start_watchdog();  // systemd has been counting on
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
                            std::to_string(options_.endure.grace_period / 1s) + " seconds");
          return signal;
        case Signal::restart:
          say(options_, "restart signal [SIGUSR2] received");
          if (auto possible = can_restart(options_.program); possible)
            return signal;
          else
            restart_failed(possible.error(), "the server goes on as it is");
          break;
        case Signal::reset:
          reset_all();
          break;
        case Signal::reopen_logs:
          logs_.reopen();
          break;
      }
    }
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
    watchdog_.reset();
    plane_.stop();
    orphans_.reset();
    control_.stop();
    done.set_value();
    watch.join();
    std::uint32_t stuck = 0;
    for (WorkerHost* host : container_.all<WorkerHost>()) stuck += host->pool().counts().abandoned;
    if (stuck > 0 && why == Signal::stop) {
      // Threads are still inside PHP: neither it nor what they use can be taken down.
      logs_.logger("server").warn("threads are stuck in PHP, leaving without them",
                                  kv("threads", stuck));
      leave();
      std::fflush(nullptr);
      _exit(0);
    }
  }

  // After stop(). Returns the exit code when there is no next program.
  int restart() {
    signals_.finish();  // those that come now are the next program's
    if (signals_.stop_wanted()) return 0;
    logs_.flush();
    if (watchdog_interval_ > Duration::zero()) sd_notify("WATCHDOG=1");  // got as far as this
    restart_failed(exec_again(options_.program), "the server has stopped");
    return 1;
  }

  // Before _exit(): what destructors would have done for others. Any thread.
  void leave() {
    logs_.flush(1s);
    pid_file_.remove();
  }

  ServeOptions& options_;
  const Inherited inherited_;
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
  Duration watchdog_interval_{};
  std::optional<Watchdog> watchdog_;
};

}  // namespace

int serve(ServeOptions options) {
  raise_descriptor_limit();
  Server server(options);
  return server.run();
}

}  // namespace rr::app
