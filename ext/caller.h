/* How the objects of a class call the server: through the Rpc object they were given, or the
 * default one, which is looked for with the first call. */
#ifndef RR_EMBED_CALLER_H
#define RR_EMBED_CALLER_H

#include <string> /* before PHP, which redefines what it uses */

#include "ext/rpc/client.h"

extern "C" {
#include "zend_smart_str.h"
}

/* Codec::Json, Codec::Proto. */
enum { RR_CODEC_JSON = 8, RR_CODEC_PROTO = 128 };

/* Part of an object; zero bytes are one that was given nothing. */
typedef struct rr_caller {
  zend_object* rpc; /* counted; null: the default */
  rr_client client; /* services null: not looked for yet */
} rr_caller;

void rr_caller_set(rr_caller* caller, zend_object* rpc);
void rr_caller_copy(rr_caller* to, const rr_caller* from);
void rr_caller_free(rr_caller* caller);

/* False: NotInServerException was thrown, with `what` ("RrEmbed\Kv") in its text. */
bool rr_caller_find(rr_caller* caller, const char* what);

/* A call of a method as over RPC, after rr_caller_find(). The status of rr_services; `reply` is the
 * error's text, too. `more`: seconds beside what a call may take. */
int rr_caller_call(const rr_caller* caller, const char* method, unsigned codec, rr_text argument,
                   double more, rr_text* reply);

/* Whether the server said that it has no such method: RoadRunner, which has not all of ours. */
bool rr_caller_lacks_method(int status, rr_text error);
bool rr_caller_says(int status, rr_text error, const char* words);

/* JSON of the server's, objects as arrays. False, and null in `out`: it is none. */
bool rr_decode_json(rr_text json, zval* out);

#endif
