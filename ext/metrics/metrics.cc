// RrEmbed\Metrics: collectors of the server's, by its typed functions on a thread of it, by
// messages over a socket.
#include "ext/metrics/metrics.h"

#include <cmath>
#include <cstring>

extern "C" {
#include "ext/json/php_json.h"
}

#include "ext/compat.h"
#include "ext/message.h"
// What gen_stub made of the stub.
#include "ext/metrics/metrics_arginfo.h"

static zend_class_entry *counter_ce, *gauge_ce, *histogram_ce, *summary_ce;
static zend_object_handlers handlers;

// Per thread and engine's request.
static thread_local struct {
  rr_caller caller;
  bool silent;
  HashTable* shapes;  // of what was declared by messages, by name; null: nothing was
} here;

static rr_collector* collector_from(zend_object* object) {
  return reinterpret_cast<rr_collector*>(reinterpret_cast<char*>(object) -
                                         XtOffsetOf(rr_collector, std));
}

static zend_object* create(zend_class_entry* ce) {
  auto* collector = static_cast<rr_collector*>(zend_object_alloc(sizeof(rr_collector), ce));
  memset(collector, 0, XtOffsetOf(rr_collector, std));
  zend_object_std_init(&collector->std, ce);
  object_properties_init(&collector->std, ce);
  collector->std.handlers = &handlers;
  return &collector->std;
}

static void free_object(zend_object* object) {
  rr_collector* collector = collector_from(object);
  if (collector->metric) here.caller.client.services->metric_release(collector->metric);
  if (collector->name) zend_string_release(collector->name);
  if (collector->help) zend_string_release(collector->help);
  if (collector->shape) zend_string_release(collector->shape);
  if (collector->failure) zend_string_release(collector->failure);
  for (uint32_t i = 0; i < collector->label_count; ++i) zend_string_release(collector->labels[i]);
  if (collector->labels) efree(collector->labels);
  zend_object_std_dtor(object);
}

static zend_class_entry* with_code(zend_class_entry* ce) {
  ce->create_object = create;
  RR_SET_DEFAULT_HANDLERS(ce, &handlers);
  return ce;
}

void rr_embed_init_metrics(void) {
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.offset = XtOffsetOf(rr_collector, std);
  handlers.free_obj = free_object;
  handlers.clone_obj = nullptr;
  register_class_RrEmbed_Metrics();
  counter_ce = with_code(register_class_RrEmbed_Metrics_Counter());
  gauge_ce = with_code(register_class_RrEmbed_Metrics_Gauge());
  histogram_ce = with_code(register_class_RrEmbed_Metrics_Histogram());
  summary_ce = with_code(register_class_RrEmbed_Metrics_Summary());
}

void rr_embed_metrics_begin(void) {
  memset(&here, 0, sizeof here);
  rr_metrics_sent_begin();
}

void rr_embed_metrics_end(void) {
  if (here.caller.client.services) {
    int status;
    zend_string* error = rr_metrics_settle(&here.caller.client, &status);
    if (error) {
      if (!here.silent) {
        php_error_docref(nullptr, E_WARNING, "a metric was not counted: %s", ZSTR_VAL(error));
      }
      zend_string_release(error);
    }
  }
  if (here.shapes) {
    zend_hash_destroy(here.shapes);
    efree(here.shapes);
    here.shapes = nullptr;
  }
}

const rr_client* rr_metrics_client(void) {
  return rr_caller_find(&here.caller, "RrEmbed\\Metrics") ? &here.caller.client : nullptr;
}

// After a failure of the server's: whether the script shall not hear of it. Clears the exception.
static void hush() {
  if (!here.silent || !EG(exception)) return;
  if (instanceof_function(EG(exception)->ce, rr_embed_ce_exception)) zend_clear_exception();
}

// ---------------------------------------------------------------- declaring

static rr_text kind_name(int kind) {
  static const char* const names[] = {"counter", "gauge", "histogram", "summary"};
  return rr_text_of(names[kind]);
}

// What a declaration says.
struct declaration {
  int kind;
  zend_string *name, *help, *space, *subsystem;
  HashTable* labels;
  HashTable* more;  // buckets, objectives; null: the kind has none
};

