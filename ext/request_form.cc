// What a request's body becomes: the fields of a form and uploaded files.
#include <cstring>

#include "ext/request.h"

extern "C" {
#include "SAPI.h"
#include "ext/json/php_json.h"
#include "php_variables.h"

#include "rfc1867.h"
}

#include "ext/compat.h"

bool rr_embed_is_type(rr_text type, const char* wanted) {
  const size_t size = std::strlen(wanted);
  return type.size >= size && strncasecmp(type.data, wanted, size) == 0 &&
         (type.size == size || type.data[size] == ';' || type.data[size] == ' ' ||
          type.data[size] == ',');
}

// One file, or arrays of the same shape: $_FILES is turned around into a tree.
static void add_uploads(zval* target, zval* name, zval* type, zval* path, zval* error, zval* size) {
  if (Z_TYPE_P(name) != IS_ARRAY) {
    rr_embed_uploaded_file_create(target, name, type, path, zval_get_long(size),
                                  zval_get_long(error));
    return;
  }
  array_init(target);
  zend_ulong index;
  zend_string* key;
  zval* item;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(name), index, key, item) {
    zval* parts[4] = {type, path, error, size};
    bool whole = true;
    for (zval*& part : parts) {
      part = Z_TYPE_P(part) == IS_ARRAY ? (key ? zend_hash_find(Z_ARRVAL_P(part), key)
                                               : zend_hash_index_find(Z_ARRVAL_P(part), index))
                                        : nullptr;
      whole = whole && part;
    }
    if (!whole) {
      continue;
    }
    zval child;
    add_uploads(&child, item, parts[0], parts[1], parts[2], parts[3]);
    if (key) {
      zend_hash_update(Z_ARRVAL_P(target), key, &child);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(target), index, &child);
    }
  }
  ZEND_HASH_FOREACH_END();
}

static void make_files(zval* slot) {
  array_init(slot);
  zval* files = &PG(http_globals)[TRACK_VARS_FILES];
  if (Z_TYPE_P(files) != IS_ARRAY) {
    return;
  }
  zend_ulong index;
  zend_string* key;
  zval* file;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(files), index, key, file) {
    if (Z_TYPE_P(file) != IS_ARRAY) {
      continue;
    }
    HashTable* parts = Z_ARRVAL_P(file);
    zval* name = zend_hash_str_find(parts, "name", sizeof("name") - 1);
    zval* type = zend_hash_str_find(parts, "type", sizeof("type") - 1);
    zval* path = zend_hash_str_find(parts, "tmp_name", sizeof("tmp_name") - 1);
    zval* error = zend_hash_str_find(parts, "error", sizeof("error") - 1);
    zval* size = zend_hash_str_find(parts, "size", sizeof("size") - 1);
    if (!name || !type || !path || !error || !size) {
      continue;
    }
    zval tree;
    add_uploads(&tree, name, type, path, error, size);
    if (key) {
      zend_hash_update(Z_ARRVAL_P(slot), key, &tree);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(slot), index, &tree);
    }
  }
  ZEND_HASH_FOREACH_END();
  zval_ptr_dtor(files);
  ZVAL_UNDEF(files);
}

void rr_embed_decode_tree(rr_text json, zval* tree) {
  zend_string* text = zend_string_init(json.data, json.size, 0);  // PHP's parser wants the NUL
  const bool decoded =
      json.size > 0 &&
      php_json_decode_ex(tree, ZSTR_VAL(text), ZSTR_LEN(text), PHP_JSON_OBJECT_AS_ARRAY,
                         PHP_JSON_PARSER_DEFAULT_DEPTH) == SUCCESS;
  zend_string_release(text);
  if (decoded && Z_TYPE_P(tree) == IS_ARRAY) {
    return;
  }
  if (decoded) {
    zval_ptr_dtor(tree);
  }
  array_init(tree);
}

