/* The parts of RrEmbed\Http\Request. request.cc holds its properties and their life, the other
 * files what they are made of and how a request is answered. */
#ifndef RR_EMBED_REQUEST_H
#define RR_EMBED_REQUEST_H

#include "ext/http.h"

static inline void rr_embed_set_text(zval* slot, rr_text text) {
  ZVAL_STRINGL_FAST(slot, text.data, text.size);
}

/* name => list of values, of the request in hand. */
void rr_embed_make_headers(const rr_host* host, const rr_http_request* request, zval* slot);
/* name => value. */
void rr_embed_make_attributes(const rr_host* host, zval* slot);

/* Whether a Content-Type says `wanted`, whatever its parameters. */
bool rr_embed_is_type(rr_text type, const char* wanted);
/* The fields of a form and the files that came with it. Both are made in one pass over the body;
 * one that is made already stays. */
void rr_embed_make_form(const rr_host* host, const rr_http_request* request, zval* parsed,
                        zval* files);

/* In a method of Request: which exchange the object belongs to. */
#define RR_THIS_SERIAL() (rr_exchange_from(Z_OBJ_P(ZEND_THIS))->serial)

#endif
