// RrEmbed\Kv: a storage of the server's, by its typed functions where there are such, else by
// messages.
#include "ext/kv/kv.h"

#include <cmath>
#include <cstring>
#include <ctime>

#include "ext/compat.h"
#include "ext/rpc/rpc.h"
// What gen_stub made of the stub.
#include "ext/kv/kv_arginfo.h"

static zend_object_handlers handlers;

static rr_kv_object* kv_from(zend_object* object) {
  return reinterpret_cast<rr_kv_object*>(reinterpret_cast<char*>(object) -
                                         XtOffsetOf(rr_kv_object, std));
}

static zend_object* create(zend_class_entry* ce) {
  auto* kv = static_cast<rr_kv_object*>(zend_object_alloc(sizeof(rr_kv_object), ce));
  memset(kv, 0, XtOffsetOf(rr_kv_object, std));
  zend_object_std_init(&kv->std, ce);
  object_properties_init(&kv->std, ce);
  kv->std.handlers = &handlers;
  return &kv->std;
}

static void free_object(zend_object* object) {
  rr_kv_object* kv = kv_from(object);
  rr_caller_free(&kv->caller);
  if (kv->storage) zend_string_release(kv->storage);
  zend_object_std_dtor(object);
}

void rr_embed_init_kv(void) {
  zend_class_entry* ce = register_class_RrEmbed_Kv();
  ce->create_object = create;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.offset = XtOffsetOf(rr_kv_object, std);
  handlers.free_obj = free_object;
  handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(ce, &handlers);
}

// ---------------------------------------------------------------- what all calls share

// Ready to be called; null: an exception was thrown.
static rr_kv_object* found(zval* self) {
  rr_kv_object* kv = kv_from(Z_OBJ_P(self));
  if (EXPECTED(kv->typed)) return kv;
  if (!kv->storage) {
    zend_throw_error(nullptr, "RrEmbed\\Kv::__construct() has not been called");
    return nullptr;
  }
  if (!rr_caller_find(&kv->caller, "RrEmbed\\Kv")) return nullptr;
  const rr_client& client = kv->caller.client;
  // One that is not there is asked by a message, whose answer says so.
  if (client.services->kv_find) {
    kv->typed = client.services->kv_find(client.self, rr_text_of(kv->storage));
  }
  return kv;
}

static const rr_services* services_of(const rr_kv_object* kv) {
  return kv->caller.client.services;
}

// False: an exception was thrown.
static bool good(int status, rr_text error, const char* method) {
  if (EXPECTED(status == RR_OK)) return true;
  rr_embed_throw_status(status, error, method);
  return false;
}

// By messages. False: an exception was thrown.
static bool call(rr_kv_object* kv, const char* method, smart_str* items, rr_kv_items* out) {
  rr_text reply;
  const int status = rr_kv_call(kv, method, items, &reply);
  if (!good(status, reply, method)) return false;
  *out = {rr::proto::Reader({reply.data, reply.size}), {}, {}, {}};
  return true;
}

// A time to live: *ttl < 0 without end. False: an exception was thrown.
static bool good_ttl(double* ttl, bool without, uint32_t argument) {
  constexpr double last = 253402300799.0;  // of the year 9999
  if (without) {
    *ttl = -1;
    return true;
  }
  if (EXPECTED(*ttl > 0 && (*ttl < 1e9 || static_cast<double>(time(nullptr)) + *ttl <= last))) {
    return true;
  }
  zend_argument_value_error(argument, "must be greater than 0, and end before the year 10000");
  return false;
}

// Texts of a script with memory for what the server makes of them. Freed by the request when a
// bailout gets in between.
struct texts {
  uint32_t count;
  zend_string** held;
  rr_text* all;
};

static void free_texts(texts* keys) {
  for (uint32_t i = 0; i < keys->count; ++i) zend_string_release(keys->held[i]);
  if (keys->held) efree(keys->held);
  if (keys->all) efree(keys->all);
}

