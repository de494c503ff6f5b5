/* RrEmbed\Kv, and its calls as messages. */
#ifndef RR_EMBED_KV_H
#define RR_EMBED_KV_H

#include "ext/caller.h"
#include "ext/message.h"

typedef struct rr_kv_object {
  zend_string* storage; /* null: the constructor has not run */
  rr_caller caller;
  rr_kv* typed; /* null: not looked for yet, or calls go as messages */
  zend_object std;
} rr_kv_object;

/* MINIT. */
void rr_embed_init_kv(void);

/* ---- messages.cc: kv.v1.Request and Response */

/* Adds an item to those of a request; `ttl` < 0: without end. */
void rr_kv_add_item(smart_str* items, rr_text key, rr_text value, double ttl);

/* The items of a response, one after another, in its own memory. */
struct rr_kv_items {
  rr::proto::Reader items;
  rr_text key, value, timeout;
  bool next();
};

/* The call; frees `items`. The status of rr_services. */
int rr_kv_call(rr_kv_object* kv, const char* method, smart_str* items, rr_text* reply);
/* Seconds from now to a moment of a response; < 0: it is none. */
double rr_kv_seconds_until(rr_text timeout);

/* ---- locked.cc: what has to be one step, for servers without methods for it (RoadRunner): a read
 * and a write while a lock is held. They are one among callers that do the same. False: an
 * exception was thrown. */
bool rr_kv_locked_compare_and_set(rr_kv_object* kv, zend_string* key, zend_string* expected,
                                  zend_string* value, double ttl, bool* done);
bool rr_kv_locked_increment(rr_kv_object* kv, zend_string* key, zend_long by, double ttl_if_new,
                            zend_long* sum);

#endif
