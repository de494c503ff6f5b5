#include "runtime/php/sapi.h"

#include <unistd.h>

#include <cstring>

#include "runtime/php/answer.h"
#include "runtime/php/overrides.h"
#include "runtime/php/request.h"
#include "runtime/php/script_log.h"

namespace rr::php {
namespace {

log::Logger engine_log;  // written by the main thread before and after all others

void remember_output(State& state, std::string_view bytes) noexcept {
  constexpr std::size_t kTail = 4096;
  state.last_output.append(bytes);
  if (state.last_output.size() > 2 * kTail) {
    state.last_output.erase(0, state.last_output.size() - kTail);
  }
}

void print_to_log(State& state, std::string_view bytes) noexcept {
  remember_output(state, bytes);
  log_output(state.log, state.log_line, bytes);
}

void gone(State& state) {
  if (state.style == Style::classic) {
    php_handle_aborted_connection();  // may jump: last
    return;
  }
  // A worker script lives on: only connection_aborted() tells.
  PG(connection_status) = PHP_CONNECTION_ABORTED;
  php_output_set_status(PHP_OUTPUT_DISABLED);
}

extern "C" {

int sapi_start(sapi_module_struct* module) {
#if PHP_VERSION_ID >= 80200
  return php_module_startup(module, nullptr);
#else
#error "PHP 8.2 or later is needed"
#endif
}

int sapi_begin() {
  State* state = current_state();
  if (!state) return SUCCESS;
    // The engine's timer was not made (see Interpreter::run); setting it must do nothing.
#ifdef ZEND_MAX_EXECUTION_TIMERS
  EG(pid) = 0;
#endif
  if (state->http) {
    SG(request_info).proto_num = state->request->head.version == HttpVersion::http10 ? 1000 : 1001;
  }
  return SUCCESS;
}

size_t sapi_write(const char* bytes, size_t size) {
  State* state = current_state();
  if (!state) return static_cast<size_t>(::write(STDERR_FILENO, bytes, size));
  if (state->style == Style::none) {
    print_to_log(*state, {bytes, size});
    return size;
  }
  if (state->answer.finished) return size;  // after finish_request(): dropped, not an abort
  if (state->answer.client_gone || !answer_write(*state, bytes, size)) gone(*state);
  return size;
}

void sapi_flush_output(void*) {
  State* state = current_state();
  if (!state || state->style == Style::none || state->answer.finished) return;
  if (sapi_send_headers() == FAILURE) return;
  if (state->answer.client_gone || !answer_flush(*state)) gone(*state);
}

int sapi_take_headers(sapi_headers_struct* headers) {
  State* state = current_state();
  if (state && state->style != Style::none && !state->answer.head_ready) {
    answer_take_head(state->answer, *headers);
  }
  return SAPI_HEADER_SENT_SUCCESSFULLY;
}

size_t sapi_read_body(char* buffer, size_t wanted) {
  State* state = current_state();
  if (!state || !state->request) return 0;
  std::string_view rest = state->request->body.substr(state->body_read);
  size_t size = std::min(wanted, rest.size());
  if (size) std::memcpy(buffer, rest.data(), size);
  state->body_read += size;
  return size;
}

char* sapi_cookies() {
  State* state = current_state();
  if (!state || state->cookie.empty()) return nullptr;
  return state->cookie.data();
}

char* sapi_environment(const char* name, size_t size) {
  return const_cast<char*>(environment_get(current_state(), {name, size}));
}

void sapi_variables(zval* array) {
  State* state = current_state();
  if (!state) {
    php_import_environment_variables(array);
  } else if (state->request) {
    register_request_variables(*state, array);
  } else {
    register_script_variables(*state, array);
  }
}

void sapi_log(const char* message, int priority) {
  State* state = current_state();
  log_php(state ? state->log : engine_logger(), priority, message);
}

zend_result sapi_time(double* out) {
  State* state = current_state();
  if (!state || !state->request) return FAILURE;
  *out = static_cast<double>(state->request->received_unix_us) / 1e6;
  return SUCCESS;
}

}  // extern "C"

void (*engine_error_callback)(int, zend_string*, const uint32_t, zend_string*) = nullptr;

void remember_fatal(State& state, const zend_string* file, std::uint32_t line,
                    const zend_string* message) noexcept {
  state.last_error.assign(ZSTR_VAL(message), ZSTR_LEN(message));
  state.last_error += " in ";
  state.last_error +=
      file ? std::string_view{ZSTR_VAL(file), ZSTR_LEN(file)} : std::string_view{"Unknown"};
  state.last_error += " on line ";
  state.last_error += std::to_string(line);
  if (state.last_error.starts_with("Maximum execution time of ")) state.time_limit_hit = true;
}

extern "C" void remember_error(int type, zend_string* file, const uint32_t line,
                               zend_string* message) {
  State* state = current_state();
  constexpr int kFatal =
      E_ERROR | E_CORE_ERROR | E_COMPILE_ERROR | E_PARSE | E_USER_ERROR | E_RECOVERABLE_ERROR;
  if (state && (type & kFatal)) {
    state->last_error_type = type & E_ALL;
    remember_fatal(*state, file, line, message);
  }
  engine_error_callback(type, file, line, message);  // may jump: last
}

}  // namespace

sapi_module_struct sapi = [] {
  sapi_module_struct module{};
  // A name that opcache knows; renamed after startup (spec 08 §5.1).
  module.name = const_cast<char*>("cli-server");
  module.pretty_name = const_cast<char*>("rr-embed");
  module.startup = sapi_start;
  module.shutdown = php_module_shutdown_wrapper;
  module.activate = sapi_begin;
  module.ub_write = sapi_write;
  module.flush = sapi_flush_output;
  module.getenv = sapi_environment;
  module.sapi_error = php_error;
  module.send_headers = sapi_take_headers;
  module.read_post = sapi_read_body;
  module.read_cookies = sapi_cookies;
  module.register_server_variables = sapi_variables;
  module.log_message = sapi_log;
  module.get_request_time = sapi_time;
  return module;
}();

void set_engine_logger(const log::Logger& log) {
  engine_log = log;
}

const log::Logger& engine_logger() {
  return engine_log;
}

bool run_guarded(void (*body)(void*), void* argument) noexcept {
  volatile bool done = false;
  zend_first_try {
    body(argument);
    done = true;
  }
  zend_end_try();
  return done;
}

void install_error_callback() {
  engine_error_callback = zend_error_cb;
  zend_error_cb = remember_error;
}

void enter_folder_of(const char* file) {
  const char* slash = std::strrchr(file, '/');
  if (!slash) return;
  char folder[MAXPATHLEN];
  size_t size = static_cast<size_t>(slash - file);
  if (size == 0) size = 1;
  if (size >= sizeof(folder)) return;
  std::memcpy(folder, file, size);
  folder[size] = '\0';
  php_ignore_value(VCWD_CHDIR(folder));
}

}  // namespace rr::php
