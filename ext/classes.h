/* Set-up of the classes that have code: handlers and how objects are made. Called once each, by
 * MINIT. */
#ifndef RR_EMBED_CLASSES_H
#define RR_EMBED_CLASSES_H

#include "ext/php_rr_embed.h"

void rr_embed_init_payload(zend_class_entry* ce);
void rr_embed_init_worker(zend_class_entry* ce);
void rr_embed_init_http_worker(zend_class_entry* ce);
void rr_embed_init_request(zend_class_entry* ce);
void rr_embed_init_body_writer(zend_class_entry* ce);
void rr_embed_init_uploaded_file(zend_class_entry* ce);

/* Classes with stubs of their own: each registers what is in its folder. */
void rr_embed_init_kv(void);
void rr_embed_init_lock(void);
void rr_embed_init_metrics(void);
void rr_embed_init_logger(void);
void rr_embed_init_control(void);
void rr_embed_init_jobs(void);

/* Per request (of the engine): nothing is in hand. */
void rr_embed_http_begin(void);
void rr_embed_worker_begin(void);
void rr_embed_metrics_begin(void);
void rr_embed_jobs_begin(void);
/* At its end. */
void rr_embed_metrics_end(void);

#endif
