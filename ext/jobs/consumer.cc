// RrEmbed\Jobs\Consumer and RrEmbed\Jobs\Job: a worker's loop over jobs, on their wire view.
#include <cstring>

#include "ext/compat.h"
#include "ext/jobs/jobs.h"

extern "C" {
#include "ext/garbage.h"
#include "ext/json/php_json.h"
}

// Slots of Job, in the order of the stub.
enum { ID, NAME, PAYLOAD, PIPELINE, QUEUE, DRIVER, HEADERS, ATTEMPT };

// What answers a job (spec 03 §2.3).
enum { ACK = 2, NACK = 3, REQUEUE = 4 };

struct rr_job_object {
  uint64_t serial;  // of the job in hand that it is, or was
  zend_object std;
};

struct rr_consumer_object {
  zend_object* job;  // counted; null: none yet
  zend_object std;
};

// Per thread; plain data. A job answers for the exchange in hand as long as it has its serial.
static thread_local struct {
  uint64_t serial;
  bool waiting;    // the job in hand has no answer
  unsigned flags;  // of its frame
} loop;

static zend_class_entry* job_ce;
static zend_object_handlers job_handlers, consumer_handlers;

static rr_job_object* job_from(zend_object* object) {
  return reinterpret_cast<rr_job_object*>(reinterpret_cast<char*>(object) -
                                          XtOffsetOf(rr_job_object, std));
}
static rr_consumer_object* consumer_from(zend_object* object) {
  return reinterpret_cast<rr_consumer_object*>(reinterpret_cast<char*>(object) -
                                               XtOffsetOf(rr_consumer_object, std));
}

static zend_object* create_job(zend_class_entry* ce) {
  auto* job = static_cast<rr_job_object*>(zend_object_alloc(sizeof(rr_job_object), ce));
  job->serial = 0;
  zend_object_std_init(&job->std, ce);
  object_properties_init(&job->std, ce);
  job->std.handlers = &job_handlers;
  return &job->std;
}

static zend_object* create_consumer(zend_class_entry* ce) {
  auto* consumer =
      static_cast<rr_consumer_object*>(zend_object_alloc(sizeof(rr_consumer_object), ce));
  consumer->job = nullptr;
  zend_object_std_init(&consumer->std, ce);
  object_properties_init(&consumer->std, ce);
  consumer->std.handlers = &consumer_handlers;
  return &consumer->std;
}

static void let_go(rr_consumer_object* consumer) {
  if (consumer->job) OBJ_RELEASE(consumer->job);
  consumer->job = nullptr;
}

static void free_consumer(zend_object* object) {
  let_go(consumer_from(object));
  zend_object_std_dtor(object);
}

void rr_jobs_init_consumer(zend_class_entry* consumer, zend_class_entry* job) {
  job_ce = job;
  job->create_object = create_job;
  std::memcpy(&job_handlers, zend_get_std_object_handlers(), sizeof(job_handlers));
  job_handlers.offset = XtOffsetOf(rr_job_object, std);
  job_handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(job, &job_handlers);
  consumer->create_object = create_consumer;
  std::memcpy(&consumer_handlers, zend_get_std_object_handlers(), sizeof(consumer_handlers));
  consumer_handlers.offset = XtOffsetOf(rr_consumer_object, std);
  consumer_handlers.free_obj = free_consumer;
  consumer_handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(consumer, &consumer_handlers);
}

void rr_embed_jobs_begin(void) {
  loop.waiting = false;
}

// ---------------------------------------------------------------- answering

static bool answered(const rr_job_object* job) {
  return !loop.waiting || job->serial != loop.serial;
}

// {"type":…,"data":…}; takes `data`, null: none. Throws when the job has its answer.
static void answer(rr_job_object* job, int type, zval* data) {
  const rr_host* host = rr_embed_worker_host("RrEmbed\\Jobs\\Job");
  if (!host || answered(job) || !host->busy()) {
    if (data) zval_ptr_dtor(data);
    if (host) zend_throw_exception(rr_embed_ce_invalid_state, "the job has its answer", 0);
    return;
  }
  smart_str json = {nullptr, 0};
  smart_str_appends(&json, "{\"type\":");
  smart_str_append_long(&json, type);
  smart_str_appends(&json, ",\"data\":");
  if (data) {
    php_json_encode(&json, data, PHP_JSON_INVALID_UTF8_SUBSTITUTE);
    zval_ptr_dtor(data);
  } else {
    smart_str_appends(&json, "[]");
  }
  smart_str_appendc(&json, '}');
  if (!EG(exception)) {
    loop.waiting = false;
    host->wire_answer(loop.flags, 0, {"", 0}, rr_text_of(&json));
    host->done();
  }
  smart_str_free(&json);
}

