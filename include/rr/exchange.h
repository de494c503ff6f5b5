// One unit of work for PHP: an HTTP request, a job, a gRPC call. A source subclasses Exchange; a pool
// gives it to a worker; the worker answers it through one of two views of the same data.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rr/result.h"

namespace rr {

class HttpExchange;

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::nanoseconds;

// What a worker on a pipe gets: context and body of one goridge frame. The buffers belong to whoever
// asked for the encoding and are reused; `body` may point into the exchange, which outlives the write.
struct WireRequest {
  std::uint8_t flags = 0;  // codec bits
  std::string context;
  std::string body_storage;
  std::string_view body;
};

// One frame that a worker on a pipe answered. Views live as long as the call they are passed to.
struct WireAnswer {
  std::uint8_t flags = 0;
  bool more = false;  // STREAM bit: further frames follow
  std::string_view context;
  std::string_view body;
};

// Life of an exchange. Exactly one party moves it to `answered` and so owns the answer:
//   waiting ─▶ running ─▶ answered        (worker)
//   waiting ─▶ answered                   (queue timeout, stop)
//   running ─▶ answered                   (exec_ttl, worker died: whoever notices first)
//   running ◀▶ writing                    (worker inside a call that writes: nobody else may answer)
enum class ExchangeState : std::uint8_t { waiting, running, writing, answered };

// Thread rules: whoever holds the exchange may call any member; it is handed over whole. `aborted`,
// the state word and `request_cancel` may be used by any thread at any time.
class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // ---- the wire view: process workers and goridge scripts on a thread
  // Fills `out`. An error is an answer: the caller passes it to fail().
  virtual Result<void> encode(WireRequest& out) = 0;
  // One frame of the answer, in order; the first without `more` is the last. Returns false when the
  // receiver is gone and no more frames are wanted (the caller then stops the stream).
  // Errors are those of the frame (unknown codec): the exchange has then answered itself.
  virtual bool answer(const WireAnswer& frame) = 0;

  // ---- the native view: null when this exchange has none of that kind
  virtual HttpExchange* http() { return nullptr; }

  // Ends the exchange with an error: kinds of spec 01 §8. Called once, by who won `answered`.
  virtual void fail(const Error& error) = 0;

  // The client has gone; nobody will read the answer. Any thread.
  virtual bool aborted() const { return false; }

  // ---- who answers: compare-and-swap on the state word. Any thread.
  bool begin() { return move(ExchangeState::waiting, ExchangeState::running); }
  bool requeue() { return move(ExchangeState::running, ExchangeState::waiting); }
  bool begin_write() { return move(ExchangeState::running, ExchangeState::writing); }
  void end_write() { state_.store(ExchangeState::running, std::memory_order_release); }
  bool win_waiting() { return move(ExchangeState::waiting, ExchangeState::answered); }
  bool win_running() { return move(ExchangeState::running, ExchangeState::answered); }
  bool answered() const { return state_.load(std::memory_order_acquire) == ExchangeState::answered; }
  ExchangeState state() const { return state_.load(std::memory_order_acquire); }

  // ---- lifetime: one reference per holder (the connection, the worker, a queue). Any thread.
  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) dispose();
  }
  bool shared() const { return references_.load(std::memory_order_acquire) > 1; }

 protected:
  virtual ~Exchange() = default;
  // The last reference is gone: delete or return to a free list.
  virtual void dispose() { delete this; }
  void reset_state() { state_.store(ExchangeState::waiting, std::memory_order_release); }

 private:
  bool move(ExchangeState from, ExchangeState to) {
    return state_.compare_exchange_strong(from, to, std::memory_order_acq_rel);
  }

  std::atomic<ExchangeState> state_{ExchangeState::waiting};
  std::atomic<std::uint32_t> references_{1};
};

// One reference to an exchange.
struct ExchangeRelease {
  void operator()(Exchange* exchange) const { exchange->release(); }
};
using ExchangePtr = std::unique_ptr<Exchange, ExchangeRelease>;

}  // namespace rr
