// Steps of RrEmbed\Kv for a server that has no methods for them: RoadRunner.
#include <cerrno>
#include <cinttypes>

#include "ext/kv/kv.h"
#include "ext/lock/lock.h"

// How long the lock is waited for, and when it ends whatever becomes of its owner.
static constexpr double wait_seconds = 5;
static constexpr double ttl_seconds = 30;

struct held_lock {
  zend_string* resource;
  zend_string* owner;
};

static bool take(rr_kv_object* kv, zend_string* key, held_lock* lock) {
  lock->resource = zend_strpprintf(0, "rr-embed:kv:%s:%s", ZSTR_VAL(kv->storage), ZSTR_VAL(key));
  lock->owner = rr_lock_new_owner();
  const rr_lock_request request = {rr_text_of(lock->resource), rr_text_of(lock->owner), 0,
                                   ttl_seconds, wait_seconds};
  uint64_t fence = 0;
  bool had = false;
  rr_text error;
  const int status =
      lock->owner ? rr_lock_acquire(&kv->caller, &request, &had, &fence, &error) : RR_UNREACHABLE;
  if (status == RR_OK && had) return true;
  if (!lock->owner) {
    // There is an exception already.
  } else if (rr_caller_says(status, error, "can't find service lock")) {
    zend_throw_exception(rr_embed_ce_unsupported,
                         "RrEmbed\\Kv::add(), increment() and compareAndSet() need rr-embed, or a "
                         "RoadRunner with the lock plugin",
                         0);
  } else if (status != RR_OK) {
    rr_embed_throw_status(status, error, "lock.Lock");
  } else {
    zend_throw_exception_ex(rr_embed_ce_timeout, 0,
                            "the key \"%s\" of storage \"%s\" was locked by others for %g s",
                            ZSTR_VAL(key), ZSTR_VAL(kv->storage), wait_seconds);
  }
  zend_string_release(lock->resource);
  if (lock->owner) zend_string_release(lock->owner);
  return false;
}

// Whatever is wrong with it, the lock ends by itself.
static void let_go(rr_kv_object* kv, held_lock* lock) {
  bool done;
  rr_text error;
  rr_lock_ask(&kv->caller, "lock.Release", rr_text_of(lock->resource), rr_text_of(lock->owner), 0,
              &done, &error);
  zend_string_release(lock->resource);
  zend_string_release(lock->owner);
}

// *value null: there is none. False: an exception was thrown.
static bool read(rr_kv_object* kv, zend_string* key, zend_string** value) {
  smart_str items = {nullptr, 0};
  rr_text reply;
  rr_kv_add_item(&items, rr_text_of(key), {"", 0}, -1);
  const int status = rr_kv_call(kv, "kv.MGet", &items, &reply);
  if (status != RR_OK) {
    rr_embed_throw_status(status, reply, "kv.MGet");
    return false;
  }
  rr_kv_items all{rr::proto::Reader({reply.data, reply.size}), {}, {}, {}};
  *value = all.next() ? zend_string_init(all.value.data, all.value.size, 0) : nullptr;
  return true;
}

static bool write(rr_kv_object* kv, zend_string* key, rr_text value, double ttl) {
  smart_str items = {nullptr, 0};
  rr_text reply;
  rr_kv_add_item(&items, rr_text_of(key), value, ttl);
  const int status = rr_kv_call(kv, "kv.Set", &items, &reply);
  if (status != RR_OK) rr_embed_throw_status(status, reply, "kv.Set");
  return status == RR_OK;
}

// What a key has left: < 0 without end. Setting a value would end its time to live.
static bool time_left(rr_kv_object* kv, zend_string* key, double* seconds) {
  smart_str items = {nullptr, 0};
  rr_text reply;
  rr_kv_add_item(&items, rr_text_of(key), {"", 0}, -1);
  const int status = rr_kv_call(kv, "kv.TTL", &items, &reply);
  if (rr_caller_says(status, reply, "_plugin_ttl")) {
    zend_throw_exception_ex(
        rr_embed_ce_unsupported, 0,
        "RrEmbed\\Kv::increment() needs rr-embed: storage \"%s\" of this server "
        "does not tell how long a key lives",
        ZSTR_VAL(kv->storage));
    return false;
  }
  if (status != RR_OK) {
    rr_embed_throw_status(status, reply, "kv.TTL");
    return false;
  }
  rr_kv_items all{rr::proto::Reader({reply.data, reply.size}), {}, {}, {}};
  *seconds = all.next() ? rr_kv_seconds_until(all.timeout) : -1;
  // One that ends right now still ends.
  if (*seconds >= 0 && *seconds < 0.001) *seconds = 0.001;
  return true;
}

bool rr_kv_locked_compare_and_set(rr_kv_object* kv, zend_string* key, zend_string* expected,
                                  zend_string* value, double ttl, bool* done) {
  held_lock lock;
  if (!take(kv, key, &lock)) return false;
  zend_string* there = nullptr;
  bool good = read(kv, key, &there);
  if (good) {
    *done = expected ? there && zend_string_equals(there, expected) : !there;
    if (there) zend_string_release(there);
    if (*done) good = write(kv, key, rr_text_of(value), ttl);
  }
  let_go(kv, &lock);
  return good;
}

// What redis calls a number. False: it is none, or the sum is none.
static bool add_up(const zend_string* value, zend_long by, zend_long* sum) {
  if (!value) {
    *sum = by;
    return true;
  }
  char text[32];
  errno = 0;
  const long long number = strtoll(ZSTR_VAL(value), nullptr, 10);
  snprintf(text, sizeof text, "%lld", number);
  return errno == 0 && ZSTR_LEN(value) == strlen(text) &&
         memcmp(ZSTR_VAL(value), text, ZSTR_LEN(value)) == 0 &&
         !__builtin_add_overflow(static_cast<zend_long>(number), by, sum);
}

bool rr_kv_locked_increment(rr_kv_object* kv, zend_string* key, zend_long by, double ttl_if_new,
                            zend_long* sum) {
  held_lock lock;
  if (!take(kv, key, &lock)) return false;
  zend_string* there = nullptr;
  double ttl = ttl_if_new;
  bool good = read(kv, key, &there) && (!there || time_left(kv, key, &ttl));
  if (good && !add_up(there, by, sum)) {
    rr_embed_throw_status(RR_REFUSED,
                          rr_text_of("the value is not an integer, or the sum is none of 64 bits"),
                          "kv.Increment");
    good = false;
  }
  if (there) zend_string_release(there);
  if (good) {
    char text[32];
    snprintf(text, sizeof text, ZEND_LONG_FMT, *sum);
    good = write(kv, key, rr_text_of(text), ttl);
  }
  let_go(kv, &lock);
  return good;
}
