#include "runtime/plugins/lock/messages.h"

#include "rr/protobuf.h"
#include "rr/utf8.h"

namespace rr::lock {

namespace {

using proto::Wire;

Error malformed(std::string_view why) {
  return Error(Errc::invalid, "", std::string("goridge_read_request_body: proto: ").append(why));
}

}  // namespace

Result<Request> decode(std::string_view message) {
  Request request;
  proto::Reader fields(message);
  while (fields.next()) {
    if (fields.is(1, Wire::bytes)) request.resource = fields.bytes();
    if (fields.is(2, Wire::bytes)) request.id = fields.bytes();
    if (fields.is(3, Wire::varint)) request.ttl = static_cast<std::int64_t>(fields.value());
    if (fields.is(4, Wire::varint)) request.wait = static_cast<std::int64_t>(fields.value());
  }
  if (!fields.good()) return malformed("cannot parse invalid wire-format data");
  if (!utf8::valid(request.resource) || !utf8::valid(request.id))
    return malformed("string field contains invalid UTF-8");
  return request;
}

Result<Request> from_value(const RpcValue& value) {
  auto resource = text_member(value, "resource");
  if (!resource) return std::move(resource).error();
  auto id = text_member(value, "id");
  if (!id) return std::move(id).error();
  auto ttl = number_member(value, "ttl");
  if (!ttl) return std::move(ttl).error();
  auto wait = number_member(value, "wait");
  if (!wait) return std::move(wait).error();
  return Request{std::move(*resource), std::move(*id), *ttl, *wait};
}

std::string encode(const Response& response) {
  std::string message;
  proto::append_number(message, 1, response.ok ? 1 : 0);
  proto::append_number(message, 2, response.fence);
  return message;
}

RpcValue to_value(const Response& response) {
  RpcValue value = RpcValue::object();
  if (response.ok) value["ok"] = true;
  if (response.fence != 0) value["fence"] = response.fence;
  return value;
}

}  // namespace rr::lock
