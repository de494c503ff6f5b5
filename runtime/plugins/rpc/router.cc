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
  return reply(call, this->call(call));
}

std::optional<std::string> Router::answer_at_once(const goridge::RpcMessage& call) const {
  const auto result = call_at_once(call);
  if (!result) return std::nullopt;
  return reply(call, *result);
}

Result<std::string> Router::call(const goridge::RpcMessage& call) const {
  try {
    return *run(call, May::wait);
  } catch (const std::exception& e) {
    return refused(e.what(), {});
  }
}

std::optional<Result<std::string>> Router::call_at_once(const goridge::RpcMessage& call) const {
  try {
    return run(call, May::not_wait);
  } catch (const std::exception& e) {
    return refused(e.what(), {});
  }
}

std::optional<Result<std::string>> Router::run(const goridge::RpcMessage& call, May may) const {
  const std::string_view name = call.method;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) {
    return refused("rpc: service/method request ill-formed: ", name);
  }
  const auto service = std::ranges::find(services_, name.substr(0, dot), &RpcService::rpc_name);
  if (service == services_.end()) return refused("rpc: can't find service ", name);

  const std::uint8_t bit = goridge::argument_codec(call.flags);
  // Gob is what Go programs speak among themselves; nothing else does.
  if (bit == 0 || bit == goridge::flag::codec_gob) {
    return refused("goridge_read_request_body: unknown decoder used in frame", {});
  }
  const std::string_view method = name.substr(dot + 1);
  const auto codec = static_cast<RpcCodec>(bit);
  std::optional<Result<std::string>> result;
  if (may == May::wait) {
    result = (*service)->call(method, codec, call.body);
  } else {
    result = (*service)->call_at_once(method, codec, call.body);
  }
  if (result && !*result && result->error().code == Errc::not_found) {
    return refused("rpc: can't find method ", name);
  }
  return result;
}

}  // namespace rr::rpc
