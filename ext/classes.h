/* Registers the classes that have code; called once, by MINIT. */
#ifndef RR_EMBED_CLASSES_H
#define RR_EMBED_CLASSES_H

void rr_embed_register_classes(void);

#endif
