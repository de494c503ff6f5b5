// RrEmbed\Http\UploadedFile: a plain value, and the move of what it names.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "ext/classes.h"
#include "ext/http.h"

extern "C" {
#include "SAPI.h"
#include "ext/standard/file.h"

#include "rfc1867.h"
}

zend_class_entry* rr_embed_ce_uploaded_file;

void rr_embed_init_uploaded_file(zend_class_entry* ce) {
  rr_embed_ce_uploaded_file = ce;
}

// In the order of the stub.
enum property { P_NAME, P_TYPE, P_PATH, P_SIZE, P_ERROR };

void rr_embed_uploaded_file_create(zval* target, zval* name, zval* type, zval* path, zend_long size,
                                   zend_long error) {
  object_init_ex(target, rr_embed_ce_uploaded_file);
  zend_object* object = Z_OBJ_P(target);
  ZVAL_STR(OBJ_PROP_NUM(object, P_NAME), zval_get_string(name));
  ZVAL_STR(OBJ_PROP_NUM(object, P_TYPE), zval_get_string(type));
  ZVAL_STR(OBJ_PROP_NUM(object, P_PATH), zval_get_string(path));
  ZVAL_LONG(OBJ_PROP_NUM(object, P_SIZE), size);
  ZVAL_LONG(OBJ_PROP_NUM(object, P_ERROR), error);
}

PHP_METHOD(RrEmbed_Http_UploadedFile, __construct) {
  zend_string *name, *type, *path;
  zend_long size, error;
  ZEND_PARSE_PARAMETERS_START(5, 5)
  Z_PARAM_STR(name)
  Z_PARAM_STR(type)
  Z_PARAM_STR(path)
  Z_PARAM_LONG(size)
  Z_PARAM_LONG(error)
  ZEND_PARSE_PARAMETERS_END();

  zend_object* object = Z_OBJ_P(ZEND_THIS);
  if (!Z_ISUNDEF_P(OBJ_PROP_NUM(object, P_NAME))) {
    zend_throw_error(nullptr,
                     "Cannot modify readonly property RrEmbed\\Http\\UploadedFile::$clientName");
    RETURN_THROWS();
  }
  ZVAL_STR_COPY(OBJ_PROP_NUM(object, P_NAME), name);
  ZVAL_STR_COPY(OBJ_PROP_NUM(object, P_TYPE), type);
  ZVAL_STR_COPY(OBJ_PROP_NUM(object, P_PATH), path);
  ZVAL_LONG(OBJ_PROP_NUM(object, P_SIZE), size);
  ZVAL_LONG(OBJ_PROP_NUM(object, P_ERROR), error);
}

PHP_METHOD(RrEmbed_Http_UploadedFile, moveTo) {
  zend_string* target;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_PATH_STR(target)
  ZEND_PARSE_PARAMETERS_END();

  zend_object* object = Z_OBJ_P(ZEND_THIS);
  if (Z_ISUNDEF_P(OBJ_PROP_NUM(object, P_PATH)) || Z_LVAL_P(OBJ_PROP_NUM(object, P_ERROR)) != 0) {
    zend_throw_exception_ex(
        rr_embed_ce_invalid_state, 0, "the server did not store this upload, error " ZEND_LONG_FMT,
        Z_ISUNDEF_P(OBJ_PROP_NUM(object, P_ERROR)) ? 0 : Z_LVAL_P(OBJ_PROP_NUM(object, P_ERROR)));
    RETURN_THROWS();
  }
  zend_string* path = Z_STR_P(OBJ_PROP_NUM(object, P_PATH));
  zend_stat_t info;
  if (VCWD_STAT(ZSTR_VAL(path), &info) != 0 || !S_ISREG(info.st_mode)) {
    zend_throw_exception(rr_embed_ce_invalid_state, "the uploaded file was moved already", 0);
    RETURN_THROWS();
  }
  if (php_check_open_basedir_ex(ZSTR_VAL(target), 0)) {
    zend_argument_value_error(1, "is outside open_basedir");
    RETURN_THROWS();
  }
  bool moved = VCWD_RENAME(ZSTR_VAL(path), ZSTR_VAL(target)) == 0;
  if (!moved && errno == EXDEV &&
      php_copy_file_ex(ZSTR_VAL(path), ZSTR_VAL(target), STREAM_DISABLE_OPEN_BASEDIR) == SUCCESS) {
    VCWD_UNLINK(ZSTR_VAL(path));
    moved = true;
  }
  if (!moved) {
    zend_argument_value_error(1, "cannot be written: %s", std::strerror(errno));
    RETURN_THROWS();
  }
  // It is stored 0600; move_uploaded_file() leaves what the umask allows.
  const mode_t mask = umask(077);
  umask(mask);
  VCWD_CHMOD(ZSTR_VAL(target), 0666 & ~mask);
  if (SG(rfc1867_uploaded_files)) {
    zend_hash_del(SG(rfc1867_uploaded_files), path);
  }
}
