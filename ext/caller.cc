#include "ext/caller.h"

#include "ext/message.h"

extern "C" {
#include "ext/json/php_json.h"
}

void rr_caller_set(rr_caller* caller, zend_object* rpc) {
  caller->rpc = rpc;
  if (rpc) GC_ADDREF(rpc);
}

void rr_caller_copy(rr_caller* to, const rr_caller* from) {
  *to = *from;
  if (to->rpc) GC_ADDREF(to->rpc);
}

void rr_caller_free(rr_caller* caller) {
  if (caller->rpc) OBJ_RELEASE(caller->rpc);
  caller->rpc = nullptr;
}

bool rr_caller_find(rr_caller* caller, const char* what) {
  return caller->client.services || rr_embed_client(caller->rpc, what, &caller->client);
}

int rr_caller_call(const rr_caller* caller, const char* method, unsigned codec, rr_text argument,
                   double more, rr_text* reply) {
  const rr_client& client = caller->client;
  const double seconds = client.seconds < 0 ? client.seconds : client.seconds + more;
  return client.services->call(client.self, rr_text_of(method), codec, argument, seconds, reply);
}

bool rr_caller_says(int status, rr_text error, const char* words) {
  return status == RR_REFUSED &&
         zend_memnstr(error.data, words, strlen(words), error.data + error.size) != nullptr;
}

bool rr_caller_lacks_method(int status, rr_text error) {
  return rr_caller_says(status, error, "can't find method");
}

bool rr_decode_json(rr_text json, zval* out) {
  ZVAL_NULL(out);
  if (json.size == 0) return false;
  // The engine's parser reads the zero behind the text.
  zend_string* text = zend_string_init(json.data, json.size, 0);
  const zend_result done = php_json_decode_ex(
      out, ZSTR_VAL(text), ZSTR_LEN(text), PHP_JSON_OBJECT_AS_ARRAY, PHP_JSON_PARSER_DEFAULT_DEPTH);
  zend_string_release(text);
  return done == SUCCESS;
}
