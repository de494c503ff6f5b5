// The request in hand of the object style, and its one answer.
#include "ext/http.h"

#include "ext/classes.h"

extern "C" {
#include "SAPI.h"

#include "rfc1867.h"
}

static thread_local rr_http_exchange exchange;

rr_http_exchange* rr_embed_http(void) {
  return &exchange;
}

void rr_embed_http_begin(void) {
  ++exchange.serial;
  exchange.phase = RR_HTTP_NONE;
  exchange.headers = nullptr;
  exchange.request = nullptr;
  exchange.selects = false;
}

static void forget_headers() {
  if (exchange.headers) {
    zend_array_release(exchange.headers);
    exchange.headers = nullptr;
  }
}

bool rr_embed_assert_open(uint64_t serial) {
  if (serial == exchange.serial && exchange.phase == RR_HTTP_OPEN) {
    return true;
  }
  zend_throw_exception(rr_embed_ce_invalid_state, "the request has an answer already", 0);
  return false;
}

bool rr_embed_final_status(zend_long status, uint32_t argument) {
  if (status < 200 || status > 599) {
    zend_argument_value_error(argument, "must be between 200 and 599");
    return false;
  }
  return true;
}

bool rr_embed_interim_status(zend_long status, uint32_t argument) {
  if (status < 100 || status > 199 || status == 101) {
    zend_argument_value_error(argument, "must be between 100 and 199, and not 101");
    return false;
  }
  return true;
}

// A script that waits by ready() does other things before it comes for the next request: the
// connection must not wait for that.
static void answered() {
  if (!exchange.selects) {
    return;
  }
  const rr_host* host = rr_embed_host();
  rr_embed_request_retire();
  host->done();
}

bool rr_embed_respond(int status, zend_array* fields, uint32_t argument, zend_string* body) {
  rr_embed_headers headers;
  if (!rr_embed_headers_from(fields, argument, &headers)) {
    return false;
  }
  exchange.phase = RR_HTTP_DONE;
  rr_embed_host()->http_respond(status, headers.items, headers.count,
                                {ZSTR_VAL(body), ZSTR_LEN(body)});
  rr_embed_headers_free(&headers);
  answered();
  return true;
}

bool rr_embed_open(int status, zend_array* fields, uint32_t argument) {
  rr_embed_headers headers;  // only to check them: they go with the first piece
  if (!rr_embed_headers_from(fields, argument, &headers)) {
    return false;
  }
  rr_embed_headers_free(&headers);
  forget_headers();
  if (fields && zend_hash_num_elements(fields)) {
    exchange.headers = fields;
    GC_TRY_ADDREF(fields);
  }
  exchange.status = status;
  exchange.head_sent = false;
  exchange.phase = RR_HTTP_STREAMING;
  return true;
}

static void send_head(const rr_host* host) {
  if (exchange.head_sent) {
    return;
  }
  exchange.head_sent = true;
  rr_embed_headers headers;
  if (rr_embed_headers_from(exchange.headers, 2, &headers)) {
    host->http_start(exchange.status, headers.items, headers.count);
    rr_embed_headers_free(&headers);
  }
  forget_headers();
}

int rr_embed_stream_write(zend_string* chunk) {
  const rr_host* host = rr_embed_host();
  if (host->cancelled()) {
    return 0;
  }
  send_head(host);
  return ZSTR_LEN(chunk) ? host->http_write({ZSTR_VAL(chunk), ZSTR_LEN(chunk)})
                         : !host->cancelled();
}

void rr_embed_stream_flush(void) {
  send_head(rr_embed_host());
}

void rr_embed_stream_trailers(const rr_embed_headers* trailers) {
  const rr_host* host = rr_embed_host();
  send_head(host); /* an answer with a length has none */
  host->http_trailers(trailers->items, trailers->count);
}

void rr_embed_stream_end(zend_string* last) {
  const rr_host* host = rr_embed_host();
  exchange.phase = RR_HTTP_DONE;
  if (!exchange.head_sent) {
    // All of it at once, with its length.
    exchange.head_sent = true;
    rr_embed_headers headers;
    if (rr_embed_headers_from(exchange.headers, 2, &headers)) {
      host->http_respond(exchange.status, headers.items, headers.count,
                         last ? rr_text{ZSTR_VAL(last), ZSTR_LEN(last)} : rr_text{"", 0});
      rr_embed_headers_free(&headers);
    }
    forget_headers();
  } else {
    if (last && ZSTR_LEN(last)) {
      host->http_write({ZSTR_VAL(last), ZSTR_LEN(last)});
    }
    host->http_finish();
  }
  answered();
}

void rr_embed_fail(zend_string* message, int status) {
  const rr_host* host = rr_embed_host();
  const rr_text text = {ZSTR_VAL(message), ZSTR_LEN(message)};
  if (exchange.phase == RR_HTTP_STREAMING && exchange.head_sent) {
    host->log(RR_LOG_ERROR, text);
    rr_embed_stream_end(nullptr);
  } else if (exchange.phase == RR_HTTP_OPEN || exchange.phase == RR_HTTP_STREAMING) {
    forget_headers();
    exchange.phase = RR_HTTP_DONE;
    host->http_fail(status, text);
    answered();
  } else {
    host->log(RR_LOG_ERROR, text);
  }
}

void rr_embed_exchange_reset(void) {
  if (exchange.phase == RR_HTTP_STREAMING) {
    rr_embed_stream_end(nullptr);
  }
  forget_headers();
  exchange.phase = RR_HTTP_NONE;
  if (SG(rfc1867_uploaded_files)) {
    destroy_uploaded_files_hash();
  }
}
