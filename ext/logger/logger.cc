// RrEmbed\Logger: records of the application in the server's log.
#include "ext/logger/logger.h"

#include <cstring>

#include "ext/caller.h"
#include "ext/compat.h"
#include "ext/message.h"
#include "ext/rpc/rpc.h"

#include "rr/utf8.h"

extern "C" {
#include "ext/json/php_json.h"
}

// What gen_stub made of the stub.
#include "ext/logger/logger_arginfo.h"

struct rr_logger_object {
  zend_string* channel;  // null: the constructor has not run
  rr_caller caller;
  zend_object std;
};

static zend_object_handlers handlers;

static rr_logger_object* logger_from(zend_object* object) {
  return reinterpret_cast<rr_logger_object*>(reinterpret_cast<char*>(object) -
                                             XtOffsetOf(rr_logger_object, std));
}

static zend_object* create(zend_class_entry* ce) {
  auto* logger = static_cast<rr_logger_object*>(zend_object_alloc(sizeof(rr_logger_object), ce));
  memset(logger, 0, XtOffsetOf(rr_logger_object, std));
  zend_object_std_init(&logger->std, ce);
  object_properties_init(&logger->std, ce);
  logger->std.handlers = &handlers;
  return &logger->std;
}

static void free_object(zend_object* object) {
  rr_logger_object* logger = logger_from(object);
  rr_caller_free(&logger->caller);
  if (logger->channel) zend_string_release(logger->channel);
  zend_object_std_dtor(object);
}

void rr_embed_init_logger(void) {
  zend_class_entry* ce = register_class_RrEmbed_Logger();
  ce->create_object = create;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.offset = XtOffsetOf(rr_logger_object, std);
  handlers.free_obj = free_object;
  handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(ce, &handlers);
}

// ---------------------------------------------------------------- attributes

// Of a record, in the request's memory.
struct attributes {
  rr_header* all;
  zend_string** held;  // two for each: name and value
  uint32_t count;
};

// A log has to do with values of any kind: what user code throws is dropped.
static zend_string* text_of(zval* value) {
  ZVAL_DEREF(value);
  if (Z_TYPE_P(value) == IS_STRING) return zend_string_copy(Z_STR_P(value));
  zend_string* text = nullptr;
  if (Z_TYPE_P(value) == IS_OBJECT &&
      zend_class_implements_interface(Z_OBJCE_P(value), zend_ce_stringable)) {
    text = zval_try_get_string(value);
  } else {
    smart_str json = {nullptr, 0};
    if (php_json_encode(&json, value, PHP_JSON_INVALID_UTF8_SUBSTITUTE) == SUCCESS) {
      smart_str_0(&json);
      text = smart_str_extract(&json);
    }
    smart_str_free(&json);
  }
  if (EG(exception)) zend_clear_exception();
  return text;
}

static void collect(HashTable* context, attributes* out) {
  const uint32_t most = zend_hash_num_elements(context) + 1;
  out->all = static_cast<rr_header*>(safe_emalloc(most, sizeof(rr_header), 0));
  out->held = static_cast<zend_string**>(safe_emalloc(2 * most, sizeof(zend_string*), 0));
  out->count = 0;
  zend_ulong index;
  zend_string* key;
  zval* value;
  ZEND_HASH_FOREACH_KEY_VAL(context, index, key, value) {
    // What has no form in JSON, such as a resource, is left out.
    zend_string* text = text_of(value);
    if (!text) continue;
    zend_string* name =
        key ? zend_string_copy(key) : zend_long_to_str(static_cast<zend_long>(index));
    out->held[2 * out->count] = name;
    out->held[2 * out->count + 1] = text;
    out->all[out->count++] = {rr_text_of(name), rr_text_of(text)};
  }
  ZEND_HASH_FOREACH_END();
}

static void free_attributes(attributes* these) {
  for (uint32_t i = 0; i < 2 * these->count; ++i) zend_string_release(these->held[i]);
  efree(these->all);
  efree(these->held);
}

// ---------------------------------------------------------------- over RPC

// The server refuses a message with other bytes; a log must not lose the record for one.
static void add_utf8(smart_str* message, unsigned number, rr_text text) {
  const std::string_view bytes(text.data, text.size);
  if (rr::utf8::valid(bytes)) {
    rr_message_text(message, number, text);
    return;
  }
  smart_str good = {nullptr, 0};
  for (std::string_view rest = bytes; !rest.empty();) {
    const size_t size = rr::utf8::sequence(rest);
    const std::string_view next = size == 0 ? rr::utf8::kReplacement : rest.substr(0, size);
    smart_str_appendl(&good, next.data(), next.size());
    rest.remove_prefix(size == 0 ? 1 : size);
  }
  rr_message_text(message, number, rr_text_of(&good));
  smart_str_free(&good);
}

