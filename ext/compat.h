/* What differs between the PHP versions this extension builds with (8.2 to 8.5). */
#ifndef RR_EMBED_COMPAT_H
#define RR_EMBED_COMPAT_H

#if PHP_VERSION_ID < 80300
/* Since 8.3 a class names its object handlers; before, its create_object does. */
#define RR_SET_DEFAULT_HANDLERS(ce, handlers) ((void)0)
#else
#define RR_SET_DEFAULT_HANDLERS(ce, handlers) ((ce)->default_object_handlers = (handlers))
#endif

#endif