// The names of labels. False: an exception was thrown.
static bool take_labels(rr_collector* collector, const declaration* what) {
  const uint32_t count = zend_hash_num_elements(what->labels);
  if (count == 0) return true;
  collector->labels = static_cast<zend_string**>(safe_emalloc(count, sizeof(zend_string*), 0));
  zval* label;
  ZEND_HASH_FOREACH_VAL(what->labels, label) {
    ZVAL_DEREF(label);
    if (Z_TYPE_P(label) != IS_STRING || Z_STRLEN_P(label) == 0) {
      zend_value_error("RrEmbed\\Metrics::%s(): the labels must be names",
                       kind_name(what->kind).data);
      return false;
    }
    collector->labels[collector->label_count++] = zend_string_copy(Z_STR_P(label));
  }
  ZEND_HASH_FOREACH_END();
  return true;
}

static bool number_of(zval* value, double* number) {
  ZVAL_DEREF(value);
  if (Z_TYPE_P(value) == IS_LONG) {
    *number = static_cast<double>(Z_LVAL_P(value));
  } else if (Z_TYPE_P(value) == IS_DOUBLE) {
    *number = Z_DVAL_P(value);
  } else if (Z_TYPE_P(value) == IS_STRING) {
    zend_long integer;
    const zend_uchar type =
        is_numeric_string(Z_STRVAL_P(value), Z_STRLEN_P(value), &integer, number, false);
    if (type == IS_LONG) *number = static_cast<double>(integer);
    if (type == 0) return false;
  } else {
    return false;
  }
  return std::isfinite(*number);
}

// Buckets, or objectives as quantile and error in turn; as many as `numbers` has room for. False:
// an exception was thrown.
static bool numbers_of(const declaration* what, double* numbers) {
  zend_ulong index;
  zend_string* key;
  zval* value;
  uint32_t count = 0;
  ZEND_HASH_FOREACH_KEY_VAL(what->more, index, key, value) {
    double number;
    bool good = number_of(value, &number);
    if (what->kind == RR_METRIC_HISTOGRAM) {
      good = good && (count == 0 || number > numbers[count - 1]);
    } else {
      zval name;
      double quantile = 0;
      if (key) {
        ZVAL_STR(&name, key);
      } else {
        ZVAL_LONG(&name, static_cast<zend_long>(index));
      }
      good = good && number_of(&name, &quantile) && quantile > 0 && quantile < 1;
      if (good) numbers[count++] = quantile;
    }
    if (!good) {
      zend_argument_value_error(2, what->kind == RR_METRIC_HISTOGRAM
                                       ? "must be numbers that rise"
                                       : "must be errors by quantile, such as ['0.5' => 0.05]");
      return false;
    }
    numbers[count++] = number;
  }
  ZEND_HASH_FOREACH_END();
  return true;
}

// The typed declaration. False: an exception was thrown.
static bool declare_typed(rr_collector* collector, const declaration* what, const double* numbers) {
  const rr_client& client = here.caller.client;
  auto* labels =
      static_cast<rr_text*>(safe_emalloc(collector->label_count + 1, sizeof(rr_text), 0));
  for (uint32_t i = 0; i < collector->label_count; ++i) {
    labels[i] = rr_text_of(collector->labels[i]);
  }
  const uint32_t count = what->more ? zend_hash_num_elements(what->more) : 0;
  const bool buckets = what->kind == RR_METRIC_HISTOGRAM;
  rr_metric_spec spec = {rr_text_of(what->name),  what->kind,
                         rr_text_of(what->space), rr_text_of(what->subsystem),
                         rr_text_of(what->help),  labels,
                         collector->label_count,  buckets ? numbers : nullptr,
                         buckets ? count : 0,     buckets ? nullptr : numbers,
                         buckets ? 0 : count};
  rr_text error;
  const int status =
      client.services->metric_declare(client.self, &spec, &collector->metric, &error);
  efree(labels);
  if (status == RR_OK) return true;
  if (status == RR_INVALID) {
    zend_value_error("%.*s", static_cast<int>(error.size), error.data);
  } else {
    collector->failure_status = status;
    collector->failure = zend_string_init(error.data, error.size, 0);
    rr_embed_throw_status(status, error, "metrics.Declare");
  }
  return false;
}

