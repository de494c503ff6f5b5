// RPC: whatever comes as a call is answered with one frame that says which call it is, or refused;
// and no argument in any codec does harm.
#include "rr/rpc.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/plugins/rpc/router.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

class Service final : public rr::RpcService {
 public:
  Service() {
    methods_.add<bool>("B", [](bool value) { return rr::RpcValue(value); });
    methods_.add<std::string>("S",
                              [](std::string value) { return rr::RpcValue(std::move(value)); });
    methods_.add<rr::RpcValue>("V", [](rr::RpcValue value) { return value; });
  }
  std::string_view rpc_name() const override { return "a"; }
  rr::Result<std::string> call(std::string_view method, rr::RpcCodec codec,
                               std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }

 private:
  rr::RpcMethods methods_;
};

void answer(const rr::goridge::RpcMessage& call) {
  using namespace rr::goridge;
  static Service service;
  static const rr::rpc::Router router({&service});
  const std::string frame = router.answer(call);
  FrameReader reader(1U << 30);
  require(reader.parse(frame) == Parse::complete && reader.frame_size() == frame.size());
  const auto reply = rpc_message(reader.header(), reader.payload(frame));
  require(reply && reply->sequence == call.sequence && reply->method == call.method);
  require((reply->flags & ~flag::error) == reply_codec(call.flags));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rr::goridge;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // As a stream of calls; checksums are hard to guess, so what follows the first byte is an
  // argument, too.
  FrameReader reader(1 << 20);
  for (std::string_view rest = bytes; reader.parse(rest) == Parse::complete;) {
    if (const auto call = rpc_message(reader.header(), reader.payload(rest))) answer(*call);
    rest.remove_prefix(reader.frame_size());
  }
  if (size == 0) return 0;
  static constexpr std::string_view kMethods[] = {"a.B", "a.S", "a.V", "a.", "b.S", "nodot", ""};
  const std::string_view method = kMethods[data[0] % std::size(kMethods)];
  answer(RpcMessage{static_cast<std::uint8_t>(data[0] & 0xfc), 1, method, bytes.substr(1)});
  answer(RpcMessage{flag::codec_json, 1, bytes, {}});
  return 0;
}
