#include "ext/pipes/superglobals.h"

extern "C" {
#include "SAPI.h"
#include "ext/standard/basic_functions.h"
#include "ext/standard/head.h"
#include "main/php_memory_streams.h"
#include "php_main.h"
#include "php_output.h"
#include "php_variables.h"

#include "rfc1867.h"
}

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "ext/http.h"
#include "ext/pipes/host.h"

namespace {

// Output of more than this is sent before the handler has returned.
constexpr std::size_t kMostHeld = 256 * 1024;

// The answer to the request in hand: memory that no bailout takes.
struct Answer {
  bool active = false;
  bool started = false;   // its head has gone, the body goes in pieces
  bool finished = false;  // all of it has gone
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// One worker thread has the relay, and this with it.
Answer answer;
zval process_server;                      // $_SERVER as the process had it; UNDEF: not kept yet
HashTable* shutdown_functions = nullptr;  // those of the script
sapi_module_struct own_sapi;              // its functions, while a handler runs in ours

const rr_host* host() {
  return rr_embed_pipes_host();
}

// ---------------------------------------------------------------- what the SAPI is asked

int keep_header(sapi_header_struct*, sapi_header_op_enum, sapi_headers_struct*) {
  return SAPI_HEADER_ADD;
}

int keep_head(sapi_headers_struct* head) {
  answer.status = head->http_response_code ? head->http_response_code : 200;
  answer.headers.clear();
  for (zend_llist_element* each = head->headers.head; each; each = each->next) {
    const auto* header = reinterpret_cast<const sapi_header_struct*>(each->data);
    const std::string_view line(header->header, header->header_len);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    answer.headers.emplace_back(line.substr(0, colon),
                                value == std::string_view::npos ? "" : line.substr(value));
  }
  return SAPI_HEADER_SENT_SUCCESSFULLY;
}

std::vector<rr_header> head_views() {
  std::vector<rr_header> views;
  views.reserve(answer.headers.size());
  for (const auto& [name, value] : answer.headers)
    views.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  return views;
}

void send_held() {
  if (answer.finished) return;
  if (!answer.started) {
    const std::vector<rr_header> head = head_views();
    host()->http_start(answer.status, head.data(), head.size());
    answer.started = true;
  }
  if (!answer.body.empty() && !host()->http_write({answer.body.data(), answer.body.size()}))
    PG(connection_status) |= PHP_CONNECTION_ABORTED;
  answer.body.clear();
}

size_t keep_output(const char* text, size_t size) {
  if (!answer.finished) {
    answer.body.append(text, size);
    if (answer.body.size() > kMostHeld) send_held();
  }
  return size;
}

void flush_output(void*) {
  if (!SG(headers_sent)) php_header();
  send_held();
}

void finish_answer() {
  php_output_end_all();
  if (!SG(headers_sent)) php_header();
  if (answer.finished) return;
  if (answer.started) {
    if (!answer.body.empty()) host()->http_write({answer.body.data(), answer.body.size()});
    host()->http_finish();
  } else {
    const std::vector<rr_header> head = head_views();
    host()->http_respond(answer.status, head.data(), head.size(),
                         {answer.body.data(), answer.body.size()});
  }
  answer.finished = true;
  answer.body.clear();
}

void take_sapi() {
  own_sapi = sapi_module;
  sapi_module.header_handler = keep_header;
  sapi_module.send_headers = keep_head;
  sapi_module.ub_write = keep_output;
  sapi_module.flush = flush_output;
}

void give_back_sapi() {
  sapi_module.header_handler = own_sapi.header_handler;
  sapi_module.send_headers = own_sapi.send_headers;
  sapi_module.ub_write = own_sapi.ub_write;
  sapi_module.flush = own_sapi.flush;
}

// The command line takes headers for sent from its start.
void reset_headers(bool open) {
  zend_llist_clean(&SG(sapi_headers).headers);
  SG(sapi_headers).http_response_code = 200;
  SG(sapi_headers).send_default_content_type = 1;
  if (SG(sapi_headers).mimetype) {
    efree(SG(sapi_headers).mimetype);
    SG(sapi_headers).mimetype = nullptr;
  }
  if (SG(sapi_headers).http_status_line) {
    efree(SG(sapi_headers).http_status_line);
    SG(sapi_headers).http_status_line = nullptr;
  }
  if (!Z_ISUNDEF(SG(callback_func))) {
    zval_ptr_dtor(&SG(callback_func));
    ZVAL_UNDEF(&SG(callback_func));
  }
  SG(headers_sent) = !open;
  SG(request_info).no_headers = !open;
}

// ---------------------------------------------------------------- superglobals

void set_global(const char* name, int track, zval* value) {
  if (track >= 0) {
    zval_ptr_dtor_nogc(&PG(http_globals)[track]);
    ZVAL_COPY(&PG(http_globals)[track], value);
  }
  zend_hash_str_update(&EG(symbol_table), name, std::strlen(name), value);
}

void set_empty_globals() {
  constexpr std::pair<const char*, int> kAll[] = {{"_GET", TRACK_VARS_GET},
                                                  {"_POST", TRACK_VARS_POST},
                                                  {"_COOKIE", TRACK_VARS_COOKIE},
                                                  {"_FILES", TRACK_VARS_FILES},
                                                  {"_REQUEST", -1}};
  for (const auto& [name, track] : kAll) {
    zval empty;
    array_init(&empty);
    set_global(name, track, &empty);
  }
}

// Those made when they are first used must not be made by the command line over ours.
void keep_process_globals() {
  for (const char* name : {"_SERVER", "_ENV", "_REQUEST"})
    zend_is_auto_global_str(name, std::strlen(name));
  zval* server = zend_hash_str_find(&EG(symbol_table), "_SERVER", sizeof("_SERVER") - 1);
  if (server && Z_TYPE_P(server) == IS_ARRAY) {
    ZVAL_COPY(&process_server, server);
  } else {
    array_init(&process_server);
  }
}

bool is_upload(zval* node) {
  const auto* path = zend_hash_str_find(Z_ARRVAL_P(node), "tmpName", sizeof("tmpName") - 1);
  return path && Z_TYPE_P(path) == IS_STRING;  // a field of that name has a tree
}

// A tree of one property of the uploads, which is how $_FILES has them.
void project(zval* node, const char* property, zval* target) {
  if (is_upload(node)) {
    zval* value = zend_hash_str_find(Z_ARRVAL_P(node), property, std::strlen(property));
    if (value) {
      ZVAL_COPY(target, value);
    } else {
      ZVAL_EMPTY_STRING(target);
    }
    return;
  }
  array_init(target);
  zend_ulong index;
  zend_string* key;
  zval *child, projected;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL_P(node), index, key, child) {
    if (Z_TYPE_P(child) != IS_ARRAY) continue;
    project(child, property, &projected);
    if (key) {
      zend_hash_update(Z_ARRVAL_P(target), key, &projected);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(target), index, &projected);
    }
  }
  ZEND_HASH_FOREACH_END();
}

