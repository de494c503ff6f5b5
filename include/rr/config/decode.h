// Turns a Node into a struct by the struct's own table of keys:
//
//   struct PoolConfig {
//     std::uint32_t num_workers = 0;
//     static constexpr auto fields() {
//       return std::tuple{config::field("num_workers", &PoolConfig::num_workers, "0: one per
//       CPU")};
//     }
//     void settle();                             // optional: replaces values that stand for a
//     default void check(config::Errors& errors) const;  // optional; both run when every value
//     fitted
//   };
//
// The same table makes the reference page, the editor schema and the list of known keys
// (describe.h). A field may be bool, an integer, double, std::string, Duration,
// std::chrono::seconds (a number of seconds, or "30s"), an enum with config_names(), a type of
// types.h, a struct with a table, std::optional of one (present or not), std::vector and
// std::map<std::string, …> of any of these. Conversions and messages are RoadRunner's (spec 05
// §1.6).
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "rr/config/errors.h"
#include "rr/config/node.h"
#include "rr/config/types.h"
#include "rr/duration.h"

namespace rr::config {

// One row of a table: the key, where its value goes, its meaning for the reference page.
template <class Owner, class Value>
struct Field {
  std::string_view key;
  Value Owner::*member;
  std::string_view meaning;
};

template <class Owner, class Value>
constexpr Field<Owner, Value> field(std::string_view key, Value Owner::*member,
                                    std::string_view meaning = {}) {
  return {key, member, meaning};
}

template <class T>
concept Table = requires {
  T::fields();
};
// What a section may be: a struct with a table, or any number of them under names of the user's.
template <class T>
concept Section = Table<T> ||
    (requires { typename T::mapped_type; } && Table<typename T::mapped_type>);
template <class T>
concept Checked = requires(const T& value, Errors& errors) {
  value.check(errors);
};
template <class T>
concept Settled = requires(T& value) {
  value.settle();
};
template <class T>
concept Custom = requires(T& value, const Node& node, Errors& errors) {
  value.decode(node, errors);
};
// An enum whose names are found by constexpr std::array<std::pair<std::string_view, E>, N>
// config_names(E).
template <class T>
concept Named = std::is_enum_v<T> && requires(T value) {
  config_names(value);
};

void decode_value(const Node& node, bool& out, Errors& errors);
void decode_value(const Node& node, double& out, Errors& errors);
void decode_value(const Node& node, std::string& out, Errors& errors);
void decode_value(const Node& node, Duration& out, Errors& errors);
void decode_value(const Node& node, std::chrono::seconds& out, Errors& errors);
void decode_value(const Node& node, std::vector<std::string>& out, Errors& errors);
// Returns false after a mismatch; the caller narrows.
bool decode_signed(const Node& node, std::int64_t& out, std::int64_t least, std::int64_t most,
                   Errors& errors);
bool decode_unsigned(const Node& node, std::uint64_t& out, std::uint64_t most, Errors& errors);
// False and a mismatch when the value is no map.
bool expect_map(const Node& node, Errors& errors);
// A list of maps becomes one map, in order; false and a mismatch when it is neither.
bool to_map(const Node& node, Node& out, Errors& errors);
void mismatch_name(const Node& node, const std::vector<std::string_view>& names, Errors& errors);
bool text_of(const Node& node, std::string& out);

template <std::integral T>
requires(!std::same_as<T, bool>) void decode_value(const Node& node, T& out, Errors& errors) {
  if constexpr (std::is_signed_v<T>) {
    std::int64_t wide = 0;
    if (decode_signed(node, wide, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(),
                      errors))
      out = static_cast<T>(wide);
  } else {
    std::uint64_t wide = 0;
    if (decode_unsigned(node, wide, std::numeric_limits<T>::max(), errors))
      out = static_cast<T>(wide);
  }
}

template <Custom T>
void decode_value(const Node& node, T& out, Errors& errors) {
  out.decode(node, errors);
}

template <Named T>
void decode_value(const Node& node, T& out, Errors& errors) {
  std::string text;
  const bool scalar = text_of(node, text);
  std::vector<std::string_view> names;
  for (const auto& [name, value] : config_names(T{})) {
    if (scalar && text == name) {
      out = value;
      return;
    }
    names.push_back(name);
  }
  mismatch_name(node, names, errors);
}

template <Table T>
void decode_value(const Node& node, T& out, Errors& errors);

template <class T>
void decode_value(const Node& node, std::optional<T>& out, Errors& errors) {
  decode_value(node, out.emplace(), errors);
}

template <class T>
requires(!std::same_as<T, std::string>) void decode_value(const Node& node, std::vector<T>& out,
                                                          Errors& errors) {
  out.clear();
  if (!node.is(Node::Kind::list)) {
    decode_value(node, out.emplace_back(), errors);
    return;
  }
  std::size_t index = 0;
  for (const Node& item : node.list()) {
    Errors::Scope scope(errors, "[" + std::to_string(index++) + "]", item);
    decode_value(item, out.emplace_back(), errors);
  }
}

template <class T>
void decode_value(const Node& node, std::map<std::string, T>& out, Errors& errors) {
  Node merged;
  if (!to_map(node, merged, errors)) return;
  out.clear();
  for (const Node::Entry& entry : merged.map()) {
    if (entry.value.is_null()) continue;
    Errors::Scope scope(errors, entry.key, entry.value);
    decode_value(entry.value, out[entry.key], errors);
  }
}

// `out` may be derived from the struct whose field it is.
template <class Out, class Owner, class Value>
void decode_field(const Node& node, Out& out, const Field<Owner, Value>& field, Errors& errors) {
  const Node* value = node.find(field.key);
  if (value == nullptr) return;
  Errors::Scope scope(errors, field.key, *value);
  decode_value(*value, out.*field.member, errors);
}

template <Table T>
void decode_value(const Node& node, T& out, Errors& errors) {
  if (!expect_map(node, errors)) return;
  const std::size_t before = errors.count();
  std::apply([&](const auto&... field) { (decode_field(node, out, field, errors), ...); },
             T::fields());
  if (errors.count() != before) return;
  if constexpr (Settled<T>) out.settle();
  if constexpr (Checked<T>) out.check(errors);
}

}  // namespace rr::config