static void fail(rr_job_object* job, rr_text reason, bool requeue, double delay) {
  zval data;
  array_init(&data);
  add_assoc_stringl(&data, "message", reason.data, reason.size);
  add_assoc_bool(&data, "requeue", requeue);
  add_assoc_long(&data, "delay_seconds", rr_jobs_seconds(delay));
  answer(job, NACK, &data);
}

// ---------------------------------------------------------------- Job

PHP_METHOD(RrEmbed_Jobs_Job, __construct) {}

PHP_METHOD(RrEmbed_Jobs_Job, header) {
  zend_string* wanted;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(wanted)
  ZEND_PARSE_PARAMETERS_END();

  zend_ulong index;
  zend_string* key;
  zval* values;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(OBJ_PROP_NUM(Z_OBJ_P(ZEND_THIS), HEADERS)), index, key,
                            values) {
    zend_string* name =
        key ? zend_string_copy(key) : zend_long_to_str(static_cast<zend_long>(index));
    const bool same = zend_string_equals_ci(name, wanted);
    zend_string_release(name);
    if (!same) continue;
    smart_str all = {nullptr, 0};
    zval* value;
    ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(values), value) {
      if (all.s) smart_str_appends(&all, ", ");
      smart_str_append(&all, Z_STR_P(value));
    }
    ZEND_HASH_FOREACH_END();
    smart_str_0(&all);
    RETURN_STR(smart_str_extract(&all));
  }
  ZEND_HASH_FOREACH_END();
  RETURN_NULL();
}

PHP_METHOD(RrEmbed_Jobs_Job, ack) {
  ZEND_PARSE_PARAMETERS_NONE();
  answer(job_from(Z_OBJ_P(ZEND_THIS)), ACK, nullptr);
}

PHP_METHOD(RrEmbed_Jobs_Job, answered) {
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_BOOL(answered(job_from(Z_OBJ_P(ZEND_THIS))));
}

// string|Throwable as text; counted. Null: an exception was thrown.
static zend_string* reason_of(zend_object* error, zend_string* text) {
  if (!error) return text ? zend_string_copy(text) : ZSTR_EMPTY_ALLOC();
  zval object;
  ZVAL_OBJ(&object, error);
  return zval_try_get_string(&object);
}

static bool good_delay(double delay, uint32_t argument) {
  if (delay >= 0) return true;
  zend_argument_value_error(argument, "must be greater than or equal to 0");
  return false;
}

PHP_METHOD(RrEmbed_Jobs_Job, nack) {
  zend_object* error = nullptr;
  zend_string* text = nullptr;
  bool requeue = false;
  double delay = 0;
  ZEND_PARSE_PARAMETERS_START(0, 3)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS_OR_STR(error, zend_ce_throwable, text)
  Z_PARAM_BOOL(requeue)
  Z_PARAM_DOUBLE(delay)
  ZEND_PARSE_PARAMETERS_END();

  if (!good_delay(delay, 3)) RETURN_THROWS();
  zend_string* reason = reason_of(error, text);
  if (!reason) RETURN_THROWS();
  fail(job_from(Z_OBJ_P(ZEND_THIS)), rr_text_of(reason), requeue, delay);
  zend_string_release(reason);
}

// One header as a list of texts. False: an exception was thrown.
static bool add_header(zval* headers, zend_string* key, zend_ulong index, zval* values) {
  ZVAL_DEREF(values);
  zval list;
  array_init(&list);
  bool good = true;
  const auto add = [&](zval* value) {
    zend_string* text = zval_try_get_string(value);
    if (text) add_next_index_str(&list, text);
    return text != nullptr;
  };
  if (Z_TYPE_P(values) == IS_ARRAY) {
    zval* value;
    ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(values), value) {
      good = good && add(value);
    }
    ZEND_HASH_FOREACH_END();
  } else {
    good = add(values);
  }
  if (key) {
    zend_hash_update(Z_ARRVAL_P(headers), key, &list);
  } else {
    zend_hash_index_update(Z_ARRVAL_P(headers), index, &list);
  }
  return good;
}

