// The reactor of the data plane (design: docs/data-plane.md): one epoll set that any thread may
// wait on, every descriptor added once, edge-triggered, one event at a time.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "rr/exchange.h"

namespace rr::net {

// What an event said. `hang_up`: the peer sent FIN, or the pipe's other end is closed; `broken`:
// RST, or both directions are closed.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool hang_up = false;
  bool broken = false;
};

// Something with a descriptor in the reactor: a connection, a listener, a worker's pipe.
//
// Ownership is one atomic word, generation<<32 | flags | state. The thread that moved it from idle
// to busy owns the object: it alone may touch the object's fields until it lets go, closes, or
// hands the ownership on (the word then travels with an exchange). Objects live as long as the
// reactor may name them: they are recycled, never freed while a thread polls.
class Pollable {
 public:
  // Owned by the caller, who must end with Reactor::let_go or close, or hand the ownership on.
  virtual void on_ready(Readiness readiness) = 0;
  // The deadline has passed and the guard won the word; same duty as on_ready.
  virtual void on_deadline(TimePoint now) = 0;
  // Room to write while somebody else owns the object; called WITHOUT ownership, only when
  // Reactor::want_writable was set. Implementations lock their output themselves and check that
  // `generation` is still theirs.
  virtual void on_writable_unowned(std::uint32_t generation) { (void)generation; }
  // The deadline has passed while somebody else owns the object and Reactor::want_writable is set:
  // its output may be stuck. Same rules; the deadline may have been moved since it was looked at.
  virtual void on_stalled_unowned(std::uint32_t generation, TimePoint now) {
    (void)generation, (void)now;
  }

 protected:
  ~Pollable() = default;
};

// Names one registration: slot and generation. Stale handles are recognised and ignored.
struct Handle {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
};

// Thread-safe; members that say "owner" need the word of that object.
class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Registers a descriptor (nonblocking) for input, output and hang-up. The object starts BUSY and
  // owned by the caller; events that come meanwhile wait in PENDING.
  Handle add(int descriptor, Pollable& object);
  // Owner. Back to idle. False: something happened meanwhile; the caller still owns the object and
  // must read and write again.
  bool let_go(Handle handle);
  // Owner. Ends the registration: generation first, then the caller closes the descriptor.
  void close(Handle handle);
  // Any thread: tries to become owner of an idle object.
  bool try_own(Handle handle);

  // Any thread. The peer sends nothing more (FIN or RST seen): what it sent before may still be
  // read. Of a registration that has ended: true.
  bool hung_up(Handle handle) const;
  // Any thread. The connection is broken both ways, or closed: nobody reads an answer.
  bool broken(Handle handle) const;
  // Owner or the object's output lock: on_writable_unowned is wanted for events that meet a busy
  // word.
  void want_writable(Handle handle, bool wanted);
  // Owner or the object's output lock: what is ready now is reported once more. For who stops
  // before the socket is full, to give others a turn.
  void report_again(Handle handle);
  // Owner, or under the object's output lock. When the object is idle at that moment the guard
  // calls on_deadline. kNever: none.
  void set_deadline(Handle handle, TimePoint when);

  // Waits for one event (milliseconds, -1 for ever) and drives it: wins the object's word and calls
  // on_ready. Returns after one event, a wake-up, a kick of this thread, or the timeout. True: it
  // was a wake-up, which no other thread sees.
  bool wait_and_drive(int timeout_ms);
  // Makes one thread that waits return.
  void wake_one();
  // Calls on_ready, with nothing ready, of every object: at once where it is idle, else its owner
  // looks again before it lets go. A way to say "look around" (a server that drains).
  void nudge_idle();

  // Calls on_deadline of what is due and returns the next deadline. Guard only.
  TimePoint expire(TimePoint now);
  // Called with each deadline that is earlier than every one before it since the last expire().
  void on_earlier_deadline(void (*notify)(void* context, TimePoint when), void* context);

  static constexpr TimePoint kNever = TimePoint::max();

 private:
  struct Slot;
  struct Event;
  Slot& slot(std::uint32_t index) const;
  bool own_for_event(Slot& slot, std::uint32_t generation, Readiness readiness);

  static constexpr std::uint32_t kChunk = 1024;
  static constexpr std::uint32_t kChunks = 1024;

  int epoll_ = -1;
  int wake_ = -1;
  std::atomic<Slot*> chunks_[kChunks] = {};
  std::atomic<std::uint32_t> slots_{0};            // ever used; only grows
  std::atomic<std::int64_t> earliest_{INT64_MAX};  // ns; no deadline is earlier
  void (*notify_)(void*, TimePoint) = nullptr;
  void* notify_context_ = nullptr;

  std::mutex free_mutex_;  // guards free_
  std::vector<std::uint32_t> free_;
};

// A thread inside Reactor::wait_and_drive can be made to return: kick(thread). The signal is
// blocked everywhere else, so a kick that comes a moment too early is not lost.
void kick(pthread_t thread);
// Blocks the kick signal in the calling thread and installs its (empty) handler. Call on every
// thread that polls, before it does.
void prepare_polling_thread();

}  // namespace rr::net
