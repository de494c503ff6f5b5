// PHP's own headers, in the one order that works in C++, and what differs between its versions.
#pragma once

// Before PHP: its macros clash with the standard library's names.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

extern "C" {
#include "php.h"

#include "SAPI.h"
#include "ext/standard/basic_functions.h"
#include "ext/standard/head.h"
#include "ext/standard/info.h"
#include "ext/standard/php_fopen_wrappers.h"
#include "php_ini.h"
#include "php_main.h"
#include "php_network.h"
#include "php_output.h"
#include "php_streams.h"
#include "php_variables.h"
#include "zend_exceptions.h"
#include "zend_extensions.h"
#include "zend_interfaces.h"
#include "zend_smart_str.h"

#include "rfc1867.h"
}

#ifndef ZTS
#error "rr-embed needs a thread-safe PHP (--enable-zts)"
#endif

ZEND_TSRMLS_CACHE_EXTERN()
