// RrEmbed\Http\Request: a view of the request in hand; properties are made when they are first
// read.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "ext/http.h"

extern "C" {
#include "SAPI.h"
#include "php_streams.h"
#include "php_variables.h"

#include "rfc1867.h"
#if PHP_VERSION_ID >= 80300
#include "ext/random/php_random.h"
#else
#include "ext/standard/php_random.h"
#endif
#include "ext/json/php_json.h"
#include "ext/standard/url.h"
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

static void set_text(zval* slot, rr_text text) {
  ZVAL_STRINGL_FAST(slot, text.data, text.size);
}

static bool is_live(const zend_object* object) {
  const rr_exchange_object* request = rr_exchange_from(const_cast<zend_object*>(object));
  const rr_host* host = rr_embed_host();
  return host && request->serial == rr_embed_http()->serial && host->busy();
}

static void make_headers(const rr_host* host, const rr_http_request* request, zval* slot) {
  array_init_size(slot, static_cast<uint32_t>(request->field_count));
  for (size_t i = 0; i < request->field_count; ++i) {
    const rr_header field = host->http_field(i);
    zval value;
    set_text(&value, field.value);
    // Fields of one name may come in different spellings: the first one names the list.
    zval* list = zend_symtable_str_find(Z_ARRVAL_P(slot), field.name.data, field.name.size);
    if (!list) {
      zend_string* known;
      ZEND_HASH_FOREACH_STR_KEY_VAL(Z_ARRVAL_P(slot), known, list) {
        if (known && ZSTR_LEN(known) == field.name.size &&
            strncasecmp(ZSTR_VAL(known), field.name.data, field.name.size) == 0) {
          goto found;
        }
      }
      ZEND_HASH_FOREACH_END();
      zval fresh;
      array_init_size(&fresh, 1);
      list = zend_symtable_str_update(Z_ARRVAL_P(slot), field.name.data, field.name.size, &fresh);
    }
  found:
    add_next_index_zval(list, &value);
  }
}

// The first value of each name, as a worker behind frames is told.
static void make_attributes(const rr_host* host, zval* slot) {
  array_init(slot);
  const size_t count = host->http_attribute_count();
  for (size_t i = 0; i < count; ++i) {
    const rr_header attribute = host->http_attribute(i);
    if (zend_symtable_str_exists(Z_ARRVAL_P(slot), attribute.name.data, attribute.name.size)) {
      continue;
    }
    zval value;
    set_text(&value, attribute.value);
    zend_symtable_str_update(Z_ARRVAL_P(slot), attribute.name.data, attribute.name.size, &value);
  }
}

void rr_embed_make_cookies(const rr_host* host, const rr_http_request* request, zval* slot) {
  array_init(slot);
  for (size_t i = 0; i < request->field_count; ++i) {
    const rr_header field = host->http_field(i);
    if (field.name.size != 6 || strncasecmp(field.name.data, "cookie", 6) != 0) {
      continue;
    }
    const char* at = field.value.data;
    const char* end = at + field.value.size;
    while (at < end) {
      const auto* stop =
          static_cast<const char*>(std::memchr(at, ';', static_cast<size_t>(end - at)));
      if (!stop) {
        stop = end;
      }
      while (at < stop && (*at == ' ' || *at == '\t')) {
        ++at;
      }
      const auto* equals =
          static_cast<const char*>(std::memchr(at, '=', static_cast<size_t>(stop - at)));
      if (equals != at && at < stop) {
        char* name = estrndup(at, static_cast<size_t>((equals ? equals : stop) - at));
        char* value =
            equals ? estrndup(equals + 1, static_cast<size_t>(stop - equals - 1)) : estrdup("");
        const size_t size =
            php_raw_url_decode(value, equals ? static_cast<size_t>(stop - equals - 1) : 0);
        // As in $_COOKIE the first of equal names counts.
        if (!zend_symtable_str_exists(Z_ARRVAL_P(slot), name, std::strlen(name))) {
          php_register_variable_safe(name, value, size, slot);
        }
        efree(value);
        efree(name);
      }
      at = stop + 1;
    }
  }
}

static bool is_type(rr_text type, const char* wanted) {
  const size_t size = std::strlen(wanted);
  return type.size >= size && strncasecmp(type.data, wanted, size) == 0 &&
         (type.size == size || type.data[size] == ';' || type.data[size] == ' ' ||
          type.data[size] == ',');
}

// One file, or arrays of the same shape: $_FILES is turned around into a tree.
static void add_uploads(zval* target, zval* name, zval* type, zval* path, zval* error, zval* size) {
  if (Z_TYPE_P(name) != IS_ARRAY) {
    rr_embed_uploaded_file_create(target, name, type, path, zval_get_long(size),
                                  zval_get_long(error));
    return;
  }
  array_init(target);
  zend_ulong index;
  zend_string* key;
  zval* item;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(name), index, key, item) {
    zval* parts[4] = {type, path, error, size};
    bool whole = true;
    for (zval*& part : parts) {
      part = Z_TYPE_P(part) == IS_ARRAY ? (key ? zend_hash_find(Z_ARRVAL_P(part), key)
                                               : zend_hash_index_find(Z_ARRVAL_P(part), index))
                                        : nullptr;
      whole = whole && part;
    }
    if (!whole) {
      continue;
    }
    zval child;
    add_uploads(&child, item, parts[0], parts[1], parts[2], parts[3]);
    if (key) {
      zend_hash_update(Z_ARRVAL_P(target), key, &child);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(target), index, &child);
    }
  }
  ZEND_HASH_FOREACH_END();
}

