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
  return host_table && host_table->in_worker() ? host_table : nullptr;
}

const rr_host* rr_embed_worker_host(const char* what) {
  const rr_host* host = rr_embed_host();
  if (!host) {
    zend_throw_exception_ex(rr_embed_ce_not_in_server, 0,
                            "%s needs a running rr-embed server: this script is not a worker on a "
                            "thread of it. Use \"rr-embed serve\".",
                            what);
  }
  return host;
}

static const rr_host* find_host() {
#ifdef COMPILE_DL_RR_EMBED
  const auto* table = static_cast<const rr_host*>(dlsym(RTLD_DEFAULT, "rr_host_table"));
#else
  const auto* table = &rr_host_table;
#endif
  return table && table->abi == RR_HOST_ABI && table->size >= sizeof(rr_host) ? table : nullptr;
}

static PHP_MINIT_FUNCTION(rr_embed) {
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
  return SUCCESS;
}

static PHP_RINIT_FUNCTION(rr_embed) {
#if defined(ZTS) && defined(COMPILE_DL_RR_EMBED)
  ZEND_TSRMLS_CACHE_UPDATE();
#endif
  // A script that died left pointers into the heap of its time.
  rr_embed_http_begin();
  rr_embed_worker_begin();
  return SUCCESS;
}

static PHP_MINFO_FUNCTION(rr_embed) {
  php_info_print_table_start();
  php_info_print_table_row(2, "rr_embed", "enabled");
  php_info_print_table_row(2, "Version", RR_VERSION);
  php_info_print_table_row(2, "Transport", rr_embed_host() ? "host" : "none");
  php_info_print_table_row(2, "In a worker", rr_embed_host() ? "yes" : "no");
  php_info_print_table_end();
}

static const zend_module_dep rr_embed_deps[] = {ZEND_MOD_REQUIRED("spl")
                                                    ZEND_MOD_REQUIRED("standard") ZEND_MOD_END};

zend_module_entry rr_embed_module_entry = {STANDARD_MODULE_HEADER_EX,
                                           nullptr,
                                           rr_embed_deps,
                                           "rr_embed",
                                           ext_functions,
                                           PHP_MINIT(rr_embed),
                                           nullptr,
                                           PHP_RINIT(rr_embed),
                                           nullptr,
                                           PHP_MINFO(rr_embed),
                                           RR_VERSION,
                                           STANDARD_MODULE_PROPERTIES};

#ifdef COMPILE_DL_RR_EMBED
#ifdef ZTS
ZEND_TSRMLS_CACHE_DEFINE()
#endif
extern "C" {
ZEND_GET_MODULE(rr_embed)
}
#endif
