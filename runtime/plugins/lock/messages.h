// What the methods of `lock` take and return (spec 04 §10: lock.v1), protobuf and JSON. Fuzzed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rr/rpc.h"

namespace rr::lock {

// lock.v1.Request. Times in microseconds.
struct Request {
  std::string resource;
  std::string id;
  std::int64_t ttl = 0;
  std::int64_t wait = 0;
};

// An empty message is one of zero values. Text that is no UTF-8 is refused.
Result<Request> decode(std::string_view message);
Result<Request> from_value(const RpcValue& value);

// lock.v1.Response; the fence is a field of rr-embed's (2: uint64 fence), left out where it is 0.
struct Response {
  bool ok = false;
  std::uint64_t fence = 0;
};
std::string encode(const Response& response);
RpcValue to_value(const Response& response);

}  // namespace rr::lock
