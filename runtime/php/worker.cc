#include "runtime/php/worker.h"

#include <cstring>

extern "C" {
#include "ext/session/php_session.h"
}

#include "runtime/core/crash_report.h"
#include "runtime/php/answer.h"
#include "runtime/php/limits.h"
#include "runtime/php/overrides.h"
#include "runtime/php/request.h"
#include "runtime/php/restart_gate.h"
#include "runtime/php/sapi.h"
#include "runtime/php/stack.h"
#include "runtime/php/strings.h"

namespace rr::php {

// Settings that a request may change for itself only; every other one sticks (spec 08 §3.4).
static constexpr std::string_view kRequestSettings[] = {
    "memory_limit",   "max_execution_time", "display_errors",    "error_reporting",
    "log_errors",     "html_errors",        "precision",         "serialize_precision",
    "date.timezone",  "default_charset",    "ignore_user_abort", "zlib.output_compression",
    "implicit_flush", "assert.exception",   "zend.assertions",
};
static constexpr std::size_t kRequestSettingCount = std::size(kRequestSettings);

// How the script left the engine when it first waited for a request. Plain data: made on the host's
// heap, and with pointers into the request heap that die with the script.
struct WorkerBaseline {
  struct Setting {
    zend_ini_entry* entry;
    zend_string* value;  // counted when modified
    bool modified;
  } settings[kRequestSettingCount];
  zend_auto_global* get;
  zend_auto_global* post;
  zend_auto_global* cookie;
  zend_auto_global* files;
  zend_auto_global* server;
  zend_auto_global* request;
  HashTable* shutdown_functions;
  int error_handlers;
  int exception_handlers;
  bool has_session;
  zend_module_entry* filter;
};

namespace {

zend_auto_global* auto_global(zend_string* name) {
  return static_cast<zend_auto_global*>(zend_hash_find_ptr(CG(auto_globals), name));
}

void make_baseline(State& state) {
  auto* baseline = new WorkerBaseline{};
  state.baseline = baseline;
  for (std::size_t i = 0; i < kRequestSettingCount; ++i) {
    auto* entry = static_cast<zend_ini_entry*>(zend_hash_str_find_ptr(
        EG(ini_directives), kRequestSettings[i].data(), kRequestSettings[i].size()));
    WorkerBaseline::Setting& setting = baseline->settings[i];
    setting.entry = entry;
    if (!entry) continue;
    setting.value = entry->value;
    setting.modified = entry->modified;
    if (setting.modified && entry->value) zend_string_addref(entry->value);
  }
  const Strings& known = strings();
  baseline->get = auto_global(known.get_global);
  baseline->post = auto_global(known.post_global);
  baseline->cookie = auto_global(known.cookie_global);
  baseline->files = auto_global(known.files_global);
  baseline->server = auto_global(known.server);
  baseline->request = auto_global(known.request_global);
  baseline->shutdown_functions = BG(user_shutdown_function_names);
  baseline->error_handlers = zend_stack_count(&EG(user_error_handlers));
  baseline->exception_handlers = zend_stack_count(&EG(user_exception_handlers));
  // Its copies of the input are freed by its request shutdown only (filter_input() reads them).
  baseline->filter = static_cast<zend_module_entry*>(
      zend_hash_str_find_ptr(&module_registry, "filter", sizeof("filter") - 1));
  baseline->has_session = zend_hash_str_exists(&module_registry, "session", sizeof("session") - 1);
}

void restore_settings(WorkerBaseline& baseline) {
  for (WorkerBaseline::Setting& setting : baseline.settings) {
    zend_ini_entry* entry = setting.entry;
    if (!entry || entry->value == setting.value) continue;
    if (setting.modified) {
      zend_alter_ini_entry_ex(entry->name, setting.value, PHP_INI_SYSTEM, PHP_INI_STAGE_RUNTIME,
                              true);
    } else {
      zend_restore_ini_entry(entry->name, PHP_INI_STAGE_DEACTIVATE);
    }
  }
}

bool empty_global(zend_string* name) {
  zval* value = zend_hash_find(&EG(symbol_table), name);
  if (!value) return false;
  ZVAL_DEINDIRECT(value);
  ZVAL_DEREF(value);
  return Z_TYPE_P(value) == IS_ARRAY && zend_hash_num_elements(Z_ARRVAL_P(value)) == 0;
}

void rebuild(zend_auto_global* global) {
  if (global && global->auto_global_callback)
    global->armed = global->auto_global_callback(global->name);
}

// Rebuilds what could differ from what is there. Superglobals that no compiled code has named stay
// unbuilt (auto_globals_jit), as in classic mode.
void fill_superglobals(State& state) {
  WorkerBaseline& baseline = *state.baseline;
  const Strings& known = strings();
  const bool post = state.method[0] == 'P' && std::strcmp(state.method, "POST") == 0;
  if (*SG(request_info).query_string || !empty_global(known.get_global)) rebuild(baseline.get);
  if (post || !empty_global(known.post_global)) rebuild(baseline.post);
  if (!state.cookie.empty() || !empty_global(known.cookie_global)) rebuild(baseline.cookie);
  const zval* files = &PG(http_globals)[TRACK_VARS_FILES];
  if (Z_TYPE_P(files) != IS_ARRAY || zend_hash_num_elements(Z_ARRVAL_P(files)) ||
      !empty_global(known.files_global)) {
    rebuild(baseline.files);
  }
  if (baseline.server && !baseline.server->armed) rebuild(baseline.server);
  if (baseline.request && !baseline.request->armed) rebuild(baseline.request);
}

// As the session module's own request shutdown, but the user's save handlers stay.
void reset_session() {
  if (PS(session_status) == php_session_active) {
    zend_try {
      php_session_flush(1);
    }
    zend_end_try();
  }
  PS(in_save_handler) = 0;
  if (!Z_ISUNDEF(PS(http_session_vars))) {
    zval_ptr_dtor(&PS(http_session_vars));
    ZVAL_UNDEF(&PS(http_session_vars));
  }
  if (PS(mod_data) || PS(mod_user_implemented)) {
    zend_try {
      if (PS(mod)) PS(mod)->s_close(&PS(mod_data));
    }
    zend_end_try();
  }
  if (PS(id)) {
    zend_string_release_ex(PS(id), 0);
    PS(id) = nullptr;
  }
  if (PS(session_vars)) {
    zend_string_release_ex(PS(session_vars), 0);
    PS(session_vars) = nullptr;
  }
  PS(session_status) = php_session_none;
  PS(set_handler) = 0;
  PS(mod_data) = nullptr;
  PS(mod_user_is_open) = 0;
  PS(define_sid) = 1;
  zend_hash_del(&EG(symbol_table), strings().session_global);
}

bool session_touched() {
  return PS(session_status) == php_session_active || PS(id) || PS(mod_data) ||
         !Z_ISUNDEF(PS(http_session_vars));
}

// The stream behind php://input: in the script's resource list, where it would stay for its life.
void close_request_body() {
  php_stream* body = SG(request_info).request_body;
  if (!body) return;
  zval* item;
  ZEND_HASH_FOREACH_VAL(&EG(regular_list), item) {
    auto* resource = static_cast<zend_resource*>(Z_PTR_P(item));
    if (resource->type != php_file_le_stream() || !resource->ptr) continue;
    auto* stream = static_cast<php_stream*>(resource->ptr);
    // Somebody kept an open php://input, which points to the body.
    if (std::strcmp(stream->ops->label, "Input") == 0) return;
  }
  ZEND_HASH_FOREACH_END();
  SG(request_info).request_body = nullptr;
  SG(post_read) = 1;
  php_stream_free(body, PHP_STREAM_FREE_CLOSE);
}

void pop_handlers(WorkerBaseline& baseline) {
  while (zend_stack_count(&EG(user_error_handlers)) > baseline.error_handlers) {
    zval_ptr_dtor(&EG(user_error_handler));
    zval* handler = static_cast<zval*>(zend_stack_top(&EG(user_error_handlers)));
    EG(user_error_handler_error_reporting) =
        zend_stack_int_top(&EG(user_error_handlers_error_reporting));
    ZVAL_COPY_VALUE(&EG(user_error_handler), handler);
    zend_stack_del_top(&EG(user_error_handlers));
    zend_stack_del_top(&EG(user_error_handlers_error_reporting));
  }
  while (zend_stack_count(&EG(user_exception_handlers)) > baseline.exception_handlers) {
    zval_ptr_dtor(&EG(user_exception_handler));
    zval* handler = static_cast<zval*>(zend_stack_top(&EG(user_exception_handlers)));
    ZVAL_COPY_VALUE(&EG(user_exception_handler), handler);
    zend_stack_del_top(&EG(user_exception_handlers));
  }
}

void clear_last_error() {
  if (PG(last_error_message)) {
    zend_string_release(PG(last_error_message));
    PG(last_error_message) = nullptr;
  }
  if (PG(last_error_file)) {
    zend_string_release(PG(last_error_file));
    PG(last_error_file) = nullptr;
  }
}

// The script's own life up to here was a request of its own: end that one's output and headers.
void end_boot() {
  php_output_end_all();
  php_output_deactivate();
  sapi_deactivate();
  php_output_activate();
}

}  // namespace

bool take_exchange(State& state, TimePoint deadline) noexcept {
  state.asked_for_work = true;
  state.booting = false;
  if (!state.config.classic && restart_gate_pending()) state.recycle_wanted = true;
  if (state.stop_seen || state.recycle_wanted) {
    state.stop_seen = true;
    return false;
  }
  if (!state.config.classic) {
    state.memory.store(zend_memory_usage(true), std::memory_order_relaxed);
  }
  state.limits.in_script.store(false, std::memory_order_release);
  if (state.asked.load(std::memory_order_relaxed)) answer_stack_asks(state, nullptr);
  Exchange* exchange = state.work.next(deadline);
  state.limits.in_script.store(true, std::memory_order_release);
  if (!exchange) {
    if (deadline == TimePoint::max() || state.work.stopping()) state.stop_seen = true;
    return false;
  }
  state.exchange = exchange;
  state.http = exchange->http();
  state.request = state.http ? &state.http->request() : nullptr;
  if (state.request) {
    const HttpRequest& request = *state.request;
    crash::set_request(request(request.head.method), request(request.head.target));
  }
  state.exchange_answered = false;
  state.interrupted = false;
  state.method = nullptr;
  answer_reset(state.answer);
  arm_time_limit(state);
  return true;
}

int wait_by_descriptor(State& state) noexcept {
  state.asked_for_work = true;
  state.booting = false;
  return state.work.ready_descriptor();
}

void fail_exchange(State& state, const Error& error) {
  state.exchange_answered = true;
  state.exchange->fail(error);
  state.work.failed(error);
}

void drop_exchange(State& state) noexcept {
  Exchange* exchange = state.exchange;
  if (!exchange) return;
  if (state.http && state.answer.started && !state.answer.finished) {
    answer_finish(state);
  } else if (!state.exchange_answered && !exchange->ended()) {
    if (state.interrupted) {
      fail_exchange(state,
                    Error{Errc::exec_ttl, "worker_exec_with_timeout", "context deadline exceeded"});
    } else {
      fail_exchange(state, Error{Errc::network, "worker_exec",
                                 state.last_error.empty() ? std::string("the script gave no answer")
                                                          : state.last_error});
    }
  }
  crash::clear_request();
  state.exchange = nullptr;
  state.http = nullptr;
  state.request = nullptr;
  state.style = Style::none;
  disarm_time_limit(state);
  state.work.done();
  // The pool interrupts what is in hand only.
  state.limits.cancel.store(false, std::memory_order_relaxed);
}

void release_exchange(State& state) noexcept {
  crash::clear_request();
  state.exchange = nullptr;
  state.http = nullptr;
  state.request = nullptr;
  state.style = Style::none;
  disarm_time_limit(state);
  state.work.hand_back();
  state.limits.cancel.store(false, std::memory_order_relaxed);
}

int superglobals_begin(State& state) {
  if (!state.baseline) {
    end_boot();
    make_baseline(state);
    overrides_keep(state);
  }
  BG(user_shutdown_function_names) = nullptr;
  for (;;) {
    if (!take_exchange(state, TimePoint::max())) {
      BG(user_shutdown_function_names) = state.baseline->shutdown_functions;
      return 0;
    }
    if (state.http) break;
    drop_exchange(state);
  }
  state.style = Style::superglobals;
  request_route_worker(state);
  request_prepare(state);
  SG(headers_sent) = 0;
  PG(connection_status) = PHP_CONNECTION_NORMAL;
  PG(header_is_being_sent) = 0;
  EG(exit_status) = 0;
  zval* files = &PG(http_globals)[TRACK_VARS_FILES];
  if (SG(request_info).content_type || Z_TYPE_P(files) != IS_ARRAY ||
      zend_hash_num_elements(Z_ARRVAL_P(files))) {
    zval_ptr_dtor_nogc(files);
    ZVAL_UNDEF(files);
  }
  sapi_activate();
  if (PG(expose_php))
    sapi_add_header(SAPI_PHP_VERSION_HEADER, sizeof(SAPI_PHP_VERSION_HEADER) - 1, 1);
  if (PG(output_handler) && PG(output_handler)[0]) {
    zval handler;
    ZVAL_STRING(&handler, PG(output_handler));
    php_output_start_user(&handler, 0, PHP_OUTPUT_HANDLER_STDFLAGS);
    zval_ptr_dtor(&handler);
  } else if (PG(output_buffering)) {
    php_output_start_user(nullptr, PG(output_buffering) > 1 ? PG(output_buffering) : 0,
                          PHP_OUTPUT_HANDLER_STDFLAGS);
  }
  fill_superglobals(state);
  return 1;
}

void superglobals_end(State& state, bool failed) {
  WorkerBaseline& baseline = *state.baseline;
  if (failed && !SG(headers_sent) && SG(sapi_headers).http_response_code < 400) {
    SG(sapi_headers).http_response_code = 500;
  }
  if (BG(user_shutdown_function_names)) {
    php_call_shutdown_functions();
    php_free_shutdown_functions();
    if (EG(exception)) zend_clear_exception();
  }
  php_output_end_all();
  if (baseline.has_session && session_touched()) reset_session();
  php_output_deactivate();
  if (EG(exception)) zend_clear_exception();
  // The engine takes headers for sent with the first output; the client has seen nothing yet.
  if (failed && !state.answer.started && state.answer.status < 400) {
    state.answer.status = 500;
    answer_drop_reason(state.answer);
  }
  // An interrupted handler has no answer of its own, unless it had begun one.
  if (!state.interrupted || state.answer.started) answer_finish(state);

  if (!Z_ISUNDEF(SG(callback_func))) {
    zval_ptr_dtor(&SG(callback_func));
    ZVAL_UNDEF(&SG(callback_func));
  }
  close_request_body();
  if (baseline.filter && baseline.filter->request_shutdown_func) {
    baseline.filter->request_shutdown_func(baseline.filter->type, baseline.filter->module_number);
  }
  sapi_deactivate();
  php_output_activate();
  restore_settings(baseline);
  overrides_reset(state);
  pop_handlers(baseline);
  if (PG(last_error_message)) clear_last_error();
  if (!state.last_error.empty() && !state.interrupted) state.work.script_failed(state.last_error);
  state.last_error.clear();  // the script has survived it
  BG(user_shutdown_function_names) = baseline.shutdown_functions;
  request_forget(state);
  restart_gate_look(state);
  if (state.interrupted) {
    // `finally` blocks were skipped: what the script thinks of itself may be wrong.
    state.recycle_wanted = true;
  }
  drop_exchange(state);
}

void baseline_release(State& state) {
  WorkerBaseline* baseline = state.baseline;
  if (!baseline) return;
  state.baseline = nullptr;
  for (WorkerBaseline::Setting& setting : baseline->settings) {
    if (setting.entry && setting.modified && setting.value) zend_string_release(setting.value);
  }
  // A bailout inside a handler: the shutdown functions of the script come after those of the
  // request.
  if (baseline->shutdown_functions &&
      BG(user_shutdown_function_names) != baseline->shutdown_functions) {
    if (!BG(user_shutdown_function_names)) {
      BG(user_shutdown_function_names) = baseline->shutdown_functions;
    }
  }
  delete baseline;
}

}  // namespace rr::php
