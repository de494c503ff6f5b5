// What scripts on threads may ask of the server's plugins: the host's side of
// include/rr/services.h.
#pragma once

#include <string>

#include "rr/rpc_caller.h"
#include "rr/services.h"

namespace rr::php {

// Interfaces of the plugins; null: there is no such plugin.
struct Services {
  RpcCaller* rpc = nullptr;
};

// Before the first interpreter runs; what it points to outlives the last one. Main thread.
void offer(const Services& services);
const Services& offered();

// What `rr_host.services` points to. Each of its functions is in the file of its service.
extern const rr_services services_table;

// ---- for those files; interpreter threads

// The text that a script is given: this thread's, until its next call.
rr_text keep_text(std::string text);
// The exchange in hand is over for its client, or the thread is asked to leave it. A script that
// ignores that its client left (ignore_user_abort), or has answered already, is not stopped for
// that.
bool nobody_waits();

// ---- rpc_calls.cc
namespace rpc_calls {
int call(void* self, rr_text method, unsigned codec, rr_text argument, double seconds,
         rr_text* reply) noexcept;
int begin(void* self, rr_text method, unsigned codec, rr_text argument, rr_pending** pending,
          rr_text* error) noexcept;
int ready(void* self, rr_pending* pending) noexcept;
int result(void* self, rr_pending* pending, double seconds, rr_text* reply) noexcept;
void drop(void* self, rr_pending* pending) noexcept;
}  // namespace rpc_calls

}  // namespace rr::php
