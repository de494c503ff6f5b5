// RrEmbed\Jobs\Options and Stats, and jobs as messages.
#include <cmath>
#include <cstring>

#include "ext/compat.h"
#include "ext/jobs/jobs.h"

extern "C" {
#include "ext/standard/php_random.h"
}

// What gen_stub made of the stub.
#include "ext/jobs/jobs_arginfo.h"

using rr::proto::Reader;
using rr::proto::Wire;

zend_class_entry *rr_jobs_ce_options, *rr_jobs_ce_stats;

void rr_embed_init_jobs(void) {
  rr_jobs_ce_options = register_class_RrEmbed_Jobs_Options();
  rr_jobs_ce_stats = register_class_RrEmbed_Jobs_Stats();
  rr_jobs_init_queue(register_class_RrEmbed_Jobs_Queue());
  zend_class_entry* consumer = register_class_RrEmbed_Jobs_Consumer();
  rr_jobs_init_consumer(consumer, register_class_RrEmbed_Jobs_Job());
}

zend_long rr_jobs_seconds(double delay) {
  constexpr double most = 1152921504606846976.0;  // 2^60
  const double seconds = std::ceil(delay);
  return static_cast<zend_long>(seconds < most ? seconds : most);
}

// ---------------------------------------------------------------- Options

// The type that an option of a driver has; IS_UNDEF: there is none.
static zend_uchar driver_type(const zend_string* name) {
  if (!name) return IS_UNDEF;
  if (zend_string_equals_literal(name, "topic") || zend_string_equals_literal(name, "metadata")) {
    return IS_STRING;
  }
  return zend_string_equals_literal(name, "offset") || zend_string_equals_literal(name, "partition")
             ? IS_LONG
             : IS_UNDEF;
}

static bool good_driver(HashTable* driver) {
  zend_ulong index;
  zend_string* name;
  zval* value;
  ZEND_HASH_FOREACH_KEY_VAL(driver, index, name, value) {
    ZVAL_DEREF(value);
    if (driver_type(name) == Z_TYPE_P(value)) continue;
    zend_string* text =
        name ? zend_string_copy(name) : zend_long_to_str(static_cast<zend_long>(index));
    zend_argument_value_error(6,
                              "must have topic and metadata as strings, offset and partition as "
                              "integers; %s is none of them",
                              ZSTR_VAL(text));
    zend_string_release(text);
    return false;
  }
  ZEND_HASH_FOREACH_END();
  return true;
}

static void set_array(zval* slot, HashTable* array) {
  if (array && zend_hash_num_elements(array) > 0) {
    ZVAL_ARR(slot, zend_array_dup(array));
  } else {
    ZVAL_EMPTY_ARRAY(slot);
  }
}

PHP_METHOD(RrEmbed_Jobs_Options, __construct) {
  zend_long priority = 0;
  double delay = 0;
  bool auto_ack = false;
  zend_string* id = nullptr;
  HashTable *headers = nullptr, *driver = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 6)
  Z_PARAM_OPTIONAL
  Z_PARAM_LONG(priority)
  Z_PARAM_DOUBLE(delay)
  Z_PARAM_BOOL(auto_ack)
  Z_PARAM_STR_OR_NULL(id)
  Z_PARAM_ARRAY_HT(headers)
  Z_PARAM_ARRAY_HT(driver)
  ZEND_PARSE_PARAMETERS_END();

  if (!(delay >= 0)) {
    zend_argument_value_error(2, "must be greater than or equal to 0");
    RETURN_THROWS();
  }
  if (id && ZSTR_LEN(id) == 0) {
    zend_argument_value_error(4, "must not be empty");
    RETURN_THROWS();
  }
  if (driver && !good_driver(driver)) RETURN_THROWS();
  zend_object* self = Z_OBJ_P(ZEND_THIS);
  if (!Z_ISUNDEF_P(OBJ_PROP_NUM(self, RR_PRIORITY))) {
    zend_throw_error(nullptr, "Cannot modify readonly property RrEmbed\\Jobs\\Options::$priority");
    RETURN_THROWS();
  }
  ZVAL_LONG(OBJ_PROP_NUM(self, RR_PRIORITY), priority);
  ZVAL_DOUBLE(OBJ_PROP_NUM(self, RR_DELAY), delay);
  ZVAL_BOOL(OBJ_PROP_NUM(self, RR_AUTO_ACK), auto_ack);
  if (id) {
    ZVAL_STR_COPY(OBJ_PROP_NUM(self, RR_ID), id);
  } else {
    ZVAL_NULL(OBJ_PROP_NUM(self, RR_ID));
  }
  set_array(OBJ_PROP_NUM(self, RR_HEADERS), headers);
  set_array(OBJ_PROP_NUM(self, RR_DRIVER), driver);
}