// {"type":…,"labels":[…],"namespace":…,"subsystem":…,"buckets":[…]}
static zend_string* shape_of(const rr_collector* collector, const declaration* what,
                             const double* numbers) {
  zval shape, labels, more;
  array_init(&shape);
  const rr_text kind = kind_name(what->kind);
  add_assoc_stringl(&shape, "type", kind.data, kind.size);
  array_init(&labels);
  for (uint32_t i = 0; i < collector->label_count; ++i) {
    add_next_index_str(&labels, zend_string_copy(collector->labels[i]));
  }
  add_assoc_zval(&shape, "labels", &labels);
  add_assoc_str(&shape, "namespace", zend_string_copy(what->space));
  add_assoc_str(&shape, "subsystem", zend_string_copy(what->subsystem));
  const uint32_t count = what->more ? zend_hash_num_elements(what->more) : 0;
  if (what->kind == RR_METRIC_HISTOGRAM) {
    array_init(&more);
    for (uint32_t i = 0; i < count; ++i) add_next_index_double(&more, numbers[i]);
    add_assoc_zval(&shape, "buckets", &more);
  } else if (count > 0) {
    array_init(&more);
    for (uint32_t i = 0; i < count; ++i) {
      char quantile[40];
      snprintf(quantile, sizeof quantile, "%.15g", numbers[2 * i]);
      add_assoc_double(&more, quantile, numbers[2 * i + 1]);
    }
    add_assoc_zval(&shape, "objectives", &more);
  }
  smart_str json = {nullptr, 0};
  php_json_encode(&json, &shape, PHP_JSON_INVALID_UTF8_SUBSTITUTE);
  smart_str_0(&json);
  zval_ptr_dtor(&shape);
  return smart_str_extract(&json);
}

// By a message, unless this script has done it. False: an exception was thrown.
static bool declare_sent(rr_collector* collector) {
  const zval* known = here.shapes ? zend_hash_find(here.shapes, collector->name) : nullptr;
  if (known) {
    collector->declared = true;
    if (zend_string_equals(Z_STR_P(known), collector->shape)) return true;
    zend_value_error("the collector \"%s\" was declared with another shape",
                     ZSTR_VAL(collector->name));
    return false;
  }
  rr_text reply;
  const int status = rr_metrics_declare(&here.caller.client, collector, &reply);
  if (status != RR_OK) {
    rr_embed_throw_status(status, reply, "metrics.Declare");
    return false;
  }
  if (!here.shapes) {
    here.shapes = static_cast<HashTable*>(emalloc(sizeof(HashTable)));
    zend_hash_init(here.shapes, 8, nullptr, ZVAL_PTR_DTOR, 0);
  }
  zval shape;
  ZVAL_STR_COPY(&shape, collector->shape);
  zend_hash_update(here.shapes, collector->name, &shape);
  collector->declared = true;
  return true;
}

static void declare(zval* return_value, zend_class_entry* ce, const declaration* what) {
  if (ZSTR_LEN(what->name) == 0) {
    zend_argument_value_error(1, "must not be empty");
    RETURN_THROWS();
  }
  const uint32_t count = what->more ? zend_hash_num_elements(what->more) : 0;
  auto* numbers = static_cast<double*>(safe_emalloc(2 * count + 1, sizeof(double), 0));
  object_init_ex(return_value, ce);
  rr_collector* collector = collector_from(Z_OBJ_P(return_value));
  collector->name = zend_string_copy(what->name);
  collector->help = zend_string_copy(what->help);
  bool good = take_labels(collector, what) && (!what->more || numbers_of(what, numbers));
  if (good) {
    collector->shape = shape_of(collector, what, numbers);
    good = rr_metrics_client() &&
           (here.caller.client.services->metric_declare ? declare_typed(collector, what, numbers)
                                                        : declare_sent(collector));
  }
  efree(numbers);
  if (good) return;
  hush();
  if (EG(exception)) {
    zval_ptr_dtor(return_value);
    ZVAL_NULL(return_value);
  }
}

static void declare_plain(INTERNAL_FUNCTION_PARAMETERS, zend_class_entry* ce, int kind) {
  declaration what = {kind,
                      nullptr,
                      ZSTR_EMPTY_ALLOC(),
                      ZSTR_EMPTY_ALLOC(),
                      ZSTR_EMPTY_ALLOC(),
                      const_cast<HashTable*>(&zend_empty_array),
                      nullptr};
  ZEND_PARSE_PARAMETERS_START(1, 5)
  Z_PARAM_STR(what.name)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR(what.help)
  Z_PARAM_ARRAY_HT(what.labels)
  Z_PARAM_STR(what.space)
  Z_PARAM_STR(what.subsystem)
  ZEND_PARSE_PARAMETERS_END();
  declare(return_value, ce, &what);
}

