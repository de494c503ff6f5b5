// What happens in the server, told to whoever asked: "http.EventWorkerError". RoadRunner's bus, its
// names and patterns (spec 05 §6).
//
//   auto& events = context.get<Events>();
//   auto deaths = events.subscribe("*.EventWorkerStopped");
//   while (auto event = (*deaths)->next(deadline)) …
//
// Events are rare: hot paths ask heard() first, which costs one load while nobody listens.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rr/exchange.h"
#include "rr/result.h"

namespace rr {

struct Event {
  std::string plugin;   // whose: "http"
  std::string type;     // one of `event` below, or a name of the sender's own
  std::string message;  // for people: "process exited, pid: 42"
};

// The types the pools send. `plugin` is then the plugin that has the pool.
namespace event {
inline constexpr std::string_view worker_construct = "EventWorkerConstruct";   // ready for work
inline constexpr std::string_view worker_stopped = "EventWorkerStopped";       // gone, why ever
inline constexpr std::string_view worker_error = "EventWorkerError";           // died, or no answer
inline constexpr std::string_view worker_soft_error = "EventWorkerSoftError";  // said so, lives on
inline constexpr std::string_view no_free_workers = "EventNoFreeWorkers";
inline constexpr std::string_view exec_ttl = "EventExecTTL";
inline constexpr std::string_view ttl = "EventTTL";
inline constexpr std::string_view idle_ttl = "EventIdleTTL";
inline constexpr std::string_view max_memory = "EventMaxMemory";
// Not RoadRunner's: PHP ended a request with a fatal error, and answered it itself.
inline constexpr std::string_view script_error = "EventScriptError";
// RoadRunner's drivers of jobs send it; `plugin` is then the pipeline.
inline constexpr std::string_view jobs_driver_command = "EventJOBSDriverCommand";
}  // namespace event

// One subscriber's events in the order they were sent; an event comes once, however many of the
// patterns it matches. Thread-safe; the destructor unsubscribes, after which `notify` is not called
// any more.
class EventSubscription {
 public:
  virtual ~EventSubscription() = default;

  // A further pattern. Errc::invalid, as from subscribe().
  virtual Result<void> add(std::string_view pattern) = 0;
  // Without it; nothing happens when it is not there.
  virtual void remove(std::string_view pattern) = 0;

  // Waits for the next one. Nothing: the deadline has passed, or close() was called.
  virtual std::optional<Event> next(TimePoint deadline) = 0;
  // Ends every next(), now and later.
  virtual void close() = 0;

  // Events that found no room.
  virtual std::uint64_t dropped() const = 0;
};

// Thread-safe. Outlives the plugins, which find it in their Context.
class Events {
 public:
  struct Inbox {
    std::size_t capacity = 100;  // what comes while it is full is dropped: no sender waits
    // Called on the sender's thread when an event has come and none was waiting. It must neither
    // wait nor use the subscription: it posts to where that is read.
    std::function<void()> notify = {};
  };
  // Patterns: "http.EventTTL", or one `*` for anything ("http.*", "*.EventTTL", "*"); letters in
  // any case. Errc::invalid: neither a dot nor a star, or empty.
  Result<std::unique_ptr<EventSubscription>> subscribe(std::string_view pattern) {
    return subscribe(pattern, Inbox{});
  }
  virtual Result<std::unique_ptr<EventSubscription>> subscribe(std::string_view pattern,
                                                               Inbox inbox) = 0;

  // Gives it to every subscriber that asked for it. Does not wait for them.
  virtual void send(Event event) = 0;
  // Whether there is any subscriber.
  bool heard() const { return subscribers_.load(std::memory_order_relaxed) > 0; }

 protected:
  ~Events() = default;
  std::atomic<std::size_t> subscribers_{0};
};

}  // namespace rr
