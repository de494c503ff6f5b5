// Request::sendFile().
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "ext/request.h"

static bool has_content_length(HashTable* headers) {
  zend_string* name;
  if (!headers) {
    return false;
  }
  ZEND_HASH_FOREACH_STR_KEY(headers, name) {
    if (name && zend_string_equals_literal_ci(name, "content-length")) {
      return true;
    }
  }
  ZEND_HASH_FOREACH_END();
  return false;
}

PHP_METHOD(RrEmbed_Http_Request, sendFile) {
  zend_string* path;
  zend_long status = 200, offset = 0, length = 0;
  HashTable* headers = nullptr;
  bool length_is_null = true, unlink_it = false;
  ZEND_PARSE_PARAMETERS_START(1, 6)
  Z_PARAM_PATH_STR(path)
  Z_PARAM_OPTIONAL
  Z_PARAM_LONG(status)
  Z_PARAM_ARRAY_HT(headers)
  Z_PARAM_LONG(offset)
  Z_PARAM_LONG_OR_NULL(length, length_is_null)
  Z_PARAM_BOOL(unlink_it)
  ZEND_PARSE_PARAMETERS_END();

  if (!rr_embed_assert_open(RR_THIS_SERIAL()) || !rr_embed_final_status(status, 2)) {
    RETURN_THROWS();
  }
  if (php_check_open_basedir_ex(ZSTR_VAL(path), 0)) {
    zend_argument_value_error(1, "is not a file that can be read");
    RETURN_THROWS();
  }
  zend_stat_t info;
  const int file = VCWD_OPEN(ZSTR_VAL(path), O_RDONLY | O_CLOEXEC);
  if (file < 0 || zend_fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    if (file >= 0) {
      close(file);
    }
    zend_argument_value_error(1, "is not a file that can be read");
    RETURN_THROWS();
  }
  const auto size = static_cast<zend_long>(info.st_size);
  if (offset < 0 || offset > size || (!length_is_null && length < 0)) {
    close(file);
    zend_argument_value_error(offset < 0 || offset > size ? 4 : 5,
                              "must be within the file, which has " ZEND_LONG_FMT " bytes", size);
    RETURN_THROWS();
  }
  zend_long rest = length_is_null || length > size - offset ? size - offset : length;
  zval all;
  if (headers) {
    ZVAL_ARR(&all, zend_array_dup(headers));
  } else {
    array_init(&all);
  }
  if (!has_content_length(headers)) {
    add_assoc_long(&all, "Content-Length", rest);
  }
  rr_http_request request;
  rr_embed_host()->http_request(&request);
  const bool head = request.method.size == 4 && std::memcmp(request.method.data, "HEAD", 4) == 0;
  constexpr zend_long kChunk = 256 * 1024;
  bool sent;
  zend_string* chunk = zend_string_alloc(static_cast<size_t>(rest < kChunk ? rest : kChunk), 0);
  const auto fill = [&](zend_long wanted) -> zend_long {
    zend_long done = 0;
    while (done < wanted) {
      const ssize_t got = pread(file, ZSTR_VAL(chunk) + done, static_cast<size_t>(wanted - done),
                                static_cast<off_t>(offset + done));
      if (got <= 0) {
        break;
      }
      done += got;
    }
    offset += done;
    ZSTR_LEN(chunk) = static_cast<size_t>(done);
    ZSTR_VAL(chunk)[done] = '\0';
    return done;
  };
  if (rest <= kChunk || head) {
    if (head) {
      ZSTR_LEN(chunk) = 0;
      ZSTR_VAL(chunk)[0] = '\0';
    } else {
      fill(rest);
    }
    sent = rr_embed_respond(static_cast<int>(status), Z_ARRVAL(all), 3, chunk);
  } else {
    sent = rr_embed_open(static_cast<int>(status), Z_ARRVAL(all), 3);
    while (sent && rest > 0) {
      const zend_long got = fill(rest < kChunk ? rest : kChunk);
      if (got == 0 || !rr_embed_stream_write(chunk)) {
        break;
      }
      rest -= got;
    }
    if (sent) {
      rr_embed_stream_end(nullptr);
    }
  }
  zend_string_efree(chunk);
  zval_ptr_dtor(&all);
  close(file);
  if (sent && unlink_it) {
    VCWD_UNLINK(ZSTR_VAL(path));
  }
}
