// Makes the pools of all plugins, and the PHP engine that those on threads need.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rr/events.h"
#include "rr/file_owner.h"
#include "rr/plugin.h"
#include "runtime/app/server_config.h"
#include "runtime/core/control.h"
#include "runtime/net/data_plane.h"
#include "runtime/php/interpreter.h"
#include "runtime/pool/config.h"
#include "runtime/pool/embed/embed_crew.h"
#include "runtime/pool/factory.h"
#include "runtime/pool/pool.h"
#include "runtime/pool/process/launcher.h"
#include "runtime/pool/process/reaper.h"
#include "runtime/pool/process/relay.h"

namespace rr::app {

// Main thread. Outlives the pools it makes.
class Pools final : public pool::PoolFactory {
 public:
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

  // After every plugin's init() and before any pool starts: starts the engine if a pool wants
  // threads. Throws ConfigError.
  void start_engine();
  // Another server comes up that has the same `server.relay`: its workers connect, ours wait. From
  // start_engine() on; any thread.
  void make_room();
  void carry_on();
  // Whether idle interpreters poll the reactor; else plain threads must.
  bool interpreters_poll() const { return interpreters_poll_; }

 private:
  std::unique_ptr<Pool> make_process_pool(const Wanted& wanted, const pool::PoolConfig& config);
  std::unique_ptr<Pool> make_thread_pool(const Wanted& wanted, const pool::PoolConfig& config);
  pool::Relay* relay();
  pool::WorkerEvents events_of(const Wanted& wanted) const;
  pool::WorkerPool::Extras extras(const Wanted& wanted);
  Result<void> before_workers();
  const std::vector<std::string>& command_of(const pool::PoolConfig& config) const;
  std::vector<std::string> environment(const Wanted& wanted, const std::string& relay,
                                       const std::string& rpc) const;

  Parts parts_;
  ServerConfig server_;
  std::optional<pool::RunAs> run_as_;
  std::optional<FileOwner> upload_owner_;
  php::EngineConfig engine_config_;
  std::optional<pool::Reaper> reaper_;
  std::unique_ptr<pool::Relay> relay_;
  bool prepared_ = false;  // before_workers() has run
  bool relay_warned_ = false;
  bool wants_engine_ = false;
  bool interpreters_poll_ = false;
  // Of pools, which go first; complete before the engine starts.
  std::vector<pool::EmbedCrew*> crews_;
  std::unique_ptr<php::Engine> engine_;
};

}  // namespace rr::app
