// RrEmbed\Services and RrEmbed\ServiceSpec: service.v1 over whatever reaches the server.
#include <cmath>
#include <cstring>

#include "ext/caller.h"
#include "ext/compat.h"
#include "ext/control/control.h"
#include "ext/message.h"

using rr::proto::Reader;
using rr::proto::Wire;

static zend_class_entry* spec_ce;
static zend_object_handlers handlers;

void rr_embed_init_services(zend_class_entry* services, zend_class_entry* spec) {
  spec_ce = spec;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(services, &handlers);
}

// ---------------------------------------------------------------- ServiceSpec

// Slots in the order of the stub.
enum {
  NAME,
  COMMAND,
  PROCESSES,
  EXEC_TIMEOUT,
  RESTART,
  ENV,
  RESTART_DELAY,
  NAME_IN_LOG,
  STOP_TIMEOUT
};

static bool good_seconds(double seconds, uint32_t argument) {
  if (seconds >= 0 && seconds <= 0x7FFFFFFF) return true;
  zend_argument_value_error(argument, "must be between 0 and 2147483647");
  return false;
}

PHP_METHOD(RrEmbed_ServiceSpec, __construct) {
  zend_string *name, *command;
  zend_long processes = 1;
  double exec_timeout = 0, restart_delay = 30, stop_timeout = 5;
  bool restart = false, name_in_log = false;
  HashTable* env = nullptr;
  ZEND_PARSE_PARAMETERS_START(2, 9)
  Z_PARAM_STR(name)
  Z_PARAM_STR(command)
  Z_PARAM_OPTIONAL
  Z_PARAM_LONG(processes)
  Z_PARAM_DOUBLE(exec_timeout)
  Z_PARAM_BOOL(restart)
  Z_PARAM_ARRAY_HT(env)
  Z_PARAM_DOUBLE(restart_delay)
  Z_PARAM_BOOL(name_in_log)
  Z_PARAM_DOUBLE(stop_timeout)
  ZEND_PARSE_PARAMETERS_END();

  if (processes < 1) {
    zend_argument_value_error(3, "must be greater than 0");
    RETURN_THROWS();
  }
  if (!good_seconds(exec_timeout, 4) || !good_seconds(restart_delay, 7) ||
      !good_seconds(stop_timeout, 9)) {
    RETURN_THROWS();
  }
  zend_object* self = Z_OBJ_P(ZEND_THIS);
  if (!Z_ISUNDEF_P(OBJ_PROP_NUM(self, NAME))) {
    zend_throw_error(nullptr, "Cannot modify readonly property RrEmbed\\ServiceSpec::$name");
    RETURN_THROWS();
  }
  ZVAL_STR_COPY(OBJ_PROP_NUM(self, NAME), name);
  ZVAL_STR_COPY(OBJ_PROP_NUM(self, COMMAND), command);
  ZVAL_LONG(OBJ_PROP_NUM(self, PROCESSES), processes);
  ZVAL_DOUBLE(OBJ_PROP_NUM(self, EXEC_TIMEOUT), exec_timeout);
  ZVAL_BOOL(OBJ_PROP_NUM(self, RESTART), restart);
  if (env) {
    ZVAL_ARR(OBJ_PROP_NUM(self, ENV), zend_array_dup(env));
  } else {
    ZVAL_EMPTY_ARRAY(OBJ_PROP_NUM(self, ENV));
  }
  ZVAL_DOUBLE(OBJ_PROP_NUM(self, RESTART_DELAY), restart_delay);
  ZVAL_BOOL(OBJ_PROP_NUM(self, NAME_IN_LOG), name_in_log);
  ZVAL_DOUBLE(OBJ_PROP_NUM(self, STOP_TIMEOUT), stop_timeout);
}

// ---------------------------------------------------------------- Services

// False: an exception was thrown. Frees the message.
static bool call(const char* method, smart_str* message, double more, rr_text* reply) {
  rr_caller caller = {};
  const bool found = rr_caller_find(&caller, "RrEmbed\\Services");
  int status = RR_OK;
  if (found) {
    status = rr_caller_call(&caller, method, RR_CODEC_PROTO, rr_text_of(message), more, reply);
    if (status != RR_OK) rr_embed_throw_status(status, *reply, method);
  }
  smart_str_free(message);
  return found && status == RR_OK;
}

static void call_by_name(INTERNAL_FUNCTION_PARAMETERS, const char* method) {
  zend_string* name;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(name)
  ZEND_PARSE_PARAMETERS_END();

  (void)return_value;
  smart_str message = {nullptr, 0};
  rr_message_text(&message, 1, rr_text_of(name));
  rr_text reply;
  call(method, &message, rr_control_patience, &reply);
}

static uint64_t whole(zend_object* spec, int slot) {
  return static_cast<uint64_t>(std::ceil(Z_DVAL_P(OBJ_PROP_NUM(spec, slot))));
}

PHP_METHOD(RrEmbed_Services, __construct) {
  ZEND_PARSE_PARAMETERS_NONE();
}

