// RrEmbed\Http\BodyWriter: the body of the answer in hand, piece by piece.
#include <cstring>

#include "ext/classes.h"
#include "ext/compat.h"
#include "ext/http.h"

zend_class_entry* rr_embed_ce_body_writer;
static zend_object_handlers handlers;

static bool is_open(const rr_exchange_object* writer) {
  return writer->serial == rr_embed_http()->serial && rr_embed_http()->phase == RR_HTTP_STREAMING;
}

static zend_object* create(zend_class_entry* ce) {
  auto* writer =
      static_cast<rr_exchange_object*>(zend_object_alloc(sizeof(rr_exchange_object), ce));
  writer->serial = 0;
  ZVAL_UNDEF(&writer->stream);
  zend_object_std_init(&writer->std, ce);
  object_properties_init(&writer->std, ce);
  writer->std.handlers = &handlers;
  return &writer->std;
}

static void free_object(zend_object* object) {
  const rr_exchange_object* writer = rr_exchange_from(object);
  const rr_host* host = rr_embed_host();
  // After a bailout the host ends the exchange itself.
  if (is_open(writer) && host && host->busy() && !CG(unclean_shutdown)) {
    rr_embed_stream_end(nullptr);
  }
  zend_object_std_dtor(object);
}

void rr_embed_body_writer_create(zval* return_value, uint64_t serial) {
  object_init_ex(return_value, rr_embed_ce_body_writer);
  rr_exchange_from(Z_OBJ_P(return_value))->serial = serial;
}

void rr_embed_init_body_writer(zend_class_entry* ce) {
  rr_embed_ce_body_writer = ce;
  ce->create_object = create;
  std::memcpy(&handlers, zend_get_std_object_handlers(), sizeof(handlers));
  handlers.offset = XtOffsetOf(rr_exchange_object, std);
  handlers.free_obj = free_object;
  handlers.clone_obj = nullptr;
  RR_SET_DEFAULT_HANDLERS(ce, &handlers);
}

static bool assert_open(zval* self) {
  const rr_host* host = rr_embed_host();
  if (host && host->busy() && is_open(rr_exchange_from(Z_OBJ_P(self)))) {
    return true;
  }
  zend_throw_exception(rr_embed_ce_invalid_state, "the body has ended", 0);
  return false;
}

PHP_METHOD(RrEmbed_Http_BodyWriter, __construct) {}

PHP_METHOD(RrEmbed_Http_BodyWriter, write) {
  zend_string* chunk;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(chunk)
  ZEND_PARSE_PARAMETERS_END();

  if (!assert_open(ZEND_THIS)) {
    RETURN_THROWS();
  }
  RETURN_BOOL(ZSTR_LEN(chunk) == 0 || rr_embed_stream_write(chunk));
}

PHP_METHOD(RrEmbed_Http_BodyWriter, flush) {
  ZEND_PARSE_PARAMETERS_NONE();
  if (!assert_open(ZEND_THIS)) {
    RETURN_THROWS();
  }
  rr_embed_stream_flush();
}

PHP_METHOD(RrEmbed_Http_BodyWriter, trailers) {
  HashTable* fields;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_ARRAY_HT(fields)
  ZEND_PARSE_PARAMETERS_END();

  if (!assert_open(ZEND_THIS)) {
    RETURN_THROWS();
  }
  rr_embed_headers headers;
  if (!rr_embed_headers_from(fields, 1, &headers)) {
    RETURN_THROWS();
  }
  rr_embed_stream_trailers(&headers);
  rr_embed_headers_free(&headers);
}

PHP_METHOD(RrEmbed_Http_BodyWriter, end) {
  zend_string* last = nullptr;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR(last)
  ZEND_PARSE_PARAMETERS_END();

  if (!assert_open(ZEND_THIS)) {
    RETURN_THROWS();
  }
  rr_embed_stream_end(last);
}