static void make_files(zval* slot) {
  array_init(slot);
  zval* files = &PG(http_globals)[TRACK_VARS_FILES];
  if (Z_TYPE_P(files) != IS_ARRAY) {
    return;
  }
  zend_ulong index;
  zend_string* key;
  zval* file;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(files), index, key, file) {
    if (Z_TYPE_P(file) != IS_ARRAY) {
      continue;
    }
    HashTable* parts = Z_ARRVAL_P(file);
    zval* name = zend_hash_str_find(parts, "name", sizeof("name") - 1);
    zval* type = zend_hash_str_find(parts, "type", sizeof("type") - 1);
    zval* path = zend_hash_str_find(parts, "tmp_name", sizeof("tmp_name") - 1);
    zval* error = zend_hash_str_find(parts, "error", sizeof("error") - 1);
    zval* size = zend_hash_str_find(parts, "size", sizeof("size") - 1);
    if (!name || !type || !path || !error || !size) {
      continue;
    }
    zval tree;
    add_uploads(&tree, name, type, path, error, size);
    if (key) {
      zend_hash_update(Z_ARRVAL_P(slot), key, &tree);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(slot), index, &tree);
    }
  }
  ZEND_HASH_FOREACH_END();
  zval_ptr_dtor(files);
  ZVAL_UNDEF(files);
}

void rr_embed_decode_tree(rr_text json, zval* tree) {
  zend_string* text = zend_string_init(json.data, json.size, 0);  // PHP's parser wants the NUL
  const bool decoded =
      json.size > 0 &&
      php_json_decode_ex(tree, ZSTR_VAL(text), ZSTR_LEN(text), PHP_JSON_OBJECT_AS_ARRAY,
                         PHP_JSON_PARSER_DEFAULT_DEPTH) == SUCCESS;
  zend_string_release(text);
  if (decoded && Z_TYPE_P(tree) == IS_ARRAY) {
    return;
  }
  if (decoded) {
    zval_ptr_dtor(tree);
  }
  array_init(tree);
}