// Leaves {"name", "mime", "size", "error", "tmpName"} in a tree.
static void make_uploads(zval* tree, zval* target) {
  array_init(target);
  zend_ulong index;
  zend_string* key;
  zval* node;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(tree), index, key, node) {
    if (Z_TYPE_P(node) != IS_ARRAY) {
      continue;
    }
    HashTable* parts = Z_ARRVAL_P(node);
    zval child;
    // A field may be called tmpName too; then its value is a tree.
    zval* path = zend_hash_str_find(parts, "tmpName", sizeof("tmpName") - 1);
    if (path && Z_TYPE_P(path) == IS_STRING) {
      zval* name = zend_hash_str_find(parts, "name", sizeof("name") - 1);
      zval* type = zend_hash_str_find(parts, "mime", sizeof("mime") - 1);
      zval* size = zend_hash_str_find(parts, "size", sizeof("size") - 1);
      zval* error = zend_hash_str_find(parts, "error", sizeof("error") - 1);
      if (!name || !type || Z_TYPE_P(name) != IS_STRING || Z_TYPE_P(type) != IS_STRING) {
        continue;
      }
      rr_embed_uploaded_file_create(&child, name, type, path, size ? zval_get_long(size) : 0,
                                    error ? zval_get_long(error) : 0);
    } else {
      make_uploads(node, &child);
    }
    if (key) {
      zend_hash_update(Z_ARRVAL_P(target), key, &child);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(target), index, &child);
    }
  }
  ZEND_HASH_FOREACH_END();
}

// The server has parsed the form. False: it has not, or there is none.
static bool make_parsed_form(const rr_host* host, zval* parsed, zval* files) {
  rr_text tree, uploads;
  if (!host->http_form || !host->http_form(&tree, &uploads)) {
    return false;
  }
  zval decoded;
  if (Z_ISUNDEF_P(parsed)) {
    rr_embed_decode_tree(tree, parsed);
  }
  if (Z_ISUNDEF_P(files)) {
    rr_embed_decode_tree(uploads, &decoded);
    make_uploads(&decoded, files);
    zval_ptr_dtor(&decoded);
  }
  return true;
}

// Both come from one pass over the body.
void rr_embed_make_form(const rr_host* host, const rr_http_request* request, zval* parsed,
                        zval* files) {
  if (make_parsed_form(host, parsed, files)) {
    return;
  }
  zval form;
  array_init(&form);
  if (rr_embed_is_type(request->content_type, "multipart/form-data")) {
    // PHP's own parser, which reads the body through the SAPI.
    char* type = estrndup(request->content_type.data, request->content_type.size);
    zval_ptr_dtor(&PG(http_globals)[TRACK_VARS_FILES]);
    ZVAL_UNDEF(&PG(http_globals)[TRACK_VARS_FILES]);
    host->rewind_body();
    SG(read_post_bytes) = 0;
    SG(post_read) = 0;
    SG(request_info).content_type = type;
    SG(request_info).content_length = static_cast<zend_long>(request->body.size);
    SG(request_info).request_method = "POST";
    char* duplicate = estrdup(type);
    // The filter extension registers fields there itself, whatever array the parser is given.
    zval* post = &PG(http_globals)[TRACK_VARS_POST];
    zval before;
    ZVAL_COPY_VALUE(&before, post);
    ZVAL_COPY_VALUE(post, &form);
    rfc1867_post_handler(duplicate, post);
    ZVAL_COPY_VALUE(&form, post);
    ZVAL_COPY_VALUE(post, &before);
    efree(duplicate);
    SG(request_info).content_type = nullptr;
    SG(request_info).request_method = nullptr;
    SG(post_read) = 1;
    efree(type);
    if (Z_ISUNDEF_P(files)) {
      make_files(files);
    }
  } else if (rr_embed_is_type(request->content_type, "application/x-www-form-urlencoded")) {
    sapi_module.treat_data(PARSE_STRING, estrndup(request->body.data, request->body.size), &form);
  }
  if (Z_ISUNDEF_P(files)) {
    array_init(files);
  }
  if (Z_ISUNDEF_P(parsed)) {
    ZVAL_COPY_VALUE(parsed, &form);
  } else {
    zval_ptr_dtor(&form);
  }
}