static void make_texts(texts* keys, uint32_t most) {
  keys->count = 0;
  keys->held = static_cast<zend_string**>(safe_emalloc(most, sizeof(zend_string*), 0));
  keys->all = static_cast<rr_text*>(safe_emalloc(most, sizeof(rr_text), 0));
}

static void add_text(texts* keys, zend_string* text) {  // takes it
  keys->held[keys->count] = text;
  keys->all[keys->count++] = rr_text_of(text);
}

// The values of an array. False: an exception was thrown.
static bool texts_of(HashTable* array, texts* keys) {
  make_texts(keys, zend_hash_num_elements(array));
  zval* value;
  ZEND_HASH_FOREACH_VAL(array, value) {
    ZVAL_DEREF(value);
    zend_string* text = zval_try_get_string(value);
    if (!text) {
      free_texts(keys);
      return false;
    }
    add_text(keys, text);
  }
  ZEND_HASH_FOREACH_END();
  return true;
}

// Variadic arguments. False: an exception was thrown.
static bool texts_from(zval* arguments, uint32_t count, uint32_t first, texts* keys) {
  make_texts(keys, count);
  for (uint32_t i = 0; i < count; ++i) {
    zend_string* text;
    if (!zend_parse_arg_str(&arguments[i], &text, false, first + i)) {
      zend_wrong_parameter_type_error(first + i, Z_EXPECTED_STRING, &arguments[i]);
      free_texts(keys);
      return false;
    }
    add_text(keys, zend_string_copy(text));
  }
  return true;
}

static smart_str items_of(const texts* keys, double ttl) {
  smart_str items = {nullptr, 0};
  for (uint32_t i = 0; i < keys->count; ++i) rr_kv_add_item(&items, keys->all[i], {"", 0}, ttl);
  return items;
}

static void update(zval* array, zend_string* key, zval* value) {
  zend_symtable_update(Z_ARRVAL_P(array), key, value);
}

// ---------------------------------------------------------------- methods

PHP_METHOD(RrEmbed_Kv, __construct) {
  zend_string* storage;
  zend_object* rpc = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_STR(storage)
  Z_PARAM_OPTIONAL
  Z_PARAM_OBJ_OF_CLASS_OR_NULL(rpc, rr_embed_ce_rpc)
  ZEND_PARSE_PARAMETERS_END();

  rr_kv_object* kv = kv_from(Z_OBJ_P(ZEND_THIS));
  if (kv->storage) {
    zend_throw_error(nullptr, "RrEmbed\\Kv::__construct() was called already");
    RETURN_THROWS();
  }
  kv->storage = zend_string_copy(storage);
  rr_caller_set(&kv->caller, rpc);
}

PHP_METHOD(RrEmbed_Kv, get) {
  zend_string* key;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(key)
  ZEND_PARSE_PARAMETERS_END();

  rr_kv_object* kv = found(ZEND_THIS);
  if (!kv) RETURN_THROWS();
  const rr_text name = rr_text_of(key);
  if (EXPECTED(kv->typed)) {
    rr_text value, error;
    if (!good(services_of(kv)->kv_get(kv->typed, &name, 1, &value, &error), error, "kv.MGet")) {
      RETURN_THROWS();
    }
    if (!value.data) RETURN_NULL();
    RETURN_STR(zend_string_init_fast(value.data, value.size));
  }
  smart_str items = {nullptr, 0};
  rr_kv_add_item(&items, name, {"", 0}, -1);
  rr_kv_items reply{rr::proto::Reader({}), {}, {}, {}};
  if (!call(kv, "kv.MGet", &items, &reply)) RETURN_THROWS();
  if (!reply.next()) RETURN_NULL();
  RETURN_STRINGL(reply.value.data, reply.value.size);
}

