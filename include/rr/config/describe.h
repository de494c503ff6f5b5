// What a struct's table says about its keys, as data: for the reference page, the editor schema and
// for telling known keys from unknown ones.
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "rr/config/decode.h"

namespace rr::config {

// One key. `children` of a section are its keys; of a key whose value is `named` (a map from names
// the user chooses) or `listed` they are the keys of each item.
struct Description {
  std::string key;
  std::string type;
  std::string fallback;  // the default as one would write it; empty: none
  std::string meaning;
  bool named = false;
  bool listed = false;
  std::vector<std::string> choices;  // of an enum
  std::vector<Description> children;

  const Description* find(std::string_view child) const;
};

namespace detail {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {
  using Item = T;
};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {
  using Item = T;
};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {
  using Item = T;
};

std::string show_double(double value);
std::string show_list(const std::vector<std::string>& items);

template <class T>
void describe_value(const T& value, Description& out) {
  if constexpr (Table<T>) {
    out.type = "map";
    std::apply(
        [&](const auto&... field) {
          (
              [&] {
                Description child;
                child.key = field.key;
                child.meaning = field.meaning;
                describe_value(value.*field.member, child);
                out.children.push_back(std::move(child));
              }(),
              ...);
        },
        T::fields());
  } else if constexpr (Custom<T>) {
    out.type = T::kTypeName;
    out.fallback = value.show();
  } else if constexpr (Named<T>) {
    out.type = "string";
    for (const auto& [name, choice] : config_names(T{})) {
      out.choices.emplace_back(name);
      if (choice == value) out.fallback = name;
    }
  } else if constexpr (std::is_same_v<T, bool>) {
    out.type = "bool";
    out.fallback = value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    out.type = std::is_signed_v<T> ? "int" : "uint";
    out.fallback = std::to_string(value);
  } else if constexpr (std::is_same_v<T, double>) {
    out.type = "float";
    out.fallback = show_double(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    out.type = "string";
    out.fallback = value;
  } else if constexpr (std::is_same_v<T, Duration>) {
    out.type = "duration";
    out.fallback = to_string(value);
  } else if constexpr (std::is_same_v<T, std::chrono::seconds>) {
    out.type = "seconds";
    out.fallback = std::to_string(value.count());
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    out.type = "list of strings";
    out.fallback = show_list(value);
  } else if constexpr (IsOptional<T>::value) {
    describe_value(typename IsOptional<T>::Item{}, out);
    if (out.children.empty()) out.fallback.clear();
  } else if constexpr (IsVector<T>::value) {
    describe_value(typename IsVector<T>::Item{}, out);
    out.type = "list of " + out.type;
    out.fallback.clear();
    out.listed = true;
  } else if constexpr (IsMap<T>::value) {
    describe_value(typename IsMap<T>::Item{}, out);
    out.type = "map of " + out.type;
    out.fallback.clear();
    out.named = true;
  } else {
    static_assert(Table<T>, "a configuration field of this type cannot be described");
  }
}

}  // namespace detail

// The keys of T as a section named `key`, with T's defaults.
template <Section T>
Description describe(std::string_view key, std::string_view meaning = {}) {
  Description out;
  out.key = key;
  out.meaning = meaning;
  detail::describe_value(T{}, out);
  return out;
}

}  // namespace rr::config
