/* A worker in a process: the host table over the relay that RR_RELAY names. Its services
 * are null: calls go to the server's RPC socket. */
#ifndef RR_EMBED_PIPES_HOST_H
#define RR_EMBED_PIPES_HOST_H

#include "ext/php_rr_embed.h"

/* The table, once the relay was opened by this thread; else null. */
const rr_host* rr_embed_pipes_host(void);
/* Opens the relay: from then on what the script prints goes to stderr. Null: TransportException was
 * thrown. */
const rr_host* rr_embed_pipes_open(void);

#endif