PHP_METHOD(RrEmbed_Jobs_Job, requeue) {
  zend_object* error = nullptr;
  zend_string* text = nullptr;
  double delay = 0;
  HashTable* more = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 3)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS_OR_STR(error, zend_ce_throwable, text)
  Z_PARAM_DOUBLE(delay)
  Z_PARAM_ARRAY_HT(more)
  ZEND_PARSE_PARAMETERS_END();

  if (!good_delay(delay, 2)) RETURN_THROWS();
  zend_string* reason = reason_of(error, text);
  if (!reason) RETURN_THROWS();
  zval data, headers;
  array_init(&data);
  add_assoc_str(&data, "message", reason);
  add_assoc_long(&data, "delay_seconds", rr_jobs_seconds(delay));
  // Those it has and those that are new.
  array_init(&headers);
  HashTable* const both[] = {Z_ARRVAL_P(OBJ_PROP_NUM(Z_OBJ_P(ZEND_THIS), HEADERS)), more};
  bool good = true;
  for (HashTable* from : both) {
    if (!from) continue;
    zend_ulong index;
    zend_string* key;
    zval* values;
    ZEND_HASH_FOREACH_KEY_VAL(from, index, key, values) {
      good = good && add_header(&headers, key, index, values);
    }
    ZEND_HASH_FOREACH_END();
  }
  if (!good) {
    zval_ptr_dtor(&headers);
    zval_ptr_dtor(&data);
    RETURN_THROWS();
  }
  if (zend_hash_num_elements(Z_ARRVAL(headers)) > 0) {
    convert_to_object(&headers);
    add_assoc_zval(&data, "headers", &headers);
  } else {
    zval_ptr_dtor(&headers);
  }
  answer(job_from(Z_OBJ_P(ZEND_THIS)), REQUEUE, &data);
}

PHP_METHOD(RrEmbed_Jobs_Job, keepAlive) {
  double seconds;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE_OR_NULL(seconds, without)
  ZEND_PARSE_PARAMETERS_END();

  zend_throw_exception(
      rr_embed_ce_unsupported,
      "RrEmbed\\Jobs\\Job::keepAlive() needs a server that prolongs jobs, and this one does not",
      0);
}

// ---------------------------------------------------------------- Consumer

static void set_text(zend_object* job, int slot, HashTable* context, const char* name) {
  zval* value = zend_hash_str_find(context, name, strlen(name));
  const bool scalar = value && Z_TYPE_P(value) >= IS_FALSE && Z_TYPE_P(value) <= IS_STRING;
  ZVAL_STR(OBJ_PROP_NUM(job, slot), scalar ? zval_get_string(value) : ZSTR_EMPTY_ALLOC());
}

// Lists of texts, whatever the server sent.
static void set_headers(zval* slot, HashTable* context) {
  array_init(slot);
  zval* headers = zend_hash_str_find(context, "headers", sizeof("headers") - 1);
  if (!headers || Z_TYPE_P(headers) != IS_ARRAY) return;
  zend_ulong index;
  zend_string* key;
  zval* values;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(headers), index, key, values) {
    zval list;
    array_init(&list);
    if (Z_TYPE_P(values) == IS_ARRAY) {
      zval* value;
      ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(values), value) {
        const bool scalar = Z_TYPE_P(value) >= IS_FALSE && Z_TYPE_P(value) <= IS_STRING;
        add_next_index_str(&list, scalar ? zval_get_string(value) : ZSTR_EMPTY_ALLOC());
      }
      ZEND_HASH_FOREACH_END();
    }
    if (key) {
      zend_hash_update(Z_ARRVAL_P(slot), key, &list);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(slot), index, &list);
    }
  }
  ZEND_HASH_FOREACH_END();
}

