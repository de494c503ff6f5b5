#include "ext/rpc/client.h"

static void not_in_server(const char* what) {
  zend_throw_exception_ex(
      rr_embed_ce_not_in_server, 0,
      "%s needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is "
      "not set and rr_embed.rpc is empty. Use \"rr-embed serve\" or pass new "
      "RrEmbed\\Rpc('tcp://127.0.0.1:6001').",
      what);
}

bool rr_embed_client(zend_object* rpc, const char* what, rr_client* out) {
  (void)rpc;
  const rr_host* host = rr_embed_host();
  if (!host || !host->services) {
    not_in_server(what);
    return false;
  }
  *out = {host->services, nullptr, -1};
  return true;
}

static void throw_service_exception(rr_text error, const char* method) {
  zval exception, text;
  object_init_ex(&exception, rr_embed_ce_service);
  zend_object* object = Z_OBJ(exception);
  const auto set = [&](zend_class_entry* scope, const char* name) {
    zend_update_property(scope, object, name, strlen(name), &text);
    zval_ptr_dtor(&text);
  };
  ZVAL_STR(&text, zend_strpprintf(0, "%s: %.*s", method, static_cast<int>(error.size), error.data));
  set(zend_ce_exception, "message");
  ZVAL_STRING(&text, method);
  set(rr_embed_ce_service, "method");
  ZVAL_STRINGL(&text, error.data, error.size);
  set(rr_embed_ce_service, "serverMessage");
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
