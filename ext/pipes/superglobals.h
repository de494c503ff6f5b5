/* handle_request() in a worker process: what its SAPI, the command line, leaves out is done here —
 * superglobals, php://input, header() and the output as an answer. */
#ifndef RR_EMBED_PIPES_SUPERGLOBALS_H
#define RR_EMBED_PIPES_SUPERGLOBALS_H

#include "ext/php_rr_embed.h"

/* As the host table has them. */
int rr_embed_superglobals_begin(void);
void rr_embed_superglobals_end(int failed);
int rr_embed_superglobals_finish(void);

/* The engine's request ends: what a handler that died had printed goes to stderr. */
void rr_embed_superglobals_abandon(void);

#endif