static void declare_with_more(INTERNAL_FUNCTION_PARAMETERS, zend_class_entry* ce, int kind) {
  declaration what = {kind,
                      nullptr,
                      ZSTR_EMPTY_ALLOC(),
                      ZSTR_EMPTY_ALLOC(),
                      ZSTR_EMPTY_ALLOC(),
                      const_cast<HashTable*>(&zend_empty_array),
                      const_cast<HashTable*>(&zend_empty_array)};
  ZEND_PARSE_PARAMETERS_START(1, 6)
  Z_PARAM_STR(what.name)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(what.more)
  Z_PARAM_STR(what.help)
  Z_PARAM_ARRAY_HT(what.labels)
  Z_PARAM_STR(what.space)
  Z_PARAM_STR(what.subsystem)
  ZEND_PARSE_PARAMETERS_END();
  declare(return_value, ce, &what);
}

PHP_METHOD(RrEmbed_Metrics, __construct) {}

PHP_METHOD(RrEmbed_Metrics, counter) {
  declare_plain(INTERNAL_FUNCTION_PARAM_PASSTHRU, counter_ce, RR_METRIC_COUNTER);
}
PHP_METHOD(RrEmbed_Metrics, gauge) {
  declare_plain(INTERNAL_FUNCTION_PARAM_PASSTHRU, gauge_ce, RR_METRIC_GAUGE);
}
PHP_METHOD(RrEmbed_Metrics, histogram) {
  declare_with_more(INTERNAL_FUNCTION_PARAM_PASSTHRU, histogram_ce, RR_METRIC_HISTOGRAM);
}
PHP_METHOD(RrEmbed_Metrics, summary) {
  declare_with_more(INTERNAL_FUNCTION_PARAM_PASSTHRU, summary_ce, RR_METRIC_SUMMARY);
}

PHP_METHOD(RrEmbed_Metrics, flush) {
  ZEND_PARSE_PARAMETERS_NONE();
  if (!here.caller.client.services) return;
  int status;
  zend_string* error = rr_metrics_settle(&here.caller.client, &status);
  if (!error) return;
  rr_embed_throw_status(status, rr_text_of(error), "metrics");
  zend_string_release(error);
  hush();
}

PHP_METHOD(RrEmbed_Metrics, silent) {
  bool on = true;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_BOOL(on)
  ZEND_PARSE_PARAMETERS_END();
  here.silent = on;
}

// ---------------------------------------------------------------- counting

static void throw_wrong_labels(const rr_collector* collector) {
  smart_str names = {nullptr, 0};
  for (uint32_t i = 0; i < collector->label_count; ++i) {
    smart_str_appends(&names, i == 0 ? "the labels " : ", ");
    smart_str_append(&names, collector->labels[i]);
  }
  if (collector->label_count == 0) smart_str_appends(&names, "no labels");
  smart_str_0(&names);
  zend_value_error("the collector \"%s\" wants %s", ZSTR_VAL(collector->name), ZSTR_VAL(names.s));
  smart_str_free(&names);
}

// A value of a label as text; counted. Null: it is none, an exception was thrown perhaps.
static zend_string* label_text(zval* value) {
  if (!value) return nullptr;
  ZVAL_DEREF(value);
  if (EXPECTED(Z_TYPE_P(value) == IS_STRING)) return zend_string_copy(Z_STR_P(value));
  const bool scalar = Z_TYPE_P(value) >= IS_FALSE && Z_TYPE_P(value) <= IS_DOUBLE;
  if (!scalar && !(Z_TYPE_P(value) == IS_OBJECT &&
                   zend_class_implements_interface(Z_OBJCE_P(value), zend_ce_stringable))) {
    return nullptr;
  }
  return zval_try_get_string(value);
}

// By the typed function. The status of rr_services.
static int count_typed(const rr_collector* collector, rr_metric_call call, double value,
                       const rr_text* labels, rr_text* error) {
  const rr_services* services = here.caller.client.services;
  switch (call) {
    case RR_CALL_ADD:
      return services->metric_add(collector->metric, value, labels, collector->label_count, error);
    case RR_CALL_SUB:
      return services->metric_add(collector->metric, -value, labels, collector->label_count, error);
    case RR_CALL_SET:
      return services->metric_set(collector->metric, value, labels, collector->label_count, error);
    case RR_CALL_OBSERVE:
      break;
  }
  return services->metric_observe(collector->metric, value, labels, collector->label_count, error);
}

static const char* method_of(rr_metric_call call) {
  static const char* const names[] = {"metrics.Add", "metrics.Sub", "metrics.Set",
                                      "metrics.Observe"};
  return names[call];
}