static void add_attribute(smart_str* entry, const rr_header* attribute) {
  smart_str message = {nullptr, 0};
  add_utf8(&message, 1, attribute->name);
  add_utf8(&message, 2, attribute->value);
  rr_message_bytes(entry, 2, rr_text_of(&message));
  smart_str_free(&message);
}

// applogger.v1.LogEntry. False: it could not be sent.
static bool send(rr_logger_object* logger, const char* level, zend_string* text,
                 const attributes* these) {
  smart_str entry = {nullptr, 0};
  add_utf8(&entry, 1, rr_text_of(text));
  for (uint32_t i = 0; i < these->count; ++i) add_attribute(&entry, &these->all[i]);
  if (!zend_string_equals_literal(logger->channel, "app")) {
    const rr_header channel = {{"channel", 7}, rr_text_of(logger->channel)};
    add_attribute(&entry, &channel);
  }
  smart_str_0(&entry);
  zend_string* method = zend_strpprintf(0, "app.%sWithContext", level);
  const bool sent = rr_embed_send(logger->caller.rpc, &logger->caller.client, method,
                                  rr_text_of(&entry), RR_CODEC_PROTO);
  zend_string_release(method);
  smart_str_free(&entry);
  return sent;
}

static void fall_back(const char* level, zend_string* message, HashTable* context) {
  smart_str line = {nullptr, 0};
  smart_str_appends(&line, level);
  for (char* c = ZSTR_VAL(line.s); c < ZSTR_VAL(line.s) + ZSTR_LEN(line.s); ++c) {
    *c = static_cast<char>(zend_toupper_ascii(*c));
  }
  smart_str_appends(&line, ": ");
  smart_str_append(&line, message);
  if (zend_hash_num_elements(context) > 0) {
    zval array;
    ZVAL_ARR(&array, context);
    smart_str_appendc(&line, ' ');
    php_json_encode(&line, &array,
                    PHP_JSON_PARTIAL_OUTPUT_ON_ERROR | PHP_JSON_INVALID_UTF8_SUBSTITUTE);
    if (EG(exception)) zend_clear_exception();
  }
  smart_str_0(&line);
  php_log_err(ZSTR_VAL(line.s));
  smart_str_free(&line);
}

// ---------------------------------------------------------------- methods

PHP_METHOD(RrEmbed_Logger, __construct) {
  zend_string* channel = nullptr;
  zend_object* rpc = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 2)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR(channel)
  Z_PARAM_OBJ_OF_CLASS_OR_NULL(rpc, rr_embed_ce_rpc)
  ZEND_PARSE_PARAMETERS_END();

  rr_logger_object* logger = logger_from(Z_OBJ_P(ZEND_THIS));
  if (logger->channel) {
    zend_throw_error(nullptr, "RrEmbed\\Logger::__construct() was called already");
    RETURN_THROWS();
  }
  logger->channel = channel ? zend_string_copy(channel) : zend_string_init("app", 3, 0);
  rr_caller_set(&logger->caller, rpc);
}

PHP_METHOD(RrEmbed_Logger, log) {
  zend_object *level, *object = nullptr;
  zend_string* message = nullptr;
  HashTable* context = const_cast<HashTable*>(&zend_empty_array);
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_OBJ_OF_CLASS(level, rr_embed_ce_log_level)
  Z_PARAM_OBJ_OF_CLASS_OR_STR(object, zend_ce_stringable, message)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(context)
  ZEND_PARSE_PARAMETERS_END();

  rr_logger_object* logger = logger_from(Z_OBJ_P(ZEND_THIS));
  if (!logger->channel) {
    zend_throw_error(nullptr, "RrEmbed\\Logger::__construct() has not been called");
    RETURN_THROWS();
  }
  if (object) {
    zval value;
    ZVAL_OBJ(&value, object);
    message = text_of(&value);
    if (!message) message = ZSTR_EMPTY_ALLOC();
  } else {
    zend_string_addref(message);
  }
  const char* name = Z_STRVAL_P(zend_enum_fetch_case_name(level));
  const bool has_server = rr_caller_find(&logger->caller, "RrEmbed\\Logger");
  if (EG(exception)) zend_clear_exception();
  bool sent = false;
  if (has_server) {
    attributes these;
    collect(context, &these);
    const rr_client& client = logger->caller.client;
    if (client.services->log_write) {
      client.services->log_write(client.self, rr_text_of(logger->channel),
                                 static_cast<int>(Z_LVAL_P(zend_enum_fetch_case_value(level))),
                                 rr_text_of(message), these.all, these.count);
      sent = true;
    } else {
      sent = send(logger, name, message, &these);
    }
    free_attributes(&these);
  }
  if (!sent) fall_back(name, message, context);
  zend_string_release(message);
}
