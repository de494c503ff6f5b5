// Functions that scripts expect of a web server API; registered by the server's SAPI module.
#include "ext/headers.h"
#include "ext/sapi_functions_arginfo.h"

extern "C" const zend_function_entry* rr_embed_sapi_functions() {
  return ext_functions;
}

ZEND_FUNCTION(fastcgi_finish_request) {
  ZEND_PARSE_PARAMETERS_NONE();
  const rr_host* host = rr_embed_host();
  RETURN_BOOL(host && host->finish_request());
}

ZEND_FUNCTION(getallheaders) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_embed_request_headers(rr_embed_host(), return_value);
}

ZEND_FUNCTION(apache_response_headers) {
  ZEND_PARSE_PARAMETERS_NONE();
  rr_embed_response_headers(return_value);
}
