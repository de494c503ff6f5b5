#include "runtime/goridge/rpc.h"

#include <initializer_list>

namespace rr::goridge {

namespace {

std::uint8_t first_of(std::uint8_t flags, std::initializer_list<std::uint8_t> order) {
  for (const std::uint8_t bit : order) {
    if ((flags & bit) != 0) return bit;
  }
  return 0;
}

}  // namespace

std::optional<RpcMessage> rpc_message(const Header& header, std::string_view payload) {
  if (header.option_count != 2) return std::nullopt;
  const std::size_t method_size = header.options[1];
  if (method_size > payload.size()) return std::nullopt;
  return RpcMessage{header.flags, header.options[0], payload.substr(0, method_size),
                    payload.substr(method_size)};
}

std::string encode(const RpcMessage& message) {
  Header header;
  header.flags = message.flags;
  header.option_count = 2;
  header.options[0] = message.sequence;
  header.options[1] = static_cast<std::uint32_t>(message.method.size());
  header.payload_bytes = static_cast<std::uint32_t>(message.method.size() + message.body.size());
  char head[kMaxHeaderBytes];
  const std::size_t head_size = encode(header, head);
  std::string frame;
  frame.reserve(head_size + header.payload_bytes);
  frame.append(head, head_size).append(message.method).append(message.body);
  return frame;
}

std::uint8_t argument_codec(std::uint8_t flags) {
  return first_of(flags, {flag::codec_proto, flag::codec_json, flag::codec_gob, flag::codec_raw,
                          flag::codec_msgpack});
}

std::uint8_t reply_codec(std::uint8_t flags) {
  const std::uint8_t bit =
      first_of(flags, {flag::codec_proto, flag::codec_json, flag::codec_raw, flag::codec_msgpack});
  return bit != 0 ? bit : flag::codec_gob;
}

}  // namespace rr::goridge
