// The module: its life cycle and how it finds the host.
#include "ext/php_rr_embed.h"

extern "C" {
#include "ext/spl/spl_exceptions.h"
#include "ext/standard/info.h"
}

#ifdef COMPILE_DL_RR_EMBED
#include <dlfcn.h>
#endif

#include "ext/classes.h"
#include "ext/pipes/host.h"
#include "ext/pipes/superglobals.h"
#include "ext/rpc/client.h"
#include "ext/rpc/pending_call.h"
#include "ext/rpc/rpc.h"
#include "ext/rpc/socket.h"
#include "ext/rr_embed_arginfo.h"

zend_class_entry *rr_embed_ce_transport, *rr_embed_ce_mode, *rr_embed_ce_codec,
    *rr_embed_ce_log_level;
zend_class_entry *rr_embed_ce_exception, *rr_embed_ce_not_in_server, *rr_embed_ce_invalid_state,
    *rr_embed_ce_unsupported, *rr_embed_ce_transport_exception, *rr_embed_ce_timeout,
    *rr_embed_ce_disconnected, *rr_embed_ce_service;

#ifndef COMPILE_DL_RR_EMBED
extern "C" void rr_embed_host_minit();
#endif

static const rr_host* host_table = nullptr;  // set in MINIT only

const rr_host* rr_embed_host(void) {
  if (!host_table) {
    return rr_embed_pipes_host();
  }
  return host_table->in_worker() ? host_table : nullptr;
}

static bool has_environment(const char* name) {
  const char* value = getenv(name);
  return value && *value;
}

bool rr_embed_in_process_worker(void) {
  return !host_table && (has_environment("RR_MODE") || has_environment("RR_RELAY"));
}

const rr_host* rr_embed_worker_host(const char* what) {
  const rr_host* host = rr_embed_host();
  if (!host && rr_embed_in_process_worker()) {
    return rr_embed_pipes_open();
  }
  if (!host) {
    rr_embed_throw_not_in_server(what);
  }
  return host;
}

void rr_embed_throw_broken(const rr_host* host) {
  const rr_text why = host->fault();
  zend_throw_exception_ex(rr_embed_ce_transport_exception, 0, "%.*s", static_cast<int>(why.size),
                          why.data);
}

bool rr_embed_parse_patience(INTERNAL_FUNCTION_PARAMETERS, double* seconds) {
  double timeout = 0;
  bool without = true;
  ZEND_PARSE_PARAMETERS_START(0, 1)
  Z_PARAM_OPTIONAL
  Z_PARAM_DOUBLE_OR_NULL(timeout, without)
  ZEND_PARSE_PARAMETERS_END_EX(return false);
  *seconds = without ? -1 : timeout < 0 ? 0 : timeout;
  return true;
}

bool rr_embed_nothing_came(const rr_host* host, int next, const char* what) {
  switch (next) {
    case RR_NEXT_STOP:
      return true;
    case RR_NEXT_TIMEOUT:
      zend_throw_exception_ex(rr_embed_ce_timeout, 0, "no %s came in time", what);
      return true;
    case RR_NEXT_BROKEN:
      rr_embed_throw_broken(host);
      return true;
    default:
      return false;
  }
}

// That of the program: this is part of it, or was loaded into it.
static const rr_host* find_host() {
#ifdef COMPILE_DL_RR_EMBED
  const auto* table = static_cast<const rr_host*>(dlsym(RTLD_DEFAULT, "rr_host_table"));
#else
  const auto* table = &rr_host_table;
#endif
  return table && table->abi == RR_HOST_ABI && table->size >= sizeof(rr_host) ? table : nullptr;
}

static ZEND_INI_MH(on_seconds) {
  (void)entry, (void)mh_arg1, (void)mh_arg2, (void)mh_arg3, (void)stage;
  return new_value && zend_strtod(ZSTR_VAL(new_value), nullptr) > 0 ? SUCCESS : FAILURE;
}

PHP_INI_BEGIN()
PHP_INI_ENTRY("rr_embed.rpc", "", PHP_INI_SYSTEM, nullptr)
PHP_INI_ENTRY("rr_embed.rpc_timeout", "5", PHP_INI_ALL, on_seconds)
PHP_INI_ENTRY("rr_embed.rpc_connect_timeout", "1", PHP_INI_ALL, on_seconds)
PHP_INI_END()

