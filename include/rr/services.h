/* What PHP asks of a server, as a table of plain C functions. Two sides implement it: the server
 * (runtime/php/services.cc: direct calls, `rr_host.services`) and the extension over a socket
 * (ext/rpc/socket.cc: call, begin, ready, result and drop alone; the rest is null there and the
 * extension encodes what it wants as an RPC call). Append-only: `size` tells how much of it a side
 * has.
 *
 * Thread rules: any thread that PHP code runs on; handles belong to the thread that got them.
 * Functions never throw and never enter the engine: what they return is memory of theirs. Texts
 * given are read during the call only. Texts returned live until the next call on this thread.
 * Functions that wait observe the deadline of the exchange in hand and that nobody wants its answer
 * any more: RR_CANCELLED. */
#ifndef RR_SERVICES_H
#define RR_SERVICES_H

#include <stddef.h>
#include <stdint.h>

#include "rr/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What became of a call. All but RR_OK set the error's text. */
enum {
  RR_OK = 0,
  RR_REFUSED = 1,     /* the server's own error: the text is the one RPC sends */
  RR_UNREACHABLE = 2, /* no connection, or it broke; the text has address and error */
  RR_TIMED_OUT = 3,
  RR_CANCELLED = 4,   /* the exchange in hand is over for whoever waits for it, the server stops */
  RR_UNSUPPORTED = 5, /* this server cannot do that */
  RR_INVALID = 6, /* an argument is wrong, which only this side can know: a ValueError of PHP's */
};

typedef struct rr_pending rr_pending; /* a call on its way */
typedef struct rr_kv rr_kv;           /* a storage of keys and values; as long as the server */
typedef struct rr_metric rr_metric;   /* a collector; to be released */

typedef struct rr_kv_item {
  rr_text key;
  rr_text value;
  double ttl; /* seconds; < 0: without end */
} rr_kv_item;

enum { RR_METRIC_COUNTER = 0, RR_METRIC_GAUGE = 1, RR_METRIC_HISTOGRAM = 2, RR_METRIC_SUMMARY = 3 };

typedef struct rr_metric_spec {
  rr_text name;
  int kind;
  rr_text space; /* "namespace" in PHP */
  rr_text subsystem;
  rr_text help;
  const rr_text* labels;
  size_t label_count;
  const double* buckets; /* histogram */
  size_t bucket_count;
  const double* objectives; /* summary: quantile and error in turn */
  size_t objective_count;   /* of pairs */
} rr_metric_spec;

typedef struct rr_lock_request {
  rr_text resource;
  rr_text owner;
  int shared;
  double ttl;  /* seconds; 0: until it is released */
  double wait; /* seconds; 0: not at all */
} rr_lock_request;

typedef struct rr_services {
  uint32_t size; /* of this struct, as its side knows it */

  /* ---- any method, as over RPC: "kv.MGet", a codec's bit (RrEmbed\Codec), bytes */
  int (*call)(void* self, rr_text method, unsigned codec, rr_text argument, double seconds,
              rr_text* reply); /* the error's text, too; seconds < 0: the side's default */
  int (*begin)(void* self, rr_text method, unsigned codec, rr_text argument, rr_pending** pending,
               rr_text* error);
  int (*ready)(void* self, rr_pending* pending); /* whether result() would return at once */
  /* Waits; whatever it returns but RR_TIMED_OUT, `pending` is gone. */
  int (*result)(void* self, rr_pending* pending, double seconds, rr_text* reply);
  void (*drop)(void* self, rr_pending* pending); /* nobody wants the reply */

  /* ---- keys and values. *_many: for each key its value, data null where there is none. */
  rr_kv* (*kv_find)(void* self, rr_text storage); /* null: no such storage */
  int (*kv_get)(rr_kv* kv, const rr_text* keys, size_t count, rr_text* values, rr_text* error);
  int (*kv_has)(rr_kv* kv, const rr_text* keys, size_t count, unsigned char* found, rr_text* error);
  int (*kv_set)(rr_kv* kv, const rr_kv_item* items, size_t count, rr_text* error);
  int (*kv_expire)(rr_kv* kv, const rr_kv_item* items, size_t count, rr_text* error);
  /* Seconds left, in whole ones as the storage tells; < 0: without end; NaN: no such key, or one
   * without an end that the storage does not list. */
  int (*kv_ttl)(rr_kv* kv, const rr_text* keys, size_t count, double* seconds, rr_text* error);
  int (*kv_delete)(rr_kv* kv, const rr_text* keys, size_t count, rr_text* error);
  int (*kv_clear)(rr_kv* kv, rr_text* error);
  int (*kv_add)(rr_kv* kv, const rr_kv_item* item, int* added, rr_text* error);
  int (*kv_increment)(rr_kv* kv, rr_text key, int64_t by, double ttl_if_new, int64_t* value,
                      rr_text* error);
  /* `expected` null: the key must be absent. */
  int (*kv_compare_and_set)(rr_kv* kv, const rr_kv_item* item, const rr_text* expected, int* done,
                            rr_text* error);

  /* ---- locks. *done: it was had (and the fence that goes with it), released, extended… */
  int (*lock_acquire)(void* self, const rr_lock_request* request, uint64_t* fence, rr_text* error);
  int (*lock_release)(void* self, rr_text resource, rr_text owner, int* done, rr_text* error);
  int (*lock_force_release)(void* self, rr_text resource, int* done, rr_text* error);
  int (*lock_exists)(void* self, rr_text resource, rr_text owner, int* done, rr_text* error);
  int (*lock_refresh)(void* self, rr_text resource, rr_text owner, double ttl, int* done,
                      rr_text* error);

  /* ---- metrics. One of the same name and shape that is there already is what declare returns;
   * one of another shape is RR_INVALID. No buckets or objectives: those that are there. */
  int (*metric_declare)(void* self, const rr_metric_spec* spec, rr_metric** metric, rr_text* error);
  void (*metric_release)(rr_metric* metric);
  int (*metric_add)(rr_metric* metric, double by, const rr_text* labels, size_t count,
                    rr_text* error);
  int (*metric_set)(rr_metric* metric, double value, const rr_text* labels, size_t count,
                    rr_text* error);
  int (*metric_observe)(rr_metric* metric, double value, const rr_text* labels, size_t count,
                        rr_text* error);

  /* ---- the application's log: a record with its attributes, among them `channel` unless that is
   * "app", of which all are */
  void (*log_write)(void* self, rr_text channel, int level, rr_text message,
                    const rr_header* attributes, size_t count);
} rr_services;

#ifdef __cplusplus
}
#endif

#endif
