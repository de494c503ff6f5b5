/* RrEmbed\Logger. */
#ifndef RR_EMBED_LOGGER_H
#define RR_EMBED_LOGGER_H

/* MINIT. */
void rr_embed_init_logger(void);

#endif