PHP_METHOD(RrEmbed_Kv, getMany) {
  HashTable* array;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_ARRAY_HT(array)
  ZEND_PARSE_PARAMETERS_END();

  texts keys;
  rr_kv_object* kv = found(ZEND_THIS);
  if (!kv || !texts_of(array, &keys)) RETURN_THROWS();
  array_init(return_value);
  zval value;
  if (keys.count == 0) {
    // Nothing to ask for.
  } else if (kv->typed) {
    auto* values = static_cast<rr_text*>(safe_emalloc(keys.count, sizeof(rr_text), 0));
    rr_text error;
    if (good(services_of(kv)->kv_get(kv->typed, keys.all, keys.count, values, &error), error,
             "kv.MGet")) {
      for (uint32_t i = 0; i < keys.count; ++i) {
        if (!values[i].data) continue;
        ZVAL_STR(&value, zend_string_init_fast(values[i].data, values[i].size));
        update(return_value, keys.held[i], &value);
      }
    }
    efree(values);
  } else {
    smart_str items = items_of(&keys, -1);
    rr_kv_items reply{rr::proto::Reader({}), {}, {}, {}};
    if (call(kv, "kv.MGet", &items, &reply)) {
      while (reply.next()) {
        zend_string* key = zend_string_init(reply.key.data, reply.key.size, 0);
        ZVAL_STRINGL(&value, reply.value.data, reply.value.size);
        update(return_value, key, &value);
        zend_string_release(key);
      }
    }
  }
  free_texts(&keys);
}

PHP_METHOD(RrEmbed_Kv, set) {
  zend_string *key, *value;
  double ttl = -1;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_STR(key)
  Z_PARAM_STR(value)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE_OR_NULL(ttl, without)
  ZEND_PARSE_PARAMETERS_END();

  rr_kv_object* kv;
  if (!good_ttl(&ttl, without, 3) || !(kv = found(ZEND_THIS))) RETURN_THROWS();
  if (EXPECTED(kv->typed)) {
    const rr_kv_item item = {rr_text_of(key), rr_text_of(value), ttl};
    rr_text error;
    good(services_of(kv)->kv_set(kv->typed, &item, 1, &error), error, "kv.Set");
    return;
  }
  smart_str items = {nullptr, 0};
  rr_kv_add_item(&items, rr_text_of(key), rr_text_of(value), ttl);
  rr_text reply;
  good(rr_kv_call(kv, "kv.Set", &items, &reply), reply, "kv.Set");
}

static rr_kv_item* items_from(HashTable* values, double ttl, texts* keys) {
  const uint32_t count = zend_hash_num_elements(values);
  auto* items = static_cast<rr_kv_item*>(safe_emalloc(count, sizeof(rr_kv_item), 0));
  make_texts(keys, count);
  zend_ulong number;
  zend_string* name;
  zval* value;
  ZEND_HASH_FOREACH_KEY_VAL(values, number, name, value) {
    ZVAL_DEREF(value);
    if (Z_TYPE_P(value) != IS_STRING) {
      zend_argument_type_error(1, "must hold texts, %s given", zend_zval_type_name(value));
      free_texts(keys);
      efree(items);
      return nullptr;
    }
    add_text(keys,
             name ? zend_string_copy(name) : zend_long_to_str(static_cast<zend_long>(number)));
    items[keys->count - 1] = {keys->all[keys->count - 1], rr_text_of(Z_STR_P(value)), ttl};
  }
  ZEND_HASH_FOREACH_END();
  return items;
}

PHP_METHOD(RrEmbed_Kv, setMany) {
  HashTable* values;
  double ttl = -1;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_ARRAY_HT(values)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE_OR_NULL(ttl, without)
  ZEND_PARSE_PARAMETERS_END();

  texts keys;
  rr_kv_item* all;
  rr_kv_object* kv;
  if (!good_ttl(&ttl, without, 2) || !(kv = found(ZEND_THIS)) ||
      !(all = items_from(values, ttl, &keys))) {
    RETURN_THROWS();
  }
  rr_text error = {"", 0};
  int status = RR_OK;
  if (keys.count == 0) {
    // Nothing to set.
  } else if (kv->typed) {
    status = services_of(kv)->kv_set(kv->typed, all, keys.count, &error);
  } else {
    smart_str items = {nullptr, 0};
    for (uint32_t i = 0; i < keys.count; ++i) {
      rr_kv_add_item(&items, all[i].key, all[i].value, ttl);
    }
    status = rr_kv_call(kv, "kv.Set", &items, &error);
  }
  free_texts(&keys);
  efree(all);
  good(status, error, "kv.Set");
}

