// RrEmbed\Worker: the raw loop over the wire view of exchanges.
#include <cmath>
#include <cstring>

#include "ext/classes.h"
#include "ext/payload.h"

extern "C" {
#include "ext/garbage.h"
#include "zend_enum.h"
}

static zend_class_entry* worker_ce;
static zend_object_handlers handlers;

// Per thread; plain data.
static thread_local struct {
  unsigned flags;  // of the request in hand
  bool waiting;    // it has no (last) answer yet
} loop;

void rr_embed_init_worker(zend_class_entry* ce) {
  worker_ce = ce;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.clone_obj = nullptr;
}

void rr_embed_worker_begin(void) {
  loop.waiting = false;
}

PHP_METHOD(RrEmbed_Worker, __construct) {}

PHP_METHOD(RrEmbed_Worker, current) {
  ZEND_PARSE_PARAMETERS_NONE();
  if (!rr_embed_worker_host("RrEmbed\\Worker")) {
    RETURN_THROWS();
  }
  object_init_ex(return_value, worker_ce);
  Z_OBJ_P(return_value)->handlers = &handlers;
}

static bool assert_waiting(const rr_host* host) {
  if (loop.waiting && host->busy()) {
    return true;
  }
  zend_throw_exception(rr_embed_ce_invalid_state, "no request waits for an answer", 0);
  return false;
}

PHP_METHOD(RrEmbed_Worker, next) {
  double seconds;
  if (!rr_embed_parse_patience(INTERNAL_FUNCTION_PARAM_PASSTHRU, &seconds)) {
    RETURN_THROWS();
  }
  const rr_host* host = rr_embed_worker_host("RrEmbed\\Worker");
  if (!host) {
    RETURN_THROWS();
  }
  if (host->busy() && loop.waiting) {
    zend_throw_exception(rr_embed_ce_invalid_state, "the previous request has no answer yet", 0);
    RETURN_THROWS();
  }
  for (;;) {
    host->done();
    loop.waiting = false;
    rr_collect_garbage();
    if (rr_embed_nothing_came(host, host->next(seconds), "request")) {
      RETURN_NULL();
    }
    unsigned flags;
    rr_text header, body, error;
    if (host->wire_request(&flags, &header, &body, &error)) {
      loop.flags = flags;
      loop.waiting = true;
      rr_embed_payload_create(return_value, body, header, flags);
      return;
    }
  }
}

PHP_METHOD(RrEmbed_Worker, respond) {
  zend_string *body, *header = ZSTR_EMPTY_ALLOC();
  bool last = true;
  zend_object* codec = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 4)
  Z_PARAM_STR(body)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR(header)
  Z_PARAM_BOOL(last)
  Z_PARAM_OBJ_OF_CLASS_OR_NULL(codec, rr_embed_ce_codec)
  ZEND_PARSE_PARAMETERS_END();

  const rr_host* host = rr_embed_worker_host("RrEmbed\\Worker");
  if (!host || !assert_waiting(host)) {
    RETURN_THROWS();
  }
  const unsigned flags =
      codec ? static_cast<unsigned>(Z_LVAL_P(zend_enum_fetch_case_value(codec))) : loop.flags;
  loop.waiting = !last;
  host->wire_answer(flags, !last, {ZSTR_VAL(header), ZSTR_LEN(header)},
                    {ZSTR_VAL(body), ZSTR_LEN(body)});
  if (last) {
    host->done();
  }
}

PHP_METHOD(RrEmbed_Worker, error) {
  zend_string* message;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(message)
  ZEND_PARSE_PARAMETERS_END();

  const rr_host* host = rr_embed_worker_host("RrEmbed\\Worker");
  if (!host || !assert_waiting(host)) {
    RETURN_THROWS();
  }
  loop.waiting = false;
  host->wire_error({ZSTR_VAL(message), ZSTR_LEN(message)});
  host->done();
}

PHP_METHOD(RrEmbed_Worker, stop) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_host* host = rr_embed_worker_host("RrEmbed\\Worker");
  if (!host) {
    RETURN_THROWS();
  }
  if (host->busy() && loop.waiting && !host->answered()) {
    host->hand_back();
  }
  loop.waiting = false;
  host->recycle();
}

PHP_METHOD(RrEmbed_Worker, cancelled) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_host* host = rr_embed_worker_host("RrEmbed\\Worker");
  if (!host) {
    RETURN_THROWS();
  }
  RETURN_BOOL(host->busy() && host->cancelled());
}
