#include "runtime/pool/worker_events.h"

#include <chrono>

namespace rr::pool {
namespace {

using log::Level;

log::KeyValue named(std::string_view type) {
  return kv("internal_event_name", type);
}

}  // namespace

template <class... Fields>
void WorkerEvents::record(Level level, std::string_view message, const Fields&... fields) const {
  if (pool_.empty()) return log_.log(level, message, fields...);
  log_.log(level, message, fields..., kv("pool", pool_));
}

void WorkerEvents::ready(std::int64_t pid, std::uint64_t max_jobs) const {
  record(Level::debug, "worker is allocated", kv("pid", pid), kv("max_execs", max_jobs),
         named(event::worker_construct));
  send(event::worker_construct, "worker is allocated", pid);
}

void WorkerEvents::gone(std::string_view how, std::int64_t pid, Wanted wanted,
                        const log::KeyValue& detail) const {
  // The name that RoadRunner's log has for it is another than its bus has.
  record(wanted == Wanted::yes ? Level::debug : Level::warn, "worker stopped", kv("pid", pid),
         detail, named("EventWorkerWaitExit"));
  send(event::worker_stopped, std::string(how), pid);
}

void WorkerEvents::reached(WorkerState limit, std::int64_t pid, std::uint64_t memory_bytes) const {
  switch (limit) {
    case WorkerState::ttl_reached:
      record(Level::debug, "ttl", kv("reason", "ttl is reached"), kv("pid", pid),
             named(event::ttl));
      return send(event::ttl, "ttl is reached", pid);
    case WorkerState::idle_ttl_reached:
      record(Level::debug, "idle_ttl", kv("reason", "idle ttl is reached"), kv("pid", pid),
             named(event::idle_ttl));
      return send(event::idle_ttl, "idle ttl is reached", pid);
    case WorkerState::max_memory_reached:
      // Not debug as there: it is the one limit that says something is wrong.
      record(Level::warn, "memory_limit", kv("reason", "max memory is reached"), kv("pid", pid),
             kv("memory", memory_bytes), named(event::max_memory));
      return send(event::max_memory, "max memory is reached", pid);
    default:
      return;
  }
}

void WorkerEvents::failed(const Error& error, std::int64_t pid) const {
  const auto tell = [&](std::string_view type, std::string_view text, std::string_view reason) {
    if (log_.enabled(Level::warn)) {
      record(Level::warn, text, kv("reason", reason), kv("pid", pid), named(type),
             kv("error", error.text()));
    }
    send(type, error.text(), pid);
  };
  switch (error.code) {
    case Errc::exec_ttl:
      return tell(event::exec_ttl, "worker stopped, and will be restarted",
                  "execTTL timeout elapsed");
    case Errc::soft_job:
      return tell(event::worker_soft_error, "soft worker error", "SoftJob");
    case Errc::network:
      return tell(event::worker_error, "RoadRunner can't communicate with the worker",
                  "worker hung or process was killed");
    case Errc::decode:
      return tell(event::worker_error, "worker stopped, and will be restarted",
                  "its answer is no answer");
    case Errc::worker_allocate:  // logged by who tries again
      return send(event::worker_error, error.text(), pid);
    default:  // the fault of none of the workers
      return;
  }
}

void WorkerEvents::no_free_workers(const Error& error) const {
  if (log_.enabled(Level::error)) {
    record(Level::error, "no free workers in the pool, wait timeout exceed",
           kv("reason", "no free workers"), named(event::no_free_workers),
           kv("error", error.text()));
  }
  send(event::no_free_workers, error.text(), 0);
}

void WorkerEvents::script_failed(std::string_view message, const RunningExchange& running,
                                 std::int64_t pid) const {
  std::string text(message);
  if (!running.method.empty()) text += ", request: " + running.method + " " + running.path;
  send(event::script_error, std::move(text), pid);
}

void WorkerEvents::slow(const RunningExchange& running, std::int64_t pid,
                        const std::vector<std::string>& frames, std::string_view note) const {
  if (!log_.enabled(Level::warn)) return;
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - running.since);
  std::vector<log::KeyValue> fields{kv("method", running.method), kv("path", running.path),
                                    kv("elapsed", elapsed.count()), kv("pid", pid)};
  if (!frames.empty()) fields.push_back(kv("stack", frames));
  if (!note.empty()) fields.push_back(kv("note", note));
  if (!pool_.empty()) fields.push_back(kv("pool", pool_));
  log_.log(Level::warn, "slow request", std::span<const log::KeyValue>(fields));
}

void WorkerEvents::send(std::string_view type, std::string text, std::int64_t pid) const {
  if (!bus_ || !bus_->heard()) return;
  if (!pool_.empty()) text += ", pool: " + pool_;
  if (pid != 0) text += ", pid: " + std::to_string(pid);
  bus_->send({plugin_, std::string(type), std::move(text)});
}

}  // namespace rr::pool
