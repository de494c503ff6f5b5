// What becomes of packets that belong to no connection. Sans I/O. Fuzzed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rr/exchange.h"
#include "runtime/net/http3/id.h"
#include "runtime/net/http3/quic.h"
#include "runtime/net/http3/udp_socket.h"

namespace rr::net::http3 {

// What a packet calls its connection; empty when it is no packet of QUIC.
std::optional<Id> destination_of(std::string_view packet);

// How new clients are met.
//   open     come in
//   doubt    show first that you are where you say you are
//   wait     nothing is said: clients try again, here or at who listens next
//   refuse   go away
enum class Mood : std::uint8_t { open, doubt, wait, refuse };

// Not thread-safe. Answers never more than it was sent, and no more than kReplies a second.
class Doorkeeper final {
 public:
  // Outlive this.
  explicit Doorkeeper(const Secrets& secrets) : secrets_(secrets) {}

  struct Verdict {
    std::optional<Opening> opening;  // a connection begins with this packet
    std::string reply;               // or this is sent back; empty: nothing
  };
  Verdict judge(const Datagram& packet, Mood mood, TimePoint now);

  static constexpr int kReplies = 1000;
  static constexpr Duration kRetryValid = std::chrono::seconds(10);
  static constexpr Duration kTokenValid = std::chrono::hours(24);

 private:
  struct First;
  bool may_reply(TimePoint now);
  enum class Token : std::uint8_t { none, valid, invalid };
  Token look_at_token(const First& first, const Datagram& packet, Opening& opening,
                      TimePoint now) const;
  std::string other_versions(const Datagram& packet) const;
  std::string reset(const Datagram& packet) const;
  std::string retry(const First& first, const Datagram& packet, TimePoint now) const;
  static std::string refusal(const First& first, std::uint64_t code);

  const Secrets& secrets_;
  int replies_ = kReplies;
  TimePoint refilled_{};
};

}  // namespace rr::net::http3
