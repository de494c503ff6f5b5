// RrEmbed\Jobs\Queue: jobs.* over whatever reaches the server.
#include <cstring>

#include "ext/compat.h"
#include "ext/jobs/jobs.h"
#include "ext/rpc/rpc.h"

extern "C" {
#include "ext/json/php_json.h"
#include "ext/spl/spl_iterators.h"
}

using rr::proto::Reader;
using rr::proto::Wire;

struct rr_queue_object {
  zend_string* pipeline;  // null: the constructor has not run
  zend_object* defaults;  // null: none
  rr_caller caller;
  zend_object std;
};

static zend_class_entry* queue_ce;
static zend_object_handlers handlers;

static rr_queue_object* queue_from(zend_object* object) {
  return reinterpret_cast<rr_queue_object*>(reinterpret_cast<char*>(object) -
                                            XtOffsetOf(rr_queue_object, std));
}

static zend_object* create(zend_class_entry* ce) {
  auto* queue = static_cast<rr_queue_object*>(zend_object_alloc(sizeof(rr_queue_object), ce));
  memset(queue, 0, XtOffsetOf(rr_queue_object, std));
  zend_object_std_init(&queue->std, ce);
  object_properties_init(&queue->std, ce);
  queue->std.handlers = &handlers;
  return &queue->std;
}

static void free_object(zend_object* object) {
  rr_queue_object* queue = queue_from(object);
  rr_caller_free(&queue->caller);
  if (queue->defaults) OBJ_RELEASE(queue->defaults);
  if (queue->pipeline) zend_string_release(queue->pipeline);
  zend_object_std_dtor(object);
}

void rr_jobs_init_queue(zend_class_entry* ce) {
  queue_ce = ce;
  ce->create_object = create;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.offset = XtOffsetOf(rr_queue_object, std);
  handlers.free_obj = free_object;
  handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(ce, &handlers);
}

// ---------------------------------------------------------------- calls

// Frees the message. False: an exception was thrown.
static bool call(rr_caller* caller, const char* method, smart_str* message, rr_text* reply) {
  const bool found = rr_caller_find(caller, "RrEmbed\\Jobs\\Queue");
  int status = RR_OK;
  if (found) {
    status = rr_caller_call(caller, method, RR_CODEC_PROTO, rr_text_of(message), 0, reply);
    if (status != RR_OK) rr_embed_throw_status(status, *reply, method);
  }
  smart_str_free(message);
  return found && status == RR_OK;
}

// Null: an exception was thrown.
static rr_queue_object* constructed(zval* self) {
  rr_queue_object* queue = queue_from(Z_OBJ_P(self));
  if (queue->pipeline) return queue;
  zend_throw_error(nullptr, "RrEmbed\\Jobs\\Queue::__construct() has not been called");
  return nullptr;
}

static void make(rr_queue_object* queue, zend_string* pipeline, zend_object* defaults,
                 zend_object* rpc) {
  queue->pipeline = zend_string_copy(pipeline);
  queue->defaults = defaults;
  if (defaults) GC_ADDREF(defaults);
  rr_caller_set(&queue->caller, rpc);
}

PHP_METHOD(RrEmbed_Jobs_Queue, __construct) {
  zend_string* pipeline;
  zend_object *defaults = nullptr, *rpc = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 3)
  Z_PARAM_STR(pipeline)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS_OR_NULL(defaults, rr_jobs_ce_options)
  Z_PARAM_OBJ_OF_CLASS_OR_NULL(rpc, rr_embed_ce_rpc)
  ZEND_PARSE_PARAMETERS_END();

  rr_queue_object* queue = queue_from(Z_OBJ_P(ZEND_THIS));
  if (queue->pipeline) {
    zend_throw_error(nullptr, "RrEmbed\\Jobs\\Queue::__construct() was called already");
    RETURN_THROWS();
  }
  make(queue, pipeline, defaults, rpc);
}

