#include "ext/pipes/host.h"

extern "C" {
#include "SAPI.h"
#include "php_variables.h"
}

#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "ext/pipes/context.h"
#include "ext/pipes/json.h"
#include "ext/pipes/relay.h"
#include "ext/pipes/superglobals.h"

namespace {

using rr::ext::Relay;
using rr::ext::RequestContext;
namespace flag = rr::goridge::flag;
namespace bit = rr::goridge::stream;

// Asks the server to give the request to another worker and to replace this one.
constexpr std::string_view kHandBack = "{\"stop\":true}";

// The exchange in hand.
struct Exchange {
  bool in_hand = false;
  bool owed = false;      // it has no (last) answer yet
  bool answered = false;  // a part of the answer has gone
  bool streaming = false;
  bool cancelled = false;
  unsigned flags = 0;
  std::uint8_t codec = 0;          // of the answer's frames in HTTP
  std::string_view context, body;  // of the request's frame
  enum class Http { unread, read, malformed } http = Http::unread;
  double received_at = 0;
};

struct Worker {
  Relay relay;
  bool stopping = false;
  bool handed_back = false;
  std::string fault;  // why next() said RR_NEXT_BROKEN
  Exchange exchange;
  RequestContext request;
  std::string encoded;   // the context of an answer
  std::string trailers;  // that of the last frame
  std::string mode;
  std::string version;
};

// Made by the thread that opens the relay; there is one relay.
std::atomic<bool> opened{false};
thread_local Worker* worker = nullptr;

rr_text text_of(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view_of(rr_text text) {
  return {text.data, text.size};
}

int in_worker() {
  return 1;
}
int worker_id() {
  return 0;  // the server does not tell
}
rr_text mode() {
  return text_of(worker->mode);
}
rr_text server_version() {
  return text_of(worker->version);
}
void recycle() {
  // Who handed its request back is sent a stop frame, and waits for it: the server still writes.
  if (!worker->handed_back) worker->stopping = true;
}

// ---------------------------------------------------------------- the loop

int broken(std::string why) {
  worker->fault = std::move(why);
  worker->stopping = true;
  return RR_NEXT_BROKEN;
}

bool send(std::uint8_t flags, std::uint8_t stream, std::string_view context,
          std::string_view body) {
  rr::goridge::Header header;
  header.flags = flags;
  header.stream = stream;
  header.option_count = 1;
  header.options[0] = static_cast<std::uint32_t>(context.size());
  return worker->relay.send(header, context, body);
}

bool send_plain(std::uint8_t flags, std::string_view payload) {
  rr::goridge::Header header;
  header.flags = flags;
  return worker->relay.send(header, {}, payload);
}

// {"stop":true} or {"pid":…}. False: neither.
bool control(std::string_view json) {
  bool stop = false, pid = false;
  std::string unescaped;
  unescaped.reserve(json.size());
  rr::ext::JsonReader reader(json, &unescaped);
  const bool read = reader.object([&](std::string_view key) {
    const bool truthy = reader.peek() != '0' && reader.peek() != 'f' && reader.peek() != 'n';
    stop = stop || (key == "stop" && truthy);
    pid = pid || (key == "pid" && truthy);
    return reader.skip();
  });
  if (!read || !reader.at_end() || (!stop && !pid)) return false;
  if (stop) {
    worker->stopping = true;
  } else {
    char answer[32];
    std::snprintf(answer, sizeof answer, "{\"pid\":%d}", static_cast<int>(::getpid()));
    send_plain(flag::control, answer);
  }
  return true;
}

bool is_http() {
  return worker->mode.empty() || worker->mode == "http";
}

int take(const rr::goridge::Header& header, std::string_view payload) {
  if (header.option_count == 0)
    return broken("malformed request: a frame without the option that splits its payload");
  if (header.options[0] > payload.size())
    return broken("malformed request: its context is longer than its payload");
  worker->relay.keep();
  Exchange& exchange = worker->exchange;
  exchange = Exchange();
  exchange.in_hand = exchange.owed = true;
  exchange.flags = header.flags;
  exchange.context = payload.substr(0, header.options[0]);
  exchange.body = payload.substr(header.options[0]);
  timeval now{};
  ::gettimeofday(&now, nullptr);
  exchange.received_at = static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_usec) / 1e6;
  return is_http() ? RR_NEXT_HTTP : RR_NEXT_OTHER;
}

int next(double seconds) {
  while (!worker->stopping) {
    rr::goridge::Header header;
    std::string_view payload;
    switch (worker->relay.receive(seconds, &header, &payload)) {
      case Relay::Got::timed_out:
        return RR_NEXT_TIMEOUT;
      case Relay::Got::ended:
        // The server closed the pipe instead of saying stop: the same to us, and final.
        worker->stopping = true;
        continue;
      case Relay::Got::lost:
        return broken(worker->relay.fault());
      case Relay::Got::frame:
        break;
    }
    if ((header.flags & flag::control) != 0) {
      if (!control(payload)) return broken("invalid control frame: neither stop nor pid");
    } else if ((header.stream & (bit::stop | bit::pong)) == 0) {
      return take(header, payload);
    }
  }
  return worker->fault.empty() ? RR_NEXT_STOP : RR_NEXT_BROKEN;
}

rr_text fault() {
  return text_of(worker->exchange.http == Exchange::Http::malformed
                     ? std::string_view(worker->request.fault())
                     : std::string_view(worker->fault));
}

// What failed will not work again: next() says so.
int sent(bool well) {
  if (!well) broken(worker->relay.fault());
  return well;
}

void hand_back() {
  Exchange& exchange = worker->exchange;
  if (!exchange.owed) return;
  exchange.in_hand = exchange.owed = false;
  worker->handed_back = true;
  sent(send(0, 0, kHandBack, {}));
}

int cancelled() {
  Exchange& exchange = worker->exchange;
  while (exchange.owed && !exchange.cancelled) {
    rr::goridge::Header header;
    std::string_view payload;
    switch (worker->relay.receive(0, &header, &payload)) {
      case Relay::Got::timed_out:
        return 0;
      case Relay::Got::ended:
        broken("the server is gone");
        return 1;
      case Relay::Got::lost:
        broken(worker->relay.fault());
        return 1;
      case Relay::Got::frame:
        break;
    }
    if ((header.flags & flag::control) != 0) {
      if (!control(payload)) broken("invalid control frame: neither stop nor pid");
    } else if ((header.stream & bit::stop) != 0) {
      exchange.cancelled = true;
    } else if ((header.stream & bit::pong) == 0) {
      broken("the server sent a request before the answer to the previous one was complete");
      exchange.cancelled = true;
    }
  }
  return exchange.cancelled;
}

int busy() {
  return worker->exchange.in_hand;
}
int answered() {
  return worker->exchange.answered;
}
int ready_descriptor() {
  return worker->relay.descriptor();
}

// ---------------------------------------------------------------- the wire view

int wire_request(unsigned* flags, rr_text* context, rr_text* body, rr_text*) {
  const Exchange& exchange = worker->exchange;
  if (!exchange.in_hand) return 0;
  *flags = exchange.flags;
  *context = text_of(exchange.context);
  *body = text_of(exchange.body);
  return 1;
}

int answer(std::uint8_t flags, bool more, std::string_view context, std::string_view body) {
  Exchange& exchange = worker->exchange;
  if (!exchange.owed) return 0;
  exchange.owed = more;
  exchange.answered = true;
  exchange.streaming = more;
  return sent(send(flags, more ? bit::more : 0, context, body)) && !exchange.cancelled;
}

constexpr unsigned kCodecs =
    flag::codec_raw | flag::codec_json | flag::codec_msgpack | flag::codec_gob | flag::codec_proto;

int wire_answer(unsigned flags, int more, rr_text context, rr_text body) {
  return answer(static_cast<std::uint8_t>(flags & kCodecs), more != 0, view_of(context),
                view_of(body));
}

int answer_http(bool more, std::string_view context, std::string_view body);

// Inside of a stream an error would end this worker: the stream ends, and the text is logged.
void wire_error(rr_text message) {
  Exchange& exchange = worker->exchange;
  if (!exchange.owed) return;
  if (exchange.streaming) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size), message.data);
    answer_http(false, {}, {});
    return;
  }
  exchange.owed = false;
  exchange.answered = true;
  sent(send_plain(flag::error, view_of(message)));
}