// ---------------------------------------------------------------- Job

// A UUID of version 4, as RoadRunner's package makes it.
static zend_string* new_id() {
  unsigned char bytes[16];
  if (php_random_bytes_throw(bytes, sizeof bytes) == FAILURE) return nullptr;
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  char text[37];
  char* out = text;
  for (size_t i = 0; i < sizeof bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = "0123456789abcdef"[bytes[i] >> 4];
    *out++ = "0123456789abcdef"[bytes[i] & 15];
  }
  return zend_string_init(text, static_cast<size_t>(out - text), 0);
}

// One value of a header, or several. False: an exception was thrown.
static bool add_values(smart_str* list, zval* values) {
  ZVAL_DEREF(values);
  if (Z_TYPE_P(values) != IS_ARRAY) {
    zend_string* text = zval_try_get_string(values);
    if (!text) return false;
    rr_message_bytes(list, 1, rr_text_of(text));
    zend_string_release(text);
    return true;
  }
  zval* value;
  ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(values), value) {
    zend_string* text = zval_try_get_string(value);
    if (!text) return false;
    rr_message_bytes(list, 1, rr_text_of(text));
    zend_string_release(text);
  }
  ZEND_HASH_FOREACH_END();
  return true;
}

static bool add_headers(smart_str* job, HashTable* headers) {
  zend_ulong index;
  zend_string* key;
  zval* values;
  ZEND_HASH_FOREACH_KEY_VAL(headers, index, key, values) {
    smart_str list = {nullptr, 0};
    const bool good = add_values(&list, values);
    if (good && list.s) {  // one without values would reach the worker as null
      zend_string* name =
          key ? zend_string_copy(key) : zend_long_to_str(static_cast<zend_long>(index));
      smart_str entry = {nullptr, 0};
      rr_message_text(&entry, 1, rr_text_of(name));
      rr_message_bytes(&entry, 2, rr_text_of(&list));
      rr_message_bytes(job, 4, rr_text_of(&entry));
      smart_str_free(&entry);
      zend_string_release(name);
    }
    smart_str_free(&list);
    if (!good) return false;
  }
  ZEND_HASH_FOREACH_END();
  return true;
}

static void add_driver(smart_str* message, HashTable* driver) {
  const char* const texts[] = {"topic", "metadata"};
  const char* const numbers[] = {"offset", "partition"};
  for (unsigned i = 0; i < 2; ++i) {
    const zval* value = zend_hash_str_find(driver, texts[i], strlen(texts[i]));
    if (value) rr_message_text(message, 7 + i, rr_text_of(Z_STR_P(value)));
  }
  for (unsigned i = 0; i < 2; ++i) {
    const zval* value = zend_hash_str_find(driver, numbers[i], strlen(numbers[i]));
    if (value) rr_message_number(message, 9 + i, static_cast<uint64_t>(Z_LVAL_P(value)));
  }
}

