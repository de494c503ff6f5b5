/* RrEmbed\Metrics and its collectors. */
#ifndef RR_EMBED_METRICS_H
#define RR_EMBED_METRICS_H

#include "ext/caller.h"

/* What a collector counts with. */
typedef enum rr_metric_call {
  RR_CALL_ADD,
  RR_CALL_SUB,
  RR_CALL_SET,
  RR_CALL_OBSERVE
} rr_metric_call;

/* The object of a collector: one for each declaration. */
typedef struct rr_collector {
  zend_string* name;
  zend_string* help;
  zend_string* shape; /* the rest of its declaration, as the server takes it over RPC: JSON */
  zend_string** labels;
  uint32_t label_count;
  rr_metric* metric; /* typed; null: not declared yet, or calls go as messages */
  bool declared;     /* by messages */
  /* Why there is none of the typed ones, which nobody wanted to hear (silent()). */
  zend_string* failure;
  int failure_status;
  zend_object std;
} rr_collector;

/* MINIT. */
void rr_embed_init_metrics(void);
/* Begin and end of the engine's request. */
void rr_embed_metrics_begin(void);
void rr_embed_metrics_end(void);

/* The server of this script; null: there is none, an exception was thrown. */
const rr_client* rr_metrics_client(void);

/* ---- sent.cc: over RPC. Statuses are those of rr_services. */

int rr_metrics_declare(const rr_client* client, const rr_collector* collector, rr_text* reply);
/* Sets off a call. Those before it that were answered are looked after: what the server refused
 * goes to the error log, unless `quiet`. */
int rr_metrics_send(const rr_client* client, const rr_collector* collector, rr_metric_call call,
                    double value, const rr_text* labels, bool quiet, rr_text* error);
/* Waits for all of them. The first status that is not RR_OK with its text, which is the caller's to
 * release; null: all were good. */
zend_string* rr_metrics_settle(const rr_client* client, int* status);
void rr_metrics_sent_begin(void);

#endif
