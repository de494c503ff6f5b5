// RrEmbed\Lock and RrEmbed\LockHandle.
#include "ext/lock/lock.h"

#include <unistd.h>

#include <cstring>

#include "ext/compat.h"
#include "ext/message.h"
#include "ext/rpc/rpc.h"
// What gen_stub made of the stub.
#include "ext/lock/lock_arginfo.h"

struct rr_lock_object {
  rr_caller caller;
  zend_object std;
};

// Properties in the order of the stub: resource, owner, fence.
struct rr_lock_handle {
  rr_caller caller;
  pid_t process;  // that has it, where processes may be forked; 0 on a thread of the server
  bool held;      // it is released with the object
  zend_object std;
};

static zend_class_entry *lock_ce, *handle_ce;
static zend_object_handlers lock_handlers, handle_handlers;

static rr_lock_object* lock_from(zend_object* object) {
  return reinterpret_cast<rr_lock_object*>(reinterpret_cast<char*>(object) -
                                           XtOffsetOf(rr_lock_object, std));
}
static rr_lock_handle* handle_from(zend_object* object) {
  return reinterpret_cast<rr_lock_handle*>(reinterpret_cast<char*>(object) -
                                           XtOffsetOf(rr_lock_handle, std));
}

static rr_text resource_of(rr_lock_handle* handle) {
  return rr_text_of(Z_STR_P(OBJ_PROP_NUM(&handle->std, 0)));
}
static rr_text owner_of(rr_lock_handle* handle) {
  return rr_text_of(Z_STR_P(OBJ_PROP_NUM(&handle->std, 1)));
}

// ---------------------------------------------------------------- objects

static zend_object* create_lock(zend_class_entry* ce) {
  auto* lock = static_cast<rr_lock_object*>(zend_object_alloc(sizeof(rr_lock_object), ce));
  memset(lock, 0, XtOffsetOf(rr_lock_object, std));
  zend_object_std_init(&lock->std, ce);
  object_properties_init(&lock->std, ce);
  lock->std.handlers = &lock_handlers;
  return &lock->std;
}

static void free_lock(zend_object* object) {
  rr_caller_free(&lock_from(object)->caller);
  zend_object_std_dtor(object);
}

static zend_object* create_handle(zend_class_entry* ce) {
  auto* handle = static_cast<rr_lock_handle*>(zend_object_alloc(sizeof(rr_lock_handle), ce));
  memset(handle, 0, XtOffsetOf(rr_lock_handle, std));
  zend_object_std_init(&handle->std, ce);
  object_properties_init(&handle->std, ce);
  handle->std.handlers = &handle_handlers;
  return &handle->std;
}

// Runs no PHP code, so it may also come after a fatal error, which must not leave locks behind.
static void let_go(rr_lock_handle* handle) {
  if (!handle->held) return;
  handle->held = false;
  // A child of fork() has a copy of the handle, and not the lock.
  if (handle->process != 0 && handle->process != getpid()) return;
  bool done;
  rr_text error;
  const int status = rr_lock_ask(&handle->caller, "lock.Release", resource_of(handle),
                                 owner_of(handle), 0, &done, &error);
  if (status != RR_OK && !CG(unclean_shutdown)) {
    php_error_docref(nullptr, E_WARNING, "a lock could not be released: %.*s",
                     static_cast<int>(error.size), error.data);
  }
}

static void destroy_handle(zend_object* object) {
  let_go(handle_from(object));
}

static void free_handle(zend_object* object) {
  rr_lock_handle* handle = handle_from(object);
  let_go(handle);
  rr_caller_free(&handle->caller);
  zend_object_std_dtor(object);
}

static void create_handle_of(zval* return_value, const rr_caller* caller, zend_string* resource,
                             zend_string* owner, uint64_t fence, bool held) {
  object_init_ex(return_value, handle_ce);
  zend_object* object = Z_OBJ_P(return_value);
  ZVAL_STR_COPY(OBJ_PROP_NUM(object, 0), resource);
  ZVAL_STR_COPY(OBJ_PROP_NUM(object, 1), owner);
  ZVAL_LONG(OBJ_PROP_NUM(object, 2), static_cast<zend_long>(fence));
  rr_lock_handle* handle = handle_from(object);
  rr_caller_copy(&handle->caller, caller);
  handle->process = caller->client.services->lock_release ? 0 : getpid();
  handle->held = held;
}

void rr_embed_init_lock(void) {
  lock_ce = register_class_RrEmbed_Lock();
  lock_ce->create_object = create_lock;
  std::memcpy(&lock_handlers, zend_get_std_object_handlers(), sizeof(lock_handlers));
  lock_handlers.offset = XtOffsetOf(rr_lock_object, std);
  lock_handlers.free_obj = free_lock;
  lock_handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(lock_ce, &lock_handlers);
  handle_ce = register_class_RrEmbed_LockHandle();
  handle_ce->create_object = create_handle;
  std::memcpy(&handle_handlers, zend_get_std_object_handlers(), sizeof(handle_handlers));
  handle_handlers.offset = XtOffsetOf(rr_lock_handle, std);
  handle_handlers.dtor_obj = destroy_handle;
  handle_handlers.free_obj = free_handle;
  handle_handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(handle_ce, &handle_handlers);
}

// ---------------------------------------------------------------- Lock

static rr_caller* found(zval* self) {
  rr_caller* caller = &lock_from(Z_OBJ_P(self))->caller;
  return rr_caller_find(caller, "RrEmbed\\Lock") ? caller : nullptr;
}