PHP_METHOD(RrEmbed_Kv, add) {
  zend_string *key, *value;
  double ttl = -1;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(2, 3)
  Z_PARAM_STR(key)
  Z_PARAM_STR(value)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE_OR_NULL(ttl, without)
  ZEND_PARSE_PARAMETERS_END();

  rr_kv_object* kv;
  if (!good_ttl(&ttl, without, 3) || !(kv = found(ZEND_THIS))) RETURN_THROWS();
  rr_text error;
  if (EXPECTED(kv->typed)) {
    const rr_kv_item item = {rr_text_of(key), rr_text_of(value), ttl};
    int added = 0;
    if (!good(services_of(kv)->kv_add(kv->typed, &item, &added, &error), error, "kv.Add")) {
      RETURN_THROWS();
    }
    RETURN_BOOL(added);
  }
  smart_str items = {nullptr, 0};
  rr_kv_add_item(&items, rr_text_of(key), rr_text_of(value), ttl);
  const int status = rr_kv_call(kv, "kv.Add", &items, &error);
  if (rr_caller_lacks_method(status, error)) {
    bool added = false;
    rr_kv_locked_compare_and_set(kv, key, nullptr, value, ttl, &added);
    RETURN_BOOL(added);
  }
  if (!good(status, error, "kv.Add")) RETURN_THROWS();
  RETURN_BOOL(error.size != 0);
}

PHP_METHOD(RrEmbed_Kv, increment) {
  zend_string* key;
  zend_long by = 1;
  double ttl = -1;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(1, 3)
  Z_PARAM_STR(key)
  Z_PARAM_OPTIONAL
  Z_PARAM_LONG(by)
  Z_PARAM_DOUBLE_OR_NULL(ttl, without)
  ZEND_PARSE_PARAMETERS_END();

  rr_kv_object* kv;
  if (!good_ttl(&ttl, without, 3) || !(kv = found(ZEND_THIS))) RETURN_THROWS();
  rr_text error;
  if (EXPECTED(kv->typed)) {
    int64_t sum = 0;
    if (!good(services_of(kv)->kv_increment(kv->typed, rr_text_of(key), by, ttl, &sum, &error),
              error, "kv.Increment")) {
      RETURN_THROWS();
    }
    RETURN_LONG(sum);
  }
  char step[MAX_LENGTH_OF_LONG + 1];
  snprintf(step, sizeof step, ZEND_LONG_FMT, by);
  smart_str items = {nullptr, 0};
  rr_kv_add_item(&items, rr_text_of(key), rr_text_of(step), ttl);
  const int status = rr_kv_call(kv, "kv.Increment", &items, &error);
  if (rr_caller_lacks_method(status, error)) {
    zend_long sum = 0;
    rr_kv_locked_increment(kv, key, by, ttl, &sum);
    RETURN_LONG(sum);
  }
  if (!good(status, error, "kv.Increment")) RETURN_THROWS();
  rr_kv_items reply{rr::proto::Reader({error.data, error.size}), {}, {}, {}};
  char sum[MAX_LENGTH_OF_LONG + 1] = "";
  if (reply.next() && reply.value.size < sizeof sum) {
    memcpy(sum, reply.value.data, reply.value.size);
  }
  RETURN_LONG(ZEND_STRTOL(sum, nullptr, 10));
}

