// Messages of RoadRunner's protocols as plain structs with a table of their fields, read and
// written as protobuf (proto3) and as JSON by the names of the schema:
//
//   struct Request {
//     std::string plugin;
//     static constexpr auto message_fields() {
//       return std::tuple{message::field(1, "plugin", &Request::plugin)};
//     }
//   };
//
// A field may be bool, an integer, float, std::string, another message, std::vector of messages or
// strings, std::map of strings. A float is finite: JSON has no other. Field numbers are below 16.
// Values; no thread rules.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "rr/protobuf.h"
#include "rr/result.h"
#include "rr/rpc.h"
#include "rr/utf8.h"

namespace rr::message {

template <class Owner, class Value>
struct Field {
  unsigned number;
  const char* name;
  Value Owner::*member;
};

template <class Owner, class Value>
constexpr Field<Owner, Value> field(unsigned number, const char* name, Value Owner::*member) {
  return {number, name, member};
}

template <class T>
concept Message = requires {
  T::message_fields();
};
template <class T>
concept Number = std::integral<T>;

// A few bytes of a message become some tens of them in memory: no more parts than this.
inline constexpr std::size_t kMaxParts = 100'000;

// ---------------------------------------------------------------- protobuf

namespace detail {

// What is wrong with a message; null: nothing.
using Wrong = const char*;
inline constexpr Wrong kNoMessage = "proto: cannot parse invalid wire-format data";

template <Message T>
Wrong read(std::string_view bytes, T& out, std::size_t& parts);

template <class T>
constexpr proto::Wire wire_of() {
  if constexpr (Number<T>) return proto::Wire::varint;
  if constexpr (std::same_as<T, float>) return proto::Wire::fixed32;
  return proto::Wire::bytes;
}

template <Number T>
Wrong read_value(const proto::Reader& from, T& out, std::size_t&) {
  out = static_cast<T>(from.value());
  return nullptr;
}
inline Wrong read_value(const proto::Reader& from, float& out, std::size_t&) {
  std::memcpy(&out, from.bytes().data(), sizeof out);
  return std::isfinite(out) ? nullptr : "proto: a number is not finite";
}
inline Wrong read_value(const proto::Reader& from, std::string& out, std::size_t&) {
  if (!utf8::valid(from.bytes())) return "proto: a text is no UTF-8";
  out = from.bytes();
  return nullptr;
}
template <Message T>
Wrong read_value(const proto::Reader& from, T& out, std::size_t& parts) {
  return read(from.bytes(), out, parts);
}
template <class T>
Wrong read_value(const proto::Reader& from, std::vector<T>& out, std::size_t& parts) {
  if (++parts > kMaxParts) return "proto: a message of too many parts";
  return read_value(from, out.emplace_back(), parts);
}
inline Wrong read_value(const proto::Reader& from, std::map<std::string, std::string>& out,
                        std::size_t& parts) {
  if (++parts > kMaxParts) return "proto: a message of too many parts";
  std::string key, value;
  proto::Reader entry(from.bytes());
  while (entry.next()) {
    Wrong wrong = nullptr;
    if (entry.is(1, proto::Wire::bytes)) wrong = read_value(entry, key, parts);
    if (entry.is(2, proto::Wire::bytes)) wrong = read_value(entry, value, parts);
    if (wrong) return wrong;
  }
  if (!entry.good()) return kNoMessage;
  out[std::move(key)] = std::move(value);
  return nullptr;
}

template <Message T>
Wrong read(std::string_view bytes, T& out, std::size_t& parts) {
  proto::Reader from(bytes);
  while (from.next()) {
    Wrong wrong = nullptr;
    const auto take = [&]<class Value>(const Field<T, Value>& field) {
      if (from.is(field.number, wire_of<Value>()))
        wrong = read_value(from, out.*field.member, parts);
    };
    std::apply([&](const auto&... each) { (take(each), ...); }, T::message_fields());
    if (wrong) return wrong;
  }
  return from.good() ? nullptr : kNoMessage;
}

template <Message T>
void write(const T& message, std::string& out);

template <Number T>
void write_value(unsigned number, T value, std::string& out) {
  proto::append_number(out, number, static_cast<std::uint64_t>(value));
}
inline void write_value(unsigned number, float value, std::string& out) {
  if (value == 0) return;
  out += proto::tag(number, proto::Wire::fixed32);
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}
inline void write_value(unsigned number, const std::string& value, std::string& out) {
  proto::append_optional(out, number, value);
}
template <Message T>
void write_value(unsigned number, const T& value, std::string& out) {
  std::string bytes;
  write(value, bytes);
  proto::append_optional(out, number, bytes);
}
template <class T>
void write_value(unsigned number, const std::vector<T>& values, std::string& out) {
  for (const T& each : values) {
    std::string bytes;
    if constexpr (Message<T>) {
      write(each, bytes);
    } else {
      bytes = each;
    }
    proto::append_bytes(out, number, bytes);
  }
}
inline void write_value(unsigned number, const std::map<std::string, std::string>& values,
                        std::string& out) {
  for (const auto& [key, value] : values) {
    std::string entry;
    proto::append_bytes(entry, 1, key);
    proto::append_bytes(entry, 2, value);
    proto::append_bytes(out, number, entry);
  }
}

template <Message T>
void write(const T& message, std::string& out) {
  std::apply(
      [&](const auto&... each) { (write_value(each.number, message.*each.member, out), ...); },
      T::message_fields());
}

}  // namespace detail

// Unknown fields are passed over. Errors: no message, a text that is no UTF-8, a float that is not
// finite, too many parts.
template <Message T>
Result<T> from_protobuf(std::string_view bytes) {
  T out;
  std::size_t parts = 0;
  if (const auto wrong = detail::read(bytes, out, parts)) return Error(Errc::invalid, "", wrong);
  return out;
}

template <Message T>
std::string to_protobuf(const T& message) {
  std::string out;
  detail::write(message, out);
  return out;
}

// ---------------------------------------------------------------- JSON

namespace detail {

template <Message T>
bool read_json(const RpcValue& from, T& out);

template <Number T>
bool read_json(const RpcValue& from, T& out) {
  if constexpr (std::same_as<T, bool>) {
    if (!from.is_boolean()) return false;
  } else {
    if (!from.is_number_integer()) return false;
  }
  out = from.get<T>();
  return true;
}
inline bool read_json(const RpcValue& from, float& out) {
  if (!from.is_number()) return false;
  out = from.get<float>();
  return true;
}
inline bool read_json(const RpcValue& from, std::string& out) {
  if (!from.is_string()) return false;
  out = from.get_ref<const std::string&>();
  return true;
}
template <class T>
bool read_json(const RpcValue& from, std::vector<T>& out) {
  if (!from.is_array()) return false;
  for (const RpcValue& each : from) {
    if (!each.is_null() && !read_json(each, out.emplace_back())) return false;
  }
  return true;
}
inline bool read_json(const RpcValue& from, std::map<std::string, std::string>& out) {
  if (!from.is_object()) return false;
  for (const auto& [key, value] : from.items()) {
    if (!value.is_null() && !read_json(value, out[key])) return false;
  }
  return true;
}

template <Message T>
bool read_json(const RpcValue& from, T& out) {
  if (from.is_null()) return true;
  if (!from.is_object()) return false;
  bool good = true;
  const auto take = [&](const auto& field) {
    const auto found = from.find(field.name);
    if (found != from.end() && !found->is_null()) good &= read_json(*found, out.*field.member);
  };
  std::apply([&](const auto&... each) { (take(each), ...); }, T::message_fields());
  return good;
}

template <Message T>
RpcValue json_of(const std::vector<T>& values);

template <class T>
RpcValue json_of(const T& value) {
  if constexpr (Message<T>) {
    RpcValue out = RpcValue::object();
    const auto add = [&](const auto& field) {
      RpcValue each = json_of(value.*field.member);
      // As Go leaves out what is zero or empty.
      const bool zero = each.is_null() || each == RpcValue(false) || each == RpcValue(0) ||
                        each == RpcValue("") || (each.is_structured() && each.empty());
      if (!zero) out[field.name] = std::move(each);
    };
    std::apply([&](const auto&... each) { (add(each), ...); }, T::message_fields());
    return out;
  } else {
    return RpcValue(value);
  }
}
template <Message T>
RpcValue json_of(const std::vector<T>& values) {
  RpcValue out = RpcValue::array();
  for (const T& each : values) out.push_back(json_of(each));
  return out;
}

}  // namespace detail

// Null is an empty message; keys that it does not have are passed over.
template <Message T>
Result<T> from_json(const RpcValue& value) {
  T out;
  if (!detail::read_json(value, out)) {
    return Error(Errc::invalid, "", "json: a value does not fit the message");
  }
  return out;
}

template <Message T>
RpcValue to_json(const T& message) {
  return detail::json_of(message);
}

// ---------------------------------------------------------------- RPC

// The methods of one service by name whose arguments and results are messages; RpcMethods (rpc.h)
// has those of plain values. Filled before the first call; then thread-safe.
//
//   messages_.add<Request>("Status", [this](const Request& request) -> Result<Response> {…});
class Methods {
 public:
  using Blocks = RpcMethods::Blocks;

