// RrEmbed\Rpc: any method of the server's, by name.
#include "ext/rpc/rpc.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <new>

extern "C" {
#include "ext/json/php_json.h"
#include "ext/standard/base64.h"
#include "zend_ini.h"
#include "zend_smart_str.h"
}

#include "ext/compat.h"
#include "ext/rpc/pending_call.h"
#include "ext/rpc/rpc_arginfo.h"
#include "ext/rpc/socket.h"

zend_class_entry *rr_embed_ce_rpc, *rr_embed_ce_pending_call;
static zend_object_handlers handlers;

// Codec::Json, Codec::Raw.
static constexpr zend_long kJson = 8;
static constexpr zend_long kRaw = 4;

struct rr_rpc_object {
  std::shared_ptr<rr::ext::Connection> connection;  // null: the default, whatever it is
  zend_string* unsupported;                         // the address that is none; else null
  double seconds;                                   // < 0: the default
  zend_object std;
};

static rr_rpc_object* rpc_from(zend_object* object) {
  return reinterpret_cast<rr_rpc_object*>(reinterpret_cast<char*>(object) -
                                          XtOffsetOf(rr_rpc_object, std));
}

static zend_object* create(zend_class_entry* ce) {
  auto* rpc = static_cast<rr_rpc_object*>(zend_object_alloc(sizeof(rr_rpc_object), ce));
  new (&rpc->connection) std::shared_ptr<rr::ext::Connection>();
  rpc->unsupported = nullptr;
  rpc->seconds = -1;
  zend_object_std_init(&rpc->std, ce);
  object_properties_init(&rpc->std, ce);
  rpc->std.handlers = &handlers;
  return &rpc->std;
}

static void free_object(zend_object* object) {
  rr_rpc_object* rpc = rpc_from(object);
  rpc->connection.~shared_ptr();
  if (rpc->unsupported) {
    zend_string_release(rpc->unsupported);
  }
  zend_object_std_dtor(object);
}

void rr_embed_init_rpc(void) {
  rr_embed_ce_rpc = register_class_RrEmbed_Rpc();
  rr_embed_ce_rpc->create_object = create;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.offset = XtOffsetOf(rr_rpc_object, std);
  handlers.free_obj = free_object;
  handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(rr_embed_ce_rpc, &handlers);
  rr_embed_ce_pending_call = register_class_RrEmbed_PendingCall();
  rr_embed_init_pending_call(rr_embed_ce_pending_call);
}

bool rr_embed_rpc_client(zend_object* object, const char* what, rr_client* out) {
  const rr_rpc_object* rpc = rpc_from(object);
  if (rpc->unsupported) {
    rr_embed_throw_unsupported_address(ZSTR_VAL(rpc->unsupported));
    return false;
  }
  if (rpc->connection) {
    *out = {&rr::ext::socket_services, rpc->connection.get(), INI_FLT("rr_embed.rpc_timeout")};
  } else if (!rr_embed_client(nullptr, what, out)) {
    return false;
  }
  if (rpc->seconds >= 0) {
    out->seconds = rpc->seconds;
  }
  return true;
}

PHP_METHOD(RrEmbed_Rpc, __construct) {
  zend_string* address = nullptr;
  double seconds = 0;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(0, 2)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR_OR_NULL(address)
  Z_PARAM_DOUBLE_OR_NULL(seconds, without)
  ZEND_PARSE_PARAMETERS_END();

  if (!without && !(seconds > 0)) {
    zend_argument_value_error(2, "must be greater than 0");
    RETURN_THROWS();
  }
  rr_rpc_object* self = rpc_from(Z_OBJ_P(ZEND_THIS));
  self->seconds = without ? -1 : seconds;
  self->connection.reset();
  if (self->unsupported) {
    zend_string_release(self->unsupported);
    self->unsupported = nullptr;
  }
  if (!address) {
    return;
  }
  rr::ext::Address parsed;
  if (rr::ext::Address::parse({ZSTR_VAL(address), ZSTR_LEN(address)}, &parsed)) {
    self->connection = rr::ext::connection_to(parsed);
    self->connection->set_connect_timeout(INI_FLT("rr_embed.rpc_connect_timeout"));
  } else {
    self->unsupported = zend_string_copy(address);  // said by who calls: nothing connects here
  }
}

