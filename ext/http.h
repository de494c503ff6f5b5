/* What Http\Worker, Request and BodyWriter share: the one request in hand and how far its answer
 * is. */
#ifndef RR_EMBED_HTTP_H
#define RR_EMBED_HTTP_H

#include "ext/headers.h"

extern zend_class_entry *rr_embed_ce_http_worker, *rr_embed_ce_request, *rr_embed_ce_body_writer,
    *rr_embed_ce_uploaded_file;

enum rr_http_phase { RR_HTTP_NONE, RR_HTTP_OPEN, RR_HTTP_STREAMING, RR_HTTP_DONE };

/* Per thread; plain data. */
typedef struct rr_http_exchange {
  uint64_t serial; /* of the request in hand; objects of older ones are over */
  rr_http_phase phase;
  bool head_sent;       /* of a streamed answer */
  bool selects;         /* the script waits by ready(): its exchange ends with the answer */
  int status;           /* of a streamed answer whose head is not sent */
  zend_array* headers;  /* the same; counted */
  zend_object* request; /* the Request in hand, not counted */
} rr_http_exchange;

rr_http_exchange* rr_embed_http(void);

/* A new exchange is in hand: makes its Request. */
void rr_embed_request_create(zval* return_value);
/* The exchange goes: a Request that somebody else keeps reads everything first; uploads are
 * deleted. */
void rr_embed_request_retire(void);
/* A Request that somebody keeps beside the caller reads everything now. */
void rr_embed_request_keep(void);
/* Throws InvalidStateException when the exchange has an answer or is over. */
bool rr_embed_assert_open(uint64_t serial);
/* Throw ValueError, naming the argument, for a status that is not of the kind. */
bool rr_embed_final_status(zend_long status, uint32_t argument);
bool rr_embed_interim_status(zend_long status, uint32_t argument);
/* Answers, or begins a stream. Throws ValueError for headers. Callers have checked phase and
 * status. */
bool rr_embed_respond(int status, zend_array* headers, uint32_t argument, zend_string* body);
bool rr_embed_open(int status, zend_array* headers, uint32_t argument);
/* Sends what a stream has to say. 0: nobody wants it. */
int rr_embed_stream_write(zend_string* chunk);
void rr_embed_stream_flush(void);
/* Sends the headers too if nothing did. */
void rr_embed_stream_trailers(const rr_embed_headers* trailers);
void rr_embed_stream_end(zend_string* last);
/* Ends the exchange with an error, whatever its phase. */
void rr_embed_fail(zend_string* message, int status);

/* What $_COOKIE holds for the request. */
void rr_embed_make_cookies(const rr_host* host, const rr_http_request* request, zval* array);
/* A JSON tree as an array; an empty one for anything else. */
void rr_embed_decode_tree(rr_text json, zval* array);

/* For classes whose objects only the server makes. */
typedef struct rr_exchange_object {
  uint64_t serial;
  zval stream; /* Request: bodyStream() */
  zend_object std;
} rr_exchange_object;

static inline rr_exchange_object* rr_exchange_from(zend_object* object) {
  return reinterpret_cast<rr_exchange_object*>(reinterpret_cast<char*>(object) -
                                               XtOffsetOf(rr_exchange_object, std));
}

void rr_embed_uploaded_file_create(zval* target, zval* name, zval* type, zval* path, zend_long size,
                                   zend_long error);
void rr_embed_body_writer_create(zval* return_value, uint64_t serial);

#endif