zend_string* rr_jobs_add(smart_str* request, zend_string* pipeline, zend_string* name,
                         zend_string* payload, zend_object* options) {
  zval* given = options ? OBJ_PROP_NUM(options, RR_ID) : nullptr;
  zend_string* id =
      given && Z_TYPE_P(given) == IS_STRING ? zend_string_copy(Z_STR_P(given)) : new_id();
  if (!id) return nullptr;
  smart_str job = {nullptr, 0}, message = {nullptr, 0};
  rr_message_text(&job, 1, rr_text_of(name));
  rr_message_text(&job, 2, rr_text_of(id));
  rr_message_text(&job, 3, rr_text_of(payload));
  bool good = true;
  if (options) {
    good = add_headers(&job, Z_ARRVAL_P(OBJ_PROP_NUM(options, RR_HEADERS)));
    rr_message_number(&message, 1,
                      static_cast<uint64_t>(Z_LVAL_P(OBJ_PROP_NUM(options, RR_PRIORITY))));
  }
  rr_message_text(&message, 2, rr_text_of(pipeline));
  if (options) {
    rr_message_number(
        &message, 3,
        static_cast<uint64_t>(rr_jobs_seconds(Z_DVAL_P(OBJ_PROP_NUM(options, RR_DELAY)))));
    rr_message_number(&message, 6, Z_TYPE_P(OBJ_PROP_NUM(options, RR_AUTO_ACK)) == IS_TRUE);
    add_driver(&message, Z_ARRVAL_P(OBJ_PROP_NUM(options, RR_DRIVER)));
  }
  rr_message_bytes(&job, 5, rr_text_of(&message));
  if (good) rr_message_bytes(request, 1, rr_text_of(&job));
  smart_str_free(&job);
  smart_str_free(&message);
  if (good) return id;
  zend_string_release(id);
  return nullptr;
}

// ---------------------------------------------------------------- Stats

// Slots in the order of the stub.
static void fill_stats(zend_object* object, zend_string* const texts[3], const zend_long numbers[4],
                       bool ready) {
  for (int i = 0; i < 3; ++i) ZVAL_STR(OBJ_PROP_NUM(object, i), texts[i]);
  for (int i = 0; i < 4; ++i) ZVAL_LONG(OBJ_PROP_NUM(object, 3 + i), numbers[i]);
  ZVAL_BOOL(OBJ_PROP_NUM(object, 7), ready);
}

PHP_METHOD(RrEmbed_Jobs_Stats, __construct) {
  zend_string* texts[3];
  zend_long numbers[4];
  bool ready;
  ZEND_PARSE_PARAMETERS_START(8, 8)
  Z_PARAM_STR(texts[0])
  Z_PARAM_STR(texts[1])
  Z_PARAM_STR(texts[2])
  Z_PARAM_LONG(numbers[0])
  Z_PARAM_LONG(numbers[1])
  Z_PARAM_LONG(numbers[2])
  Z_PARAM_LONG(numbers[3])
  Z_PARAM_BOOL(ready)
  ZEND_PARSE_PARAMETERS_END();

  zend_object* self = Z_OBJ_P(ZEND_THIS);
  if (!Z_ISUNDEF_P(OBJ_PROP_NUM(self, 0))) {
    zend_throw_error(nullptr, "Cannot modify readonly property RrEmbed\\Jobs\\Stats::$pipeline");
    RETURN_THROWS();
  }
  for (zend_string* text : texts) zend_string_addref(text);
  fill_stats(self, texts, numbers, ready);
}

bool rr_jobs_stats(zval* return_value, rr_text message, zend_string* pipeline) {
  for (Reader all({message.data, message.size}); all.next();) {
    if (!all.is(1, Wire::bytes)) continue;
    std::string_view name = "", driver = "", queue = "";
    uint64_t values[9] = {};  // by field
    for (Reader fields(all.bytes()); fields.next();) {
      if (fields.is(1, Wire::bytes)) name = fields.bytes();
      if (fields.is(2, Wire::bytes)) driver = fields.bytes();
      if (fields.is(3, Wire::bytes)) queue = fields.bytes();
      for (unsigned i = 4; i <= 8; ++i) {
        if (fields.is(i, Wire::varint)) values[i] = fields.value();
      }
    }
    if (name != std::string_view(ZSTR_VAL(pipeline), ZSTR_LEN(pipeline))) continue;
    object_init_ex(return_value, rr_jobs_ce_stats);
    zend_string* texts[3] = {zend_string_copy(pipeline),
                             zend_string_init(driver.data(), driver.size(), 0),
                             zend_string_init(queue.data(), queue.size(), 0)};
    const zend_long numbers[4] = {
        static_cast<zend_long>(values[4]), static_cast<zend_long>(values[5]),
        static_cast<zend_long>(values[6]), static_cast<zend_long>(values[8])};
    fill_stats(Z_OBJ_P(return_value), texts, numbers, values[7] != 0);
    return true;
  }
  return false;
}
