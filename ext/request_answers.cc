// How a script answers a Request, but for files: send_file.cc.
#include "ext/request.h"

PHP_METHOD(RrEmbed_Http_Request, respond) {
  zend_long status;
  HashTable* headers = nullptr;
  zend_string* body = ZSTR_EMPTY_ALLOC();
  ZEND_PARSE_PARAMETERS_START(1, 3)
  Z_PARAM_LONG(status)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(headers)
  Z_PARAM_STR(body)
  ZEND_PARSE_PARAMETERS_END();

  if (!rr_embed_assert_open(RR_THIS_SERIAL()) || !rr_embed_final_status(status, 1)) {
    RETURN_THROWS();
  }
  rr_embed_respond(static_cast<int>(status), headers, 2, body);
}

PHP_METHOD(RrEmbed_Http_Request, open) {
  zend_long status;
  HashTable* headers = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_LONG(status)
  Z_PARAM_OPTIONAL
  Z_PARAM_ARRAY_HT(headers)
  ZEND_PARSE_PARAMETERS_END();

  if (!rr_embed_assert_open(RR_THIS_SERIAL()) || !rr_embed_final_status(status, 1) ||
      !rr_embed_open(static_cast<int>(status), headers, 2)) {
    RETURN_THROWS();
  }
  rr_embed_body_writer_create(return_value, RR_THIS_SERIAL());
}

PHP_METHOD(RrEmbed_Http_Request, informational) {
  zend_long status;
  HashTable* fields;
  ZEND_PARSE_PARAMETERS_START(2, 2)
  Z_PARAM_LONG(status)
  Z_PARAM_ARRAY_HT(fields)
  ZEND_PARSE_PARAMETERS_END();

  rr_embed_headers headers;
  if (!rr_embed_interim_status(status, 1) || !rr_embed_headers_from(fields, 2, &headers)) {
    RETURN_THROWS();
  }
  const rr_http_exchange* exchange = rr_embed_http();
  const bool possible = RR_THIS_SERIAL() == exchange->serial &&
                        (exchange->phase == RR_HTTP_OPEN ||
                         (exchange->phase == RR_HTTP_STREAMING && !exchange->head_sent));
  const bool sent = possible && rr_embed_host()->http_inform(static_cast<int>(status),
                                                             headers.items, headers.count);
  rr_embed_headers_free(&headers);
  RETURN_BOOL(sent);
}

PHP_METHOD(RrEmbed_Http_Request, fail) {
  zend_object* error = nullptr;
  zend_string* text = nullptr;
  zend_long status = 500;
  ZEND_PARSE_PARAMETERS_START(1, 2)
  Z_PARAM_OBJ_OF_CLASS_OR_STR(error, zend_ce_throwable, text)
  Z_PARAM_OPTIONAL
  Z_PARAM_LONG(status)
  ZEND_PARSE_PARAMETERS_END();

  if (status < 400 || status > 599) {
    zend_argument_value_error(2, "must be between 400 and 599");
    RETURN_THROWS();
  }
  if (error) {
    zval object;
    ZVAL_OBJ(&object, error);
    text = zval_try_get_string(&object);
    if (!text) {
      RETURN_THROWS();
    }
  } else {
    zend_string_addref(text);
  }
  const rr_host* host = rr_embed_host();
  if (RR_THIS_SERIAL() == rr_embed_http()->serial) {
    rr_embed_fail(text, static_cast<int>(status));
  } else if (host) {
    host->log(RR_LOG_ERROR, {ZSTR_VAL(text), ZSTR_LEN(text)});
  }
  zend_string_release(text);
}

PHP_METHOD(RrEmbed_Http_Request, responded) {
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_BOOL(RR_THIS_SERIAL() != rr_embed_http()->serial ||
              rr_embed_http()->phase != RR_HTTP_OPEN);
}
