// RrEmbed\Http\Worker: the loop over HTTP requests as objects.
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ext/classes.h"
#include "ext/http.h"

extern "C" {
#include "ext/garbage.h"
#include "php_streams.h"
#include "zend_generators.h"
}

zend_class_entry* rr_embed_ce_http_worker;
static zend_object_handlers handlers;

void rr_embed_init_http_worker(zend_class_entry* ce) {
  rr_embed_ce_http_worker = ce;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.clone_obj = nullptr;
}

PHP_METHOD(RrEmbed_Http_Worker, __construct) {
  ZEND_PARSE_PARAMETERS_NONE();
  Z_OBJ_P(ZEND_THIS)->handlers = &handlers;
  rr_embed_worker_host("RrEmbed\\Http\\Worker");
}

// 1: `request` holds the next one. 0: leave the loop. -1: an exception was thrown.
static int accept_request(const rr_host* host, double seconds, zval* request) {
  for (;;) {
    const rr_http_phase phase = rr_embed_http()->phase;
    rr_embed_request_retire();
    if (host->busy() && phase == RR_HTTP_OPEN) {
      constexpr const char* why =
          "the script asked for the next request and had not answered this one";
      host->http_fail(500, {why, std::strlen(why)});
    }
    host->done();
    rr_collect_garbage();
    const int next = host->next(seconds);
    if (rr_embed_nothing_came(host, next, "request")) {
      return EG(exception) ? -1 : 0;
    }
    if (next != RR_NEXT_HTTP) {
      constexpr const char* why = "this worker serves HTTP requests only";
      host->wire_error({why, std::strlen(why)});
      continue;
    }
    rr_http_request read;
    if (host->http_request(&read)) {
      rr_embed_request_create(request);
      return 1;
    }
    host->wire_error(host->fault());
  }
}

PHP_METHOD(RrEmbed_Http_Worker, accept) {
  double seconds;
  if (!rr_embed_parse_patience(INTERNAL_FUNCTION_PARAM_PASSTHRU, &seconds)) {
    RETURN_THROWS();
  }
  const rr_host* host = rr_embed_worker_host("RrEmbed\\Http\\Worker");
  if (!host) {
    RETURN_THROWS();
  }
  if (accept_request(host, seconds, return_value) != 1) {
    RETURN_NULL();
  }
}

PHP_METHOD(RrEmbed_Http_Worker, ready) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_host* host = rr_embed_worker_host("RrEmbed\\Http\\Worker");
  if (!host) {
    RETURN_THROWS();
  }
  const int descriptor = host->ready_descriptor();
  rr_embed_http()->selects = true;
  if (host->fault && descriptor != 0) {  // a socket: a stream of its own, for the twin of it
    const int twin = dup(descriptor);
    php_stream* stream = twin < 0 ? nullptr : php_stream_fopen_from_fd(twin, "rb", nullptr);
    if (!stream) {
      zend_throw_exception(rr_embed_ce_transport_exception, std::strerror(errno), 0);
      RETURN_THROWS();
    }
    php_stream_to_zval(stream, return_value);
    return;
  }
  // STDIN of a worker script is readable under the same condition.
  zval* input = descriptor < 0 ? nullptr : zend_get_constant_str("STDIN", sizeof("STDIN") - 1);
  if (!input) {
    zend_throw_exception(rr_embed_ce_unsupported, "this script has no STDIN to wait for", 0);
    RETURN_THROWS();
  }
  RETURN_COPY(input);
}

static bool send_piece(zval* piece) {
  zend_string* text = zval_try_get_string(piece);
  if (!text) {
    return false;
  }
  const bool wanted = ZSTR_LEN(text) == 0 || rr_embed_stream_write(text);
  zend_string_release(text);
  return wanted;
}

static void client_left(zval* body) {
  if (!instanceof_function(Z_OBJCE_P(body), zend_ce_generator)) {
    return;
  }
  // A generator may have something to clean up.
  zval error, message, result;
  object_init_ex(&error, rr_embed_ce_disconnected);
  ZVAL_STRING(&message, "the client left");
  zend_call_known_instance_method_with_1_params(rr_embed_ce_disconnected->constructor, Z_OBJ(error),
                                                nullptr, &message);
  zval_ptr_dtor(&message);
  ZVAL_UNDEF(&result);
  zend_call_method_with_1_params(Z_OBJ_P(body), Z_OBJCE_P(body), nullptr, "throw", &result, &error);
  zval_ptr_dtor(&result);
  zval_ptr_dtor(&error);
  if (EG(exception) && instanceof_function(EG(exception)->ce, rr_embed_ce_disconnected)) {
    zend_clear_exception();
  }
}

