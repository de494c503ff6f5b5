#include "runtime/plugins/kv/messages.h"

#include "rr/base64.h"
#include "rr/protobuf.h"
#include "rr/utf8.h"

namespace rr::keyvalue {

namespace {

using proto::Wire;

Error refused(std::string_view why) {
  return Error(Errc::invalid, "", std::string("goridge_read_request_body: ").append(why));
}

// False: malformed.
bool decode_item(std::string_view message, KvItem& item) {
  proto::Reader fields(message);
  while (fields.next()) {
    if (fields.is(1, Wire::bytes)) item.key = fields.bytes();
    if (fields.is(2, Wire::bytes)) item.value = fields.bytes();
    if (fields.is(3, Wire::bytes)) item.timeout = fields.bytes();
  }
  return fields.good();
}

Result<std::string> item_of(const RpcValue& value) {
  auto key = text_member(value, "key");
  if (!key) return std::move(key).error();
  auto base64 = text_member(value, "value");
  if (!base64) return std::move(base64).error();
  auto timeout = text_member(value, "timeout");
  if (!timeout) return std::move(timeout).error();
  const auto bytes = base64_decode(*base64);
  if (!bytes) return refused("json: the value is no base64 text");
  std::string item;
  append_item(item, ItemsOf::request, *key, *bytes, *timeout);
  return item;
}

}  // namespace

Result<Request> decode(std::string_view message) {
  Request request;
  bool text = true;
  proto::Reader fields(message);
  while (fields.next()) {
    if (fields.is(1, Wire::bytes)) request.storage = fields.bytes();
    if (!fields.is(2, Wire::bytes)) continue;
    if (request.items.size() >= kMaxItems) return refused("more than 1000000 items");
    KvItem& item = request.items.emplace_back();
    if (!decode_item(fields.bytes(), item))
      return refused("proto: cannot parse invalid wire-format data");
    text = text && utf8::valid(item.key) && utf8::valid(item.timeout);
  }
  if (!fields.good()) return refused("proto: cannot parse invalid wire-format data");
  if (!text || !utf8::valid(request.storage))
    return refused("proto: string field contains invalid UTF-8");
  return request;
}

void append_item(std::string& message, ItemsOf of, std::string_view key, std::string_view value,
                 std::string_view timeout) {
  message += proto::tag(static_cast<unsigned>(of), Wire::bytes);
  proto::append_varint(message, proto::optional_field_size(key.size()) +
                                    proto::optional_field_size(value.size()) +
                                    proto::optional_field_size(timeout.size()));
  proto::append_optional(message, 1, key);
  proto::append_optional(message, 2, value);
  proto::append_optional(message, 3, timeout);
}

Result<std::string> message_of(const RpcValue& request) {
  auto storage = text_member(request, "storage");
  if (!storage) return std::move(storage).error();
  auto items = member(request, "items");
  if (!items) return std::move(items).error();
  if (!(*items)->is_null() && !(*items)->is_array()) return refused("json: items is no array");
  std::string message;
  proto::append_optional(message, 1, *storage);
  for (const RpcValue& each : **items) {
    auto item = item_of(each);
    if (!item) return std::move(item).error();
    message += *item;
  }
  return message;
}

RpcValue value_of(std::string_view response) {
  RpcValue value = RpcValue::object();
  for (proto::Reader fields(response); fields.next();) {
    KvItem item;
    decode_item(fields.bytes(), item);  // our own bytes
    RpcValue& out = value["items"].emplace_back(RpcValue::object());
    if (!item.key.empty()) out["key"] = item.key;
    if (!item.value.empty()) out["value"] = base64_encode(item.value);
    if (!item.timeout.empty()) out["timeout"] = item.timeout;
  }
  return value;
}

}  // namespace rr::keyvalue
