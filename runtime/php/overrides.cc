#include "runtime/php/overrides.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/php/restart_gate.h"
#include "runtime/php/sapi.h"
#include "runtime/php/strings.h"

extern char** environ;

namespace rr::php {

// Of one interpreter; plain C++ outside PHP's heaps.
struct ThreadOverrides {
  // name → value; null pointer: removed.
  std::map<std::string, std::unique_ptr<std::string>, std::less<>> environment;
  std::map<std::string, std::unique_ptr<std::string>, std::less<>> kept_environment;
  bool has_kept = false;
  bool environment_changed = false;
  locale_t locale = nullptr;       // in use; null: the process's
  locale_t kept_locale = nullptr;  // of the worker script's boot
};

namespace {

ThreadOverrides& of(State& state) {
  if (!state.overrides) state.overrides = new ThreadOverrides;
  return *static_cast<ThreadOverrides*>(state.overrides);
}

using Values = std::map<std::string, std::unique_ptr<std::string>, std::less<>>;

void copy(const Values& from, Values& to) {
  to.clear();
  for (const auto& [name, value] : from)
    to[name] = value ? std::make_unique<std::string>(*value) : nullptr;
}

bool environment_put(State& state, std::string_view setting) noexcept {
  ThreadOverrides& overrides = of(state);
  std::size_t equals = setting.find('=');
  std::string name(setting.substr(0, equals));
  overrides.environment[name] = equals == std::string_view::npos
                                    ? nullptr
                                    : std::make_unique<std::string>(setting.substr(equals + 1));
  overrides.environment_changed = true;
  return true;
}

// For children: "NAME=value" texts, process < pool < putenv().
std::vector<std::string> merged_environment(State* state) {
  std::map<std::string, std::string, std::less<>> all;
  for (char** entry = environ; entry && *entry; ++entry) {
    const char* equals = std::strchr(*entry, '=');
    if (equals) all[std::string(*entry, static_cast<std::size_t>(equals - *entry))] = equals + 1;
  }
  if (state) {
    for (const auto& [name, value] : state->config.environment) all[name] = value;
    for (const auto& [name, value] : of(*state).environment) {
      if (value) {
        all[name] = *value;
      } else {
        all.erase(name);
      }
    }
  }
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [name, value] : all) out.emplace_back(name).append("=").append(value);
  return out;
}

bool has_own_environment(State* state) {
  return state && (!state->config.environment.empty() || !of(*state).environment.empty());
}

// ---- locale

struct Category {
  int number;
  int mask;
  const char* name;
};
// As glibc writes LC_ALL.
constexpr Category kCategories[] = {
    {LC_CTYPE, LC_CTYPE_MASK, "LC_CTYPE"},
    {LC_NUMERIC, LC_NUMERIC_MASK, "LC_NUMERIC"},
    {LC_TIME, LC_TIME_MASK, "LC_TIME"},
    {LC_COLLATE, LC_COLLATE_MASK, "LC_COLLATE"},
    {LC_MONETARY, LC_MONETARY_MASK, "LC_MONETARY"},
    {LC_MESSAGES, LC_MESSAGES_MASK, "LC_MESSAGES"},
    {LC_PAPER, LC_PAPER_MASK, "LC_PAPER"},
    {LC_NAME, LC_NAME_MASK, "LC_NAME"},
    {LC_ADDRESS, LC_ADDRESS_MASK, "LC_ADDRESS"},
    {LC_TELEPHONE, LC_TELEPHONE_MASK, "LC_TELEPHONE"},
    {LC_MEASUREMENT, LC_MEASUREMENT_MASK, "LC_MEASUREMENT"},
    {LC_IDENTIFICATION, LC_IDENTIFICATION_MASK, "LC_IDENTIFICATION"},
};

const char* category_name(locale_t locale, int category) {
  return nl_langinfo_l(_NL_LOCALE_NAME(category), locale);
}

// The locale's name for a category or all of them, into `out`. False: no such category.
bool locale_name(State& state, int category, char* out, std::size_t size) noexcept {
  locale_t current = of(state).locale;
  locale_t copy = current ? current : duplocale(LC_GLOBAL_LOCALE);
  bool known = false;
  if (category == LC_ALL) {
    bool same = true;
    const char* first = category_name(copy, LC_CTYPE);
    for (const Category& each : kCategories)
      same = same && std::strcmp(first, category_name(copy, each.number)) == 0;
    std::string text;
    if (same) {
      text = first;
    } else {
      for (const Category& each : kCategories) {
        if (!text.empty()) text += ';';
        text += std::string(each.name) + '=' + category_name(copy, each.number);
      }
    }
    known = text.size() < size;
    if (known) std::memcpy(out, text.c_str(), text.size() + 1);
  } else {
    for (const Category& each : kCategories) {
      if (each.number != category) continue;
      const char* name = category_name(copy, category);
      known = std::strlen(name) < size;
      if (known) std::strcpy(out, name);
    }
  }
  if (!current) freelocale(copy);
  return known;
}

bool locale_set(State& state, int category, const char* name) noexcept {
  int mask = 0;
  for (const Category& each : kCategories) {
    if (category == LC_ALL || each.number == category) mask |= each.mask;
  }
  if (mask == 0) return false;
  ThreadOverrides& overrides = of(state);
  // Without a base when nothing of it stays: glibc loses it for "C".
  locale_t base = category == LC_ALL
                      ? nullptr
                      : duplocale(overrides.locale ? overrides.locale : LC_GLOBAL_LOCALE);
  locale_t changed = newlocale(mask, name, base);
  if (!changed) {
    if (base) freelocale(base);
    return false;
  }
  uselocale(changed);
  if (overrides.locale && overrides.locale != overrides.kept_locale) freelocale(overrides.locale);
  overrides.locale = changed;
  return true;
}

// ---- the functions

zif_handler original_setlocale, original_putenv, original_getenv, original_waitpid;
zend_internal_function original_proc_open;

extern "C" {

zend_string* try_locale(State& state, zend_long category, zval* name) {
  zend_string* text = Z_TYPE_P(name) == IS_NULL ? ZSTR_EMPTY_ALLOC() : zval_try_get_string(name);
  if (!text) return nullptr;
  char result[1024];
  const bool query = zend_string_equals_literal(text, "0");
  bool good;
  if (!query && ZSTR_LEN(text) >= 255) {
    php_error_docref(nullptr, E_WARNING, "Specified locale name is too long");
    good = false;
  } else {
    good = (query || locale_set(state, static_cast<int>(category), ZSTR_VAL(text))) &&
           locale_name(state, static_cast<int>(category), result, sizeof(result));
  }
  zend_string_release(text);
  if (!good) return nullptr;
  if (!query && (category == LC_CTYPE || category == LC_ALL)) {
    zend_update_current_locale();
    if (BG(ctype_string)) zend_string_release_ex(BG(ctype_string), 0);
    BG(ctype_string) =
        std::strcmp(result, "C") == 0 ? nullptr : zend_string_init(result, std::strlen(result), 0);
  }
  return zend_string_init(result, std::strlen(result), 0);
}

void thread_setlocale(INTERNAL_FUNCTION_PARAMETERS) {
  State* state = current_state();
  if (!state) {
    original_setlocale(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    return;
  }
  zend_long category;
  zval* names;
  int count;
  ZEND_PARSE_PARAMETERS_START(2, -1)
  Z_PARAM_LONG(category)
  Z_PARAM_VARIADIC('+', names, count)
  ZEND_PARSE_PARAMETERS_END();
  for (int i = 0; i < count; ++i) {
    if (Z_TYPE(names[i]) == IS_ARRAY) {
      zval* name;
      ZEND_HASH_FOREACH_VAL(Z_ARRVAL(names[i]), name) {
        ZVAL_DEREF(name);
        zend_string* result = try_locale(*state, category, name);
        if (EG(exception)) RETURN_THROWS();
        if (result) RETURN_STR(result);
      }
      ZEND_HASH_FOREACH_END();
    } else {
      zend_string* result = try_locale(*state, category, &names[i]);
      if (EG(exception)) RETURN_THROWS();
      if (result) RETURN_STR(result);
    }
  }
  RETURN_FALSE;
}

void thread_putenv(INTERNAL_FUNCTION_PARAMETERS) {
  State* state = current_state();
  if (!state) {
    original_putenv(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    return;
  }
  char* setting;
  size_t size;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STRING(setting, size)
  ZEND_PARSE_PARAMETERS_END();
  if (size == 0 || setting[0] == '=') {
    zend_argument_value_error(1, "must have a valid syntax");
    RETURN_THROWS();
  }
  RETURN_BOOL(environment_put(*state, {setting, size}));
}

void thread_getenv(INTERNAL_FUNCTION_PARAMETERS) {
  State* state = current_state();
  if (!state) {
    original_getenv(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    return;
  }
  char* name = nullptr;
  size_t size;
  bool local_only = false;
  ZEND_PARSE_PARAMETERS_START(0, 2)
  Z_PARAM_OPTIONAL
  Z_PARAM_STRING_OR_NULL(name, size)
  Z_PARAM_BOOL(local_only)
  ZEND_PARSE_PARAMETERS_END();
  if (!name) {
    array_init(return_value);
    environment_fill(*state, Z_ARRVAL_P(return_value));
    return;
  }
  // A client's Proxy header never counts as the variable; see check_http_proxy() of PHP.
  const char* value = environment_get(state, {name, size});
  if (!value) RETURN_FALSE;
  RETURN_STRING(value);
}

void no_fork(INTERNAL_FUNCTION_PARAMETERS) {
  (void)execute_data;
  php_error_docref(nullptr, E_WARNING, "Cannot fork: this script runs on a thread of the server");
  RETURN_LONG(-1);
}

void no_exec(INTERNAL_FUNCTION_PARAMETERS) {
  (void)execute_data;
  php_error_docref(nullptr, E_WARNING, "Not possible: this script runs on a thread of the server");
  RETURN_FALSE;
}

// Signals are the server's: scripts may register handlers, none is ever called.
void accept_and_ignore(INTERNAL_FUNCTION_PARAMETERS) {
  (void)execute_data;
  RETURN_TRUE;
}
void answer_false(INTERNAL_FUNCTION_PARAMETERS) {
  (void)execute_data;
  RETURN_FALSE;
}
void answer_zero(INTERNAL_FUNCTION_PARAMETERS) {
  (void)execute_data;
  RETURN_LONG(0);
}
void answer_minus_one(INTERNAL_FUNCTION_PARAMETERS) {
  (void)execute_data;
  RETURN_LONG(-1);
}

// Children in general are the server's; one that the script itself made has a pid it knows.
void own_waitpid(INTERNAL_FUNCTION_PARAMETERS) {
  zval* pid = ZEND_NUM_ARGS() ? ZEND_CALL_ARG(execute_data, 1) : nullptr;
  if (pid && zval_get_long(pid) <= 0) RETURN_LONG(-1);
  original_waitpid(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

// proc_open() without an environment gives the child the process's: give it the script's.
void thread_proc_open(INTERNAL_FUNCTION_PARAMETERS) {
  State* state = current_state();
  const std::uint32_t count = ZEND_NUM_ARGS();
  const bool own = count >= 5 && Z_TYPE_P(ZEND_CALL_ARG(execute_data, 5)) != IS_NULL;
  if (own || count < 3 || count > 6 || !has_own_environment(state)) {
    original_proc_open.handler(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    return;
  }
  zval arguments[6];
  for (std::uint32_t i = 0; i < 6; ++i) {
    if (i < count) {
      ZVAL_COPY(&arguments[i], ZEND_CALL_ARG(execute_data, i + 1));
    } else {
      ZVAL_NULL(&arguments[i]);
    }
  }
  array_init(&arguments[4]);
  environment_fill(*state, Z_ARRVAL(arguments[4]));
  zend_call_known_function(reinterpret_cast<zend_function*>(&original_proc_open), nullptr, nullptr,
                           return_value, 6, arguments, nullptr);
  for (zval& argument : arguments) zval_ptr_dtor(&argument);
}

void import_environment(zval* array) {
  if (State* state = current_state()) {
    environment_fill(*state, Z_ARRVAL_P(array));
  }
}

}  // extern "C"

void replace(const char* name, zif_handler handler, zif_handler* original = nullptr) {
  auto* function = static_cast<zend_function*>(
      zend_hash_str_find_ptr(CG(function_table), name, std::strlen(name)));
  if (!function || function->type != ZEND_INTERNAL_FUNCTION) return;
  if (original) *original = function->internal_function.handler;
  function->internal_function.handler = handler;
}

zend_result (*next_post_startup)() = nullptr;

extern "C" zend_result replace_all() {
  replace("setlocale", thread_setlocale, &original_setlocale);
  replace("putenv", thread_putenv, &original_putenv);
  replace("getenv", thread_getenv, &original_getenv);
  for (const char* name : {"pcntl_fork", "pcntl_rfork", "pcntl_forkx", "pcntl_unshare"})
    replace(name, no_fork);
  replace("pcntl_exec", no_exec);
  for (const char* name : {"pcntl_signal", "pcntl_signal_dispatch", "pcntl_sigprocmask"})
    replace(name, accept_and_ignore);
  replace("pcntl_async_signals", answer_false);
  for (const char* name : {"pcntl_alarm", "pcntl_signal_get_handler"}) replace(name, answer_zero);
  for (const char* name : {"pcntl_sigwaitinfo", "pcntl_sigtimedwait", "pcntl_wait"})
    replace(name, answer_minus_one);
  replace("pcntl_waitpid", own_waitpid, &original_waitpid);
  if (auto* function = static_cast<zend_function*>(
          zend_hash_str_find_ptr(CG(function_table), "proc_open", sizeof("proc_open") - 1))) {
    original_proc_open = function->internal_function;
    function->internal_function.handler = thread_proc_open;
  }
  restart_gate_replace_functions();
  php_import_environment_variables = import_environment;
  return next_post_startup ? next_post_startup() : SUCCESS;
}

}  // namespace

void overrides_install() {
  next_post_startup = zend_post_startup_cb;
  zend_post_startup_cb = replace_all;
}

void overrides_join(State& state) noexcept {
  of(state);
  // umask() and the kernel's working directory are per process otherwise. Refused in some
  // containers: then umask() reaches all threads, as it did.
  (void)unshare(CLONE_FS);
}

const char* environment_get(State* state, std::string_view name) noexcept {
  if (state) {
    const Values& own = of(*state).environment;
    if (auto found = own.find(name); found != own.end())
      return found->second ? found->second->c_str() : nullptr;
    for (const auto& [key, value] : state->config.environment) {
      if (key == name) return value.c_str();
    }
  }
  for (char** entry = environ; entry && *entry; ++entry) {
    if (std::strncmp(*entry, name.data(), name.size()) == 0 && (*entry)[name.size()] == '=') {
      return *entry + name.size() + 1;
    }
  }
  return nullptr;
}

void environment_fill(State& state, HashTable* table) {
  for (const auto& [name, value] : strings().environment) {
    zval text;
    ZVAL_INTERNED_STR(&text, value);
    zend_hash_update(table, name, &text);
  }
  for (const auto& [name, value] : state.config.environment) {
    zval text;
    ZVAL_STRINGL_FAST(&text, value.data(), value.size());
    zend_symtable_str_update(table, name.data(), name.size(), &text);
  }
  for (const auto& [name, value] : of(state).environment) {
    if (!value) {
      zend_symtable_str_del(table, name.data(), name.size());
      continue;
    }
    zval text;
    ZVAL_STRINGL_FAST(&text, value->data(), value->size());
    zend_symtable_str_update(table, name.data(), name.size(), &text);
  }
}

void overrides_keep(State& state) noexcept {
  ThreadOverrides& overrides = of(state);
  copy(overrides.environment, overrides.kept_environment);
  overrides.has_kept = true;
  overrides.environment_changed = false;
  overrides.kept_locale = overrides.locale;
}

void overrides_reset(State& state) noexcept {
  ThreadOverrides& overrides = of(state);
  if (overrides.environment_changed) {
    if (overrides.has_kept) {
      copy(overrides.kept_environment, overrides.environment);
    } else {
      overrides.environment.clear();
    }
    overrides.environment_changed = false;
  }
  if (overrides.locale != overrides.kept_locale) {
    uselocale(overrides.kept_locale ? overrides.kept_locale : LC_GLOBAL_LOCALE);
    freelocale(overrides.locale);
    overrides.locale = overrides.kept_locale;
    zend_update_current_locale();
  }
}

void overrides_forget(State& state) noexcept {
  ThreadOverrides& overrides = of(state);
  overrides.kept_environment.clear();
  overrides.has_kept = false;
  if (!overrides.environment.empty()) overrides.environment_changed = true;
  locale_t boot = overrides.kept_locale;
  overrides.kept_locale = nullptr;
  if (boot && boot != overrides.locale) freelocale(boot);
  overrides_reset(state);
}

void overrides_part(State& state) noexcept {
  if (!state.overrides) return;
  overrides_forget(state);
  delete static_cast<ThreadOverrides*>(state.overrides);
  state.overrides = nullptr;
}

}  // namespace rr::php

// ---- popen() and pclose() as libphp calls them: the child gets the script's environment. The same
// as the C library's otherwise.

namespace {

struct OpenPipe {
  FILE* stream;
  pid_t pid;
  OpenPipe* next;
};
std::mutex pipes_mutex;  // guards pipes
OpenPipe* pipes = nullptr;

}  // namespace

extern "C" FILE* popen(const char* command, const char* mode) {
  const bool reading = std::strchr(mode, 'r') != nullptr;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return nullptr;
  const int parent = reading ? ends[0] : ends[1];
  const int child = reading ? ends[1] : ends[0];
  std::vector<std::string> texts = rr::php::merged_environment(rr::php::current_state());
  std::vector<char*> variables;
  variables.reserve(texts.size() + 1);
  for (std::string& text : texts) variables.push_back(text.data());
  variables.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, child, reading ? STDOUT_FILENO : STDIN_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // The server's threads block signals; a child begins as if started by hand.
  sigset_t none, standard;
  sigemptyset(&none);
  sigemptyset(&standard);
  sigaddset(&standard, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &standard);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  char shell[] = "sh", option[] = "-c";
  char* arguments[] = {shell, option, const_cast<char*>(command), nullptr};
  pid_t pid = -1;
  const int failed =
      posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, variables.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  close(child);
  FILE* stream = failed ? nullptr : fdopen(parent, reading ? "r" : "w");
  if (!stream) {
    close(parent);
    errno = failed ? failed : errno;
    return nullptr;
  }
  std::lock_guard lock(pipes_mutex);
  pipes = new OpenPipe{stream, pid, pipes};
  return stream;
}

extern "C" int pclose(FILE* stream) {
  pid_t pid = -1;
  {
    std::lock_guard lock(pipes_mutex);
    for (OpenPipe** at = &pipes; *at; at = &(*at)->next) {
      if ((*at)->stream != stream) continue;
      OpenPipe* found = *at;
      pid = found->pid;
      *at = found->next;
      delete found;
      break;
    }
  }
  fclose(stream);
  if (pid < 0) {
    errno = ECHILD;
    return -1;
  }
  int status;
  while (waitpid(pid, &status, 0) == -1) {
    if (errno != EINTR) return -1;
  }
  return status;
}
