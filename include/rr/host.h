/* The host table: all that the PHP extension (ext/) knows of the server. A worker in a process has
 * one of its own over goridge (ext/pipes/). Plain C, append-only:
 * `size` tells how much of it a host has. No engine types cross it; a static build of the extension
 * is linked against the table's symbol, a shared one finds it with dlsym(RTLD_DEFAULT,
 * "rr_host_table").
 *
 * Thread rules: everything is for interpreter threads, on the thread itself. Texts are (pointer,
 * length) and live until the exchange ends (`done`, or the next `next`) unless said otherwise.
 * Functions never throw. Those marked [bail] may run engine code and leave by PHP's bailout
 * (longjmp): callers hold no C++ object with a destructor across them. */
#ifndef RR_HOST_H
#define RR_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "rr/services.h"
#include "rr/text.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RR_HOST_ABI 1

enum {
  RR_NEXT_STOP = 0,
  RR_NEXT_HTTP = 1,
  RR_NEXT_OTHER = 2,
  RR_NEXT_TIMEOUT = 3,
  RR_NEXT_BROKEN = 4, /* the connection to the server, where there is one: fault() */
};

/* What one HTTP request says. Filled by http_request(). */
typedef struct rr_http_request {
  rr_text method;
  rr_text target; /* as sent */
  rr_text path;   /* percent-encoding as sent */
  rr_text query;
  rr_text scheme;
  rr_text host;
  rr_text content_type;
  rr_text remote_address;
  rr_text protocol; /* "HTTP/1.1" */
  rr_text body;     /* decoded, whole */
  size_t field_count;
  int remote_port;
  double received_at; /* Unix time, seconds */
} rr_http_request;

enum {
  RR_LOG_DEBUG = -4,
  RR_LOG_INFO = 0,
  RR_LOG_WARNING = 4,
  RR_LOG_ERROR = 8,
};

typedef struct rr_host {
  uint32_t size; /* of this struct, as the host knows it */
  uint32_t abi;  /* RR_HOST_ABI */

  /* ---- where am I */
  int (*in_worker)(void); /* 1 on an interpreter thread that runs a worker or classic script */
  int (*worker_id)(void); /* slot, from 1; 0 outside */
  rr_text (*mode)(void);  /* "http", "jobs"…; empty outside */
  rr_text (*server_version)(void);
  void (*recycle)(void); /* fresh interpreter after this exchange */

  /* ---- the loop of a worker script */
  /* Waits for the next exchange; `seconds` < 0: without limit. The one before must be over. */
  int (*next)(double seconds);
  /* The exchange in hand was not begun: another worker gets it. */
  void (*hand_back)(void);
  /* The exchange in hand is over. One that nobody answered is failed with 500. */
  void (*done)(void);
  /* 1 while an exchange is in hand. */
  int (*busy)(void);
  int (*answered)(void); /* the exchange in hand has its (first part of an) answer */
  /* Nobody wants more of the answer: client gone, deadline, stream stopped. */
  int (*cancelled)(void);
  int (*ready_descriptor)(void); /* readable when next() would return at once; -1 without */

  /* ---- superglobal style [bail]: waits like next(-1), then fills superglobals, php://input and
   * SAPI state. Returns RR_NEXT_HTTP, RR_NEXT_STOP or RR_NEXT_BROKEN. */
  int (*superglobals_begin)(void);
  /* [bail] Ends what superglobals_begin() began: shutdown functions, buffers, session, answer,
   * resets. `failed`: the handler threw, the answer becomes 500 where that is still possible. */
  void (*superglobals_end)(int failed);

  /* ---- the HTTP request in hand */
  int (*http_request)(rr_http_request* out);
  rr_header (*http_field)(size_t index);
  /* PHP's own parsers read the body by the SAPI: from its start again. */
  void (*rewind_body)(void);
  /* [bail] Adds what $_SERVER holds for the request; `array` is a zval of the engine both sides
   * share. */
  void (*server_variables)(void* array);

  /* ---- answering it. 0: nobody wants it any more. */
  int (*http_inform)(int status, const rr_header* headers, size_t count);
  int (*http_respond)(int status, const rr_header* headers, size_t count, rr_text body);
  int (*http_start)(int status, const rr_header* headers, size_t count);
  int (*http_write)(rr_text chunk);
  int (*http_trailers)(const rr_header* fields, size_t count); /* between start and finish */
  int (*http_finish)(void);
  void (*http_fail)(int status, rr_text message);
  /* [bail] Superglobal and classic style: sends the answer now, the script goes on. 0: was done. */
  int (*finish_request)(void);

  /* ---- the wire view of the exchange in hand */
  /* 0 and *error set (until the next call) when it cannot be encoded; the exchange has failed then.
   */
  int (*wire_request)(unsigned* flags, rr_text* context, rr_text* body, rr_text* error);
  /* One frame of the answer. 0: no more frames are wanted. */
  int (*wire_answer)(unsigned flags, int more, rr_text context, rr_text body);
  /* The worker's own error: the exchange fails, the worker lives on. */
  void (*wire_error)(rr_text message);

  /* ---- others */
  void (*log)(int level, rr_text message);

  /* ---- what middleware noted about the HTTP request in hand; a name may come several times */
  size_t (*http_attribute_count)(void);
  rr_header (*http_attribute)(size_t index);

  /* ---- what the server's plugins do for PHP (services.h); `self` is null. Any thread that runs a
   * script of the server's, in a worker or not. */
  const rr_services* services;

  /* ---- of a worker in a process (ext/pipes/host.cc); null on a thread of the server */
  rr_text (*fault)(void); /* why next() said RR_NEXT_BROKEN, or http_request() 0 */
  /* The body was a form that the server has parsed: the tree of its fields and that of its files in
   * JSON. 0: it was none. */
  int (*http_form)(rr_text* tree, rr_text* uploads);
} rr_host;

/* The table itself; exported by the server's binary. */
extern const rr_host rr_host_table;

#ifdef __cplusplus
}
#endif

#endif
