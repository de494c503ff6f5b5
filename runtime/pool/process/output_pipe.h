// The write end of a worker's stdin: what the pipe does not take at once is written when it has
// room.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "runtime/net/reactor.h"
#include "runtime/pool/process/idle_list.h"

namespace rr::pool {

// Calls are for the worker's owner (who has the word of the read end), except where noted. In the
// reactor the object stays busy for as long as it is open, so that nobody else ever owns it; room
// to write comes as on_writable_unowned.
class OutputPipe final : private net::Pollable {
 public:
  // Writing what waited has failed. Any thread; no lock is held. `stay`: as given to open.
  class Listener {
   public:
    virtual void output_failed(Stay stay) = 0;

   protected:
    ~Listener() = default;
  };
  OutputPipe(net::Reactor& reactor, Listener& listener) : reactor_(reactor), listener_(listener) {}

  // Takes the descriptor into the reactor; the caller goes on owning it.
  void open(int descriptor, Stay stay);
  // Drops what waits. When it returns nobody writes any more.
  void close();

  // Writes in order, in one system call when the pipe has room. Parts must stay valid while
  // pending() or until close(). False: the pipe is broken, `written` bytes of these went into it.
  bool write(const std::string_view* parts, std::size_t count, std::size_t& written);
  bool write(std::string_view part);
  // Something waits for room. Turns false on any thread, true only in write().
  bool pending() const { return pending_.load(std::memory_order_acquire); }
  // Drops what waits; the pipe is useless afterwards.
  void drop();

 private:
  void on_ready(net::Readiness) override {}
  void on_deadline(TimePoint) override {}
  void on_writable_unowned(std::uint32_t generation) override;
  enum class Flush : std::uint8_t { done, blocked, failed };
  Flush flush();

  net::Reactor& reactor_;  // outlives the pool
  Listener& listener_;     // the worker this is a part of
  int descriptor_ = -1;    // owner; read under the lock by others
  std::atomic<bool> pending_{false};

  std::mutex mutex_;  // guards everything below
  bool open_ = false;
  net::Handle handle_;
  Stay stay_;
  std::vector<std::string_view> waiting_;
  std::size_t first_ = 0;  // of waiting_, not yet written whole
};

}  // namespace rr::pool
