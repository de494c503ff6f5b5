// RrEmbed\Payload: one frame, a plain value.
#include "ext/payload.h"

#include "ext/classes.h"

zend_class_entry* rr_embed_ce_payload;

void rr_embed_init_payload(zend_class_entry* ce) {
  rr_embed_ce_payload = ce;
}

// Property slots in the order of the stub; the class is readonly, so they are written once, here.
static void fill(zend_object* object, zend_string* body, zend_string* header, bool last,
                 zend_long flags) {
  ZVAL_STR(OBJ_PROP_NUM(object, 0), body);
  ZVAL_STR(OBJ_PROP_NUM(object, 1), header);
  ZVAL_BOOL(OBJ_PROP_NUM(object, 2), last);
  ZVAL_LONG(OBJ_PROP_NUM(object, 3), flags);
}

void rr_embed_payload_create(zval* return_value, rr_text body, rr_text header, unsigned flags) {
  object_init_ex(return_value, rr_embed_ce_payload);
  fill(Z_OBJ_P(return_value), zend_string_init_fast(body.data, body.size),
       zend_string_init_fast(header.data, header.size), true, flags);
}

PHP_METHOD(RrEmbed_Payload, __construct) {
  zend_string *body, *header = ZSTR_EMPTY_ALLOC();
  bool last = true;
  zend_long flags = 0;
  ZEND_PARSE_PARAMETERS_START(1, 4)
  Z_PARAM_STR(body)
  Z_PARAM_OPTIONAL
  Z_PARAM_STR(header)
  Z_PARAM_BOOL(last)
  Z_PARAM_LONG(flags)
  ZEND_PARSE_PARAMETERS_END();

  zend_object* object = Z_OBJ_P(ZEND_THIS);
  if (!Z_ISUNDEF_P(OBJ_PROP_NUM(object, 0))) {
    zend_throw_error(nullptr, "Cannot modify readonly property RrEmbed\\Payload::$body");
    RETURN_THROWS();
  }
  fill(object, zend_string_copy(body), zend_string_copy(header), last, flags);
}
