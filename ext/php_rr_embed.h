/* The extension rr_embed. */
#ifndef PHP_RR_EMBED_H
#define PHP_RR_EMBED_H

#ifdef HAVE_CONFIG_H
#include "config.h" /* of phpize: COMPILE_DL_RR_EMBED */
#endif

extern "C" {
#include "php.h"

#include "zend_enum.h"
#include "zend_exceptions.h"
#include "zend_interfaces.h"
}

#include "rr/host.h"

/* The version of everything here: CMakeLists.txt reads it, package.xml and the PHP library repeat
 * it, a test compares them. */
#define PHP_RR_EMBED_VERSION "0.1.0"

extern zend_module_entry rr_embed_module_entry;
#define phpext_rr_embed_ptr &rr_embed_module_entry

#if defined(ZTS)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

extern zend_class_entry *rr_embed_ce_transport, *rr_embed_ce_mode, *rr_embed_ce_codec,
    *rr_embed_ce_log_level;
extern zend_class_entry *rr_embed_ce_exception, *rr_embed_ce_not_in_server,
    *rr_embed_ce_invalid_state, *rr_embed_ce_unsupported, *rr_embed_ce_transport_exception,
    *rr_embed_ce_timeout, *rr_embed_ce_disconnected, *rr_embed_ce_service;

/* The host, where this thread runs a script for it; null otherwise. */
const rr_host* rr_embed_host(void);
/* The same, but throws NotInServerException and returns null outside a worker. */
const rr_host* rr_embed_worker_host(const char* what);

/* TransportException: next() said RR_NEXT_BROKEN. */
void rr_embed_throw_broken(const rr_host* host);
/* For a method `next(?float $timeout = null)`: how long next() of the host may wait. False: an
 * exception was thrown. */
bool rr_embed_parse_patience(INTERNAL_FUNCTION_PARAMETERS, double* seconds);
/* Whether next() said that there is no exchange to read; throws unless the loop just ends. `what`
 * it waited for: "request". */
bool rr_embed_nothing_came(const rr_host* host, int next, const char* what);
/* Whether a server started this process as a worker. */
bool rr_embed_in_process_worker(void);

/* After a call of user code: absorbs exit(), gives uncaught exceptions to the user's handler or the
 * error log. Returns 1 when the exchange should count as failed. No exception is pending
 * afterwards. */
int rr_embed_settle_exception(void);

/* The case of an enum class whose value is `value`; null when there is none. */
zend_object* rr_embed_enum_case_string(zend_class_entry* ce, rr_text value);

#endif
