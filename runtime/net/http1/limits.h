// What a client may take: time and sizes.
#pragma once

#include <chrono>
#include <cstddef>

#include "rr/exchange.h"
#include "runtime/net/http1/request_parser.h"

namespace rr::net::http1 {

// Deadlines of a client and sizes, one set per listener. Spec 02 §5.2.
struct ConnectionLimits {
  Duration header = std::chrono::minutes(5);  // from the first byte to the end of the head
  Duration body = std::chrono::minutes(5);    // without progress
  Duration write = std::chrono::minutes(5);   // without progress
  Duration idle = std::chrono::hours(1);      // between requests
  Duration first = std::chrono::seconds(1);   // to a first request, once the server drains
  Duration linger = std::chrono::seconds(2);  // unread input after a last answer
  std::size_t drain_bytes = 256 * 1024;       // unread body that is read away to keep a connection
  // Buffered for a client that reads slowly: before a worker on a pipe is paused, and before a
  // script on a thread is kept waiting. The second is large: a page that was written in one go must
  // not hold an interpreter for as long as its client takes to read it.
  std::size_t output_bytes = 1024 * 1024;
  std::size_t script_output_bytes = 32 * 1024 * 1024;
  Limits parser;
};

}  // namespace rr::net::http1
