/* Garbage between two pieces of work. */
#ifndef RR_EMBED_GARBAGE_H
#define RR_EMBED_GARBAGE_H

#include "php.h"

/* A worker waits for its next work: garbage in cycles is collected before it adds up to megabytes.
 * The engine alone would wait for 10 000 roots. */
static inline void rr_collect_garbage(void) {
  zend_gc_status status;

  if (!gc_enabled()) {
    return;
  }
  zend_gc_get_status(&status);
  if (status.num_roots > 1000) {
    gc_collect_cycles();
  }
}

#endif