// ---------------------------------------------------------------- the HTTP request

// The context, read once. Null: it is none of HTTP.
const RequestContext* http() {
  Exchange& exchange = worker->exchange;
  if (!exchange.in_hand) return nullptr;
  if (exchange.http == Exchange::Http::unread) {
    const auto codec = RequestContext::codec_of(exchange.flags, exchange.context);
    exchange.http = worker->request.decode(codec, exchange.context) ? Exchange::Http::read
                                                                    : Exchange::Http::malformed;
  }
  return exchange.http == Exchange::Http::read ? &worker->request : nullptr;
}

int http_request(rr_http_request* out) {
  const RequestContext* request = http();
  if (!request) return 0;
  *out = {};
  out->method = text_of(request->method);
  out->target = text_of(request->target);
  out->path = text_of(request->path);
  out->query = text_of(request->raw_query);
  out->scheme = text_of(request->scheme);
  out->host = text_of(request->host);
  out->remote_address = text_of(request->remote_address);
  out->protocol = text_of(request->protocol);
  out->content_type = {"", 0};
  for (const auto& field : request->fields) {
    if (field.name.size() == 12 && strncasecmp(field.name.data(), "content-type", 12) == 0)
      out->content_type = text_of(field.value);
  }
  // Of a form there is the tree alone.
  out->body = request->parsed ? rr_text{"", 0} : text_of(worker->exchange.body);
  out->field_count = request->fields.size();
  out->received_at = worker->exchange.received_at;
  return 1;
}