void release_name(zval* entry) {
  zend_string_release(static_cast<zend_string*>(Z_PTR_P(entry)));
}

// For is_uploaded_file() and move_uploaded_file().
void know_uploads(zval* node) {
  if (Z_TYPE_P(node) != IS_ARRAY) return;
  if (!is_upload(node)) {
    zval* child;
    ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(node), child) {
      know_uploads(child);
    }
    ZEND_HASH_FOREACH_END();
    return;
  }
  zval* path = zend_hash_str_find(Z_ARRVAL_P(node), "tmpName", sizeof("tmpName") - 1);
  if (Z_STRLEN_P(path) == 0) return;
  if (!SG(rfc1867_uploaded_files)) {
    ALLOC_HASHTABLE(SG(rfc1867_uploaded_files));
    zend_hash_init(SG(rfc1867_uploaded_files), 8, nullptr, release_name, 0);
  }
  zend_string* name = zend_string_copy(Z_STR_P(path));
  if (!zend_hash_add_ptr(SG(rfc1867_uploaded_files), name, name)) zend_string_release(name);
}

void make_files(rr_text uploads, zval* files) {
  zval tree;
  rr_embed_decode_tree(uploads, &tree);
  array_init(files);
  zend_ulong index;
  zend_string* key;
  zval* node;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARRVAL(tree), index, key, node) {
    if (Z_TYPE_P(node) != IS_ARRAY) continue;
    zval file;
    array_init(&file);
    constexpr std::pair<const char*, const char*> kParts[] = {
        {"name", "name"},        {"full_path", "name"}, {"type", "mime"},
        {"tmp_name", "tmpName"}, {"error", "error"},    {"size", "size"}};
    for (const auto& [name, property] : kParts) {
      zval part;
      project(node, property, &part);
      zend_hash_str_update(Z_ARRVAL(file), name, std::strlen(name), &part);
    }
    if (key) {
      zend_hash_update(Z_ARRVAL_P(files), key, &file);
    } else {
      zend_hash_index_update(Z_ARRVAL_P(files), index, &file);
    }
  }
  ZEND_HASH_FOREACH_END();
  know_uploads(&tree);
  zval_ptr_dtor(&tree);
}

