// One INFO record a request (spec 02 §4.10).
#pragma once

#include <chrono>

#include "rr/log.h"
#include "runtime/net/http/transaction.h"

namespace rr::http {

enum class AccessRecord { brief, full };  // `http log`, `http access log`

// Call with a transaction that has been answered and whose request is still in memory.
void log_access(const Logger& log, const net::http::Transaction& transaction, AccessRecord record);

// Wall-clock time of the request's first byte.
std::chrono::system_clock::time_point started_at(const net::http::Transaction& transaction);

}  // namespace rr::http