// Leaves {"name", "mime", "size", "error", "tmpName"} in a tree.
static void make_uploads(zval* tree, zval* target) {
  array_init(target);
  zend_ulong index;
  zend_string* key;
  zval* node;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(tree), index, key, node) {
    if (Z_TYPE_P(node) != IS_ARRAY) {
      continue;
    }
    HashTable* parts = Z_ARRVAL_P(node);
    zval child;
    // A field may be called tmpName too; then its value is a tree.
    zval* path = zend_hash_str_find(parts, "tmpName", sizeof("tmpName") - 1);
    if (path && Z_TYPE_P(path) == IS_STRING) {
      zval* name = zend_hash_str_find(parts, "name", sizeof("name") - 1);
      zval* type = zend_hash_str_find(parts, "mime", sizeof("mime") - 1);
      zval* size = zend_hash_str_find(parts, "size", sizeof("size") - 1);
      zval* error = zend_hash_str_find(parts, "error", sizeof("error") - 1);
      if (!name || !type || Z_TYPE_P(name) != IS_STRING || Z_TYPE_P(type) != IS_STRING) {
        continue;
      }
      rr_embed_uploaded_file_create(&child, name, type, path, size ? zval_get_long(size) : 0,
                                    error ? zval_get_long(error) : 0);
    } else {
      make_uploads(node, &child);
    }
    if (key) {
      zend_hash_update(Z_ARRVAL_P(target), key, &child);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(target), index, &child);
    }
  }
  ZEND_HASH_FOREACH_END();
}

// The server has parsed the form. False: it has not, or there is none.
static bool make_parsed_form(const rr_host* host, zend_object* object) {
  rr_text tree, uploads;
  if (!host->http_form || !host->http_form(&tree, &uploads)) {
    return false;
  }
  zval decoded;
  zval* parsed = OBJ_PROP_NUM(object, P_PARSED_BODY);
  zval* files = OBJ_PROP_NUM(object, P_FILES);
  if (Z_ISUNDEF_P(parsed)) {
    rr_embed_decode_tree(tree, parsed);
  }
  if (Z_ISUNDEF_P(files)) {
    rr_embed_decode_tree(uploads, &decoded);
    make_uploads(&decoded, files);
    zval_ptr_dtor(&decoded);
  }
  return true;
}

// Both come from one pass over the body.
static void make_form(const rr_host* host, const rr_http_request* request, zend_object* object) {
  zval* parsed = OBJ_PROP_NUM(object, P_PARSED_BODY);
  zval* files = OBJ_PROP_NUM(object, P_FILES);
  if (make_parsed_form(host, object)) {
    return;
  }
  zval form;
  array_init(&form);
  if (is_type(request->content_type, "multipart/form-data")) {
    // PHP's own parser, which reads the body through the SAPI.
    char* type = estrndup(request->content_type.data, request->content_type.size);
    zval_ptr_dtor(&PG(http_globals)[TRACK_VARS_FILES]);
    ZVAL_UNDEF(&PG(http_globals)[TRACK_VARS_FILES]);
    host->rewind_body();
    SG(read_post_bytes) = 0;
    SG(post_read) = 0;
    SG(request_info).content_type = type;
    SG(request_info).content_length = static_cast<zend_long>(request->body.size);
    SG(request_info).request_method = "POST";
    char* duplicate = estrdup(type);
    // The filter extension registers fields there itself, whatever array the parser is given.
    zval* post = &PG(http_globals)[TRACK_VARS_POST];
    zval before;
    ZVAL_COPY_VALUE(&before, post);
    ZVAL_COPY_VALUE(post, &form);
    rfc1867_post_handler(duplicate, post);
    ZVAL_COPY_VALUE(&form, post);
    ZVAL_COPY_VALUE(post, &before);
    efree(duplicate);
    SG(request_info).content_type = nullptr;
    SG(request_info).request_method = nullptr;
    SG(post_read) = 1;
    efree(type);
    if (Z_ISUNDEF_P(files)) {
      make_files(files);
    }
  } else if (is_type(request->content_type, "application/x-www-form-urlencoded")) {
    sapi_module.treat_data(PARSE_STRING, estrndup(request->body.data, request->body.size), &form);
  }
  if (Z_ISUNDEF_P(files)) {
    array_init(files);
  }
  if (Z_ISUNDEF_P(parsed)) {
    ZVAL_COPY_VALUE(parsed, &form);
  } else {
    zval_ptr_dtor(&form);
  }
}