PHP_METHOD(RrEmbed_Jobs_Queue, push) {
  zend_string *name, *payload;
  zend_object* options = nullptr;
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_STR(name)
  Z_PARAM_STR(payload)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS_OR_NULL(options, rr_jobs_ce_options)
  ZEND_PARSE_PARAMETERS_END();

  rr_queue_object* queue = constructed(ZEND_THIS);
  if (!queue) RETURN_THROWS();
  smart_str message = {nullptr, 0};
  zend_string* id =
      rr_jobs_add(&message, queue->pipeline, name, payload, options ? options : queue->defaults);
  rr_text reply;
  if (!id || !call(&queue->caller, "jobs.Push", &message, &reply)) {
    if (id) zend_string_release(id);
    RETURN_THROWS();
  }
  RETURN_STR(id);
}

// One of pushMany(). False: an exception was thrown.
static bool add_entry(smart_str* message, const rr_queue_object* queue, zval* entry, zval* ids) {
  ZVAL_DEREF(entry);
  zval* parts[3] = {nullptr, nullptr, nullptr};
  for (zend_ulong i = 0; i < 3 && Z_TYPE_P(entry) == IS_ARRAY; ++i) {
    parts[i] = zend_hash_index_find_deref(Z_ARRVAL_P(entry), i);
  }
  const bool has_options = parts[2] && Z_TYPE_P(parts[2]) != IS_NULL;
  if (!parts[0] || Z_TYPE_P(parts[0]) != IS_STRING || !parts[1] ||
      Z_TYPE_P(parts[1]) != IS_STRING ||
      (has_options &&
       !(Z_TYPE_P(parts[2]) == IS_OBJECT && Z_OBJCE_P(parts[2]) == rr_jobs_ce_options))) {
    zend_argument_type_error(1, "must hold arrays of a name, a payload and perhaps options");
    return false;
  }
  zend_string* id = rr_jobs_add(message, queue->pipeline, Z_STR_P(parts[0]), Z_STR_P(parts[1]),
                                has_options ? Z_OBJ_P(parts[2]) : queue->defaults);
  if (id) add_next_index_str(ids, id);
  return id != nullptr;
}

struct push_state {
  smart_str message;
  const rr_queue_object* queue;
  zval* ids;
};

static int add_next(zend_object_iterator* iterator, void* context) {
  auto* state = static_cast<push_state*>(context);
  zval* entry = iterator->funcs->get_current_data(iterator);
  const bool good =
      !EG(exception) && entry && add_entry(&state->message, state->queue, entry, state->ids);
  return good ? ZEND_HASH_APPLY_KEEP : ZEND_HASH_APPLY_STOP;
}

PHP_METHOD(RrEmbed_Jobs_Queue, pushMany) {
  zval* jobs;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_ITERABLE(jobs)
  ZEND_PARSE_PARAMETERS_END();

  rr_queue_object* queue = constructed(ZEND_THIS);
  if (!queue) RETURN_THROWS();
  array_init(return_value);
  push_state state = {{nullptr, 0}, queue, return_value};
  if (Z_TYPE_P(jobs) == IS_ARRAY) {
    zval* entry;
    ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(jobs), entry) {
      if (!add_entry(&state.message, queue, entry, return_value)) break;
    }
    ZEND_HASH_FOREACH_END();
  } else {
    spl_iterator_apply(jobs, add_next, &state);
  }
  if (EG(exception)) {
    smart_str_free(&state.message);
    RETURN_THROWS();
  }
  rr_text reply;
  if (state.message.s) call(&queue->caller, "jobs.PushBatch", &state.message, &reply);
}

static void call_with_pipeline(INTERNAL_FUNCTION_PARAMETERS, const char* method) {
  ZEND_PARSE_PARAMETERS_NONE();
  (void)return_value;
  rr_queue_object* queue = constructed(ZEND_THIS);
  if (!queue) RETURN_THROWS();
  smart_str message = {nullptr, 0};
  rr_message_bytes(&message, 1, rr_text_of(queue->pipeline));
  rr_text reply;
  call(&queue->caller, method, &message, &reply);
}

PHP_METHOD(RrEmbed_Jobs_Queue, pause) {
  call_with_pipeline(INTERNAL_FUNCTION_PARAM_PASSTHRU, "jobs.Pause");
}

PHP_METHOD(RrEmbed_Jobs_Queue, resume) {
  call_with_pipeline(INTERNAL_FUNCTION_PARAM_PASSTHRU, "jobs.Resume");
}

