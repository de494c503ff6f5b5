#include "ext/rpc/client.h"

extern "C" {
#include "SAPI.h"
#include "zend_ini.h"
}

#include <cstring>
#include <memory>
#include <string>

#include "ext/rpc/rpc.h"
#include "ext/rpc/socket.h"

// The address of this request of the engine and the connection to it; looked for once.
struct Found {
  bool looked = false;
  bool malformed = false;
  std::string text;  // as configured; empty: nowhere
  std::shared_ptr<rr::ext::Connection> connection;
};

static Found& found() {
  static thread_local Found of_this_thread;
  return of_this_thread;
}

static bool text_in(const char* array, std::string* out) {
  zend_string* name = zend_string_init(array, std::strlen(array), 0);
  zend_is_auto_global(name);
  zval* values = zend_hash_find(&EG(symbol_table), name);
  zend_string_release(name);
  if (!values || Z_TYPE_P(values) != IS_ARRAY) {
    return false;
  }
  zval* value = zend_hash_str_find(Z_ARRVAL_P(values), "RR_RPC", sizeof("RR_RPC") - 1);
  if (!value || Z_TYPE_P(value) != IS_STRING) {
    return false;
  }
  out->assign(Z_STRVAL_P(value), Z_STRLEN_P(value));
  return true;
}

static bool text_of_environment(std::string* out) {
  if (char* value = sapi_getenv("RR_RPC", sizeof("RR_RPC") - 1)) {
    out->assign(value);
    efree(value);
    return true;
  }
  if (const char* value = getenv("RR_RPC")) {
    out->assign(value);
    return true;
  }
  return false;
}

static Found& look() {
  Found& now = found();
  if (now.looked) {
    return now;
  }
  now.looked = true;
  if (!text_in("_SERVER", &now.text) && !text_in("_ENV", &now.text)) {
    text_of_environment(&now.text);
  }
  if (now.text.empty()) {
    if (const char* ini = INI_STR("rr_embed.rpc")) {
      now.text = ini;
    }
  }
  if (now.text.empty()) {
    return now;
  }
  rr::ext::Address address;
  if (rr::ext::Address::parse(now.text, &address)) {
    now.connection = rr::ext::connection_to(address);
    now.connection->set_connect_timeout(INI_FLT("rr_embed.rpc_connect_timeout"));
  } else {
    now.malformed = true;
  }
  return now;
}

void rr_embed_client_begin(void) {
  found() = Found();
  rr::ext::trim_connections();
}

void rr_embed_throw_unsupported_address(const char* address) {
  zend_throw_exception_ex(
      rr_embed_ce_transport_exception, 0,
      "unsupported RPC address \"%s\": tcp://host:port, :port or unix://path is "
      "expected",
      address);
}

void rr_embed_throw_not_in_server(const char* what) {
  if (rr_embed_in_process_worker()) {
    zend_throw_exception_ex(
        rr_embed_ce_not_in_server, 0,
        "%s needs an RPC socket of the server: RR_RPC is not set and rr_embed.rpc is empty. Give "
        "the server's configuration a section \"rpc\".",
        what);
    return;
  }
  zend_throw_exception_ex(
      rr_embed_ce_not_in_server, 0,
      "%s needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is "
      "not set and rr_embed.rpc is empty. Use \"rr-embed serve\" or pass new "
      "RrEmbed\\Rpc('tcp://127.0.0.1:6001').",
      what);
}

static const rr_services* host_services() {
  const rr_host* host = rr_embed_host();
  return host ? host->services : nullptr;
}

bool rr_embed_client(zend_object* rpc, const char* what, rr_client* out) {
  if (rpc) {
    return rr_embed_rpc_client(rpc, what, out);
  }
  if (const rr_services* services = host_services()) {
    *out = {services, nullptr, -1};
    return true;
  }
  const Found& now = look();
  if (now.malformed) {
    rr_embed_throw_unsupported_address(now.text.c_str());
    return false;
  }
  if (!now.connection) {
    rr_embed_throw_not_in_server(what);
    return false;
  }
  *out = {&rr::ext::socket_services, now.connection.get(), INI_FLT("rr_embed.rpc_timeout")};
  return true;
}

bool rr_embed_has_client(void) {
  return host_services() || !look().text.empty();
}

const char* rr_embed_default_address(void) {
  if (host_services()) {
    return "host";
  }
  const Found& now = look();
  return now.connection ? now.connection->name().c_str() : nullptr;
}

static void throw_service_exception(rr_text error, const char* method) {
  zval exception, arguments[2];
  object_init_ex(&exception, rr_embed_ce_service);
  ZVAL_STRING(&arguments[0], method);
  ZVAL_STRINGL(&arguments[1], error.data, error.size);
  zend_call_known_function(rr_embed_ce_service->constructor, Z_OBJ(exception), rr_embed_ce_service,
                           nullptr, 2, arguments, nullptr);
  zval_ptr_dtor(&arguments[0]);
  zval_ptr_dtor(&arguments[1]);
  zend_throw_exception_object(&exception);
}

void rr_embed_throw_status(int status, rr_text error, const char* method) {
  zend_class_entry* ce = rr_embed_ce_transport_exception;
  switch (status) {
    case RR_REFUSED:
      throw_service_exception(error, method);
      return;
    case RR_TIMED_OUT:
      ce = rr_embed_ce_timeout;
      break;
    case RR_CANCELLED:
      ce = rr_embed_ce_disconnected;
      break;
    case RR_UNSUPPORTED:
      ce = rr_embed_ce_unsupported;
      break;
    default:
      break;
  }
  zend_throw_exception_ex(ce, 0, "%s: %.*s", method, static_cast<int>(error.size), error.data);
}

PHP_METHOD(RrEmbed_Exception_ServiceException, __construct) {
  zend_string *method, *message;
  zval* previous = nullptr;
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_STR(method)
  Z_PARAM_STR(message)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJECT_OF_CLASS_OR_NULL(previous, zend_ce_throwable)
  ZEND_PARSE_PARAMETERS_END();

  zend_object* self = Z_OBJ_P(ZEND_THIS);
  zval text;
  ZVAL_STR(&text, zend_strpprintf(0, "%s: %s", ZSTR_VAL(method), ZSTR_VAL(message)));
  zend_update_property(zend_ce_exception, self, "message", sizeof("message") - 1, &text);
  zval_ptr_dtor(&text);
  ZVAL_STR(&text, method);
  zend_update_property(rr_embed_ce_service, self, "method", sizeof("method") - 1, &text);
  ZVAL_STR(&text, message);
  zend_update_property(rr_embed_ce_service, self, "serverMessage", sizeof("serverMessage") - 1,
                       &text);
  if (previous) {
    zend_update_property(zend_ce_exception, self, "previous", sizeof("previous") - 1, previous);
  }
}