PHP_METHOD(RrEmbed_Services, list) {
  ZEND_PARSE_PARAMETERS_NONE();
  smart_str message = {nullptr, 0};
  rr_text reply;
  if (!call("service.List", &message, 0, &reply)) RETURN_THROWS();
  array_init(return_value);
  for (Reader fields({reply.data, reply.size}); fields.next();) {
    if (fields.is(1, Wire::bytes)) {
      add_next_index_stringl(return_value, fields.bytes().data(), fields.bytes().size());
    }
  }
}

// False: an exception was thrown.
static bool add_environment(smart_str* message, HashTable* env) {
  zend_ulong index;
  zend_string* key;
  zval* value;
  ZEND_HASH_FOREACH_KEY_VAL(env, index, key, value) {
    zend_string* text = zval_try_get_string(value);
    if (!text) return false;
    zend_string* name =
        key ? zend_string_copy(key) : zend_long_to_str(static_cast<zend_long>(index));
    smart_str entry = {nullptr, 0};
    rr_message_text(&entry, 1, rr_text_of(name));
    rr_message_text(&entry, 2, rr_text_of(text));
    rr_message_bytes(message, 6, rr_text_of(&entry));
    smart_str_free(&entry);
    zend_string_release(name);
    zend_string_release(text);
  }
  ZEND_HASH_FOREACH_END();
  return true;
}

PHP_METHOD(RrEmbed_Services, create) {
  zend_object* spec;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_OBJ_OF_CLASS(spec, spec_ce)
  ZEND_PARSE_PARAMETERS_END();

  if (Z_ISUNDEF_P(OBJ_PROP_NUM(spec, NAME))) {
    zend_throw_error(nullptr, "RrEmbed\\ServiceSpec::__construct() has not been called");
    RETURN_THROWS();
  }
  smart_str message = {nullptr, 0};
  rr_message_text(&message, 1, rr_text_of(Z_STR_P(OBJ_PROP_NUM(spec, NAME))));
  rr_message_text(&message, 2, rr_text_of(Z_STR_P(OBJ_PROP_NUM(spec, COMMAND))));
  rr_message_number(&message, 3, static_cast<uint64_t>(Z_LVAL_P(OBJ_PROP_NUM(spec, PROCESSES))));
  rr_message_number(&message, 4, whole(spec, EXEC_TIMEOUT));
  rr_message_number(&message, 5, Z_TYPE_P(OBJ_PROP_NUM(spec, RESTART)) == IS_TRUE);
  if (!add_environment(&message, Z_ARRVAL_P(OBJ_PROP_NUM(spec, ENV)))) {
    smart_str_free(&message);
    RETURN_THROWS();
  }
  rr_message_number(&message, 7, whole(spec, RESTART_DELAY));
  rr_message_number(&message, 8, Z_TYPE_P(OBJ_PROP_NUM(spec, NAME_IN_LOG)) == IS_TRUE);
  rr_message_number(&message, 9, whole(spec, STOP_TIMEOUT));
  rr_text reply;
  call("service.Create", &message, rr_control_patience, &reply);
}

PHP_METHOD(RrEmbed_Services, restart) {
  call_by_name(INTERNAL_FUNCTION_PARAM_PASSTHRU, "service.Restart");
}

PHP_METHOD(RrEmbed_Services, terminate) {
  call_by_name(INTERNAL_FUNCTION_PARAM_PASSTHRU, "service.Terminate");
}

// service.v1.Status
static void add_status(zval* list, std::string_view message) {
  zval status;
  array_init(&status);
  int32_t pid = 0;
  float percent = 0;
  uint64_t memory = 0;
  std::string_view command = "", error = "";
  for (Reader fields(message); fields.next();) {
    if (fields.is(1, Wire::fixed32)) memcpy(&percent, fields.bytes().data(), sizeof percent);
    if (fields.is(2, Wire::varint)) pid = static_cast<int32_t>(fields.value());
    if (fields.is(3, Wire::varint)) memory = fields.value();
    if (fields.is(4, Wire::bytes)) command = fields.bytes();
    if (!fields.is(5, Wire::bytes)) continue;
    for (Reader inner(fields.bytes()); inner.next();) {
      if (inner.is(2, Wire::bytes)) error = inner.bytes();
    }
  }
  add_assoc_long(&status, "pid", pid);
  add_assoc_double(&status, "cpuPercent", static_cast<double>(percent));
  add_assoc_long(&status, "memoryUsage", static_cast<zend_long>(memory));
  add_assoc_stringl(&status, "command", command.data(), command.size());
  if (error.empty()) {
    add_assoc_null(&status, "error");
  } else {
    add_assoc_stringl(&status, "error", error.data(), error.size());
  }
  add_next_index_zval(list, &status);
}

PHP_METHOD(RrEmbed_Services, status) {
  zend_string* name;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(name)
  ZEND_PARSE_PARAMETERS_END();

  smart_str message = {nullptr, 0};
  rr_message_text(&message, 1, rr_text_of(name));
  rr_text reply;
  if (!call("service.Statuses", &message, 0, &reply)) RETURN_THROWS();
  array_init(return_value);
  for (Reader fields({reply.data, reply.size}); fields.next();) {
    if (fields.is(1, Wire::bytes)) add_status(return_value, fields.bytes());
  }
}
