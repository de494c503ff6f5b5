#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include "ext/php_rr_embed.h"

#include "runtime/php/frame_streams.h"
#include "runtime/php/interpreter.h"
#include "runtime/php/limits.h"
#include "runtime/php/overrides.h"
#include "runtime/php/restart_gate.h"
#include "runtime/php/sapi.h"
#include "runtime/php/strings.h"

ZEND_TSRMLS_CACHE_DEFINE()

namespace rr::php {
namespace {

int (*register_internal_extensions)() = nullptr;

void (*say_error)(int, zend_string*, const uint32_t, zend_string*) = nullptr;

// What PHP says when a php.ini loads the extension that is part of this program
// (`extension=rr_embed` of another PHP on this machine): it is there, so nobody needs to know.
bool is_about_own_extension(std::string_view message) {
  constexpr std::string_view kNoFile = "Unable to load dynamic library '";
  if (message == "Module \"rr_embed\" is already loaded") return true;
  if (message.starts_with("rr_embed: Unable to initialize module")) return true;
  const std::size_t at = message.find(kNoFile);
  if (at == std::string_view::npos) return false;
  std::string_view name = message.substr(at + kNoFile.size());
  name = name.substr(0, name.find('\''));
  name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
  return name == "rr_embed" || name == "rr_embed.so";
}

void filter_startup_error(int type, zend_string* file, const uint32_t line, zend_string* message) {
  if (is_about_own_extension({ZSTR_VAL(message), ZSTR_LEN(message)})) return;
  say_error(type, file, line, message);
}

// Runs before the extensions of php.ini are loaded.
extern "C" int register_static_modules() {
  if (register_internal_extensions() == FAILURE) return FAILURE;
  say_error = std::exchange(zend_error_cb, filter_startup_error);
  zend_module_entry* modules[] = {&rr_embed_module_entry};
  return php_register_extensions(modules, 1) == SUCCESS ? SUCCESS : FAILURE;
}

// As `php -d` reads its argument: values that are not plain words are quoted.
void append_setting(std::string& text, const std::string& name, const std::string& value) {
  text += name;
  text += '=';
  unsigned char first = value.empty() ? 0 : static_cast<unsigned char>(value.front());
  if (first && !std::isalnum(first) && first != '"' && first != '\'') {
    text += '"' + value + '"';
  } else {
    text += value;
  }
  text += '\n';
}

// Settings that threads may have values of their own for; written by the main thread at the start.
std::set<std::string, std::less<>>* thread_settings = nullptr;

void note_thread_settings() {
  constexpr std::string_view kShared = "opcache.";  // a memory that all threads share
  thread_settings = new std::set<std::string, std::less<>>;
  zval* value;
  ZEND_HASH_FOREACH_VAL(EG(ini_directives), value) {
    const auto* entry = static_cast<const zend_ini_entry*>(Z_PTR_P(value));
    const std::string_view name(ZSTR_VAL(entry->name), ZSTR_LEN(entry->name));
    if (entry->modifiable == ZEND_INI_SYSTEM && name.starts_with(kShared)) continue;
    thread_settings->emplace(name);
  }
  ZEND_HASH_FOREACH_END();
}

std::string* ini_text = nullptr;  // both must outlive the module
std::string* ini_path = nullptr;
std::string* sapi_name = nullptr;

// PHP_SAPI is folded into scripts that opcache shares: the constant gets our name before any is
// compiled.
void rename_sapi(const std::string& name) {
  auto* constant = static_cast<zend_constant*>(
      zend_hash_str_find_ptr(EG(zend_constants), "PHP_SAPI", sizeof("PHP_SAPI") - 1));
  if (constant) ZVAL_INTERNED_STR(&constant->value, make_immortal(name));
}

}  // namespace

extern "C" const zend_function_entry* rr_embed_sapi_functions();

// Called by the module's MINIT, before preloading and before the tables are frozen.
extern "C" void rr_embed_host_minit() {
  if (sapi_name) rename_sapi(*sapi_name);
  overrides_install();
}

Engine::Engine() = default;

Result<std::unique_ptr<Engine>> Engine::start(const EngineConfig& config, const log::Logger& log) {
  set_engine_logger(log);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // PHP loads extensions with RTLD_DEEPBIND, which sanitizers refuse.
  setenv("PHP_INI_SCAN_DIR", "", 0);
#endif
#if defined(__SANITIZE_ADDRESS__)
  setenv("USE_ZEND_ALLOC", "0", 0);  // its own heap hides errors
#endif
#if PHP_VERSION_ID >= 80300
  php_tsrm_startup_ex(static_cast<int>(config.threads) + 1);
#else
  php_tsrm_startup();
#endif
#ifdef ZEND_SIGNALS
  zend_signal_startup();
#endif
  ZEND_TSRMLS_CACHE_UPDATE();
  make_strings();

  ini_text = new std::string;
  for (const auto& [name, value] : config.ini) append_setting(*ini_text, name, value);
  // dl() changes tables that all threads read; the two opcache settings would break the restart
  // gate.
  *ini_text += "enable_dl=0\nopcache.force_restart_timeout=0\nopcache.protect_memory=0\n";
  ini_path = new std::string(config.ini_path);
  sapi_name = new std::string(config.sapi_name);

  sapi_startup(&sapi);
  sapi.ini_entries = ini_text->data();
  sapi.additional_functions = rr_embed_sapi_functions();
  sapi.php_ini_ignore_cwd = 1;
  sapi.php_ini_ignore = config.ignore_ini ? 1 : 0;
  if (!ini_path->empty()) sapi.php_ini_path_override = ini_path->data();

  register_internal_extensions = php_register_internal_extensions_func;
  php_register_internal_extensions_func = register_static_modules;
  const bool started = sapi.startup(&sapi) == SUCCESS;
  if (zend_error_cb == filter_startup_error) zend_error_cb = say_error;
  if (!started) {
    return Error{Errc::io, "php_start", "PHP's modules did not start"};
  }
  sapi_module.name = sapi_name->data();
  install_error_callback();
  install_interrupt_handler();
  replace_php_wrapper();
  restart_gate_start(log);
  note_thread_settings();
  return std::unique_ptr<Engine>(new Engine);
}

void Engine::on_drain(void (*drain)(void* context), void* context) {
  restart_gate_on_drain(drain, context);
}

Engine::~Engine() {
  restart_gate_stop();
  sapi_module.shutdown(&sapi_module);
  sapi_shutdown();
  tsrm_shutdown();
  set_engine_logger({});
}

bool Engine::reads_once(const std::string& name) {
  return !thread_settings || !thread_settings->contains(name);
}

std::string Engine::version() {
  return PHP_VERSION;
}

}  // namespace rr::php
