// What clients may send to `kv` and `lock`: a message that is accepted lies within its bytes and
// means the same written anew; timeouts that are accepted come back as text that is accepted. First
// byte: which.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rr/base64.h"
#include "rr/kv_timeout.h"
#include "rr/protobuf.h"
#include "runtime/plugins/kv/messages.h"
#include "runtime/plugins/lock/messages.h"

namespace {

void check(bool good) {
  if (!good) std::abort();
}

std::string encode(const rr::keyvalue::Request& request) {
  std::string message;
  rr::proto::append_optional(message, 1, request.storage);
  for (const rr::KvItem& item : request.items)
    rr::keyvalue::append_item(message, rr::keyvalue::ItemsOf::request, item.key, item.value,
                              item.timeout);
  return message;
}

void kv_message(std::string_view bytes) {
  const auto request = rr::keyvalue::decode(bytes);
  if (!request) return;
  const std::string anew = encode(*request);
  const auto again = rr::keyvalue::decode(anew);
  check(again && again->items.size() == request->items.size() && encode(*again) == anew);
  // The same items through JSON.
  std::string response;
  for (const rr::KvItem& item : request->items)
    rr::keyvalue::append_item(response, rr::keyvalue::ItemsOf::response, item.key, item.value,
                              item.timeout);
  auto value = rr::keyvalue::value_of(response);
  value["storage"] = request->storage;
  const auto from_json = rr::keyvalue::message_of(value);
  check(from_json && *from_json == anew);
}

void lock_message(std::string_view bytes) {
  const auto request = rr::lock::decode(bytes);
  if (!request) return;
  std::string anew;
  rr::proto::append_optional(anew, 1, request->resource);
  rr::proto::append_optional(anew, 2, request->id);
  rr::proto::append_number(anew, 3, static_cast<std::uint64_t>(request->ttl));
  rr::proto::append_number(anew, 4, static_cast<std::uint64_t>(request->wait));
  const auto again = rr::lock::decode(anew);
  check(again && again->resource == request->resource && again->id == request->id &&
        again->ttl == request->ttl && again->wait == request->wait);
}

void json_values(std::string_view bytes) {
  if (!rr::RpcValue::accept(bytes)) return;
  const auto value = rr::RpcValue::parse(bytes);
  static_cast<void>(rr::lock::from_value(value));
  if (const auto message = rr::keyvalue::message_of(value))
    static_cast<void>(rr::keyvalue::decode(*message));
}

void timeout(std::string_view text) {
  const auto read = rr::keyvalue::parse_timeout(text);
  static_cast<void>(rr::keyvalue::is_blank(text));
  if (!read) return;
  const std::string out = rr::keyvalue::to_text(*read);
  const auto again = rr::keyvalue::parse_timeout(out);
  // An offset may take a moment beyond the years that the text has room for.
  if (out.size() > 25 || out.starts_with('-')) return;
  check(again && again->at <= read->at + 1 && read->at - again->at < 1'000'000);
}

void base64(std::string_view text) {
  const auto bytes = rr::base64_decode(text);
  if (bytes) check(rr::base64_decode(rr::base64_encode(*bytes)) == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      kv_message(bytes);
      break;
    case 1:
      lock_message(bytes);
      break;
    case 2:
      timeout(bytes);
      break;
    case 3:
      base64(bytes);
      break;
    default:
      json_values(bytes);
  }
  return 0;
}