void set_credentials(zval* server, const rr_http_request& request) {
  for (size_t i = 0; i < request.field_count; ++i) {
    const rr_header field = host()->http_field(i);
    if (field.name.size != 13 || strncasecmp(field.name.data, "authorization", 13) != 0) continue;
    const std::string value(field.value.data, field.value.size);
    php_handle_auth_data(value.c_str());
    sapi_request_info& info = SG(request_info);
    const std::pair<const char*, char**> known[] = {{"PHP_AUTH_USER", &info.auth_user},
                                                    {"PHP_AUTH_PW", &info.auth_password},
                                                    {"PHP_AUTH_DIGEST", &info.auth_digest}};
    for (const auto& [name, text] : known) {
      if (!*text) continue;
      add_assoc_string(server, name, *text);
      efree(*text);
      *text = nullptr;
    }
    return;
  }
}

void make_server(const rr_http_request& request, zval* server) {
  ZVAL_ARR(server, zend_array_dup(Z_ARRVAL(process_server)));
  host()->server_variables(server);
  set_credentials(server, request);
  add_assoc_double(server, "REQUEST_TIME_FLOAT", request.received_at);
  add_assoc_long(server, "REQUEST_TIME", static_cast<zend_long>(request.received_at));
}

void make_request(zval* get, zval* post, zval* cookie, zval* target) {
  array_init(target);
  const char* order =
      PG(request_order) && *PG(request_order) ? PG(request_order) : PG(variables_order);
  for (; order && *order; ++order) {
    zval* from = nullptr;
    switch (zend_toupper_ascii(*order)) {
      case 'G':
        from = get;
        break;
      case 'P':
        from = post;
        break;
      case 'C':
        from = cookie;
        break;
    }
    if (from) zend_hash_merge(Z_ARRVAL_P(target), Z_ARRVAL_P(from), zval_add_ref, true);
  }
}

void fill_superglobals(const rr_http_request& request) {
  zval get, post, cookie, files, server, all;
  rr_text tree, uploads;
  array_init(&get);
  if (request.query.size)
    sapi_module.treat_data(PARSE_STRING, estrndup(request.query.data, request.query.size), &get);
  rr_embed_make_cookies(host(), &request, &cookie);
  if (host()->http_form(&tree, &uploads)) {
    rr_embed_decode_tree(tree, &post);
    make_files(uploads, &files);
  } else {
    array_init(&post);
    array_init(&files);
  }
  make_request(&get, &post, &cookie, &all);
  make_server(request, &server);
  set_global("_GET", TRACK_VARS_GET, &get);
  set_global("_POST", TRACK_VARS_POST, &post);
  set_global("_COOKIE", TRACK_VARS_COOKIE, &cookie);
  set_global("_FILES", TRACK_VARS_FILES, &files);
  set_global("_SERVER", TRACK_VARS_SERVER, &server);
  set_global("_REQUEST", -1, &all);
}

// php://input
void set_input(const rr_http_request& request) {
  php_stream* stream = php_stream_memory_create(TEMP_STREAM_DEFAULT);
  php_stream_write(stream, request.body.data, request.body.size);
  php_stream_rewind(stream);
  SG(request_info).request_body = stream;
  SG(read_post_bytes) = static_cast<int64_t>(request.body.size);
  SG(post_read) = 1;
}

