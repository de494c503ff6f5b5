// What scripts on threads may ask of the server's plugins: the host's side of
// include/rr/services.h.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "rr/app_logger.h"
#include "rr/kv.h"
#include "rr/lock.h"
#include "rr/metrics.h"
#include "rr/rpc_caller.h"
#include "rr/services.h"
#include "rr/utf8.h"

namespace rr::php {

// Interfaces of the plugins; null: there is no such plugin.
struct Services {
  RpcCaller* rpc = nullptr;
  KvStorages* kv = nullptr;
  LockManager* locks = nullptr;
  Metrics* metrics = nullptr;
  AppLogger* app = nullptr;
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

inline std::string_view view_of(rr_text text) {
  return {text.data, text.size};
}
// The call of a plugin that is not there: as RPC says it, and what would change that.
int no_service(std::string_view method, std::string_view section, rr_text* error);
int refused(const Error& why, rr_text* error);
// A name that a message could not carry is none here either: with the words of a client on a
// socket.
inline bool is_text(rr_text text) {
  return utf8::valid(view_of(text));
}
int no_text(rr_text* error);
// What a library's code throws ends the call.
template <class Run>
int guarded(rr_text* error, Run run) noexcept {
  try {
    return run();
  } catch (const std::exception& thrown) {
    *error = keep_text(thrown.what());
    return RR_REFUSED;
  }
}

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

// ---- kv_calls.cc
namespace kv_calls {
rr_kv* find(void* self, rr_text storage) noexcept;
int get(rr_kv* kv, const rr_text* keys, size_t count, rr_text* values, rr_text* error) noexcept;
int has(rr_kv* kv, const rr_text* keys, size_t count, unsigned char* found,
        rr_text* error) noexcept;
int set(rr_kv* kv, const rr_kv_item* items, size_t count, rr_text* error) noexcept;
int expire(rr_kv* kv, const rr_kv_item* items, size_t count, rr_text* error) noexcept;
int ttl(rr_kv* kv, const rr_text* keys, size_t count, double* seconds, rr_text* error) noexcept;
int remove(rr_kv* kv, const rr_text* keys, size_t count, rr_text* error) noexcept;
int clear(rr_kv* kv, rr_text* error) noexcept;
int add(rr_kv* kv, const rr_kv_item* item, int* added, rr_text* error) noexcept;
int increment(rr_kv* kv, rr_text key, int64_t by, double ttl_if_new, int64_t* value,
              rr_text* error) noexcept;
int compare_and_set(rr_kv* kv, const rr_kv_item* item, const rr_text* expected, int* done,
                    rr_text* error) noexcept;
}  // namespace kv_calls

// ---- lock_calls.cc
namespace lock_calls {
int acquire(void* self, const rr_lock_request* request, uint64_t* fence, rr_text* error) noexcept;
int release(void* self, rr_text resource, rr_text owner, int* done, rr_text* error) noexcept;
int force_release(void* self, rr_text resource, int* done, rr_text* error) noexcept;
int exists(void* self, rr_text resource, rr_text owner, int* done, rr_text* error) noexcept;
int refresh(void* self, rr_text resource, rr_text owner, double ttl, int* done,
            rr_text* error) noexcept;
}  // namespace lock_calls

// ---- metric_calls.cc
namespace metric_calls {
int declare(void* self, const rr_metric_spec* spec, rr_metric** metric, rr_text* error) noexcept;
void release(rr_metric* metric) noexcept;
int add(rr_metric* metric, double by, const rr_text* labels, size_t count, rr_text* error) noexcept;
int set(rr_metric* metric, double value, const rr_text* labels, size_t count,
        rr_text* error) noexcept;
int observe(rr_metric* metric, double value, const rr_text* labels, size_t count,
            rr_text* error) noexcept;
}  // namespace metric_calls

// ---- log_calls.cc
namespace log_calls {
void write(void* self, rr_text channel, int level, rr_text message, const rr_header* attributes,
           size_t count) noexcept;
}  // namespace log_calls

}  // namespace rr::php
