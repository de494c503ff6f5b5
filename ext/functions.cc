// The functions of namespace RrEmbed.
#include <cstring>

#include "ext/php_rr_embed.h"

extern "C" {
#include "SAPI.h"
}

#include "ext/garbage.h"
#include "ext/headers.h"
#include "ext/http.h"
#include "ext/pipes/host.h"
#include "ext/rpc/client.h"

int rr_embed_settle_exception(void) {
  if (EXPECTED(!EG(exception))) {
    return 0;
  }
  if (zend_is_unwind_exit(EG(exception)) || zend_is_graceful_exit(EG(exception))) {
    // exit(): the frames were unwound properly, the script may go on.
    zend_clear_exception();
    return 0;
  }
  if (Z_TYPE(EG(user_exception_handler)) != IS_UNDEF) {
    zend_user_exception_handler();
    if (!EG(exception)) {
      return 0;
    }
    if (zend_is_unwind_exit(EG(exception)) || zend_is_graceful_exit(EG(exception))) {
      zend_clear_exception();
      return 0;
    }
  }
  if (!SG(headers_sent) && SG(sapi_headers).http_response_code < 400) {
    SG(sapi_headers).http_response_code = 500;
  }
  // Prints or logs it as PHP does at a script's end; does not bail out.
  zend_exception_error(EG(exception), E_ERROR);
  if (EG(exception)) {
    zend_clear_exception();
  }
  return 1;
}

zend_object* rr_embed_enum_case_string(zend_class_entry* ce, rr_text value) {
  zend_object* found = nullptr;
  zend_string* key = zend_string_init(value.data, value.size, 0);
  if (zend_enum_get_case_by_value(&found, ce, 0, key, true) == FAILURE) {
    found = nullptr;
  }
  zend_string_release(key);
  return found;
}

ZEND_FUNCTION(RrEmbed_version) {
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_STRING(PHP_RR_EMBED_VERSION);
}

ZEND_FUNCTION(RrEmbed_transport) {
  ZEND_PARSE_PARAMETERS_NONE();
  const char* name = "None";
  const rr_host* host = rr_embed_host();
  if (host && host->services) {
    name = "Host";
  } else if (rr_embed_in_process_worker() || rr_embed_has_client()) {
    name = "Socket";
  }
  RETURN_OBJ_COPY(zend_enum_get_case_cstr(rr_embed_ce_transport, name));
}

ZEND_FUNCTION(RrEmbed_available) {
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_BOOL(rr_embed_has_client());
}

ZEND_FUNCTION(RrEmbed_in_worker) {
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_BOOL(rr_embed_host() || rr_embed_in_process_worker());
}

ZEND_FUNCTION(RrEmbed_mode) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_text mode = {"", 0};
  if (const rr_host* host = rr_embed_host()) {
    mode = host->mode();
  } else if (const char* value = rr_embed_in_process_worker() ? getenv("RR_MODE") : nullptr) {
    mode = {value, std::strlen(value)};
  }
  zend_object* found = mode.size ? rr_embed_enum_case_string(rr_embed_ce_mode, mode) : nullptr;
  if (!found) {
    RETURN_NULL();
  }
  RETURN_OBJ_COPY(found);
}

ZEND_FUNCTION(RrEmbed_worker_id) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_host* host = rr_embed_host();
  const int id = host ? host->worker_id() : 0;
  if (id == 0) {
    RETURN_NULL();
  }
  RETURN_LONG(id);
}

static void handle_request(INTERNAL_FUNCTION_PARAMETERS) {
  zend_fcall_info call;
  zend_fcall_info_cache cache;

  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_FUNC(call, cache)
  ZEND_PARSE_PARAMETERS_END();

  const rr_host* host = rr_embed_worker_host("RrEmbed\\handle_request()");
  if (!host) {
    RETURN_THROWS();
  }
  if (host->busy()) {
    zend_throw_exception(rr_embed_ce_invalid_state, "a request is being handled already", 0);
    RETURN_THROWS();
  }
  rr_collect_garbage();
  switch (host->superglobals_begin()) {
    case RR_NEXT_HTTP:
      break;
    case RR_NEXT_BROKEN:
      rr_embed_throw_broken(host);
      RETURN_THROWS();
    default:
      RETURN_FALSE;
  }

  zval result;
  ZVAL_UNDEF(&result);
  call.retval = &result;
  zend_call_function(&call, &cache);
  if (UNEXPECTED(CG(unclean_shutdown))) {
    zend_bailout();  // a fatal error that unwinds frames, as out of memory does in some versions
  }
  const int failed = rr_embed_settle_exception();
  zval_ptr_dtor(&result);
  if (UNEXPECTED(EG(exception) != nullptr)) {  // the result's destructor threw
    rr_embed_settle_exception();
  }
  host->superglobals_end(failed);
  RETURN_TRUE;
}

ZEND_FUNCTION(RrEmbed_handle_request) {
  handle_request(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}
ZEND_FUNCTION(rr_embed_handle_request) {
  handle_request(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

// Outside of the server the function of the SAPI, where it has one. False: it has none.
static bool call_function_of_sapi(const char* name, zval* result) {
  zend_fcall_info call = empty_fcall_info;
  zend_fcall_info_cache cache = empty_fcall_info_cache;
  auto* function = static_cast<zend_function*>(
      zend_hash_str_find_ptr(CG(function_table), name, std::strlen(name)));
  if (!function) {
    return false;
  }
  call.size = sizeof(call);
  call.retval = result;
  cache.function_handler = function;
  ZVAL_UNDEF(result);
  zend_call_function(&call, &cache);
  return true;
}

ZEND_FUNCTION(RrEmbed_finish_request) {
  ZEND_PARSE_PARAMETERS_NONE();
  if (const rr_host* host = rr_embed_host()) {
    RETURN_BOOL(host->finish_request());
  }
  if (!call_function_of_sapi("fastcgi_finish_request", return_value)) {
    RETURN_FALSE;
  }
}

ZEND_FUNCTION(RrEmbed_send_informational) {
  zend_long status;
  HashTable* fields;

  ZEND_PARSE_PARAMETERS_START(2, 2)
  Z_PARAM_LONG(status)
  Z_PARAM_ARRAY_HT(fields)
  ZEND_PARSE_PARAMETERS_END();

  rr_embed_headers headers;
  if (!rr_embed_interim_status(status, 1) || !rr_embed_headers_from(fields, 2, &headers)) {
    RETURN_THROWS();
  }
  const rr_host* host = rr_embed_host();
  const bool sent = host && host->busy() &&
                    host->http_inform(static_cast<int>(status), headers.items, headers.count);
  rr_embed_headers_free(&headers);
  RETURN_BOOL(sent);
}

ZEND_FUNCTION(RrEmbed_request_headers) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_host* host = rr_embed_host();
  if (host || !call_function_of_sapi("getallheaders", return_value)) {
    rr_embed_request_headers(host, return_value);
  }
}

ZEND_FUNCTION(RrEmbed_response_headers) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_embed_response_headers(return_value);
}

ZEND_FUNCTION(RrEmbed_connection_alive) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_host* host = rr_embed_host();
  RETURN_BOOL(host ? host->busy() && !host->cancelled()
                   : PG(connection_status) == PHP_CONNECTION_NORMAL);
}

ZEND_FUNCTION(RrEmbed_recycle) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_host* host = rr_embed_host();
  if (!host && rr_embed_in_process_worker()) {
    host = rr_embed_pipes_open();
  }
  if (host) {
    host->recycle();
  }
}
