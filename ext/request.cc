// RrEmbed\Http\Request: a view of the request in hand; properties are made when they are first
// read.
#include "ext/request.h"

#include <cstring>

extern "C" {
#include "SAPI.h"
#include "php_streams.h"
#include "php_variables.h"
#if PHP_VERSION_ID >= 80300
#include "ext/random/php_random.h"
#else
#include "ext/standard/php_random.h"
#endif
#include "main/php_memory_streams.h"
#include "zend_smart_str.h"
}

#include "ext/compat.h"

zend_class_entry* rr_embed_ce_request;

void rr_embed_exchange_reset(void);

static zend_object_handlers handlers;

// In the order of the stub.
enum property {
  P_METHOD,
  P_URI,
  P_PATH,
  P_QUERY,
  P_PROTOCOL,
  P_SCHEME,
  P_HOST,
  P_REMOTE_ADDR,
  P_REMOTE_PORT,
  P_ID,
  P_RECEIVED_AT,
  P_HEADERS,
  P_COOKIES,
  P_QUERY_PARAMS,
  P_PARSED_BODY,
  P_FILES,
  P_ATTRIBUTES,
  P_COUNT
};

static bool is_live(const zend_object* object) {
  const rr_exchange_object* request = rr_exchange_from(const_cast<zend_object*>(object));
  const rr_host* host = rr_embed_host();
  return host && request->serial == rr_embed_http()->serial && host->busy();
}

