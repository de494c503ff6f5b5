// Handles of libmemcached for one server each: as many as calls run at once.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <libmemcached/memcached.h>

namespace rr::keyvalue::memcached {

struct FreeHandle {
  void operator()(memcached_st* handle) const { memcached_free(handle); }
};
using Handle = std::unique_ptr<memcached_st, FreeHandle>;

// Any thread.
class ServerPool {
 public:
  explicit ServerPool(std::string address) : address_(std::move(address)) {}

  // One for the time of a call; it connects with its first command. Goes back unless it is broken.
  class Lease {
   public:
    Lease(ServerPool& pool, Handle handle) : pool_(pool), handle_(std::move(handle)) {}
    ~Lease() {
      if (handle_) pool_.give_back(std::move(handle_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    memcached_st* get() const { return handle_.get(); }
    void drop() { handle_.reset(); }

   private:
    ServerPool& pool_;
    Handle handle_;
  };
  Lease take();
  const std::string& address() const { return address_; }

 private:
  Handle make() const;
  void give_back(Handle handle);

  const std::string address_;
  std::mutex mutex_;  // guards free_
  std::vector<Handle> free_;
};

}  // namespace rr::keyvalue::memcached
