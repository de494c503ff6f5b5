// Takes over a changed configuration, or fresh workers with the same one, while the server runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rr/plugin.h"
#include "rr/rpc.h"
#include "runtime/app/container.h"
#include "runtime/app/pools.h"
#include "runtime/app/serve.h"
#include "runtime/core/log/system.h"
#include "runtime/net/data_plane.h"

namespace rr::app {

// What a reload did.
struct ReloadReport {
  std::vector<std::string> changed;  // keys that count from now on
  std::vector<std::string> reset;    // plugins that have new workers
  std::vector<std::string> restart;  // keys that differ from those of the start, and wait for one
};

// One thread of its own does everything, one thing at a time. What is asked for while it is at work
// is done once more afterwards, for all who have asked meanwhile. Answers the RPC method
// `server.Reload`. Members may be called by any thread, unless said otherwise.
//
//   load ─▶ check ─▶ prepare: pools and addresses ─▶ start them ─▶ use them ─▶ retire the old ones
//     └───────┴───────────────────┴────────────────────┴─▶ error: nothing has changed
class Reloader final : private RpcService {
 public:
  struct Parts {
    Container& container;
    Pools* pools;  // null: no plugin has workers
    net::DataPlane& plane;
    log::System& logs;
    // What runs, written by the reloading thread only; others read it after stop().
    config::Config& config;
    EndureConfig& endure;
    std::function<Loaded()> load;  // see ServeOptions
  };
  explicit Reloader(Parts parts);
  ~Reloader();  // stop()

  // Main thread: once all plugins serve, before they are refused. What was asked for before start()
  // waits for it. stop() makes new workers that are still coming up go, and tells whoever waits.
  void start();
  void stop();

  // The configuration is read anew. Does not wait; what comes of it is logged.
  void ask();
  // The same, and blocks until it is done. Errors name file:line:column, or what a new worker said.
  Result<ReloadReport> reload();
  // New workers by the configuration that runs. Does not wait. `why` is logged.
  void renew(std::string_view why);
  // endure.grace_period of the configuration that counts.
  Duration grace_period() const { return grace_period_.load(std::memory_order_relaxed); }
  // Called on the reloading thread after each change that counts. Set before start().
  void on_change(std::function<void(config::Config&)> hear) { changed_ = std::move(hear); }

 private:
  enum class Want : std::uint8_t { nothing, renew, reload };

  std::string_view rpc_name() const override { return "server"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }

  std::uint64_t want(Want what);
  void run();
  Result<ReloadReport> serve(Want what);
  Result<ReloadReport> change(Want what, Loaded next);
  void check(config::Config& config) const;
  void sort_keys(const Loaded& next, const Pools::Terms& terms, ReloadReport& report) const;
  bool is_fixed(const std::string& key, const config::Config& next) const;
  void use(std::vector<std::unique_ptr<Reloadable::Change>>& changes, const Pools::Terms& terms);
  void reset_others(ReloadReport& report) const;
  bool begin_start(Reloadable::Change* change);
  void report_done(Want what, const ReloadReport& report) const;

  const Parts parts_;
  const config::Node at_start_;  // the configuration that fixed keys are compared with
  const Logger log_;
  std::atomic<Duration> grace_period_;
  std::function<void(config::Config&)> changed_;
  RpcMethods methods_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable asked_or_done_;
  Want wanted_ = Want::nothing;
  std::uint64_t asked_ = 0;  // number of the last request
  std::uint64_t done_ = 0;   // requests up to this one have their result
  Result<ReloadReport> last_;
  Reloadable::Change* starting_ = nullptr;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rr::app