rr_header http_field(size_t index) {
  const auto& field = worker->request.fields[index];
  return {text_of(field.name), text_of(field.value)};
}

size_t http_attribute_count() {
  const RequestContext* request = http();
  return request ? request->attributes.size() : 0;
}

rr_header http_attribute(size_t index) {
  const auto& attribute = worker->request.attributes[index];
  return {text_of(attribute.name), text_of(attribute.value)};
}

int http_form(rr_text* tree, rr_text* uploads) {
  const RequestContext* request = http();
  if (!request || !request->parsed) return 0;
  *tree = text_of(worker->exchange.body);
  *uploads = text_of(request->uploads);
  return 1;
}

void rewind_body() {}

void set_variable(HashTable* array, const char* name, std::string_view value) {
  zval text;
  ZVAL_STRINGL(&text, value.data(), value.size());
  zend_hash_str_update(array, name, std::strlen(name), &text);
}

void set_header_variables(HashTable* array, const RequestContext& request) {
  std::string key;
  for (const auto& field : request.fields) {
    if (field.name.find('_') != std::string_view::npos) continue;
    key.assign("HTTP_");
    for (const char c : field.name)
      key.push_back(c == '-' ? '_' : static_cast<char>(zend_toupper_ascii(c)));
    // Programs that PHP starts take a variable of this name for a proxy to use.
    if (key == "HTTP_PROXY") continue;
    zval* before = zend_hash_str_find(array, key.data(), key.size());
    zval value;
    if (before && Z_TYPE_P(before) == IS_STRING) {
      const char* between = key == "HTTP_COOKIE" ? "; " : ", ";
      ZVAL_STR(&value, zend_string_concat3(Z_STRVAL_P(before), Z_STRLEN_P(before), between, 2,
                                           field.value.data(), field.value.size()));
    } else {
      ZVAL_STRINGL(&value, field.value.data(), field.value.size());
    }
    zend_hash_str_update(array, key.data(), key.size(), &value);
    if (key == "HTTP_CONTENT_TYPE" || key == "HTTP_CONTENT_LENGTH")
      set_variable(array, key.c_str() + 5, {Z_STRVAL(value), Z_STRLEN(value)});
  }
}

