/* RrEmbed\Rpc. */
#ifndef RR_EMBED_RPC_RPC_H
#define RR_EMBED_RPC_RPC_H

#include "ext/rpc/client.h"

extern zend_class_entry *rr_embed_ce_rpc, *rr_embed_ce_pending_call;

/* MINIT: with PendingCall. */
void rr_embed_init_rpc(void);

/* What an Rpc object calls, as rr_embed_client() says it. */
bool rr_embed_rpc_client(zend_object* rpc, const char* what, rr_client* out);

/* As Rpc::send() of an Rpc object, or of null: of the default client. `client` is what
 * rr_embed_client() said of it. False: it could not be sent; an error that comes later goes to the
 * log. Throws nothing. */
bool rr_embed_send(zend_object* rpc, const rr_client* client, zend_string* method, rr_text payload,
                   unsigned codec);

#endif