// The exchange in hand as a job. False: it is none, and was answered.
static bool make_job(const rr_host* host, zval* out) {
  unsigned flags;
  rr_text header, body, error;
  if (!host->wire_request(&flags, &header, &body, &error)) return false;
  zval context;
  rr_decode_json(header, &context);
  if (Z_TYPE(context) != IS_ARRAY) {
    zval_ptr_dtor(&context);
    const char wrong[] = "malformed job context: Syntax error";
    host->wire_error({wrong, sizeof wrong - 1});
    return false;
  }
  object_init_ex(out, job_ce);
  zend_object* job = Z_OBJ_P(out);
  set_text(job, ID, Z_ARRVAL(context), "id");
  set_text(job, NAME, Z_ARRVAL(context), "job");
  ZVAL_STR(OBJ_PROP_NUM(job, PAYLOAD), zend_string_init_fast(body.data, body.size));
  set_text(job, PIPELINE, Z_ARRVAL(context), "pipeline");
  set_text(job, QUEUE, Z_ARRVAL(context), "queue");
  set_text(job, DRIVER, Z_ARRVAL(context), "driver");
  set_headers(OBJ_PROP_NUM(job, HEADERS), Z_ARRVAL(context));
  ZVAL_NULL(OBJ_PROP_NUM(job, ATTEMPT));
  zval_ptr_dtor(&context);
  job_from(job)->serial = ++loop.serial;
  loop.flags = flags;
  loop.waiting = true;
  return true;
}

// 1: *out is the next job. 0: the worker shall leave. -1: an exception was thrown.
static int next_job(rr_consumer_object* consumer, double timeout, zval* out) {
  const rr_host* host = rr_embed_worker_host("RrEmbed\\Jobs\\Consumer");
  if (!host) return -1;
  if (consumer->job && !answered(job_from(consumer->job))) {
    php_error(E_USER_WARNING,
              "RrEmbed\\Jobs\\Consumer::next(): the job %s was left without an answer: it fails",
              Z_STRVAL_P(OBJ_PROP_NUM(consumer->job, ID)));
    if (EG(exception)) return -1;
    const char reason[] = "the worker asked for the next job and had not answered this one";
    fail(job_from(consumer->job), {reason, sizeof reason - 1}, false, 0);
  }
  let_go(consumer);
  for (;;) {
    host->done();
    loop.waiting = false;
    rr_collect_garbage();
    if (rr_embed_nothing_came(host, host->next(timeout), "job")) return EG(exception) ? -1 : 0;
    if (!make_job(host, out)) continue;
    consumer->job = Z_OBJ_P(out);
    GC_ADDREF(consumer->job);
    return 1;
  }
}

PHP_METHOD(RrEmbed_Jobs_Consumer, next) {
  double seconds;
  if (!rr_embed_parse_patience(INTERNAL_FUNCTION_PARAM_PASSTHRU, &seconds)) RETURN_THROWS();
  if (next_job(consumer_from(Z_OBJ_P(ZEND_THIS)), seconds, return_value) != 1) RETURN_NULL();
}

// The handler threw. False: exit(), which ends the script.
static bool settle_failure(rr_job_object* job, bool requeue) {
  if (zend_is_unwind_exit(EG(exception)) || zend_is_graceful_exit(EG(exception))) return false;
  zend_object* error = EG(exception);
  GC_ADDREF(error);
  zend_clear_exception();
  if (!answered(job)) {
    zend_string* reason = reason_of(error, nullptr);
    if (!reason) {
      zend_clear_exception();
      reason = zend_string_copy(error->ce->name);
    }
    fail(job, rr_text_of(reason), requeue, 0);
    zend_string_release(reason);
  }
  OBJ_RELEASE(error);
  return true;
}

PHP_METHOD(RrEmbed_Jobs_Consumer, run) {
  zend_fcall_info call;
  zend_fcall_info_cache cache;
  bool requeue = false;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_FUNC(call, cache)
  Z_PARAM_OPTIONAL
  Z_PARAM_BOOL(requeue)
  ZEND_PARSE_PARAMETERS_END();

  rr_consumer_object* consumer = consumer_from(Z_OBJ_P(ZEND_THIS));
  zval job, result;
  for (;;) {
    const int got = next_job(consumer, -1, &job);
    if (got == 0) RETURN_LONG(0);
    if (got < 0) RETURN_THROWS();
    ZVAL_UNDEF(&result);
    call.retval = &result;
    call.params = &job;
    call.param_count = 1;
    zend_call_function(&call, &cache);
    zval_ptr_dtor(&result);
    rr_job_object* object = job_from(Z_OBJ(job));
    if (EG(exception)) {
      if (!settle_failure(object, requeue)) {
        zval_ptr_dtor(&job);
        RETURN_THROWS();
      }
    } else if (!answered(object)) {
      answer(object, ACK, nullptr);
    }
    zval_ptr_dtor(&job);
  }
}
