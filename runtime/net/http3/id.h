// Connection ids, and what a server keeps secret about them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rr::net::http3 {

// What packets name their connection by. Ours are kOurs bytes of random.
struct Id {
  static constexpr std::size_t kOurs = 16;
  static constexpr std::size_t kMost = 20;

  Id() = default;
  explicit Id(std::string_view text) : size(static_cast<std::uint8_t>(text.size())) {
    std::memcpy(bytes.data(), text.data(), text.size());
  }
  // Compared as they are: clients choose some of them, and a table that hashes could be filled with
  // what collides.
  auto operator<=>(const Id&) const = default;
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), size}; }

  std::uint8_t size = 0;
  std::array<std::uint8_t, kMost> bytes{};
};

// Of a process: another one can neither reset its connections nor read its tokens.
struct Secrets {
  Secrets();  // random
  std::array<std::uint8_t, 32> tokens;
  std::array<std::uint8_t, 32> resets;
};

}  // namespace rr::net::http3
