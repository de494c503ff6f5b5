// RrEmbed\Pool and RrEmbed\Tasks.
#include "ext/caller.h"
#include "ext/control/control.h"
#include "ext/message.h"

extern "C" {
#include "ext/json/php_json.h"
}

// What gen_stub made of the stub.
#include "ext/control/control_arginfo.h"

void rr_embed_init_control(void) {
  register_class_RrEmbed_Pool();
  zend_class_entry* spec = register_class_RrEmbed_ServiceSpec();
  rr_embed_init_services(register_class_RrEmbed_Services(), spec);
  register_class_RrEmbed_Tasks();
}

// A name as JSON; null: true, what methods without an argument take.
static smart_str json_of(zend_string* name) {
  zval value;
  ZVAL_TRUE(&value);
  if (name) ZVAL_STR(&value, name);
  smart_str json = {nullptr, 0};
  php_json_encode(&json, &value, PHP_JSON_INVALID_UTF8_SUBSTITUTE);
  return json;
}

// False: an exception was thrown.
static bool call(rr_caller* caller, const char* method, zend_string* argument, double more,
                 rr_text* reply) {
  if (!rr_caller_find(caller, "RrEmbed\\Pool")) return false;
  smart_str json = json_of(argument);
  const int status = rr_caller_call(caller, method, RR_CODEC_JSON, rr_text_of(&json), more, reply);
  smart_str_free(&json);
  if (status != RR_OK) rr_embed_throw_status(status, *reply, method);
  return status == RR_OK;
}

// In a worker it is not waited for longer than this: the reset may wait for this very worker.
static constexpr double own_patience = 1;

// False: an exception was thrown.
static bool reset(rr_caller* caller, zend_string* plugin) {
  rr_text reply;
  if (!rr_embed_host() && !rr_embed_in_process_worker()) {
    return call(caller, "resetter.Reset", plugin, rr_control_patience, &reply);
  }
  if (!rr_caller_find(caller, "RrEmbed\\Pool")) return false;
  const rr_client& client = caller->client;
  rr_pending* pending = nullptr;
  smart_str json = json_of(plugin);
  int status = client.services->begin(client.self, rr_text_of("resetter.Reset"), RR_CODEC_JSON,
                                      rr_text_of(&json), &pending, &reply);
  smart_str_free(&json);
  if (status == RR_OK) {
    status = client.services->result(client.self, pending, own_patience, &reply);
    if (status == RR_TIMED_OUT) {
      client.services->drop(client.self, pending);
      return true;
    }
  }
  if (status != RR_OK) rr_embed_throw_status(status, reply, "resetter.Reset");
  return status == RR_OK;
}

// Decodes a reply and takes one member of it, or, without a name, all of it. An array in any case.
static void take_array(rr_text reply, const char* member, zval* out) {
  zval all;
  rr_decode_json(reply, &all);
  zval* found = &all;
  if (member && Z_TYPE(all) == IS_ARRAY) {
    found = zend_hash_str_find(Z_ARRVAL(all), member, strlen(member));
  }
  if (found && Z_TYPE_P(found) == IS_ARRAY) {
    ZVAL_COPY(out, found);
  } else {
    array_init(out);
  }
  zval_ptr_dtor(&all);
}

PHP_METHOD(RrEmbed_Pool, __construct) {}

PHP_METHOD(RrEmbed_Pool, workers) {
  zend_string* plugin = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR(plugin)
  ZEND_PARSE_PARAMETERS_END();

  rr_caller caller = {};
  rr_text reply;
  zend_string* name = plugin ? zend_string_copy(plugin) : zend_string_init("http", 4, 0);
  if (call(&caller, "informer.Workers", name, 0, &reply))
    take_array(reply, "workers", return_value);
  zend_string_release(name);
}

static void change(INTERNAL_FUNCTION_PARAMETERS, const char* method) {
  zend_string* plugin;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(plugin)
  ZEND_PARSE_PARAMETERS_END();

  (void)return_value;
  rr_caller caller = {};
  rr_text reply;
  call(&caller, method, plugin, rr_control_patience, &reply);
}

PHP_METHOD(RrEmbed_Pool, add) {
  change(INTERNAL_FUNCTION_PARAM_PASSTHRU, "informer.AddWorker");
}

PHP_METHOD(RrEmbed_Pool, remove) {
  change(INTERNAL_FUNCTION_PARAM_PASSTHRU, "informer.RemoveWorker");
}

PHP_METHOD(RrEmbed_Pool, reset) {
  zval* arguments = nullptr;
  uint32_t count = 0;
  ZEND_PARSE_PARAMETERS_START(0, -1)
  Z_PARAM_VARIADIC('*', arguments, count)
  ZEND_PARSE_PARAMETERS_END();

  rr_caller caller = {};
  for (uint32_t i = 0; i < count; ++i) {
    zend_string* plugin;
    if (!zend_parse_arg_str(&arguments[i], &plugin, false, i + 1)) {
      zend_wrong_parameter_type_error(i + 1, Z_EXPECTED_STRING, &arguments[i]);
      RETURN_THROWS();
    }
    if (!reset(&caller, plugin)) RETURN_THROWS();
  }
  if (count > 0) return;
  rr_text reply;
  if (!call(&caller, "resetter.List", nullptr, 0, &reply)) RETURN_THROWS();
  zval all;
  take_array(reply, nullptr, &all);
  zval* plugin;
  ZEND_HASH_FOREACH_VAL(Z_ARRVAL(all), plugin) {
    if (Z_TYPE_P(plugin) == IS_STRING && !reset(&caller, Z_STR_P(plugin))) break;
  }
  ZEND_HASH_FOREACH_END();
  zval_ptr_dtor(&all);
}

// ---------------------------------------------------------------- tasks

static void no_tasks() {
  rr_caller caller = {};
  if (!rr_caller_find(&caller, "RrEmbed\\Tasks")) return;
  zend_throw_exception(rr_embed_ce_unsupported,
                       "RrEmbed\\Tasks needs a pool of task workers, and this server has none", 0);
}

PHP_METHOD(RrEmbed_Tasks, __construct) {}

PHP_METHOD(RrEmbed_Tasks, available) {
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_FALSE;
}

PHP_METHOD(RrEmbed_Tasks, dispatch) {
  zend_string* payload;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(payload)
  ZEND_PARSE_PARAMETERS_END();

  no_tasks();
  RETURN_THROWS();
}

PHP_METHOD(RrEmbed_Tasks, all) {
  HashTable* payloads;
  double timeout;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_ARRAY_HT(payloads)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE(timeout)
  ZEND_PARSE_PARAMETERS_END();

  no_tasks();
  RETURN_THROWS();
}
