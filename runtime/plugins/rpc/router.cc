#include "runtime/plugins/rpc/router.h"

#include <algorithm>
#include <exception>
#include <limits>

namespace rr::rpc {

namespace {

Error refused(std::string text, std::string_view method) {
  return Error(Errc::invalid, "", text.append(method));
}

std::string reply(const goridge::RpcMessage& call, const Result<std::string>& result) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  const std::uint8_t codec = goridge::reply_codec(call.flags);
  const std::string failure = result ? "" : result.error().text();
  goridge::RpcMessage message(call);
  message.flags = result ? codec : codec | goridge::flag::error;
  message.body = result ? std::string_view(result.value()) : failure;
  if (message.body.size() > kMost - call.method.size()) {
    message.flags = codec | goridge::flag::error;
    message.body = "the result does not fit into a frame";
  }
  return goridge::encode(message);
}

}  // namespace

std::string Router::answer(const goridge::RpcMessage& call) const {
  try {
    return reply(call, run(call));
  } catch (const std::exception& e) {
    return reply(call, refused(e.what(), {}));
  }
}

bool Router::blocks(const goridge::RpcMessage& call) const {
  const std::size_t dot = call.method.rfind('.');
  if (dot == std::string_view::npos) return false;
  const auto service =
      std::ranges::find(services_, call.method.substr(0, dot), &RpcService::rpc_name);
  return service != services_.end() && (*service)->blocks(call.method.substr(dot + 1));
}

Result<std::string> Router::run(const goridge::RpcMessage& call) const {
  const std::string_view name = call.method;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) {
    return refused("rpc: service/method request ill-formed: ", name);
  }
  const auto service = std::ranges::find(services_, name.substr(0, dot), &RpcService::rpc_name);
  if (service == services_.end()) return refused("rpc: can't find service ", name);

  const std::uint8_t codec = goridge::argument_codec(call.flags);
  // Gob is what Go programs speak among themselves; nothing else does.
  if (codec == 0 || codec == goridge::flag::codec_gob) {
    return refused("goridge_read_request_body: unknown decoder used in frame", {});
  }
  auto result = (*service)->call(name.substr(dot + 1), static_cast<RpcCodec>(codec), call.body);
  if (!result && result.error().code == Errc::not_found) {
    return refused("rpc: can't find method ", name);
  }
  return result;
}

}  // namespace rr::rpc
