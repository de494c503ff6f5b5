// One unit of work for PHP: an HTTP request, a job, a gRPC call. A source subclasses Exchange; a
// pool gives it to a worker; the worker answers it through one of two views of the same data.
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

// What a worker on a pipe gets: context and body of one goridge frame. The buffers belong to
// whoever asked for the encoding and are reused; `body` may point into the exchange, which outlives
// the write.
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

// Life of an exchange. Exactly one party ends it and so owns the answer:
//   waiting ─▶ running ─▶ answered        (its worker answered or failed it)
//   running ◀▶ writing                    (worker inside a call that writes: nobody may take over)
//   waiting, running ─▶ taken_over        (queue timeout, exec_ttl, stop: whoever moves it answers)
//   running ─▶ waiting                    (given back to the queue by a worker that has not begun
//   it)
enum class ExchangeState : std::uint8_t { waiting, running, writing, answered, taken_over };

// Thread rules: whoever holds the exchange may call any member; it is handed over whole. `aborted`
// and the state word may be used by any thread at any time.
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

  // Answers with an error (kinds of spec 01 §8).
  // The worker that has the exchange: nothing happens when somebody has taken it over.
  void fail(const Error& error) {
    if (!begin_write()) return;
    ending();
    answer_error(error);
    end_write(true);
  }
  // Whoever has taken it over.
  void fail_taken_over(const Error& error) {
    ending();
    answer_error(error);
  }

  // The client has gone; nobody will read the answer. Any thread.
  virtual bool aborted() const { return false; }

  // The client takes a streamed answer more slowly than it is given: the worker should pause. When
  // true, `resume(context)` will be called once, on any thread, when there is room again or the
  // client has gone (perhaps before this call has returned).
  virtual bool congested(void (*resume)(void* context), void* context) {
    (void)resume, (void)context;
    return false;
  }

  // The answer is given and the worker's own bookkeeping is done: lets the connection go, which may
  // parse and submit the next request on this thread. Called by who answered (the worker after its
  // last frame, response or fail(); whoever took it over after fail_taken_over()); a second call
  // does nothing.
  void conclude() {
    if (!concluded_.exchange(true, std::memory_order_acq_rel)) concluded();
  }

  // A pool hears that the exchange ends, once, before the client can know: on the thread that ends
  // it. Set by who has the exchange; null takes it back.
  void on_ending(void (*hear)(void* context), void* context) {
    ending_context_ = context;
    ending_.store(hear, std::memory_order_release);
  }

  // ---- who answers: compare-and-swap on the state word. Any thread.
  bool begin() { return move(ExchangeState::waiting, ExchangeState::running); }
  bool requeue() { return move(ExchangeState::running, ExchangeState::waiting); }
  // Around a call that writes. `last`: the answer is complete with it.
  bool begin_write() { return move(ExchangeState::running, ExchangeState::writing); }
  void end_write(bool last) {
    if (!last) progress_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    state_.store(last ? ExchangeState::answered : ExchangeState::running,
                 std::memory_order_release);
  }
  // True: the caller must call fail_taken_over() and conclude().
  bool take_over() {
    return move(ExchangeState::waiting, ExchangeState::taken_over) ||
           move(ExchangeState::running, ExchangeState::taken_over);
  }
  bool take_over_waiting() { return move(ExchangeState::waiting, ExchangeState::taken_over); }
  ExchangeState state() const { return state_.load(std::memory_order_acquire); }
  // When a part of the answer was last written; the epoch when none was. Any thread.
  TimePoint last_progress() const {
    return TimePoint(std::chrono::nanoseconds(progress_.load(std::memory_order_relaxed)));
  }
  bool ended() const { return state() >= ExchangeState::answered; }

  // ---- lifetime: one reference per holder (the connection, the worker, a queue). Any thread.
  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) dispose();
  }
  bool shared() const { return references_.load(std::memory_order_acquire) > 1; }

 protected:
  virtual ~Exchange() = default;
  virtual void answer_error(const Error& error) = 0;
  // To be called right before the last part of an answer is given (fail() does so itself).
  void ending() {
    if (auto* hear = ending_.exchange(nullptr, std::memory_order_acq_rel)) hear(ending_context_);
  }
  // The last reference is gone: delete or return to a free list.
  virtual void dispose() { delete this; }
  virtual void concluded() {}
  // Back to the beginning with one reference, for the next unit of work. In dispose() only.
  void reset_state() {
    references_.store(1, std::memory_order_relaxed);
    progress_.store(0, std::memory_order_relaxed);
    ending_.store(nullptr, std::memory_order_relaxed);
    concluded_.store(false, std::memory_order_relaxed);
    state_.store(ExchangeState::waiting, std::memory_order_release);
  }

 private:
  bool move(ExchangeState from, ExchangeState to) {
    return state_.compare_exchange_strong(from, to, std::memory_order_acq_rel);
  }

  std::atomic<ExchangeState> state_{ExchangeState::waiting};
  std::atomic<bool> concluded_{false};
  std::atomic<std::int64_t> progress_{0};
  std::atomic<void (*)(void*)> ending_{nullptr};
  void* ending_context_ = nullptr;
  std::atomic<std::uint32_t> references_{1};
};

// One reference to an exchange.
struct ExchangeRelease {
  void operator()(Exchange* exchange) const { exchange->release(); }
};
using ExchangePtr = std::unique_ptr<Exchange, ExchangeRelease>;

}  // namespace rr