// The environment of the process, and what CGI names.
void server_variables(void* target) {
  const RequestContext* request = http();
  if (!request) return;
  zval* zv = static_cast<zval*>(target);
  php_import_environment_variables(zv);
  HashTable* array = Z_ARRVAL_P(zv);
  const std::string_view host = request->host;
  const bool tls = request->scheme == "https";
  const std::size_t colon =
      host.empty() || host.back() == ']' ? std::string_view::npos : host.rfind(':');
  set_variable(array, "GATEWAY_INTERFACE", "CGI/1.1");
  set_variable(array, "SERVER_SOFTWARE", "rr-embed");
  set_variable(array, "SERVER_PROTOCOL", request->protocol);
  set_variable(array, "SERVER_NAME", host.substr(0, colon));
  set_variable(array, "SERVER_PORT",
               colon != std::string_view::npos ? host.substr(colon + 1)
               : tls                           ? "443"
                                               : "80");
  set_variable(array, "REQUEST_METHOD", request->method);
  set_variable(array, "REQUEST_URI", request->target);
  set_variable(array, "QUERY_STRING", request->raw_query);
  set_variable(array, "REQUEST_SCHEME", request->scheme);
  set_variable(array, "HTTPS", tls ? "on" : "");
  set_variable(array, "REMOTE_ADDR", request->remote_address);
  set_variable(array, "REMOTE_PORT", "0");
  set_header_variables(array, *request);
}

// ---------------------------------------------------------------- answering it

// A context in the request's codec, or in the other where JSON cannot carry the bytes: a server
// that speaks JSON takes both.
void encode(int status, const rr_header* headers, size_t count) {
  Exchange& exchange = worker->exchange;
  worker->encoded.clear();
  exchange.codec = flag::codec_json;
  if (RequestContext::codec_of(exchange.flags, exchange.context) == RequestContext::Codec::json &&
      rr::ext::encode_json(status, headers, count, &worker->encoded))
    return;
  exchange.codec = flag::codec_proto;
  rr::ext::encode_proto(status, headers, count, &worker->encoded);
}

int answer_http(bool more, std::string_view context, std::string_view body) {
  return answer(worker->exchange.codec, more, context, body);
}

int http_inform(int status, const rr_header* headers, size_t count) {
  if (!worker->exchange.owed || cancelled()) return 0;
  encode(status, headers, count);
  const int well = answer_http(true, worker->encoded, {});
  worker->exchange.answered = false;
  return well;
}

int http_respond(int status, const rr_header* headers, size_t count, rr_text body) {
  encode(status, headers, count);
  return answer_http(false, worker->encoded, view_of(body));
}

int http_start(int status, const rr_header* headers, size_t count) {
  worker->trailers.clear();
  encode(status, headers, count);
  return answer_http(true, worker->encoded, {});
}

int http_write(rr_text chunk) {
  return !cancelled() && answer_http(true, {}, view_of(chunk));
}

// The server moves the headers that Trailer names behind the body. They wait for the last frame.
int http_trailers(const rr_header* fields, size_t count) {
  std::string names;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) names += ", ";
    names += view_of(fields[i].name);
  }
  std::string all = std::move(worker->trailers);
  for (size_t i = 0; i < count; ++i) {
    const auto add = [&](std::string_view text) {
      const auto size = static_cast<std::uint32_t>(text.size());
      all.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
    };
    add(view_of(fields[i].name));
    add(view_of(fields[i].value));
  }
  worker->trailers = std::move(all);
  return worker->exchange.owed;
}

