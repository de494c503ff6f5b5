// Calls and replies of RPC over goridge (spec 01 §9.1): what two options and a payload mean. Pure
// wire format, no I/O. Fuzzed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/goridge/frame.h"

namespace rr::goridge {

// A call or a reply. Views into the frame's payload.
struct RpcMessage {
  std::uint8_t flags = 0;
  std::uint32_t sequence = 0;
  std::string_view method;
  std::string_view body;
};

// Nothing when the frame is neither: other than two options, a method longer than the payload.
std::optional<RpcMessage> rpc_message(const Header& header, std::string_view payload);

// The whole frame. The caller keeps method and body below 4 GiB together.
std::string encode(const RpcMessage& message);

// The one codec bit that counts when a call has several: the argument and the reply are looked up
// in different orders. 0 for an argument without any; gob then stands for the reply's.
std::uint8_t argument_codec(std::uint8_t flags);
std::uint8_t reply_codec(std::uint8_t flags);

}  // namespace rr::goridge