static void send_pieces(zval* body) {
  if (Z_TYPE_P(body) == IS_ARRAY) {
    zval* piece;
    ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(body), piece) {
      if (!send_piece(piece)) {
        break;
      }
    }
    ZEND_HASH_FOREACH_END();
    return;
  }
  zend_object_iterator* iterator = Z_OBJCE_P(body)->get_iterator(Z_OBJCE_P(body), body, 0);
  if (!iterator || EG(exception)) {
    return;
  }
  bool left = false;
  if (iterator->funcs->rewind) {
    iterator->funcs->rewind(iterator);
  }
  while (!EG(exception) && iterator->funcs->valid(iterator) == SUCCESS && !EG(exception)) {
    zval* piece = iterator->funcs->get_current_data(iterator);
    if (EG(exception) || !piece) {
      break;
    }
    if (!send_piece(piece)) {
      left = !EG(exception);
      break;
    }
    iterator->funcs->move_forward(iterator);
  }
  zend_iterator_dtor(iterator);
  if (left) {
    client_left(body);
  }
}

// What a handler returned becomes the answer.
static void answer_with(zval* answer) {
  zend_long status = 200;
  zend_array* headers = nullptr;
  zval* body = answer;
  if (Z_TYPE_P(answer) == IS_NULL || Z_TYPE_P(answer) == IS_UNDEF) {
    return;
  }
  if (Z_TYPE_P(answer) == IS_ARRAY) {
    zval* first = zend_hash_index_find(Z_ARRVAL_P(answer), 0);
    if (first && Z_TYPE_P(first) == IS_LONG) {
      status = Z_LVAL_P(first);
      zval* second = zend_hash_index_find(Z_ARRVAL_P(answer), 1);
      if (second && Z_TYPE_P(second) == IS_ARRAY) {
        headers = Z_ARRVAL_P(second);
      }
      body = zend_hash_index_find(Z_ARRVAL_P(answer), 2);
    }
  }
  if (!rr_embed_assert_open(rr_embed_http()->serial)) {
    return;
  }
  if (status < 200 || status > 599) {
    zend_value_error("the status of an answer must be between 200 and 599, " ZEND_LONG_FMT " given",
                     status);
    return;
  }
  if (!body || Z_TYPE_P(body) == IS_NULL) {
    rr_embed_respond(static_cast<int>(status), headers, 1, ZSTR_EMPTY_ALLOC());
  } else if (Z_TYPE_P(body) == IS_STRING) {
    rr_embed_respond(static_cast<int>(status), headers, 1, Z_STR_P(body));
  } else if (Z_TYPE_P(body) == IS_ARRAY ||
             (Z_TYPE_P(body) == IS_OBJECT &&
              instanceof_function(Z_OBJCE_P(body), zend_ce_traversable))) {
    if (rr_embed_open(static_cast<int>(status), headers, 1)) {
      send_pieces(body);
      if (!EG(exception)) {
        rr_embed_stream_end(nullptr);
      }
    }
  } else {
    zend_type_error("a handler must return string|iterable|array|null, %s given",
                    zend_zval_type_name(body));
  }
}

// An uncaught exception: 500, its text to the log. False: exit(), which ends the script.
static bool fail_with_exception() {
  if (zend_is_unwind_exit(EG(exception)) || zend_is_graceful_exit(EG(exception))) {
    return false;
  }
  zend_object* error = EG(exception);
  GC_ADDREF(error);
  zend_clear_exception();
  zval object;
  ZVAL_OBJ(&object, error);
  zend_string* text = zval_try_get_string(&object);
  if (!text) {
    zend_clear_exception();
    text = zend_string_copy(error->ce->name);
  }
  rr_embed_fail(text, 500);
  zend_string_release(text);
  OBJ_RELEASE(error);
  return true;
}

PHP_METHOD(RrEmbed_Http_Worker, run) {
  zend_fcall_info call;
  zend_fcall_info_cache cache;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_FUNC(call, cache)
  ZEND_PARSE_PARAMETERS_END();

  const rr_host* host = rr_embed_worker_host("RrEmbed\\Http\\Worker");
  if (!host) {
    RETURN_THROWS();
  }
  zval request, answer;
  for (;;) {
    const int got = accept_request(host, -1, &request);
    if (got == 0) {
      RETURN_LONG(0);
    }
    if (got < 0) {
      RETURN_THROWS();
    }
    ZVAL_UNDEF(&answer);
    call.retval = &answer;
    call.params = &request;
    call.param_count = 1;
    zend_call_function(&call, &cache);
    if (!EG(exception)) {
      answer_with(&answer);
    }
    zval_ptr_dtor(&answer);
    if (EG(exception) && !fail_with_exception()) {
      zval_ptr_dtor(&request);
      RETURN_THROWS();
    }
    rr_embed_request_keep();
    zval_ptr_dtor(&request);
  }
}
