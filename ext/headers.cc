#include "ext/headers.h"

#include <cstring>

extern "C" {
#include "SAPI.h"
}

namespace {

bool token_char(unsigned char c) {
  return c > 0x20 && c < 0x7f && !std::strchr("()<>@,;:\\\"/[]?={}", c);
}

bool fits_name(const zend_string* name) {
  if (ZSTR_LEN(name) == 0) {
    return false;
  }
  for (size_t i = 0; i < ZSTR_LEN(name); ++i) {
    if (!token_char(static_cast<unsigned char>(ZSTR_VAL(name)[i]))) {
      return false;
    }
  }
  return true;
}

bool fits_value(const zend_string* value) {
  return !std::memchr(ZSTR_VAL(value), '\r', ZSTR_LEN(value)) &&
         !std::memchr(ZSTR_VAL(value), '\n', ZSTR_LEN(value)) &&
         !std::memchr(ZSTR_VAL(value), '\0', ZSTR_LEN(value));
}

size_t count_values(HashTable* fields) {
  size_t count = 0;
  zval* value;
  ZEND_HASH_FOREACH_VAL(fields, value) {
    ZVAL_DEREF(value);
    count += Z_TYPE_P(value) == IS_ARRAY ? zend_hash_num_elements(Z_ARRVAL_P(value)) : 1;
  }
  ZEND_HASH_FOREACH_END();
  return count;
}

bool add(rr_embed_headers* out, zend_string* name, zval* value, uint32_t argument) {
  zend_string* text;
  ZVAL_DEREF(value);
  if (EXPECTED(Z_TYPE_P(value) == IS_STRING)) {
    text = Z_STR_P(value);
  } else {
    text = zval_try_get_string(value);
    if (!text) {
      return false;
    }
    out->owned[out->owned_count++] = text;
  }
  if (!fits_value(text)) {
    zend_argument_value_error(argument, "must not hold CR, LF or NUL in the value of header \"%s\"",
                              ZSTR_VAL(name));
    return false;
  }
  out->items[out->count++] = {{ZSTR_VAL(name), ZSTR_LEN(name)}, {ZSTR_VAL(text), ZSTR_LEN(text)}};
  return true;
}

}  // namespace

bool rr_embed_headers_from(HashTable* fields, uint32_t argument, rr_embed_headers* out) {
  *out = {nullptr, 0, nullptr, 0};
  if (!fields || zend_hash_num_elements(fields) == 0) {
    return true;
  }
  const size_t count = count_values(fields) + zend_hash_num_elements(fields);
  out->items = static_cast<rr_header*>(safe_emalloc(count, sizeof(rr_header), 0));
  out->owned = static_cast<zend_string**>(safe_emalloc(count, 2 * sizeof(zend_string*), 0));

  zend_ulong index;
  zend_string* name;
  zval* value;
  ZEND_HASH_FOREACH_KEY_VAL(fields, index, name, value) {
    if (!name) {
      name = zend_long_to_str(static_cast<zend_long>(index));
      out->owned[out->owned_count++] = name;
    }
    if (!fits_name(name)) {
      zend_argument_value_error(argument, "must hold header names only as keys");
      rr_embed_headers_free(out);
      return false;
    }
    ZVAL_DEREF(value);
    if (Z_TYPE_P(value) == IS_ARRAY) {
      zval* item;
      ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(value), item) {
        if (!add(out, name, item, argument)) {
          rr_embed_headers_free(out);
          return false;
        }
      }
      ZEND_HASH_FOREACH_END();
    } else if (!add(out, name, value, argument)) {
      rr_embed_headers_free(out);
      return false;
    }
  }
  ZEND_HASH_FOREACH_END();
  return true;
}

void rr_embed_headers_free(rr_embed_headers* headers) {
  for (size_t i = 0; i < headers->owned_count; ++i) {
    zend_string_release(headers->owned[i]);
  }
  if (headers->items) {
    efree(headers->items);
    efree(headers->owned);
  }
  *headers = {nullptr, 0, nullptr, 0};
}

void rr_embed_request_headers(const rr_host* host, zval* return_value) {
  rr_http_request request;
  array_init(return_value);
  if (!host || !host->http_request(&request)) {
    return;
  }
  HashTable* table = Z_ARRVAL_P(return_value);
  for (size_t i = 0; i < request.field_count; ++i) {
    const rr_header field = host->http_field(i);
    if (std::memchr(field.name.data, '_', field.name.size) ||
        (field.name.size == 5 && strncasecmp(field.name.data, "proxy", 5) == 0)) {
      continue;
    }
    zend_string* name = zend_string_init(field.name.data, field.name.size, 0);
    bool start = true;
    for (size_t at = 0; at < ZSTR_LEN(name); ++at) {
      char* c = ZSTR_VAL(name) + at;
      *c = static_cast<char>(start ? zend_toupper_ascii(*c) : zend_tolower_ascii(*c));
      start = *c == '-';
    }
    zval value;
    zval* before = zend_hash_find(table, name);
    if (before && zend_string_equals_literal(name, "Cookie")) {
      ZVAL_STRINGL(&value, field.value.data, field.value.size);
    } else if (before) {
      ZVAL_STR(&value, zend_string_concat3(Z_STRVAL_P(before), Z_STRLEN_P(before), ", ", 2,
                                           field.value.data, field.value.size));
    } else {
      ZVAL_STRINGL(&value, field.value.data, field.value.size);
    }
    zend_hash_update(table, name, &value);
    zend_string_release(name);
  }
}

void rr_embed_response_headers(zval* return_value) {
  array_init(return_value);
  for (zend_llist_element* element = SG(sapi_headers).headers.head; element;
       element = element->next) {
    const auto* header = reinterpret_cast<const sapi_header_struct*>(element->data);
    const char* colon =
        static_cast<const char*>(std::memchr(header->header, ':', header->header_len));
    if (!colon) {
      continue;
    }
    const size_t name_size = static_cast<size_t>(colon - header->header);
    const char* value = colon + 1;
    while (*value == ' ' || *value == '\t') {
      ++value;
    }
    add_assoc_stringl_ex(return_value, header->header, name_size, value,
                         header->header_len - static_cast<size_t>(value - header->header));
  }
}
