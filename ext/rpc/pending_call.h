/* RrEmbed\PendingCall, and the calls of Rpc::send(). */
#ifndef RR_EMBED_RPC_PENDING_CALL_H
#define RR_EMBED_RPC_PENDING_CALL_H

#include <memory>

#include "ext/rpc/client.h"
#include "ext/rpc/connection.h"

void rr_embed_init_pending_call(zend_class_entry* ce);
/* Takes `pending`; keeps `rpc`, whose `client` is. */
void rr_embed_pending_call_create(zval* return_value, const rr_client* client, rr_pending* pending,
                                  zend_object* rpc, zend_string* method);

/* Calls that nobody waits for. Each add looks after those that were answered: their errors go to
 * the log. The end of the engine's request forgets the rest. `connection`: where the client is the
 * Rpc object's own. */
void rr_embed_sent_add(const rr_client* client, rr_pending* pending,
                       const std::shared_ptr<rr::ext::Connection>& connection, zend_string* method);
void rr_embed_sent_end(void);

#endif