  template <Message Request, std::invocable<const Request&> Run>
  void add(const std::string& name, Run run, Blocks blocks = Blocks::yes) {
    methods_.push_back({name, [run](std::string_view bytes) -> Result<std::string> {
                          auto request = from_protobuf<Request>(bytes);
                          if (!request) return std::move(request).error();
                          auto reply = run(*request);
                          if (!reply) return std::move(reply).error();
                          return to_protobuf(*reply);
                        }});
    others_.add<RpcValue>(
        name,
        [run = std::move(run)](const RpcValue& value) -> Result<RpcValue> {
          auto request = from_json<Request>(value);
          if (!request) return std::move(request).error();
          auto reply = run(*request);
          if (!reply) return std::move(reply).error();
          return to_json(*reply);
        },
        blocks);
  }

  bool has(std::string_view method) const { return find(method) != methods_.end(); }
  // As RpcService::call() and blocks() want it.
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) const {
    const auto found = find(method);
    if (codec == RpcCodec::proto && found != methods_.end()) return found->run(argument);
    return others_.call(method, codec, argument);
  }
  bool blocks(std::string_view method) const { return others_.blocks(method); }

 private:
  struct Method {
    std::string name;
    std::function<Result<std::string>(std::string_view)> run;
  };
  std::vector<Method>::const_iterator find(std::string_view method) const {
    return std::ranges::find(methods_, method, &Method::name);
  }

  std::vector<Method> methods_;
  RpcMethods others_;  // by every other codec
};

}  // namespace rr::message
