/* Bytes somewhere, and two of them. Plain C. */
#ifndef RR_TEXT_H
#define RR_TEXT_H

#include <stddef.h>

typedef struct rr_text {
  const char* data;
  size_t size;
} rr_text;

typedef struct rr_header {
  rr_text name;
  rr_text value;
} rr_header;

#endif