PHP_METHOD(RrEmbed_Jobs_Queue, stats) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_queue_object* queue = constructed(ZEND_THIS);
  if (!queue) RETURN_THROWS();
  smart_str message = {nullptr, 0};
  rr_text reply;
  if (!call(&queue->caller, "jobs.Stat", &message, &reply)) RETURN_THROWS();
  if (rr_jobs_stats(return_value, reply, queue->pipeline)) return;
  zend_string* text = zend_strpprintf(0, "no such pipeline: %s", ZSTR_VAL(queue->pipeline));
  rr_embed_throw_status(RR_REFUSED, rr_text_of(text), "jobs.Stat");
  zend_string_release(text);
}

// ---------------------------------------------------------------- pipelines

static void add_setting(smart_str* message, rr_text name, rr_text value) {
  smart_str entry = {nullptr, 0};
  rr_message_text(&entry, 1, name);
  rr_message_text(&entry, 2, value);
  rr_message_bytes(message, 1, rr_text_of(&entry));
  smart_str_free(&entry);
}

// A value of a pipeline's configuration as text. Null: an exception was thrown.
static zend_string* setting_text(zval* value, zend_string* name) {
  ZVAL_DEREF(value);
  if (Z_TYPE_P(value) == IS_TRUE) return zend_string_init("true", 4, 0);
  if (Z_TYPE_P(value) == IS_FALSE) return zend_string_init("false", 5, 0);
  if (Z_TYPE_P(value) == IS_LONG || Z_TYPE_P(value) == IS_DOUBLE || Z_TYPE_P(value) == IS_STRING) {
    return zval_try_get_string(value);
  }
  smart_str json = {nullptr, 0};
  if (php_json_encode(&json, value, 0) == SUCCESS && json.s) {
    smart_str_0(&json);
    return smart_str_extract(&json);
  }
  smart_str_free(&json);
  if (!EG(exception)) {
    zend_argument_value_error(3, "has a %s without a form in JSON", ZSTR_VAL(name));
  }
  return nullptr;
}

PHP_METHOD(RrEmbed_Jobs_Queue, declare) {
  zend_string *pipeline, *driver;
  HashTable* config = const_cast<HashTable*>(&zend_empty_array);
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_STR(pipeline)
  Z_PARAM_STR(driver)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(config)
  ZEND_PARSE_PARAMETERS_END();

  smart_str message = {nullptr, 0};
  add_setting(&message, {"name", 4}, rr_text_of(pipeline));
  add_setting(&message, {"driver", 6}, rr_text_of(driver));
  zend_ulong index;
  zend_string* key;
  zval* value;
  ZEND_HASH_FOREACH_KEY_VAL(config, index, key, value) {
    if (key &&
        (zend_string_equals_literal(key, "name") || zend_string_equals_literal(key, "driver"))) {
      continue;
    }
    zend_string* name =
        key ? zend_string_copy(key) : zend_long_to_str(static_cast<zend_long>(index));
    zend_string* text = setting_text(value, name);
    if (text) {
      add_setting(&message, rr_text_of(name), rr_text_of(text));
      zend_string_release(text);
    }
    zend_string_release(name);
    if (!text) {
      smart_str_free(&message);
      RETURN_THROWS();
    }
  }
  ZEND_HASH_FOREACH_END();
  if (!zend_hash_str_exists(config, "priority", sizeof("priority") - 1)) {
    add_setting(&message, {"priority", 8}, {"10", 2});
  }
  rr_caller caller = {};
  rr_text reply;
  if (!call(&caller, "jobs.Declare", &message, &reply)) RETURN_THROWS();
  object_init_ex(return_value, queue_ce);
  make(queue_from(Z_OBJ_P(return_value)), pipeline, nullptr, nullptr);
}

PHP_METHOD(RrEmbed_Jobs_Queue, list) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_caller caller = {};
  smart_str message = {nullptr, 0};
  rr_text reply;
  if (!call(&caller, "jobs.List", &message, &reply)) RETURN_THROWS();
  array_init(return_value);
  for (Reader fields({reply.data, reply.size}); fields.next();) {
    if (fields.is(1, Wire::bytes)) {
      add_next_index_stringl(return_value, fields.bytes().data(), fields.bytes().size());
    }
  }
}