static PHP_MINIT_FUNCTION(rr_embed) {
  REGISTER_INI_ENTRIES();
  host_table = find_host();
#ifndef COMPILE_DL_RR_EMBED
  rr_embed_host_minit();
#endif

  rr_embed_ce_transport = register_class_RrEmbed_Transport();
  rr_embed_ce_mode = register_class_RrEmbed_Mode();
  rr_embed_ce_codec = register_class_RrEmbed_Codec();
  rr_embed_ce_log_level = register_class_RrEmbed_LogLevel();

  rr_embed_ce_exception = register_class_RrEmbed_Exception_RrEmbedException(zend_ce_throwable);
  rr_embed_ce_not_in_server = register_class_RrEmbed_Exception_NotInServerException(
      spl_ce_LogicException, rr_embed_ce_exception);
  rr_embed_ce_invalid_state = register_class_RrEmbed_Exception_InvalidStateException(
      spl_ce_LogicException, rr_embed_ce_exception);
  rr_embed_ce_unsupported = register_class_RrEmbed_Exception_UnsupportedException(
      spl_ce_RuntimeException, rr_embed_ce_exception);
  rr_embed_ce_transport_exception = register_class_RrEmbed_Exception_TransportException(
      spl_ce_RuntimeException, rr_embed_ce_exception);
  rr_embed_ce_timeout = register_class_RrEmbed_Exception_TimeoutException(spl_ce_RuntimeException,
                                                                          rr_embed_ce_exception);
  rr_embed_ce_disconnected = register_class_RrEmbed_Exception_ClientDisconnectedException(
      spl_ce_RuntimeException, rr_embed_ce_exception);
  rr_embed_ce_service = register_class_RrEmbed_Exception_ServiceException(spl_ce_RuntimeException,
                                                                          rr_embed_ce_exception);

  rr_embed_init_payload(register_class_RrEmbed_Payload());
  rr_embed_init_worker(register_class_RrEmbed_Worker());
  rr_embed_init_http_worker(register_class_RrEmbed_Http_Worker());
  rr_embed_init_request(register_class_RrEmbed_Http_Request());
  rr_embed_init_body_writer(register_class_RrEmbed_Http_BodyWriter());
  rr_embed_init_uploaded_file(register_class_RrEmbed_Http_UploadedFile());
  rr_embed_init_rpc();
  rr_embed_init_kv();
  rr_embed_init_lock();
  rr_embed_init_metrics();
  rr_embed_init_logger();
  rr_embed_init_control();
  rr_embed_init_jobs();
  return SUCCESS;
}

static PHP_MSHUTDOWN_FUNCTION(rr_embed) {
  (void)type;
  rr::ext::close_connections();
  UNREGISTER_INI_ENTRIES();
  return SUCCESS;
}

static PHP_RINIT_FUNCTION(rr_embed) {
#if defined(ZTS) && defined(COMPILE_DL_RR_EMBED)
  ZEND_TSRMLS_CACHE_UPDATE();
#endif
  // A script that died left pointers into the heap of its time.
  rr_embed_http_begin();
  rr_embed_worker_begin();
  rr_embed_client_begin();
  rr_embed_metrics_begin();
  rr_embed_jobs_begin();
  return SUCCESS;
}

static PHP_RSHUTDOWN_FUNCTION(rr_embed) {
  if (rr_embed_pipes_host()) {
    rr_embed_superglobals_abandon();
  }
  rr_embed_metrics_end();
  rr_embed_sent_end();
  return SUCCESS;
}

#ifdef ZTS
static constexpr const char* thread_safety = "thread-safe (ZTS)";
#else
static constexpr const char* thread_safety = "not thread-safe (NTS)";
#endif

static PHP_MINFO_FUNCTION(rr_embed) {
  php_info_print_table_start();
  php_info_print_table_row(2, "rr_embed", "enabled");
  php_info_print_table_row(2, "Version", PHP_RR_EMBED_VERSION);
  const char* address = rr_embed_default_address();
  php_info_print_table_row(2, "Build", thread_safety);
  php_info_print_table_row(2, "Transport",
                           host_table && rr_embed_host() ? "host"
                           : address                     ? "socket"
                                                         : "none");
  php_info_print_table_row(2, "Host", host_table ? "this process is a server" : "none");
  php_info_print_table_row(2, "Server address", address ? address : "none");
  php_info_print_table_row(2, "In a worker",
                           rr_embed_in_process_worker() ? "yes (process)"
                           : rr_embed_host()            ? "yes"
                                                        : "no");
  php_info_print_table_end();
  DISPLAY_INI_ENTRIES();
}

static const zend_module_dep rr_embed_deps[] = {ZEND_MOD_REQUIRED("json") ZEND_MOD_REQUIRED("spl")
                                                    ZEND_MOD_REQUIRED("standard") ZEND_MOD_END};

zend_module_entry rr_embed_module_entry = {STANDARD_MODULE_HEADER_EX,
                                           nullptr,
                                           rr_embed_deps,
                                           "rr_embed",
                                           ext_functions,
                                           PHP_MINIT(rr_embed),
                                           PHP_MSHUTDOWN(rr_embed),
                                           PHP_RINIT(rr_embed),
                                           PHP_RSHUTDOWN(rr_embed),
                                           PHP_MINFO(rr_embed),
                                           PHP_RR_EMBED_VERSION,
                                           STANDARD_MODULE_PROPERTIES};

#ifdef COMPILE_DL_RR_EMBED
#ifdef ZTS
ZEND_TSRMLS_CACHE_DEFINE()
#endif
extern "C" {
ZEND_GET_MODULE(rr_embed)
}
#endif