// What could not be declared, silently, or because the server was away. False: an exception was
// thrown.
static bool can_be_sent(rr_collector* collector) {
  if (collector->declared) return true;
  if (collector->failure) {
    rr_embed_throw_status(collector->failure_status, rr_text_of(collector->failure),
                          "metrics.Declare");
    return false;
  }
  return rr_metrics_client() && declare_sent(collector);
}

static void count_with(rr_collector* collector, rr_metric_call call, double value,
                       const rr_text* labels) {
  rr_text error;
  int status;
  if (EXPECTED(collector->metric)) {
    status = count_typed(collector, call, value, labels, &error);
  } else {
    if (!can_be_sent(collector)) {
      hush();
      return;
    }
    status =
        rr_metrics_send(&here.caller.client, collector, call, value, labels, here.silent, &error);
  }
  if (EXPECTED(status == RR_OK)) return;
  rr_embed_throw_status(status, error, method_of(call));
  hush();
}

static void count(zval* self, rr_metric_call call, double value, HashTable* given) {
  rr_collector* collector = collector_from(Z_OBJ_P(self));
  if (UNEXPECTED(!std::isfinite(value))) {
    zend_value_error("the value for the collector \"%s\" must be finite",
                     collector->name ? ZSTR_VAL(collector->name) : "");
    return;
  }
  const uint32_t count = collector->label_count;
  if (UNEXPECTED((given ? zend_hash_num_elements(given) : 0) != count)) {
    throw_wrong_labels(collector);
    return;
  }
  if (count == 0) {
    count_with(collector, call, value, nullptr);
    return;
  }
  constexpr uint32_t few = 8;
  zend_string* few_held[few];
  rr_text few_labels[few];
  zend_string** held = few_held;
  rr_text* labels = few_labels;
  if (UNEXPECTED(count > few)) {
    held = static_cast<zend_string**>(safe_emalloc(count, sizeof(zend_string*), 0));
    labels = static_cast<rr_text*>(safe_emalloc(count, sizeof(rr_text), 0));
  }
  uint32_t had = 0;
  for (; had < count; ++had) {
    held[had] = label_text(zend_hash_find(given, collector->labels[had]));
    if (UNEXPECTED(!held[had])) break;
    labels[had] = rr_text_of(held[had]);
  }
  if (EXPECTED(had == count)) {
    count_with(collector, call, value, labels);
  } else if (!EG(exception)) {
    throw_wrong_labels(collector);
  }
  for (uint32_t i = 0; i < had; ++i) zend_string_release(held[i]);
  if (UNEXPECTED(count > few)) {
    efree(held);
    efree(labels);
  }
}

PHP_METHOD(RrEmbed_Metrics_Counter, __construct) {}
PHP_METHOD(RrEmbed_Metrics_Gauge, __construct) {}
PHP_METHOD(RrEmbed_Metrics_Histogram, __construct) {}
PHP_METHOD(RrEmbed_Metrics_Summary, __construct) {}

PHP_METHOD(RrEmbed_Metrics_Counter, inc) {
  double by = 1;
  HashTable* labels = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 2)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE(by)
  Z_PARAM_ARRAY_HT(labels)
  ZEND_PARSE_PARAMETERS_END();

  if (UNEXPECTED(by < 0)) {
    zend_argument_value_error(1, "must be greater than or equal to 0");
    RETURN_THROWS();
  }
  count(ZEND_THIS, RR_CALL_ADD, by, labels);
}

static void count_value(INTERNAL_FUNCTION_PARAMETERS, rr_metric_call call) {
  double value;
  HashTable* labels = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_DOUBLE(value)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(labels)
  ZEND_PARSE_PARAMETERS_END();
  count(ZEND_THIS, call, value, labels);
}

PHP_METHOD(RrEmbed_Metrics_Gauge, set) {
  count_value(INTERNAL_FUNCTION_PARAM_PASSTHRU, RR_CALL_SET);
}
PHP_METHOD(RrEmbed_Metrics_Gauge, add) {
  count_value(INTERNAL_FUNCTION_PARAM_PASSTHRU, RR_CALL_ADD);
}
PHP_METHOD(RrEmbed_Metrics_Gauge, sub) {
  count_value(INTERNAL_FUNCTION_PARAM_PASSTHRU, RR_CALL_SUB);
}
PHP_METHOD(RrEmbed_Metrics_Histogram, observe) {
  count_value(INTERNAL_FUNCTION_PARAM_PASSTHRU, RR_CALL_OBSERVE);
}
PHP_METHOD(RrEmbed_Metrics_Summary, observe) {
  count_value(INTERNAL_FUNCTION_PARAM_PASSTHRU, RR_CALL_OBSERVE);
}