static void make(zend_object* object, int number) {
  const rr_host* host = rr_embed_host();
  rr_http_request request;
  host->http_request(&request);
  zval* slot = OBJ_PROP_NUM(object, number);
  switch (number) {
    case P_METHOD:
      set_text(slot, request.method);
      break;
    case P_PATH:
      set_text(slot, request.path);
      break;
    case P_QUERY:
      set_text(slot, request.query);
      break;
    case P_PROTOCOL:
      set_text(slot, request.protocol);
      break;
    case P_SCHEME:
      set_text(slot, request.scheme);
      break;
    case P_HOST:
      set_text(slot, request.host);
      break;
    case P_REMOTE_ADDR:
      set_text(slot, request.remote_address);
      break;
    case P_REMOTE_PORT:
      ZVAL_LONG(slot, request.remote_port);
      break;
    case P_RECEIVED_AT:
      ZVAL_DOUBLE(slot, request.received_at);
      break;
    case P_HEADERS:
      make_headers(host, &request, slot);
      break;
    case P_COOKIES:
      rr_embed_make_cookies(host, &request, slot);
      break;
    case P_ATTRIBUTES:
      make_attributes(host, slot);
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
      make_form(host, &request, object);
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

#define THIS_SERIAL() (rr_exchange_from(Z_OBJ_P(ZEND_THIS))->serial)

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
  if (is_type(request.content_type, "multipart/form-data")) {
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

PHP_METHOD(RrEmbed_Http_Request, respond) {
  zend_long status;
  HashTable* headers = nullptr;
  zend_string* body = ZSTR_EMPTY_ALLOC();
  ZEND_PARSE_PARAMETERS_START(1, 3)
  Z_PARAM_LONG(status)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(headers)
  Z_PARAM_STR(body)
  ZEND_PARSE_PARAMETERS_END();

  if (!rr_embed_assert_open(THIS_SERIAL()) || !rr_embed_final_status(status, 1)) {
    RETURN_THROWS();
  }
  rr_embed_respond(static_cast<int>(status), headers, 2, body);
}

PHP_METHOD(RrEmbed_Http_Request, open) {
  zend_long status;
  HashTable* headers = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_LONG(status)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(headers)
  ZEND_PARSE_PARAMETERS_END();

  if (!rr_embed_assert_open(THIS_SERIAL()) || !rr_embed_final_status(status, 1) ||
      !rr_embed_open(static_cast<int>(status), headers, 2)) {
    RETURN_THROWS();
  }
  rr_embed_body_writer_create(return_value, THIS_SERIAL());
}

static bool has_content_length(HashTable* headers) {
  zend_string* name;
  if (!headers) {
    return false;
  }
  ZEND_HASH_FOREACH_STR_KEY(headers, name) {
    if (name && zend_string_equals_literal_ci(name, "content-length")) {
      return true;
    }
  }
  ZEND_HASH_FOREACH_END();
  return false;
}

PHP_METHOD(RrEmbed_Http_Request, sendFile) {
  zend_string* path;
  zend_long status = 200, offset = 0, length = 0;
  HashTable* headers = nullptr;
  bool length_is_null = true, unlink_it = false;
  ZEND_PARSE_PARAMETERS_START(1, 6)
  Z_PARAM_PATH_STR(path)
  Z_PARAM_OPTIONAL
  Z_PARAM_LONG(status)
  Z_PARAM_ARRAY_HT(headers)
  Z_PARAM_LONG(offset)
  Z_PARAM_LONG_OR_NULL(length, length_is_null)
  Z_PARAM_BOOL(unlink_it)
  ZEND_PARSE_PARAMETERS_END();

  if (!rr_embed_assert_open(THIS_SERIAL()) || !rr_embed_final_status(status, 2)) {
    RETURN_THROWS();
  }
  if (php_check_open_basedir_ex(ZSTR_VAL(path), 0)) {
    zend_argument_value_error(1, "is not a file that can be read");
    RETURN_THROWS();
  }
  zend_stat_t info;
  const int file = VCWD_OPEN(ZSTR_VAL(path), O_RDONLY | O_CLOEXEC);
  if (file < 0 || zend_fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    if (file >= 0) {
      close(file);
    }
    zend_argument_value_error(1, "is not a file that can be read");
    RETURN_THROWS();
  }
  const auto size = static_cast<zend_long>(info.st_size);
  if (offset < 0 || offset > size || (!length_is_null && length < 0)) {
    close(file);
    zend_argument_value_error(offset < 0 || offset > size ? 4 : 5,
                              "must be within the file, which has " ZEND_LONG_FMT " bytes", size);
    RETURN_THROWS();
  }
  zend_long rest = length_is_null || length > size - offset ? size - offset : length;
  zval all;
  if (headers) {
    ZVAL_ARR(&all, zend_array_dup(headers));
  } else {
    array_init(&all);
  }
  if (!has_content_length(headers)) {
    add_assoc_long(&all, "Content-Length", rest);
  }
  rr_http_request request;
  rr_embed_host()->http_request(&request);
  const bool head = request.method.size == 4 && std::memcmp(request.method.data, "HEAD", 4) == 0;
  constexpr zend_long kChunk = 256 * 1024;
  bool sent;
  zend_string* chunk = zend_string_alloc(static_cast<size_t>(rest < kChunk ? rest : kChunk), 0);
  const auto fill = [&](zend_long wanted) -> zend_long {
    zend_long done = 0;
    while (done < wanted) {
      const ssize_t got = pread(file, ZSTR_VAL(chunk) + done, static_cast<size_t>(wanted - done),
                                static_cast<off_t>(offset + done));
      if (got <= 0) {
        break;
      }
      done += got;
    }
    offset += done;
    ZSTR_LEN(chunk) = static_cast<size_t>(done);
    ZSTR_VAL(chunk)[done] = '\0';
    return done;
  };
  if (rest <= kChunk || head) {
    if (head) {
      ZSTR_LEN(chunk) = 0;
      ZSTR_VAL(chunk)[0] = '\0';
    } else {
      fill(rest);
    }
    sent = rr_embed_respond(static_cast<int>(status), Z_ARRVAL(all), 3, chunk);
  } else {
    sent = rr_embed_open(static_cast<int>(status), Z_ARRVAL(all), 3);
    while (sent && rest > 0) {
      const zend_long got = fill(rest < kChunk ? rest : kChunk);
      if (got == 0 || !rr_embed_stream_write(chunk)) {
        break;
      }
      rest -= got;
    }
    if (sent) {
      rr_embed_stream_end(nullptr);
    }
  }
  zend_string_efree(chunk);
  zval_ptr_dtor(&all);
  close(file);
  if (sent && unlink_it) {
    VCWD_UNLINK(ZSTR_VAL(path));
  }
}

PHP_METHOD(RrEmbed_Http_Request, informational) {
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
  const rr_http_exchange* exchange = rr_embed_http();
  const bool possible = THIS_SERIAL() == exchange->serial &&
                        (exchange->phase == RR_HTTP_OPEN ||
                         (exchange->phase == RR_HTTP_STREAMING && !exchange->head_sent));
  const bool sent = possible && rr_embed_host()->http_inform(static_cast<int>(status),
                                                             headers.items, headers.count);
  rr_embed_headers_free(&headers);
  RETURN_BOOL(sent);
}

PHP_METHOD(RrEmbed_Http_Request, fail) {
  zend_object* error = nullptr;
  zend_string* text = nullptr;
  zend_long status = 500;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_OBJ_OF_CLASS_OR_STR(error, zend_ce_throwable, text)
  Z_PARAM_OPTIONAL
  Z_PARAM_LONG(status)
  ZEND_PARSE_PARAMETERS_END();

  if (status < 400 || status > 599) {
    zend_argument_value_error(2, "must be between 400 and 599");
    RETURN_THROWS();
  }
  if (error) {
    zval object;
    ZVAL_OBJ(&object, error);
    text = zval_try_get_string(&object);
    if (!text) {
      RETURN_THROWS();
    }
  } else {
    zend_string_addref(text);
  }
  const rr_host* host = rr_embed_host();
  if (THIS_SERIAL() == rr_embed_http()->serial) {
    rr_embed_fail(text, static_cast<int>(status));
  } else if (host) {
    host->log(RR_LOG_ERROR, {ZSTR_VAL(text), ZSTR_LEN(text)});
  }
  zend_string_release(text);
}

PHP_METHOD(RrEmbed_Http_Request, responded) {
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_BOOL(THIS_SERIAL() != rr_embed_http()->serial || rr_embed_http()->phase != RR_HTTP_OPEN);
}
