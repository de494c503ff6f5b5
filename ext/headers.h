/* Header fields between PHP arrays and the host. */
#ifndef RR_EMBED_HEADERS_H
#define RR_EMBED_HEADERS_H

#include "ext/php_rr_embed.h"

/* Views into the array they were made from (which outlives them) and into `owned`. Plain data of
 * the request heap: a bailout loses nothing but that. */
typedef struct rr_embed_headers {
  rr_header* items;
  size_t count;
  zend_string** owned;
  size_t owned_count;
} rr_embed_headers;

/* Throws ValueError (naming argument `argument`) and returns false for a name or value that does
 * not fit into a header. Accepts name => value and name => list of values. */
bool rr_embed_headers_from(HashTable* fields, uint32_t argument, rr_embed_headers* out);
void rr_embed_headers_free(rr_embed_headers* headers);

/* name => value, names in their usual spelling, repeated ones joined. */
void rr_embed_request_headers(const rr_host* host, zval* return_value);
/* What header() has collected. */
void rr_embed_response_headers(zval* return_value);

#endif
