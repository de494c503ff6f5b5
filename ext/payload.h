#ifndef RR_EMBED_PAYLOAD_H
#define RR_EMBED_PAYLOAD_H

#include "ext/php_rr_embed.h"

void rr_embed_payload_create(zval* return_value, rr_text body, rr_text header, unsigned flags);

#endif
