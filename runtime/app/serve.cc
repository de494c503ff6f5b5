#include "runtime/app/serve.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <optional>
#include <thread>

#include "runtime/app/container.h"
#include "runtime/app/pools.h"
#include "runtime/app/signals.h"
#include "runtime/core/control.h"
#include "runtime/core/log/system.h"
#include "runtime/core/version.h"
#include "runtime/net/data_plane.h"
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

// ".pid" in the working directory, for as long as the server runs.
class PidFile {
 public:
  explicit PidFile(bool wanted) : wanted_(wanted) {
    if (wanted_) std::ofstream(".pid", std::ios::trunc) << getpid();
  }
  ~PidFile() {
    if (wanted_) unlink(".pid");
  }

 private:
  bool wanted_;
};

// The parts of a running server, in the order they come up.
class Server {
 public:
  explicit Server(ServeOptions& options)
      : options_(options),
        logs_(options.config.section<log::LogsConfig>(
            "logs", {"config_plugin_init", "config_plugin_unmarshal_key"})),
        plane_(std::max(2U, std::thread::hardware_concurrency())),
        container_(options.config, logs_) {
    signals_.on_forced_exit([this] { logs_.flush(); });
  }

  // Returns the exit code; a restart ends in exec.
  int run() {
    start();
    const PidFile pid_file(options_.pid_file);
    say(options_, "[INFO] RoadRunner server started; version: " + std::string(kRoadRunnerVersion) +
                      ", buildtime: " + std::string(build_time()));
    const Signal why = wait();
    stop();
    if (why == Signal::restart) exec_again();
    return 0;
  }

 private:
  void start() {
    container_.provide(plane_);
    container_.provide(control_);
    if (!options_.static_root.empty()) container_.provide(folder_);
    if (container_.has("server")) {
      std::string rpc;
      if (const auto* node = options_.config.root().find("rpc.listen"))
        rpc = node->is(config::Node::Kind::text) ? node->text() : "";
      pools_.emplace(
          Pools::Parts{container_, plane_, control_, std::string(kRoadRunnerVersion), rpc});
      container_.provide<pool::PoolFactory>(*pools_);
    }
    PluginRegistry registry;
    register_all(registry);
    container_.init(registry);
    if (options_.endure.print_graph) std::fputs(container_.graph().c_str(), stderr);
    log_warnings();
    if (pools_) pools_->start_engine();
    control_.start();
    if (!pools_ || !pools_->interpreters_poll())
      plane_.start_pollers(std::max(2U, std::thread::hardware_concurrency()));
    plane_.start_guard();
    try {
      container_.serve();
    } catch (...) {
      stop();
      throw;
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
        case Signal::reset:
          reset_all();
          break;
        case Signal::reopen_logs:
          break;
      }
    }
  }

  void reset_all() {
    for (Refreshable* each : container_.all<Refreshable>()) each->refresh();
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
      if (options_.pid_file) unlink(".pid");
      std::fflush(nullptr);
      _exit(0);
    }
  }

  void exec_again() {
    logs_.flush();
    std::vector<char*> argv;
    for (std::string& word : options_.argv) argv.push_back(word.data());
    argv.push_back(nullptr);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    execv("/proc/self/exe", argv.data());
    std::perror("restart failed");
    _exit(1);
  }

  ServeOptions& options_;
  http::ServedFolder folder_{options_.static_root};
  Signals signals_;  // before every thread: they inherit its mask
  log::System logs_;
  net::DataPlane plane_;
  Control control_;
  Container container_;
  std::optional<Pools> pools_;
};

}  // namespace

int serve(ServeOptions options) {
  raise_descriptor_limit();
  Server server(options);
  return server.run();
}

}  // namespace rr::app
