/* RrEmbed\Lock, RrEmbed\LockHandle, and their calls. */
#ifndef RR_EMBED_LOCK_H
#define RR_EMBED_LOCK_H

#include "ext/caller.h"

/* MINIT. */
void rr_embed_init_lock(void);

/* ---- calls.cc: after rr_caller_find(), by the typed functions where there are such, else by
 * messages. They return a status of rr_services and do not enter the engine. */

/* *fence: 0 when the server tells none. */
int rr_lock_acquire(const rr_caller* caller, const rr_lock_request* request, bool* had,
                    uint64_t* fence, rr_text* error);
/* "lock.Release", "lock.ForceRelease", "lock.Exists", "lock.UpdateTTL". */
int rr_lock_ask(const rr_caller* caller, const char* method, rr_text resource, rr_text owner,
                double ttl, bool* done, rr_text* error);

/* A name that nobody else has. Null: an exception was thrown. */
zend_string* rr_lock_new_owner(void);

#endif
