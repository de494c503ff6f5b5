// What collectors send over RPC. A call is not waited for: its answer is looked at by a later one,
// by flush(), or at the end of the request.
#include "ext/message.h"
#include "ext/metrics/metrics.h"

extern "C" {
#include "ext/json/php_json.h"
#include "php_main.h"
}

// Calls on their way at most; then the oldest is waited for.
static constexpr uint32_t kMost = 64;

// One of them, with what it takes to do it again: a server that was started anew has forgotten what
// was declared.
struct sent {
  rr_pending* pending;
  const char* method;
  zend_string* argument;
  zend_string* declaration;
};

// Per thread: a ring, the oldest first.
static thread_local struct {
  sent all[kMost];
  uint32_t first, count;
} way;

void rr_metrics_sent_begin(void) {
  memset(&way, 0, sizeof way);
}

static zend_string* json_of(zval* value) {
  smart_str json = {nullptr, 0};
  php_json_encode(&json, value, PHP_JSON_INVALID_UTF8_SUBSTITUTE);
  smart_str_0(&json);
  zval_ptr_dtor(value);
  return smart_str_extract(&json);
}

// {"name":…,"collector":{"help":…, and the shape}}
static zend_string* declaration_of(const rr_collector* collector) {
  zval name, help;
  ZVAL_STR_COPY(&name, collector->name);
  ZVAL_STR_COPY(&help, collector->help);
  zend_string* name_text = json_of(&name);
  zend_string* help_text = json_of(&help);
  zend_string* all =
      zend_strpprintf(0, "{\"name\":%s,\"collector\":{\"help\":%s,%s}", ZSTR_VAL(name_text),
                      ZSTR_VAL(help_text), ZSTR_VAL(collector->shape) + 1);
  zend_string_release(name_text);
  zend_string_release(help_text);
  return all;
}

static int call(const rr_client* client, const char* method, zend_string* argument,
                rr_text* reply) {
  return client->services->call(client->self, rr_text_of(method), RR_CODEC_JSON,
                                rr_text_of(argument), client->seconds, reply);
}

int rr_metrics_declare(const rr_client* client, const rr_collector* collector, rr_text* reply) {
  zend_string* argument = declaration_of(collector);
  const int status = call(client, "metrics.Declare", argument, reply);
  zend_string_release(argument);
  return status;
}

// Takes the oldest off the ring, with its answer: the status and what it says.
static int settle_one(const rr_client* client, rr_text* reply) {
  sent one = way.all[way.first];
  way.first = (way.first + 1) % kMost;
  --way.count;
  int status = client->services->result(client->self, one.pending, client->seconds, reply);
  if (status == RR_TIMED_OUT) client->services->drop(client->self, one.pending);
  if (rr_caller_says(status, *reply, "undefined collector")) {
    status = call(client, "metrics.Declare", one.declaration, reply);
    if (status == RR_OK) status = call(client, one.method, one.argument, reply);
  }
  zend_string_release(one.argument);
  zend_string_release(one.declaration);
  return status;
}

// Of a server that does not answer nobody waits for the rest.
static void forget(const rr_client* client) {
  while (way.count > 0) {
    sent one = way.all[way.first];
    way.first = (way.first + 1) % kMost;
    --way.count;
    client->services->drop(client->self, one.pending);
    zend_string_release(one.argument);
    zend_string_release(one.declaration);
  }
}

static void log_failure(rr_text text) {
  zend_string* line = zend_strpprintf(0, "rr_embed: a metric was not counted: %.*s",
                                      static_cast<int>(text.size), text.data);
  php_log_err(ZSTR_VAL(line));
  zend_string_release(line);
}

static void settle_for_log(const rr_client* client, bool quiet) {
  rr_text reply;
  const int status = settle_one(client, &reply);
  if (status != RR_OK && !quiet) log_failure(reply);
  if (status == RR_TIMED_OUT) forget(client);
}

zend_string* rr_metrics_settle(const rr_client* client, int* status) {
  zend_string* first = nullptr;
  while (way.count > 0) {
    rr_text reply;
    const int seen = settle_one(client, &reply);
    if (seen != RR_OK && !first) {
      *status = seen;
      first = zend_string_init(reply.data, reply.size, 0);
    }
    if (seen == RR_TIMED_OUT) forget(client);
  }
  return first;
}

int rr_metrics_send(const rr_client* client, const rr_collector* collector, rr_metric_call call,
                    double value, const rr_text* labels, bool quiet, rr_text* error) {
  static const char* const methods[] = {"metrics.Add", "metrics.Sub", "metrics.Set",
                                        "metrics.Observe"};
  // Calls that come together are run in any order, which adding does not mind.
  const uint32_t most = call == RR_CALL_SET ? 1 : kMost;
  while (way.count >= most) settle_for_log(client, quiet);
  while (way.count > kMost / 2 &&
         client->services->ready(client->self, way.all[way.first].pending)) {
    settle_for_log(client, quiet);
  }
  zval argument, values;
  array_init(&argument);
  add_assoc_str(&argument, "name", zend_string_copy(collector->name));
  add_assoc_double(&argument, "value", value);
  array_init(&values);
  for (uint32_t i = 0; i < collector->label_count; ++i) {
    add_next_index_stringl(&values, labels[i].data, labels[i].size);
  }
  add_assoc_zval(&argument, "labels", &values);
  sent one = {nullptr, methods[call], json_of(&argument), nullptr};
  const int status = client->services->begin(client->self, rr_text_of(one.method), RR_CODEC_JSON,
                                             rr_text_of(one.argument), &one.pending, error);
  if (status != RR_OK) {
    zend_string_release(one.argument);
    return status;
  }
  one.declaration = declaration_of(collector);
  way.all[(way.first + way.count) % kMost] = one;
  ++way.count;
  return call == RR_CALL_SET ? settle_one(client, error) : int{RR_OK};
}