static void make(zend_object* object, int number) {
  const rr_host* host = rr_embed_host();
  rr_http_request request;
  host->http_request(&request);
  zval* slot = OBJ_PROP_NUM(object, number);
  switch (number) {
    case P_METHOD:
      rr_embed_set_text(slot, request.method);
      break;
    case P_PATH:
      rr_embed_set_text(slot, request.path);
      break;
    case P_QUERY:
      rr_embed_set_text(slot, request.query);
      break;
    case P_PROTOCOL:
      rr_embed_set_text(slot, request.protocol);
      break;
    case P_SCHEME:
      rr_embed_set_text(slot, request.scheme);
      break;
    case P_HOST:
      rr_embed_set_text(slot, request.host);
      break;
    case P_REMOTE_ADDR:
      rr_embed_set_text(slot, request.remote_address);
      break;
    case P_REMOTE_PORT:
      ZVAL_LONG(slot, request.remote_port);
      break;
    case P_RECEIVED_AT:
      ZVAL_DOUBLE(slot, request.received_at);
      break;
    case P_HEADERS:
      rr_embed_make_headers(host, &request, slot);
      break;
    case P_COOKIES:
      rr_embed_make_cookies(host, &request, slot);
      break;
    case P_ATTRIBUTES:
      rr_embed_make_attributes(host, slot);
      break;
    case P_URI: {
      smart_str text = {nullptr, 0};
      if (request.target.size && request.target.data[0] == '/') {
        smart_str_appendl(&text, request.scheme.data, request.scheme.size);
        smart_str_appends(&text, "://");
        smart_str_appendl(&text, request.host.data, request.host.size);
      }
      smart_str_appendl(&text, request.target.data, request.target.size);
      smart_str_0(&text);
      if (text.s) {
        ZVAL_STR(slot, text.s);
      } else {
        ZVAL_EMPTY_STRING(slot);
      }
      break;
    }
    case P_ID: {
      unsigned char bytes[16];
      php_random_bytes_silent(bytes, sizeof(bytes));
      zend_string* text = zend_string_alloc(32, 0);
      for (size_t i = 0; i < sizeof(bytes); ++i) {
        ZSTR_VAL(text)[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        ZSTR_VAL(text)[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
      }
      ZSTR_VAL(text)[32] = '\0';
      ZVAL_STR(slot, text);
      break;
    }
    case P_QUERY_PARAMS: {
      zval parameters;
      array_init(&parameters);
      if (request.query.size) {
        sapi_module.treat_data(PARSE_STRING, estrndup(request.query.data, request.query.size),
                               &parameters);
      }
      ZVAL_COPY_VALUE(slot, &parameters);
      break;
    }
    case P_PARSED_BODY:
    case P_FILES:
      rr_embed_make_form(host, &request, OBJ_PROP_NUM(object, P_PARSED_BODY),
                         OBJ_PROP_NUM(object, P_FILES));
      break;
  }
}

static void make_all(zend_object* object) {
  if (!is_live(object)) {
    return;
  }
  for (int number = 0; number < P_COUNT; ++number) {
    if (Z_ISUNDEF_P(OBJ_PROP_NUM(object, number))) {
      make(object, number);
    }
  }
}

static int number_of(zend_object* object, zend_string* name) {
  auto* info =
      static_cast<zend_property_info*>(zend_hash_find_ptr(&object->ce->properties_info, name));
  return info ? static_cast<int>(OBJ_PROP_TO_NUM(info->offset)) : -1;
}

static zval* read_property(zend_object* object, zend_string* name, int type, void** cache_slot,
                           zval* rv) {
  const int number = number_of(object, name);
  if (number >= 0 && Z_ISUNDEF_P(OBJ_PROP_NUM(object, number))) {
    if (!is_live(object)) {
      zend_throw_exception_ex(rr_embed_ce_invalid_state, 0,
                              "the request is over: its property %s was not read in time",
                              ZSTR_VAL(name));
      return &EG(uninitialized_zval);
    }
    make(object, number);
  }
  return zend_std_read_property(object, name, type, cache_slot, rv);
}

static int has_property(zend_object* object, zend_string* name, int check, void** cache_slot) {
  const int number = number_of(object, name);
  if (number >= 0 && Z_ISUNDEF_P(OBJ_PROP_NUM(object, number)) && is_live(object)) {
    make(object, number);
  }
  return zend_std_has_property(object, name, check, cache_slot);
}

static HashTable* get_properties(zend_object* object) {
  make_all(object);
  return zend_std_get_properties(object);
}

static zend_object* create(zend_class_entry* ce) {
  auto* request =
      static_cast<rr_exchange_object*>(zend_object_alloc(sizeof(rr_exchange_object), ce));
  request->serial = 0;
  ZVAL_UNDEF(&request->stream);
  zend_object_std_init(&request->std, ce);
  object_properties_init(&request->std, ce);
  request->std.handlers = &handlers;
  return &request->std;
}

static void free_object(zend_object* object) {
  rr_exchange_object* request = rr_exchange_from(object);
  if (rr_embed_http()->request == object) {
    rr_embed_http()->request = nullptr;
  }
  zval_ptr_dtor(&request->stream);
  zend_object_std_dtor(object);
}

static HashTable* get_gc(zend_object* object, zval** table, int* count) {
  zend_get_gc_buffer* buffer = zend_get_gc_buffer_create();
  for (int number = 0; number < P_COUNT; ++number) {
    zend_get_gc_buffer_add_zval(buffer, OBJ_PROP_NUM(object, number));
  }
  zend_get_gc_buffer_add_zval(buffer, &rr_exchange_from(object)->stream);
  zend_get_gc_buffer_use(buffer, table, count);
  return nullptr;
}

void rr_embed_request_create(zval* return_value) {
  rr_http_exchange* exchange = rr_embed_http();
  object_init_ex(return_value, rr_embed_ce_request);
  ++exchange->serial;
  exchange->phase = RR_HTTP_OPEN;
  exchange->head_sent = false;
  exchange->request = Z_OBJ_P(return_value);
  rr_exchange_from(Z_OBJ_P(return_value))->serial = exchange->serial;
}

void rr_embed_request_keep(void) {
  zend_object* request = rr_embed_http()->request;
  if (request && GC_REFCOUNT(request) > 1) {
    make_all(request);
  }
}

void rr_embed_request_retire(void) {
  rr_http_exchange* exchange = rr_embed_http();
  rr_embed_request_keep();
  exchange->request = nullptr;
  rr_embed_exchange_reset();
  ++exchange->serial;
}

void rr_embed_init_request(zend_class_entry* ce) {
  rr_embed_ce_request = ce;
  rr_embed_ce_request->create_object = create;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.offset = XtOffsetOf(rr_exchange_object, std);
  handlers.free_obj = free_object;
  handlers.clone_obj = nullptr;
  handlers.read_property = read_property;
  handlers.has_property = has_property;
  handlers.get_properties = get_properties;
  handlers.get_gc = get_gc;
  RR_SET_DEFAULT_HANDLERS(rr_embed_ce_request, &handlers);
}

PHP_METHOD(RrEmbed_Http_Request, __construct) {}

// Fills `request` with what the exchange in hand says; throws when this object's is over.
static const rr_host* live_host(zval* self, rr_http_request* request) {
  if (!is_live(Z_OBJ_P(self))) {
    zend_throw_exception(rr_embed_ce_invalid_state, "the request is over", 0);
    return nullptr;
  }
  const rr_host* host = rr_embed_host();
  host->http_request(request);
  return host;
}

PHP_METHOD(RrEmbed_Http_Request, header) {
  zend_string* name;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(name)
  ZEND_PARSE_PARAMETERS_END();

  smart_str joined = {nullptr, 0};
  zval* made = OBJ_PROP_NUM(Z_OBJ_P(ZEND_THIS), P_HEADERS);
  if (!Z_ISUNDEF_P(made)) {
    zend_string* key;
    zval *list, *value;
    ZEND_HASH_FOREACH_STR_KEY_VAL(Z_ARRVAL_P(made), key, list) {
      if (key && zend_string_equals_ci(key, name)) {
        ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(list), value) {
          if (joined.s) {
            smart_str_appends(&joined, ", ");
          }
          smart_str_append(&joined, Z_STR_P(value));
          smart_str_0(&joined);
        }
        ZEND_HASH_FOREACH_END();
        if (!joined.s) {
          RETURN_EMPTY_STRING();
        }
        RETURN_STR(joined.s);
      }
    }
    ZEND_HASH_FOREACH_END();
    RETURN_NULL();
  }

  rr_http_request request;
  const rr_host* host = live_host(ZEND_THIS, &request);
  if (!host) {
    RETURN_THROWS();
  }
  bool found = false;
  for (size_t i = 0; i < request.field_count; ++i) {
    const rr_header field = host->http_field(i);
    if (field.name.size == ZSTR_LEN(name) &&
        strncasecmp(field.name.data, ZSTR_VAL(name), field.name.size) == 0) {
      if (found) {
        smart_str_appends(&joined, ", ");
      }
      smart_str_appendl(&joined, field.value.data, field.value.size);
      found = true;
    }
  }
  if (!found) {
    RETURN_NULL();
  }
  if (!joined.s) {
    RETURN_EMPTY_STRING();
  }
  smart_str_0(&joined);
  RETURN_STR(joined.s);
}

static bool body_of(zval* self, zend_string** out) {
  rr_http_request request;
  if (!live_host(self, &request)) {
    return false;
  }
  if (rr_embed_is_type(request.content_type, "multipart/form-data")) {
    *out = ZSTR_EMPTY_ALLOC();  // as php://input
  } else {
    *out = zend_string_init_fast(request.body.data, request.body.size);
  }
  return true;
}

PHP_METHOD(RrEmbed_Http_Request, body) {
  ZEND_PARSE_PARAMETERS_NONE();
  zend_string* body;
  if (!body_of(ZEND_THIS, &body)) {
    RETURN_THROWS();
  }
  RETURN_STR(body);
}

PHP_METHOD(RrEmbed_Http_Request, bodyStream) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_exchange_object* self = rr_exchange_from(Z_OBJ_P(ZEND_THIS));
  if (Z_ISUNDEF(self->stream)) {
    zend_string* body;
    if (!body_of(ZEND_THIS, &body)) {
      RETURN_THROWS();
    }
    php_stream* stream = php_stream_memory_open(TEMP_STREAM_READONLY, body);
    zend_string_release(body);
    php_stream_to_zval(stream, &self->stream);
  }
  RETURN_COPY(&self->stream);
}

PHP_METHOD(RrEmbed_Http_Request, server) {
  HashTable* extra = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(extra)
  ZEND_PARSE_PARAMETERS_END();

  rr_http_request request;
  const rr_host* host = live_host(ZEND_THIS, &request);
  if (!host) {
    RETURN_THROWS();
  }
  array_init(return_value);
  host->server_variables(return_value);
  zval time;
  ZVAL_DOUBLE(&time, request.received_at);
  zend_hash_str_update(Z_ARRVAL_P(return_value), "REQUEST_TIME_FLOAT",
                       sizeof("REQUEST_TIME_FLOAT") - 1, &time);
  ZVAL_LONG(&time, static_cast<zend_long>(request.received_at));
  zend_hash_str_update(Z_ARRVAL_P(return_value), "REQUEST_TIME", sizeof("REQUEST_TIME") - 1, &time);
  if (extra) {
    zend_hash_merge(Z_ARRVAL_P(return_value), extra, zval_add_ref, true);
  }
}
