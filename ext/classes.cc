#include "ext/classes.h"

#include "ext/php_rr_embed.h"

void rr_embed_register_classes(void)
{
}
