/* RrEmbed\Pool, Services, ServiceSpec, Tasks. */
#ifndef RR_EMBED_CONTROL_H
#define RR_EMBED_CONTROL_H

#include "ext/php_rr_embed.h"

/* MINIT. */
void rr_embed_init_control(void);

/* ---- services.cc */
void rr_embed_init_services(zend_class_entry* services, zend_class_entry* spec);

/* Seconds: workers and processes finish what they do before they are replaced or taken away. */
static const double rr_control_patience = 120;

#endif
