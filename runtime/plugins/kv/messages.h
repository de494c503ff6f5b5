// What the methods of `kv` take and return (spec 04 §10: kv.v1), protobuf and JSON. Fuzzed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rr/kv.h"
#include "rr/rpc.h"

namespace rr::keyvalue {

// kv.v1.Request: views into the message.
struct Request {
  std::string_view storage;
  std::vector<KvItem> items;
};

// A message of two bytes an item would take a great deal more of memory than it came in.
inline constexpr std::size_t kMaxItems = 1'000'000;

// An empty message is one of zero values. Text that is no UTF-8 is refused; values are any bytes.
Result<Request> decode(std::string_view message);

// Adds an item to a message: the two have their items in fields of different numbers.
enum class ItemsOf : unsigned { response = 1, request = 2 };
void append_item(std::string& message, ItemsOf of, std::string_view key, std::string_view value,
                 std::string_view timeout);

// JSON as Go writes it, values in base64, to the message and back.
Result<std::string> message_of(const RpcValue& request);
RpcValue value_of(std::string_view response);

}  // namespace rr::keyvalue