// False: an exception was thrown.
static bool good_seconds(double seconds, uint32_t argument) {
  if (EXPECTED(seconds >= 0)) return true;
  zend_argument_value_error(argument, "must be greater than or equal to 0");
  return false;
}

// Throws for what is no answer.
static void answer(zval* return_value, int status, bool done, rr_text error, const char* method) {
  if (status != RR_OK) {
    rr_embed_throw_status(status, error, method);
    RETURN_THROWS();
  }
  RETURN_BOOL(done);
}

PHP_METHOD(RrEmbed_Lock, __construct) {
  zend_object* rpc = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS_OR_NULL(rpc, rr_embed_ce_rpc)
  ZEND_PARSE_PARAMETERS_END();

  rr_caller* caller = &lock_from(Z_OBJ_P(ZEND_THIS))->caller;
  if (caller->rpc || caller->client.services) {
    zend_throw_error(nullptr, "RrEmbed\\Lock::__construct() was called already");
    RETURN_THROWS();
  }
  rr_caller_set(caller, rpc);
}

PHP_METHOD(RrEmbed_Lock, acquire) {
  zend_string *resource, *owner = nullptr;
  double ttl = 0, wait = 0;
  bool shared = false;
  ZEND_PARSE_PARAMETERS_START(1, 5)
  Z_PARAM_STR(resource)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE(ttl)
  Z_PARAM_DOUBLE(wait)
  Z_PARAM_STR_OR_NULL(owner)
  Z_PARAM_BOOL(shared)
  ZEND_PARSE_PARAMETERS_END();

  if (!good_seconds(ttl, 2) || !good_seconds(wait, 3)) RETURN_THROWS();
  if (owner && ZSTR_LEN(owner) == 0) {
    zend_argument_value_error(4, "must not be empty");
    RETURN_THROWS();
  }
  rr_caller* caller = found(ZEND_THIS);
  if (!caller) RETURN_THROWS();
  owner = owner ? zend_string_copy(owner) : rr_lock_new_owner();
  if (!owner) RETURN_THROWS();

  const rr_lock_request request = {rr_text_of(resource), rr_text_of(owner), shared, ttl, wait};
  bool had;
  uint64_t fence;
  rr_text error;
  const int status = rr_lock_acquire(caller, &request, &had, &fence, &error);
  if (status != RR_OK) {
    rr_embed_throw_status(status, error, shared ? "lock.LockRead" : "lock.Lock");
  } else if (had) {
    create_handle_of(return_value, caller, resource, owner, fence, true);
  }
  zend_string_release(owner);
}

PHP_METHOD(RrEmbed_Lock, exists) {
  zend_string *resource, *owner = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_STR(resource)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR_OR_NULL(owner)
  ZEND_PARSE_PARAMETERS_END();

  rr_caller* caller = found(ZEND_THIS);
  if (!caller) RETURN_THROWS();
  bool done;
  rr_text error;
  const int status = rr_lock_ask(caller, "lock.Exists", rr_text_of(resource),
                                 owner ? rr_text_of(owner) : rr_text{"*", 1}, 0, &done, &error);
  answer(return_value, status, done, error, "lock.Exists");
}

PHP_METHOD(RrEmbed_Lock, forceRelease) {
  zend_string* resource;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(resource)
  ZEND_PARSE_PARAMETERS_END();

  rr_caller* caller = found(ZEND_THIS);
  if (!caller) RETURN_THROWS();
  bool done;
  rr_text error;
  const int status =
      rr_lock_ask(caller, "lock.ForceRelease", rr_text_of(resource), {"", 0}, 0, &done, &error);
  answer(return_value, status, done, error, "lock.ForceRelease");
}

PHP_METHOD(RrEmbed_Lock, restore) {
  zend_string *resource, *owner;
  ZEND_PARSE_PARAMETERS_START(2, 2)
  Z_PARAM_STR(resource)
  Z_PARAM_STR(owner)
  ZEND_PARSE_PARAMETERS_END();

  rr_caller* caller = found(ZEND_THIS);
  if (!caller) RETURN_THROWS();
  create_handle_of(return_value, caller, resource, owner, 0, false);
}

// ---------------------------------------------------------------- LockHandle

PHP_METHOD(RrEmbed_LockHandle, __construct) {}

PHP_METHOD(RrEmbed_LockHandle, refresh) {
  double ttl;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_DOUBLE(ttl)
  ZEND_PARSE_PARAMETERS_END();

  if (!good_seconds(ttl, 1)) RETURN_THROWS();
  rr_lock_handle* handle = handle_from(Z_OBJ_P(ZEND_THIS));
  bool done;
  rr_text error;
  const int status = rr_lock_ask(&handle->caller, "lock.UpdateTTL", resource_of(handle),
                                 owner_of(handle), ttl, &done, &error);
  answer(return_value, status, done, error, "lock.UpdateTTL");
}

PHP_METHOD(RrEmbed_LockHandle, release) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_lock_handle* handle = handle_from(Z_OBJ_P(ZEND_THIS));
  handle->held = false;
  bool done;
  rr_text error;
  const int status = rr_lock_ask(&handle->caller, "lock.Release", resource_of(handle),
                                 owner_of(handle), 0, &done, &error);
  answer(return_value, status, done, error, "lock.Release");
}

PHP_METHOD(RrEmbed_LockHandle, detach) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_lock_handle* handle = handle_from(Z_OBJ_P(ZEND_THIS));
  handle->held = false;
  RETURN_STR_COPY(Z_STR_P(OBJ_PROP_NUM(&handle->std, 1)));
}
