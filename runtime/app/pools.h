// Makes the pools of all plugins, and the PHP engine that those on threads need; sees off those
// that a reload has replaced.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rr/events.h"
#include "rr/file_owner.h"
#include "rr/plugin.h"
#include "runtime/app/php_command.h"
#include "runtime/app/server_config.h"
#include "runtime/core/control.h"
#include "runtime/net/data_plane.h"
#include "runtime/php/interpreter.h"
#include "runtime/pool/config.h"
#include "runtime/pool/embed/embed_crew.h"
#include "runtime/pool/factory.h"
#include "runtime/pool/pool.h"
#include "runtime/pool/process/environment.h"
#include "runtime/pool/process/launcher.h"
#include "runtime/pool/process/reaper.h"
#include "runtime/pool/process/relay.h"
#include "runtime/pool/retirement.h"

namespace rr::app {

// The crews of interpreters there are, those of retired pools included. Thread-safe.
class Crews {
 public:
  void add(pool::EmbedCrew& crew);
  void remove(pool::EmbedCrew& crew);
  void drain();  // EmbedCrew::drain() of all

 private:
  std::mutex mutex_;  // guards crews_
  std::vector<pool::EmbedCrew*> crews_;
};

// Main thread, and one at a time with it whoever reloads. Outlives the pools it makes.
class Pools final : public pool::PoolFactory {
 public:
  // What a reload can change of how workers are started.
  struct Terms {
    config::Command command;
    config::EnvMap env;
    pool::Variables process;  // the environment of the server itself
    // Pools on threads were made by them, whose idle interpreters poll the reactor; else plain
    // threads must.
    bool interpreters_poll = false;
  };
  // The same for other terms, which may never count.
  class OnTerms;
  struct Parts {
    Context& context;
    Events& events;
    net::DataPlane& plane;
    Control& control;
    std::string version;                 // RR_VERSION
    std::string rpc_listen;              // of the `rpc` section; empty: RR_RPC is not set
    std::function<void()> user_changed;  // after server.user was taken on; may be empty
  };
  explicit Pools(Parts parts);
  ~Pools();

  // Throws ConfigError: no command, or one that cannot be run on a thread.
  std::unique_ptr<Pool> make_pool(const Wanted& wanted, const pool::PoolConfig& config) override;

  void retire(std::vector<std::shared_ptr<Pool>> pools, Duration grace) override;

  const Terms& terms() const { return terms_; }
  void adopt(Terms terms) { terms_ = std::move(terms); }
  // What of a command of PHP on threads was given to the engine and is another now, which needs a
  // restart; empty: nothing.
  std::vector<std::string> fixed_settings(const Terms& terms) const;

  // Before another pool is made: blocks while several are still on their way out. False: stop.
  bool await_room() { return retirement_.await_fewer_than(kMostRetired); }
  // What is on its way out ends by the deadline. Blocks.
  void stop(TimePoint deadline) { retirement_.stop(deadline); }
  std::uint32_t abandoned() const { return retirement_.abandoned(); }

  // What PHP says against each of these files, without running them; empty: nothing. By the engine
  // where there is one, else by the program that server.command names, file by file; nullopt:
  // neither can be asked. Blocks; on a thread that lives on meanwhile. After start_engine().
  std::optional<std::vector<std::string>> check_syntax(const std::vector<std::string>& files);

  // After every plugin's init() and before any pool starts: starts the engine if a pool wants
  // threads. Throws ConfigError.
  void start_engine();
  // PHP runs in this process: pools on threads can be made.
  bool has_engine() const { return engine_ != nullptr; }
  // Another server comes up that has the same `server.relay`: its workers connect, ours wait. From
  // start_engine() on; any thread.
  void make_room();
  void carry_on();

 private:
  static constexpr std::size_t kMostRetired = 4;

  std::unique_ptr<Pool> make_pool(Terms& terms, const Wanted& wanted,
                                  const pool::PoolConfig& config);
  std::unique_ptr<Pool> make_process_pool(Terms& terms, const Wanted& wanted,
                                          const pool::PoolConfig& config);
  std::unique_ptr<Pool> make_thread_pool(Terms& terms, const Wanted& wanted,
                                         const pool::PoolConfig& config);
  pool::Relay* relay();
  pool::WorkerEvents events_of(const Wanted& wanted) const;
  std::vector<std::string> settings_unlike(const PhpCommand& command) const;
  void check_commands() const;
  pool::WorkerPool::Extras extras(const Wanted& wanted);
  Result<void> before_workers();
  std::vector<std::string> environment(const Terms& terms, const Wanted& wanted,
                                       const std::string& relay, const std::string& rpc) const;

  Parts parts_;
  ServerConfig server_;  // of the start
  Terms terms_;          // of the pools that count
  std::optional<pool::RunAs> run_as_;
  std::optional<FileOwner> upload_owner_;
  php::EngineConfig engine_config_;
  // Of the pools on threads that the start makes, by the keys of their sections; the engine is set
  // up by the first.
  std::vector<std::pair<std::string, PhpCommand>> commands_;
  std::optional<pool::Reaper> reaper_;
  std::unique_ptr<pool::Relay> relay_;
  bool prepared_ = false;  // before_workers() has run
  bool relay_warned_ = false;
  bool wants_engine_ = false;
  bool started_ = false;                                      // start_engine() has been called
  std::shared_ptr<Crews> crews_ = std::make_shared<Crews>();  // until the last of them is gone
  std::unique_ptr<php::Engine> engine_;
  pool::Retirement retirement_;
};

class Pools::OnTerms final : public pool::PoolFactory {
 public:
  OnTerms(Pools& pools, Terms terms) : pools_(pools), terms_(std::move(terms)) {}
  std::unique_ptr<Pool> make_pool(const Wanted& wanted, const pool::PoolConfig& config) override {
    // Those of other terms say nothing about these.
    if (std::exchange(first_, false)) terms_.interpreters_poll = false;
    return pools_.make_pool(terms_, wanted, config);
  }
  void retire(std::vector<std::shared_ptr<Pool>> pools, Duration grace) override {
    pools_.retire(std::move(pools), grace);
  }
  const Terms& terms() const { return terms_; }

 private:
  Pools& pools_;
  Terms terms_;
  bool first_ = true;
};

}  // namespace rr::app
