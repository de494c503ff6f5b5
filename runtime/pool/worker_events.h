// What happens to the workers of a pool, told to the log and to the bus (include/rr/events.h) in
// RoadRunner's words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rr/events.h"
#include "rr/log.h"
#include "rr/pool.h"

namespace rr::pool {

// A value; thread-safe. `pid` is a WorkerInfo's, 0 where there is none any more.
class WorkerEvents {
 public:
  // Tells nobody.
  WorkerEvents() = default;
  // `bus` outlives the pool; `plugin` is whose pool it is, `pool` which of several (empty: the only
  // one); `log` is that of `server`.
  WorkerEvents(Events& bus, std::string plugin, Logger log, std::string pool = {})
      : bus_(&bus), plugin_(std::move(plugin)), log_(log), pool_(std::move(pool)) {}

  void ready(std::int64_t pid, std::uint64_t max_jobs) const;
  // `how` begins the event's message: "process exited"; `detail` says more in the record, which is
  // a warning when nobody wanted it to go.
  enum class Wanted : bool { no, yes };
  void gone(std::string_view how, std::int64_t pid, Wanted wanted,
            const log::KeyValue& detail) const;
  // It is over one of the soft limits and will be replaced.
  void reached(WorkerState limit, std::int64_t pid, std::uint64_t memory_bytes) const;
  // The exchange it had was answered with this error, or it did not come up.
  void failed(const Error& error, std::int64_t pid) const;
  void no_free_workers(const Error& error) const;
  // Whether anybody hears what is not logged, too.
  bool heard() const { return bus_ && bus_->heard(); }
  // PHP has answered an exchange with a fatal error, and logged it.
  void script_failed(std::string_view message, const RunningExchange& running,
                     std::int64_t pid) const;
  // An exchange has taken longer than http.slow_request and may still. `note`: what is to be said
  // of the frames, or why there are none.
  void slow(const RunningExchange& running, std::int64_t pid,
            const std::vector<std::string>& frames, std::string_view note) const;

 private:
  template <class... Fields>
  void record(log::Level level, std::string_view message, const Fields&... fields) const;
  void send(std::string_view type, std::string text, std::int64_t pid) const;

  Events* bus_ = nullptr;
  std::string plugin_;
  Logger log_;
  std::string pool_;
};

}  // namespace rr::pool