void drop_input() {
  php_stream* stream = std::exchange(SG(request_info).request_body, nullptr);
  if (stream) php_stream_free(stream, PHP_STREAM_FREE_CLOSE);
}

// The next client's session is another one.
void end_session() {
  zval function, id;
  auto* module = static_cast<zend_module_entry*>(
      zend_hash_str_find_ptr(&module_registry, "session", sizeof("session") - 1));
  if (!module || !module->request_shutdown_func || !module->request_startup_func) return;
  ZVAL_STRING(&function, "session_id");
  ZVAL_UNDEF(&id);
  call_user_function(nullptr, nullptr, &function, &id, 0, nullptr);
  zval_ptr_dtor(&function);
  const bool used = Z_TYPE(id) == IS_STRING && Z_STRLEN(id) > 0;
  zval_ptr_dtor(&id);
  if (!used) return;
  module->request_shutdown_func(module->type, module->module_number);
  module->request_startup_func(module->type, module->module_number);
  zend_hash_str_del(&EG(symbol_table), "_SESSION", sizeof("_SESSION") - 1);
}

}  // namespace

int rr_embed_superglobals_begin(void) {
  rr_http_request request;
  for (;;) {
    host()->done();
    const int got = host()->next(-1);
    if (got == RR_NEXT_STOP || got == RR_NEXT_BROKEN) return got;
    if (got == RR_NEXT_HTTP && host()->http_request(&request)) break;
    constexpr std::string_view kOther = "this worker serves HTTP requests only";
    host()->wire_error(got == RR_NEXT_HTTP ? host()->fault()
                                           : rr_text{kOther.data(), kOther.size()});
  }
  if (Z_ISUNDEF(process_server)) keep_process_globals();
  answer = Answer();
  answer.active = true;
  php_output_end_all();
  take_sapi();
  php_output_set_implicit_flush(0);
  reset_headers(true);
  PG(connection_status) = PHP_CONNECTION_NORMAL;
  EG(exit_status) = 0;
  set_input(request);
  fill_superglobals(request);
  shutdown_functions = std::exchange(BG(user_shutdown_function_names), nullptr);
  if (PG(expose_php))
    sapi_add_header(SAPI_PHP_VERSION_HEADER, sizeof(SAPI_PHP_VERSION_HEADER) - 1, 1);
  return RR_NEXT_HTTP;
}

void rr_embed_superglobals_end(int failed) {
  if (failed && !SG(headers_sent) && SG(sapi_headers).http_response_code < 400)
    SG(sapi_headers).http_response_code = 500;
  if (BG(user_shutdown_function_names)) {
    php_call_shutdown_functions();
    php_free_shutdown_functions();
    if (EG(exception)) zend_clear_exception();
  }
  BG(user_shutdown_function_names) = std::exchange(shutdown_functions, nullptr);
  end_session();
  if (EG(exception)) zend_clear_exception();
  php_output_end_all();
  if (!SG(headers_sent)) php_header();
  // The engine takes headers for sent with the first output; the client has seen nothing yet.
  if (failed && !answer.started && answer.status < 400) answer.status = 500;
  finish_answer();
  answer.active = false;
  give_back_sapi();
  php_output_set_implicit_flush(PG(implicit_flush) ? 1 : 0);
  reset_headers(false);
  drop_input();
  set_empty_globals();
  zval server;
  ZVAL_COPY(&server, &process_server);
  set_global("_SERVER", TRACK_VARS_SERVER, &server);
  if (SG(rfc1867_uploaded_files)) destroy_uploaded_files_hash();
  host()->done();
}

int rr_embed_superglobals_finish(void) {
  if (!answer.active || answer.finished) return 0;
  finish_answer();
  return 1;
}

void rr_embed_superglobals_abandon(void) {
  if (answer.active) {
    answer.active = false;
    give_back_sapi();
    sapi_module.ub_write(answer.body.data(), answer.body.size());
  }
  zval_ptr_dtor(&process_server);
  ZVAL_UNDEF(&process_server);
}