PHP_METHOD(RrEmbed_Kv, compareAndSet) {
  zend_string *key, *expected, *value;
  double ttl = -1;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(3, 4)
  Z_PARAM_STR(key)
  Z_PARAM_STR_OR_NULL(expected)
  Z_PARAM_STR(value)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE_OR_NULL(ttl, without)
  ZEND_PARSE_PARAMETERS_END();

  rr_kv_object* kv;
  if (!good_ttl(&ttl, without, 4) || !(kv = found(ZEND_THIS))) RETURN_THROWS();
  rr_text error, wanted = {"", 0};
  if (expected) wanted = rr_text_of(expected);
  if (EXPECTED(kv->typed)) {
    const rr_kv_item item = {rr_text_of(key), rr_text_of(value), ttl};
    int done = 0;
    if (!good(services_of(kv)->kv_compare_and_set(kv->typed, &item, expected ? &wanted : nullptr,
                                                  &done, &error),
              error, "kv.CompareAndSet")) {
      RETURN_THROWS();
    }
    RETURN_BOOL(done);
  }
  smart_str items = {nullptr, 0};
  rr_kv_add_item(&items, rr_text_of(key), rr_text_of(value), ttl);
  if (expected) rr_kv_add_item(&items, rr_text_of(key), wanted, -1);
  const int status = rr_kv_call(kv, "kv.CompareAndSet", &items, &error);
  if (rr_caller_lacks_method(status, error)) {
    bool done = false;
    rr_kv_locked_compare_and_set(kv, key, expected, value, ttl, &done);
    RETURN_BOOL(done);
  }
  if (!good(status, error, "kv.CompareAndSet")) RETURN_THROWS();
  RETURN_BOOL(error.size != 0);
}

PHP_METHOD(RrEmbed_Kv, has) {
  zend_string* key;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(key)
  ZEND_PARSE_PARAMETERS_END();

  rr_kv_object* kv = found(ZEND_THIS);
  if (!kv) RETURN_THROWS();
  const rr_text name = rr_text_of(key);
  rr_text error;
  if (EXPECTED(kv->typed)) {
    unsigned char there = 0;
    if (!good(services_of(kv)->kv_has(kv->typed, &name, 1, &there, &error), error, "kv.Has")) {
      RETURN_THROWS();
    }
    RETURN_BOOL(there);
  }
  smart_str items = {nullptr, 0};
  rr_kv_add_item(&items, name, {"", 0}, -1);
  if (!good(rr_kv_call(kv, "kv.Has", &items, &error), error, "kv.Has")) RETURN_THROWS();
  RETURN_BOOL(error.size != 0);
}

PHP_METHOD(RrEmbed_Kv, hasMany) {
  HashTable* array;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_ARRAY_HT(array)
  ZEND_PARSE_PARAMETERS_END();

  texts keys;
  rr_kv_object* kv = found(ZEND_THIS);
  if (!kv || !texts_of(array, &keys)) RETURN_THROWS();
  array_init(return_value);
  zval there;
  ZVAL_FALSE(&there);
  for (uint32_t i = 0; i < keys.count; ++i) update(return_value, keys.held[i], &there);
  ZVAL_TRUE(&there);
  if (keys.count == 0) {
    // Nothing to ask for.
  } else if (kv->typed) {
    auto* flags = static_cast<unsigned char*>(emalloc(keys.count));
    rr_text error;
    if (good(services_of(kv)->kv_has(kv->typed, keys.all, keys.count, flags, &error), error,
             "kv.Has")) {
      for (uint32_t i = 0; i < keys.count; ++i) {
        if (flags[i]) update(return_value, keys.held[i], &there);
      }
    }
    efree(flags);
  } else {
    smart_str items = items_of(&keys, -1);
    rr_kv_items reply{rr::proto::Reader({}), {}, {}, {}};
    if (call(kv, "kv.Has", &items, &reply)) {
      while (reply.next()) {
        zend_string* key = zend_string_init(reply.key.data, reply.key.size, 0);
        update(return_value, key, &there);
        zend_string_release(key);
      }
    }
  }
  free_texts(&keys);
}

