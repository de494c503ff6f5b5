// Who answers the calls of a script: the server it runs in, another one over a socket, or nobody.
#ifndef RR_EMBED_RPC_CLIENT_H
#define RR_EMBED_RPC_CLIENT_H

#include "ext/php_rr_embed.h"

#include "rr/services.h"

// One of the two sides of rr_services. A value; valid while the Rpc object it came from lives, the
// default one until the end of the engine's request.
struct rr_client {
  const rr_services* services;
  void* self;
  double
      seconds;  // how long a call() or result() of it may take: the Rpc object's; < 0: the side's
};

// That of an RrEmbed\Rpc object, or of null: the host's, else RR_RPC, else rr_embed.rpc. Connects
// to nothing yet. False: there is none, NotInServerException was thrown, with `what` ("RrEmbed\Kv")
// in its text.
bool rr_embed_client(zend_object* rpc, const char* what, rr_client* out);

// Whether rr_embed_client(null) would find somebody; throws nothing.
bool rr_embed_has_client(void);
// Where the default one's calls go: "host", "tcp://…"; null: there is none, or what was configured
// is no address.
const char* rr_embed_default_address(void);

// The exception for a status that is not RR_OK. `method` goes into ServiceException ("kv.MGet").
void rr_embed_throw_status(int status, rr_text error, const char* method);
// TransportException: it is none.
void rr_embed_throw_unsupported_address(const char* address);
// For what has a server on no account.
void rr_embed_throw_not_in_server(const char* what);

// Begin of the engine's request: RR_RPC is looked at anew.
void rr_embed_client_begin(void);

#endif
