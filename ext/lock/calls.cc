// What RrEmbed\Lock asks of the server.
#include <cmath>

#include "ext/lock/lock.h"
#include "ext/message.h"

extern "C" {
#include "ext/standard/php_random.h"
}

using rr::proto::Reader;
using rr::proto::Wire;

// Rounded up: what is not 0 stays so, which would mean something else.
static uint64_t micros(double seconds) {
  constexpr double most = 1152921504606846976.0;  // 2^60
  const double value = std::ceil(seconds * 1e6);
  return static_cast<uint64_t>(value < most ? value : most);
}

// lock.v1.Request and Response, whose second field is rr-embed's.
static int call(const rr_caller* caller, const char* method, const rr_lock_request* request,
                bool* ok, uint64_t* fence, rr_text* reply) {
  smart_str message = {nullptr, 0};
  rr_message_text(&message, 1, request->resource);
  rr_message_text(&message, 2, request->owner);
  rr_message_number(&message, 3, micros(request->ttl));
  rr_message_number(&message, 4, micros(request->wait));
  const int status =
      rr_caller_call(caller, method, RR_CODEC_PROTO, rr_text_of(&message), request->wait, reply);
  smart_str_free(&message);
  if (status != RR_OK) return status;
  for (Reader fields({reply->data, reply->size}); fields.next();) {
    if (fields.is(1, Wire::varint)) *ok = fields.value() != 0;
    if (fields.is(2, Wire::varint)) *fence = fields.value();
  }
  return RR_OK;
}

int rr_lock_acquire(const rr_caller* caller, const rr_lock_request* request, bool* had,
                    uint64_t* fence, rr_text* error) {
  const rr_client& client = caller->client;
  *had = false;
  *fence = 0;
  if (client.services->lock_acquire) {
    const int status = client.services->lock_acquire(client.self, request, fence, error);
    *had = *fence != 0;
    return status;
  }
  const char* fenced = request->shared ? "lock.LockReadFenced" : "lock.LockFenced";
  const int status = call(caller, fenced, request, had, fence, error);
  if (!rr_caller_lacks_method(status, *error)) return status;
  return call(caller, request->shared ? "lock.LockRead" : "lock.Lock", request, had, fence, error);
}

int rr_lock_ask(const rr_caller* caller, const char* method, rr_text resource, rr_text owner,
                double ttl, bool* done, rr_text* error) {
  const rr_client& client = caller->client;
  const rr_services* services = client.services;
  *done = false;
  if (!services->lock_release) {
    const rr_lock_request request = {resource, owner, 0, ttl, 0};
    uint64_t fence = 0;
    return call(caller, method, &request, done, &fence, error);
  }
  int yes = 0;
  int status;
  switch (method[5]) {
    case 'R':
      status = services->lock_release(client.self, resource, owner, &yes, error);
      break;
    case 'F':
      status = services->lock_force_release(client.self, resource, &yes, error);
      break;
    case 'E':
      status = services->lock_exists(client.self, resource, owner, &yes, error);
      break;
    default:
      status = services->lock_refresh(client.self, resource, owner, ttl, &yes, error);
  }
  *done = yes != 0;
  return status;
}

zend_string* rr_lock_new_owner(void) {
  unsigned char bytes[16];
  if (php_random_bytes_throw(bytes, sizeof bytes) == FAILURE) return nullptr;
  zend_string* owner = zend_string_alloc(2 * sizeof bytes, 0);
  for (size_t i = 0; i < sizeof bytes; ++i) {
    ZSTR_VAL(owner)[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
    ZSTR_VAL(owner)[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
  }
  ZSTR_VAL(owner)[2 * sizeof bytes] = '\0';
  return owner;
}