static zend_long codec_value(zend_object* codec, zend_long by_default) {
  return codec ? Z_LVAL_P(zend_enum_fetch_case_value(codec)) : by_default;
}

static rr_text text_of(zend_string* text) {
  return {ZSTR_VAL(text), ZSTR_LEN(text)};
}

// One call. False: an exception was thrown.
static bool call(zval* self, zend_string* method, zend_long codec, rr_text argument,
                 rr_text* reply) {
  rr_client client;
  if (!rr_embed_client(Z_OBJ_P(self), "RrEmbed\\Rpc", &client)) {
    return false;
  }
  const int status = client.services->call(
      client.self, text_of(method), static_cast<unsigned>(codec), argument, client.seconds, reply);
  if (status != RR_OK) {
    rr_embed_throw_status(status, *reply, ZSTR_VAL(method));
    return false;
  }
  return true;
}

// What json_encode() says of it.
static void throw_json_error() {
  zval function, text;
  ZVAL_STRING(&function, "json_last_error_msg");
  ZVAL_UNDEF(&text);
  call_user_function(nullptr, nullptr, &function, &text, 0, nullptr);
  zval_ptr_dtor(&function);
  zend_argument_value_error(2, "has no form in JSON: %s",
                            Z_TYPE(text) == IS_STRING ? Z_STRVAL(text) : "unknown error");
  zval_ptr_dtor(&text);
}

static void decode_json(zend_string* method, rr_text json, zval* return_value) {
  if (json.size == 0) {
    RETURN_NULL();
  }
  // PHP's parser looks for the NUL behind its text.
  zend_string* text = zend_string_init(json.data, json.size, 0);
  const bool parsed =
      php_json_decode_ex(return_value, ZSTR_VAL(text), ZSTR_LEN(text), PHP_JSON_OBJECT_AS_ARRAY,
                         PHP_JSON_PARSER_DEFAULT_DEPTH) == SUCCESS;
  zend_string_release(text);
  if (!parsed) {
    zend_throw_exception_ex(rr_embed_ce_transport_exception, 0, "the reply to %s is no JSON",
                            ZSTR_VAL(method));
    RETURN_THROWS();
  }
}

PHP_METHOD(RrEmbed_Rpc, call) {
  zend_string* method;
  zval* payload;
  zend_object* codec = nullptr;
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_STR(method)
  Z_PARAM_ZVAL(payload)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS(codec, rr_embed_ce_codec)
  ZEND_PARSE_PARAMETERS_END();

  const zend_long bit = codec_value(codec, kJson);
  rr_text reply;
  if (bit != kJson) {
    if (Z_TYPE_P(payload) != IS_STRING) {
      zend_argument_type_error(2, "must be of type string, %s given", zend_zval_type_name(payload));
      RETURN_THROWS();
    }
    if (call(ZEND_THIS, method, bit, text_of(Z_STR_P(payload)), &reply)) {
      RETURN_STRINGL(reply.data, reply.size);
    }
    RETURN_THROWS();
  }
  smart_str json = {nullptr, 0};
  if (php_json_encode(&json, payload, PHP_JSON_PRESERVE_ZERO_FRACTION) == FAILURE ||
      JSON_G(error_code) || !json.s) {
    smart_str_free(&json);
    if (!EG(exception)) {
      throw_json_error();
    }
    RETURN_THROWS();
  }
  const bool answered = call(ZEND_THIS, method, bit, text_of(json.s), &reply);
  smart_str_free(&json);
  if (!answered) {
    RETURN_THROWS();
  }
  decode_json(method, reply, return_value);
}

