#include "runtime/php/interpreter.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runtime/core/crash_report.h"
#include "runtime/php/answer.h"
#include "runtime/php/frame_streams.h"
#include "runtime/php/limits.h"
#include "runtime/php/overrides.h"
#include "runtime/php/request.h"
#include "runtime/php/restart_gate.h"
#include "runtime/php/sapi.h"
#include "runtime/php/script_log.h"
#include "runtime/php/state.h"
#include "runtime/php/strings.h"
#include "runtime/php/worker.h"

namespace rr::php {
namespace {

thread_local State* this_thread = nullptr;

bool configured(const ScriptConfig& config, const char* name) {
  for (const auto& [key, value] : config.ini) {
    if (key == name) return true;
  }
  return cfg_get_entry(name, std::strlen(name)) != nullptr;
}

// As if php.ini said so, for this thread: neither ini_restore() nor the end of a request undoes it.
void set_thread_setting(State& state, const std::string& name, const std::string& text) {
  auto* entry = static_cast<zend_ini_entry*>(
      zend_hash_str_find_ptr(EG(ini_directives), name.data(), name.size()));
  if (!entry) return;
  if (entry->value && std::string_view{ZSTR_VAL(entry->value), ZSTR_LEN(entry->value)} == text)
    return;
  zend_string* value = make_immortal(text);
  if (entry->on_modify && entry->on_modify(entry, value, entry->mh_arg1, entry->mh_arg2,
                                           entry->mh_arg3, PHP_INI_STAGE_ACTIVATE) != SUCCESS) {
    state.log.warn("PHP does not take a setting of this pool", kv("name", name), kv("value", text));
    return;
  }
  entry->value = value;
}

void apply_settings(State& state) {
  const ScriptConfig& config = state.config;
  if (!config.classic) {
    // What the command line PHP sets for a worker in a process.
    static const std::pair<const char*, const char*> kWorkerDefaults[] = {
        {"html_errors", "0"},
        {"display_errors", "0"},
        {"log_errors", "1"},
        {"output_buffering", "0"},
        {"implicit_flush", "0"},
        // A loop loads a file once: as it is now.
        {"opcache.revalidate_freq", "0"}};
    for (const auto& [name, value] : kWorkerDefaults) {
      if (!configured(config, name) || std::string_view(name) == "html_errors")
        set_thread_setting(state, name, value);
    }
    set_thread_setting(state, "max_execution_time", "0");
  }
  for (const auto& [name, value] : config.ini) set_thread_setting(state, name, value);
}

void attach(State& state) {
  ts_resource(0);
  ZEND_TSRMLS_CACHE_UPDATE();
  this_thread = &state;
  SG(server_context) = &state;
  overrides_join(state);
  restart_gate_join(state);
  watch_time_limit_setting(state);
  apply_settings(state);
  std::lock_guard lock(state.slot_mutex);
  state.executor = static_cast<zend_executor_globals*>(
      TSRMG_FAST_BULK(executor_globals_offset, zend_executor_globals*));
  state.thread = pthread_self();
  state.thread_id = static_cast<int>(syscall(SYS_gettid));
  state.attached = true;
}

void detach(State& state) {
  crash::set_script({});
  restart_gate_part(state);
  overrides_part(state);
  {
    std::lock_guard lock(state.slot_mutex);
    state.attached = false;
    state.executor = nullptr;
    state.asks.clear();
  }
#if PHP_VERSION_ID >= 80400
  // Since 8.4 a thread's end frees neither its persistent resources nor strtod's tables.
  zend_hash_graceful_reverse_destroy(&EG(persistent_list));
  zend_hash_init(&EG(persistent_list), 8, nullptr, plist_entry_destructor, 1);
  zend_shutdown_strtod();
#endif
  SG(server_context) = nullptr;
  ts_free_thread();
  this_thread = nullptr;
}

void before_startup() {
#ifdef ZEND_MAX_EXECUTION_TIMERS
  // The engine makes no timer when it believes to have one; sapi_begin() takes the belief back, so
  // that nothing sets it. Limits are the guard's business (limits.h).
  static const pid_t pid = getpid();
  EG(pid) = pid;
#endif
}

struct ScriptRun {
  State* state;
  bool result;
};

// ---- engine code below runs inside run_guarded: locals are plain data

void start_classic(void* argument) {
  State& state = *static_cast<State*>(argument);
  request_prepare(state);
  SG(request_info).path_translated = state.script_file.data();
  SG(options) |= SAPI_OPTION_NO_CHDIR;
  before_startup();
  if (php_request_startup() == FAILURE) return;
  arm_time_limit(state);
  restart_gate_look(state);
  enter_folder_of(state.script_file.c_str());
  zend_file_handle file;
  zend_stream_init_filename(&file, state.script_file.c_str());
  file.primary_script = true;
  php_execute_script(&file);
  zend_destroy_file_handle(&file);
}

void end_request(void*) {
  php_request_shutdown(nullptr);
}

void run_worker_script(void* argument) {
  auto& run = *static_cast<ScriptRun*>(argument);
  State& state = *run.state;
  sapi_request_info& info = SG(request_info);
  request_forget(state);
  info.auth_user = info.auth_password = info.auth_digest = nullptr;
  info.argc = static_cast<int>(state.argv.size());
  info.argv = state.argv.data();
  info.path_translated = const_cast<char*>(state.config.script.c_str());
  SG(sapi_headers).http_response_code = 200;
  SG(server_context) = &state;
  SG(options) |= SAPI_OPTION_NO_CHDIR;
  before_startup();
  if (php_request_startup() == FAILURE) return;
  PG(during_request_startup) = 0;
  arm_time_limit(state);
  define_standard_streams(state);
  CG(skip_shebang) = true;
  zend_file_handle file;
  zend_stream_init_filename(&file, state.config.script.c_str());
  file.primary_script = true;
  run.result = php_execute_script(&file);
  zend_destroy_file_handle(&file);
}

void end_worker_script(void* argument) {
  State& state = *static_cast<State*>(argument);
  baseline_release(state);
  php_request_shutdown(nullptr);
}

// What opcache has of the file may be its former content.
void forget_cached(zend_string* file) {
  constexpr std::string_view kInvalidate = "opcache_invalidate";
  if (!zend_hash_str_exists(EG(function_table), kInvalidate.data(), kInvalidate.size())) return;
  zval function, result, arguments[2];
  ZVAL_STRINGL(&function, kInvalidate.data(), kInvalidate.size());
  ZVAL_STR(&arguments[0], file);
  ZVAL_TRUE(&arguments[1]);
  ZVAL_UNDEF(&result);
  call_user_function(nullptr, nullptr, &function, &result, 2, arguments);
  zval_ptr_dtor(&result);
  zval_ptr_dtor(&function);
}

struct Compilation {
  State* state;
  const std::string* file;
};

void compile_file(void* argument) {
  const auto& compilation = *static_cast<Compilation*>(argument);
  sapi_request_info& info = SG(request_info);
  request_forget(*compilation.state);
  info.auth_user = info.auth_password = info.auth_digest = nullptr;
  SG(server_context) = compilation.state;
  SG(options) |= SAPI_OPTION_NO_CHDIR;
  before_startup();
  if (php_request_startup() == FAILURE) return;
  zend_string* name = zend_string_init(compilation.file->data(), compilation.file->size(), 0);
  forget_cached(name);
  zend_file_handle file;
  zend_stream_init_filename_ex(&file, name);
  php_lint_script(&file);
  zend_destroy_file_handle(&file);
  zend_string_release(name);
}

// ---- plain C++ again

void take_context_memory(State& state) {
  state.memory.store(zend_memory_usage(true), std::memory_order_relaxed);
}

// One exchange in classic mode. False: the interpreter must be renewed.
bool serve_classic(State& state) {
  answer_reset(state.answer);
  state.style = Style::classic;
  state.last_error.clear();
  request_route(state);
  crash::set_script(state.script_file);
  restart_gate_enter(state);
  run_guarded(start_classic, &state);
  if (state.interrupted_hard.load()) state.interrupted = true;
  bool clean = run_guarded(end_request, nullptr);
  restart_gate_leave(state);
  // An interrupted script has no answer of its own, unless it had begun one.
  if (!state.answer.finished && (!state.interrupted || state.answer.started)) {
    if (!state.answer.head_ready && !state.answer.started) state.answer.status = 500;
    answer_finish(state);
  }
  if (!state.last_error.empty() && !state.interrupted) state.work.script_failed(state.last_error);
  request_forget(state);
  overrides_reset(state);
  take_context_memory(state);
  return clean;
}

void run_classic(State& state) {
  for (;;) {
    if (!take_exchange(state, TimePoint::max())) {
      state.report.end = ScriptEnd::stopped;
      return;
    }
    if (!state.http) {
      drop_exchange(state);
      continue;
    }
    bool clean = serve_classic(state);
    bool interrupted = state.interrupted;
    drop_exchange(state);
    if (restart_gate_pending()) restart_gate_serve(state);
    if (!clean || interrupted) {
      state.unhealthy = !clean;
      state.report.end = interrupted ? ScriptEnd::interrupted : ScriptEnd::fatal;
      state.report.message = state.last_error;
      return;
    }
  }
}

void run_worker(State& state) {
  state.booting = true;
  state.style = Style::none;
  state.last_error.clear();
  state.last_output.clear();
  state.last_error_type = 0;
  if (::access(state.config.script.c_str(), R_OK) != 0) {
    state.report.end = ScriptEnd::failed;
    state.report.message =
        "cannot open the script " + state.config.script + ": " + std::strerror(errno);
    return;
  }
  if (restart_gate_pending()) restart_gate_serve(state);
  crash::set_script(state.config.script);
  restart_gate_enter(state);
  ScriptRun run{&state, false};
  run_guarded(run_worker_script, &run);
  const bool in_hand = state.exchange != nullptr;
  if (state.interrupted_hard.load()) state.interrupted = true;
  const int exit_status = EG(exit_status);
  const bool fatal = !state.last_error.empty();
  bool clean = run_guarded(end_worker_script, &state);
  restart_gate_leave(state);
  if (in_hand) {
    // The script ended inside an exchange: its answer says so.
    if (state.style == Style::superglobals && !state.answer.finished && !state.interrupted) {
      if (!state.answer.started && state.answer.status < 400) {
        state.answer.status = 500;
        answer_drop_reason(state.answer);
      }
      answer_finish(state);
    }
    if (fatal && state.answer.finished) state.work.script_failed(state.last_error);
    drop_exchange(state);
  }
  request_forget(state);
  forget_standard_streams(state);
  overrides_forget(state);
  log_rest(state.log, state.log_line);
  state.unhealthy = !clean;

  ScriptReport& report = state.report;
  report.asked_for_work = state.asked_for_work;
  report.exit_status = exit_status;
  if (state.interrupted || state.time_limit_hit) {
    report.end = ScriptEnd::interrupted;
  } else if (fatal) {
    constexpr int kCompile = E_PARSE | E_COMPILE_ERROR;
    report.end = !state.asked_for_work && (state.last_error_type & kCompile) ? ScriptEnd::failed
                                                                             : ScriptEnd::fatal;
  } else if (state.stop_seen) {
    report.end = ScriptEnd::stopped;
  } else {
    report.end = run.result ? ScriptEnd::returned : ScriptEnd::exited;
  }
  report.message = fatal ? state.last_error : state.last_output;
}

}  // namespace

State* current_state() noexcept {
  return this_thread;
}

std::string_view to_string(ScriptEnd end) {
  switch (end) {
    case ScriptEnd::returned:
      return "returned";
    case ScriptEnd::stopped:
      return "stopped";
    case ScriptEnd::exited:
      return "exited";
    case ScriptEnd::fatal:
      return "fatal error";
    case ScriptEnd::interrupted:
      return "interrupted";
    case ScriptEnd::failed:
      return "failed to start";
  }
  return "";
}

Interpreter::Interpreter(const ScriptConfig& config, WorkSource& work, const log::Logger& log)
    : state_(std::make_unique<State>(config, work, log)) {
  State& state = *state_;
  state.argv_text.push_back(config.script);
  for (const std::string& argument : config.arguments) state.argv_text.push_back(argument);
  for (std::string& text : state.argv_text) state.argv.push_back(text.data());
  attach(state);
}

Interpreter::~Interpreter() {
  detach(*state_);
  std::free(state_->answer.bytes);
}

ScriptReport Interpreter::run() {
  State& state = *state_;
  state.report = {};
  state.asked_for_work = state.stop_seen = state.selects = state.recycle_wanted =
      state.interrupted = false;
  state.time_limit_hit = false;
  state.limits.cancel.store(false);
  state.interrupted_hard.store(false);
  if (state.unhealthy) {
    // A context that a bailout left in an unknown state: take a new one.
    detach(state);
    attach(state);
    state.unhealthy = false;
  }
  state.limits.in_script.store(true, std::memory_order_release);
  if (state.config.classic) {
    run_classic(state);
  } else {
    run_worker(state);
  }
  state.limits.in_script.store(false, std::memory_order_release);
  state.report.asked_for_work = state.asked_for_work;
  return std::move(state.report);
}

std::string Interpreter::compile(const std::string& file) {
  State& state = *state_;
  state.style = Style::none;
  state.last_error.clear();
  if (restart_gate_pending()) restart_gate_serve(state);
  restart_gate_enter(state);
  Compilation compilation{&state, &file};
  run_guarded(compile_file, &compilation);
  std::string error = state.last_error;
  run_guarded(end_request, nullptr);
  restart_gate_leave(state);
  overrides_reset(state);
  return error;
}

std::uint64_t Interpreter::memory_bytes() const {
  return state_->memory.load(std::memory_order_relaxed);
}

}  // namespace rr::php
