/* RrEmbed\Jobs. */
#ifndef RR_EMBED_JOBS_H
#define RR_EMBED_JOBS_H

#include "ext/caller.h"
#include "ext/message.h"

/* MINIT. */
void rr_embed_init_jobs(void);
/* Begin of the engine's request: no job is in hand. */
void rr_embed_jobs_begin(void);

extern zend_class_entry *rr_jobs_ce_options, *rr_jobs_ce_stats;

/* ---- queue.cc, consumer.cc */
void rr_jobs_init_queue(zend_class_entry* queue);
void rr_jobs_init_consumer(zend_class_entry* consumer, zend_class_entry* job);

/* ---- values.cc: jobs.v1 */

/* Slots of Options, in the order of the stub. */
enum { RR_PRIORITY, RR_DELAY, RR_AUTO_ACK, RR_ID, RR_HEADERS, RR_DRIVER };

/* Whole seconds, rounded up: brokers know no others, and nothing runs before its time. */
zend_long rr_jobs_seconds(double delay);
/* Adds a Job to field 1 of a request; `options` null: none. The id is counted. Null: an exception
 * was thrown. */
zend_string* rr_jobs_add(smart_str* request, zend_string* pipeline, zend_string* name,
                         zend_string* payload, zend_object* options);
/* What a Stats message says of a pipeline. False: nothing. */
bool rr_jobs_stats(zval* return_value, rr_text message, zend_string* pipeline);

#endif