// Sets off a call. Null: an exception was thrown.
static rr_pending* begin(zval* self, zend_string* method, zend_string* payload, zend_long codec,
                         rr_client* client) {
  rr_pending* pending = nullptr;
  rr_text error;
  if (!rr_embed_client(Z_OBJ_P(self), "RrEmbed\\Rpc", client)) {
    return nullptr;
  }
  const int status =
      client->services->begin(client->self, text_of(method), static_cast<unsigned>(codec),
                              text_of(payload), &pending, &error);
  if (status != RR_OK) {
    rr_embed_throw_status(status, error, ZSTR_VAL(method));
    return nullptr;
  }
  return pending;
}

PHP_METHOD(RrEmbed_Rpc, begin) {
  zend_string *method, *payload;
  zend_object* codec = nullptr;
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_STR(method)
  Z_PARAM_STR(payload)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS(codec, rr_embed_ce_codec)
  ZEND_PARSE_PARAMETERS_END();

  rr_client client;
  rr_pending* pending = begin(ZEND_THIS, method, payload, codec_value(codec, kRaw), &client);
  if (!pending) {
    RETURN_THROWS();
  }
  rr_embed_pending_call_create(return_value, &client, pending, Z_OBJ_P(ZEND_THIS), method);
}

bool rr_embed_send(zend_object* rpc, const rr_client* client, zend_string* method, rr_text payload,
                   unsigned codec) {
  rr_pending* pending = nullptr;
  rr_text error;
  if (client->services->begin(client->self, text_of(method), codec, payload, &pending, &error) !=
      RR_OK) {
    return false;
  }
  static const std::shared_ptr<rr::ext::Connection> none;
  rr_embed_sent_add(client, pending, rpc ? rpc_from(rpc)->connection : none, method);
  return true;
}

PHP_METHOD(RrEmbed_Rpc, send) {
  zend_string *method, *payload;
  zend_object* codec = nullptr;
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_STR(method)
  Z_PARAM_STR(payload)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS(codec, rr_embed_ce_codec)
  ZEND_PARSE_PARAMETERS_END();

  rr_client client;
  rr_pending* pending = begin(ZEND_THIS, method, payload, codec_value(codec, kRaw), &client);
  if (!pending) {
    RETURN_THROWS();
  }
  rr_embed_sent_add(&client, pending, rpc_from(Z_OBJ_P(ZEND_THIS))->connection, method);
}

PHP_METHOD(RrEmbed_Rpc, config) {
  zend_string* section = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR_OR_NULL(section)
  ZEND_PARSE_PARAMETERS_END();

  // As raw bytes the result needs no base64.
  zend_string* method = zend_string_init("rpc.Config", sizeof("rpc.Config") - 1, 0);
  rr_text reply;
  zval all;
  ZVAL_NULL(&all);
  if (call(ZEND_THIS, method, kRaw, {"", 0}, &reply)) {
    decode_json(method, reply, &all);
  }
  zend_string_release(method);
  if (EG(exception)) {
    RETURN_THROWS();
  }
  if (!section) {
    if (Z_TYPE(all) == IS_ARRAY) {
      RETURN_COPY_VALUE(&all);
    }
  } else if (Z_TYPE(all) == IS_ARRAY) {
    zend_string* name = zend_string_tolower(section);
    zval* found = zend_hash_find(Z_ARRVAL(all), name);
    zend_string_release(name);
    if (found && Z_TYPE_P(found) != IS_NULL) {
      ZVAL_COPY(return_value, found);
      convert_to_array(return_value);
      zval_ptr_dtor(&all);
      return;
    }
  }
  zval_ptr_dtor(&all);
  RETURN_EMPTY_ARRAY();
}

PHP_METHOD(RrEmbed_Rpc, address) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_rpc_object* self = rpc_from(Z_OBJ_P(ZEND_THIS));
  if (self->unsupported) {
    rr_embed_throw_unsupported_address(ZSTR_VAL(self->unsupported));
    RETURN_THROWS();
  }
  const char* address =
      self->connection ? self->connection->name().c_str() : rr_embed_default_address();
  if (EG(exception)) {
    RETURN_THROWS();
  }
  RETURN_STRING(address ? address : "");
}
