#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <set>
#include <string_view>

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

extern "C" int register_static_modules() {
  if (register_internal_extensions() == FAILURE) return FAILURE;
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
  if (sapi.startup(&sapi) == FAILURE) {
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