int http_finish() {
  if (worker->trailers.empty() || cancelled()) return answer_http(false, {}, {});
  std::string names;
  std::vector<rr_header> fields(1);
  for (std::string_view rest = worker->trailers; !rest.empty();) {
    rr_header field;
    for (rr_text* part : {&field.name, &field.value}) {
      std::uint32_t size = 0;
      std::memcpy(&size, rest.data(), sizeof size);
      *part = text_of(rest.substr(sizeof size, size));
      rest.remove_prefix(sizeof size + size);
    }
    names += names.empty() ? "" : ", ";
    names += view_of(field.name);
    fields.push_back(field);
  }
  fields.front() = {text_of("Trailer"), text_of(names)};
  encode(200, fields.data(), fields.size());
  return answer_http(false, worker->encoded, {});
}

void write_log(int, rr_text message) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size), message.data);
}

void http_fail(int status, rr_text message) {
  // The server logs it, and knows what its operator wants clients to see.
  if (status == 500 && !worker->exchange.streaming) {
    wire_error(message);
    return;
  }
  write_log(RR_LOG_ERROR, message);
  if (worker->exchange.owed) http_respond(status, nullptr, 0, {"", 0});
}

void done() {
  constexpr std::string_view kUnanswered = "the script did not answer";
  if (worker->exchange.owed) wire_error(text_of(kUnanswered));
  worker->exchange = Exchange();
}

rr_host make_table() {
  rr_host table{};
  table.size = sizeof table;
  table.abi = RR_HOST_ABI;
  table.in_worker = in_worker;
  table.worker_id = worker_id;
  table.mode = mode;
  table.server_version = server_version;
  table.recycle = recycle;
  table.next = next;
  table.hand_back = hand_back;
  table.done = done;
  table.busy = busy;
  table.answered = answered;
  table.cancelled = cancelled;
  table.ready_descriptor = ready_descriptor;
  table.http_request = http_request;
  table.http_field = http_field;
  table.rewind_body = rewind_body;
  table.server_variables = server_variables;
  table.http_inform = http_inform;
  table.http_respond = http_respond;
  table.http_start = http_start;
  table.http_write = http_write;
  table.http_trailers = http_trailers;
  table.http_finish = http_finish;
  table.http_fail = http_fail;
  table.superglobals_begin = rr_embed_superglobals_begin;
  table.superglobals_end = rr_embed_superglobals_end;
  table.finish_request = rr_embed_superglobals_finish;
  table.wire_request = wire_request;
  table.wire_answer = wire_answer;
  table.wire_error = wire_error;
  table.log = write_log;
  table.http_attribute_count = http_attribute_count;
  table.http_attribute = http_attribute;
  table.fault = fault;
  table.http_form = http_form;
  return table;
}

const rr_host table = make_table();

// What a script prints would be no frame: the server logs stderr.
size_t print_to_stderr(const char* text, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t written = ::write(STDERR_FILENO, text + done, size - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<size_t>(written);
  }
  return size;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

const rr_host* rr_embed_pipes_host(void) {
  return worker ? &table : nullptr;
}

const rr_host* rr_embed_pipes_open(void) {
  if (worker) {
    return &table;
  }
  if (opened.exchange(true)) {
    zend_throw_exception(rr_embed_ce_invalid_state,
                         "the connection to the server belongs to another thread of this process",
                         0);
    return nullptr;
  }
  auto* made = new Worker;
  made->mode = environment("RR_MODE");
  made->version = environment("RR_VERSION");
  const std::string relay = environment("RR_RELAY");
  if (!made->relay.open(relay.empty() ? "pipes" : relay)) {
    zend_throw_exception(rr_embed_ce_transport_exception, made->relay.fault().c_str(), 0);
    delete made;
    opened = false;
    return nullptr;
  }
  worker = made;
  php_output_flush_all();
  sapi_module.ub_write = print_to_stderr;
  return &table;
}