PHP_METHOD(RrEmbed_Kv, delete) {
  zval* arguments = nullptr;
  uint32_t count = 0;
  ZEND_PARSE_PARAMETERS_START(0, -1)
  Z_PARAM_VARIADIC('*', arguments, count)
  ZEND_PARSE_PARAMETERS_END();

  texts keys;
  rr_kv_object* kv = found(ZEND_THIS);
  if (!kv || !texts_from(arguments, count, 1, &keys)) RETURN_THROWS();
  rr_text error = {"", 0};
  int status = RR_OK;
  if (count > 0 && kv->typed) {
    status = services_of(kv)->kv_delete(kv->typed, keys.all, count, &error);
  } else if (count > 0) {
    smart_str items = items_of(&keys, -1);
    status = rr_kv_call(kv, "kv.Delete", &items, &error);
  }
  free_texts(&keys);
  good(status, error, "kv.Delete");
}

PHP_METHOD(RrEmbed_Kv, touch) {
  double ttl;
  zval* arguments = nullptr;
  uint32_t count = 0;
  ZEND_PARSE_PARAMETERS_START(1, -1)
  Z_PARAM_DOUBLE(ttl)
  Z_PARAM_OPTIONAL
  Z_PARAM_VARIADIC('*', arguments, count)
  ZEND_PARSE_PARAMETERS_END();

  texts keys;
  rr_kv_object* kv;
  if (!good_ttl(&ttl, false, 1) || !(kv = found(ZEND_THIS)) ||
      !texts_from(arguments, count, 2, &keys)) {
    RETURN_THROWS();
  }
  rr_text error = {"", 0};
  int status = RR_OK;
  if (count > 0 && kv->typed) {
    auto* items = static_cast<rr_kv_item*>(safe_emalloc(count, sizeof(rr_kv_item), 0));
    for (uint32_t i = 0; i < count; ++i) items[i] = {keys.all[i], {"", 0}, ttl};
    status = services_of(kv)->kv_expire(kv->typed, items, count, &error);
    efree(items);
  } else if (count > 0) {
    smart_str items = items_of(&keys, ttl);
    status = rr_kv_call(kv, "kv.MExpire", &items, &error);
  }
  free_texts(&keys);
  good(status, error, "kv.MExpire");
}

PHP_METHOD(RrEmbed_Kv, ttl) {
  zend_string* key;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(key)
  ZEND_PARSE_PARAMETERS_END();

  rr_kv_object* kv = found(ZEND_THIS);
  if (!kv) RETURN_THROWS();
  const rr_text name = rr_text_of(key);
  double seconds = -1;
  if (EXPECTED(kv->typed)) {
    rr_text error;
    if (!good(services_of(kv)->kv_ttl(kv->typed, &name, 1, &seconds, &error), error, "kv.TTL")) {
      RETURN_THROWS();
    }
  } else {
    smart_str items = {nullptr, 0};
    rr_kv_add_item(&items, name, {"", 0}, -1);
    rr_kv_items reply{rr::proto::Reader({}), {}, {}, {}};
    if (!call(kv, "kv.TTL", &items, &reply)) RETURN_THROWS();
    if (reply.next()) seconds = rr_kv_seconds_until(reply.timeout);
  }
  if (!(seconds >= 0)) RETURN_NULL();
  RETURN_DOUBLE(seconds);
}

PHP_METHOD(RrEmbed_Kv, clear) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_kv_object* kv = found(ZEND_THIS);
  if (!kv) RETURN_THROWS();
  rr_text error;
  if (kv->typed) {
    good(services_of(kv)->kv_clear(kv->typed, &error), error, "kv.Clear");
    return;
  }
  smart_str items = {nullptr, 0};
  good(rr_kv_call(kv, "kv.Clear", &items, &error), error, "kv.Clear");
}
