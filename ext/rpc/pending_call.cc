// RrEmbed\PendingCall: a call on its way. And those of Rpc::send(), which nobody waits for.
#include "ext/rpc/pending_call.h"

#include <cstring>
#include <deque>
#include <string>

extern "C" {
#include "php_main.h"
}

#include "ext/compat.h"
#include "ext/rpc/rpc.h"

static zend_object_handlers handlers;

struct rr_pending_object {
  rr_client client;
  rr_pending* pending;  // null: its result was fetched, or nobody wants it
  int status;           // of the result that was fetched
  zend_string* result;  // the same: bytes, or the error's text
  zend_object* rpc;
  zend_string* method;
  zend_object std;
};

static rr_pending_object* pending_from(zend_object* object) {
  return reinterpret_cast<rr_pending_object*>(reinterpret_cast<char*>(object) -
                                              XtOffsetOf(rr_pending_object, std));
}

static zend_object* create(zend_class_entry* ce) {
  auto* call = static_cast<rr_pending_object*>(zend_object_alloc(sizeof(rr_pending_object), ce));
  call->pending = nullptr;
  call->result = nullptr;
  call->rpc = nullptr;
  call->method = nullptr;
  zend_object_std_init(&call->std, ce);
  object_properties_init(&call->std, ce);
  call->std.handlers = &handlers;
  return &call->std;
}

static void forget(rr_pending_object* call) {
  if (call->pending) {
    call->client.services->drop(call->client.self, call->pending);
    call->pending = nullptr;
  }
  if (call->result) {
    zend_string_release(call->result);
    call->result = nullptr;
  }
}

static void free_object(zend_object* object) {
  rr_pending_object* call = pending_from(object);
  forget(call);
  if (call->rpc) {
    OBJ_RELEASE(call->rpc);
    zend_string_release(call->method);
  }
  zend_object_std_dtor(object);
}

void rr_embed_init_pending_call(zend_class_entry* ce) {
  ce->create_object = create;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.offset = XtOffsetOf(rr_pending_object, std);
  handlers.free_obj = free_object;
  handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(ce, &handlers);
}

void rr_embed_pending_call_create(zval* return_value, const rr_client* client, rr_pending* pending,
                                  zend_object* rpc, zend_string* method) {
  object_init_ex(return_value, rr_embed_ce_pending_call);
  rr_pending_object* call = pending_from(Z_OBJ_P(return_value));
  call->client = *client;
  call->pending = pending;
  GC_ADDREF(rpc);
  call->rpc = rpc;
  call->method = zend_string_copy(method);
}

PHP_METHOD(RrEmbed_PendingCall, __construct) {}

static bool assert_wanted(const rr_pending_object* call) {
  if (call->pending || call->result) {
    return true;
  }
  zend_throw_exception(rr_embed_ce_invalid_state, "the call was cancelled", 0);
  return false;
}

PHP_METHOD(RrEmbed_PendingCall, ready) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_pending_object* call = pending_from(Z_OBJ_P(ZEND_THIS));
  if (!assert_wanted(call)) {
    RETURN_THROWS();
  }
  RETURN_BOOL(call->result || call->client.services->ready(call->client.self, call->pending));
}

// The result is there. False: it is not, or the time is over; an exception was thrown.
static bool fetch(rr_pending_object* call, double seconds) {
  if (call->result) {
    return true;
  }
  rr_text reply;
  const int status =
      call->client.services->result(call->client.self, call->pending, seconds, &reply);
  if (status == RR_TIMED_OUT) {
    rr_embed_throw_status(status, reply, ZSTR_VAL(call->method));
    return false;
  }
  call->pending = nullptr;
  call->status = status;
  call->result = zend_string_init(reply.data, reply.size, 0);
  return true;
}

PHP_METHOD(RrEmbed_PendingCall, result) {
  double seconds = 0;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE_OR_NULL(seconds, without)
  ZEND_PARSE_PARAMETERS_END();

  rr_pending_object* call = pending_from(Z_OBJ_P(ZEND_THIS));
  if (!assert_wanted(call) || !fetch(call, without        ? call->client.seconds
                                           : seconds >= 0 ? seconds
                                                          : 0)) {
    RETURN_THROWS();
  }
  if (call->status != RR_OK) {
    rr_embed_throw_status(call->status, {ZSTR_VAL(call->result), ZSTR_LEN(call->result)},
                          ZSTR_VAL(call->method));
    RETURN_THROWS();
  }
  RETURN_STR_COPY(call->result);
}

PHP_METHOD(RrEmbed_PendingCall, cancel) {
  ZEND_PARSE_PARAMETERS_NONE();
  forget(pending_from(Z_OBJ_P(ZEND_THIS)));
}

// ---- Rpc::send()

namespace {

struct Sent {
  rr_client client;
  rr_pending* pending;
  std::shared_ptr<rr::ext::Connection> connection;
  std::string method;
};

// More than these on their way, and the script waits for the first of them.
constexpr std::size_t kMost = 256;

std::deque<Sent>& all_sent() {
  static thread_local std::deque<Sent> of_this_thread;
  return of_this_thread;
}

}  // namespace

// Takes the first one off the list. True: `line` is for the log.
static bool settle_first(char* line, size_t size) {
  Sent sent = std::move(all_sent().front());
  all_sent().pop_front();
  rr_text reply;
  const int status =
      sent.client.services->result(sent.client.self, sent.pending, sent.client.seconds, &reply);
  if (status == RR_TIMED_OUT) {
    sent.client.services->drop(sent.client.self, sent.pending);
  }
  snprintf(line, size, "rr_embed: %s failed: %.*s", sent.method.c_str(),
           static_cast<int>(reply.size), reply.data);
  return status != RR_OK;
}

static bool first_is_ready() {
  const Sent& sent = all_sent().front();
  return sent.client.services->ready(sent.client.self, sent.pending);
}

static void settle(size_t most) {
  char line[1024];
  while (!all_sent().empty() && (all_sent().size() > most || first_is_ready())) {
    if (settle_first(line, sizeof(line))) {
      php_log_err(line);
    }
  }
}

void rr_embed_sent_add(const rr_client* client, rr_pending* pending,
                       const std::shared_ptr<rr::ext::Connection>& connection,
                       zend_string* method) {
  all_sent().push_back({*client, pending, connection, {ZSTR_VAL(method), ZSTR_LEN(method)}});
  settle(kMost);
}

void rr_embed_sent_end(void) {
  settle(kMost);
  for (const Sent& sent : all_sent()) {
    sent.client.services->drop(sent.client.self, sent.pending);
  }
  all_sent().clear();
}
