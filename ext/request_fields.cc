// What a request's fields become: headers, cookies, attributes.
#include <cstring>

#include "ext/request.h"

extern "C" {
#include "SAPI.h"
#include "ext/standard/url.h"
#include "php_variables.h"
}

#include "ext/compat.h"

void rr_embed_make_headers(const rr_host* host, const rr_http_request* request, zval* slot) {
  array_init_size(slot, static_cast<uint32_t>(request->field_count));
  for (size_t i = 0; i < request->field_count; ++i) {
    const rr_header field = host->http_field(i);
    zval value;
    rr_embed_set_text(&value, field.value);
    // Fields of one name may come in different spellings: the first one names the list.
    zval* list = zend_symtable_str_find(Z_ARRVAL_P(slot), field.name.data, field.name.size);
    if (!list) {
      zend_string* known;
      ZEND_HASH_FOREACH_STR_KEY_VAL(Z_ARRVAL_P(slot), known, list) {
        if (known && ZSTR_LEN(known) == field.name.size &&
            strncasecmp(ZSTR_VAL(known), field.name.data, field.name.size) == 0) {
          goto found;
        }
      }
      ZEND_HASH_FOREACH_END();
      zval fresh;
      array_init_size(&fresh, 1);
      list = zend_symtable_str_update(Z_ARRVAL_P(slot), field.name.data, field.name.size, &fresh);
    }
  found:
    add_next_index_zval(list, &value);
  }
}

// The first value of each name, as a worker behind frames is told.
void rr_embed_make_attributes(const rr_host* host, zval* slot) {
  array_init(slot);
  const size_t count = host->http_attribute_count();
  for (size_t i = 0; i < count; ++i) {
    const rr_header attribute = host->http_attribute(i);
    if (zend_symtable_str_exists(Z_ARRVAL_P(slot), attribute.name.data, attribute.name.size)) {
      continue;
    }
    zval value;
    rr_embed_set_text(&value, attribute.value);
    zend_symtable_str_update(Z_ARRVAL_P(slot), attribute.name.data, attribute.name.size, &value);
  }
}

void rr_embed_make_cookies(const rr_host* host, const rr_http_request* request, zval* slot) {
  array_init(slot);
  for (size_t i = 0; i < request->field_count; ++i) {
    const rr_header field = host->http_field(i);
    if (field.name.size != 6 || strncasecmp(field.name.data, "cookie", 6) != 0) {
      continue;
    }
    const char* at = field.value.data;
    const char* end = at + field.value.size;
    while (at < end) {
      const auto* stop =
          static_cast<const char*>(std::memchr(at, ';', static_cast<size_t>(end - at)));
      if (!stop) {
        stop = end;
      }
      while (at < stop && (*at == ' ' || *at == '\t')) {
        ++at;
      }
      const auto* equals =
          static_cast<const char*>(std::memchr(at, '=', static_cast<size_t>(stop - at)));
      if (equals != at && at < stop) {
        char* name = estrndup(at, static_cast<size_t>((equals ? equals : stop) - at));
        char* value =
            equals ? estrndup(equals + 1, static_cast<size_t>(stop - equals - 1)) : estrdup("");
        const size_t size =
            php_raw_url_decode(value, equals ? static_cast<size_t>(stop - equals - 1) : 0);
        // As in $_COOKIE the first of equal names counts.
        if (!zend_symtable_str_exists(Z_ARRVAL_P(slot), name, std::strlen(name))) {
          php_register_variable_safe(name, value, size, slot);
        }
        efree(value);
        efree(name);
      }
      at = stop + 1;
    }
  }
}
