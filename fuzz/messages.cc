// Messages of RPC: whatever bytes come are a message or an error, and what was read is written so
// that it reads the same again, in protobuf and in JSON.
#include "runtime/plugins/app_logger/messages.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/plugins/service/messages.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <class Message>
void try_message(std::string_view bytes) {
  const auto read = rr::message::from_protobuf<Message>(bytes);
  if (!read) return;
  const std::string written = rr::message::to_protobuf(*read);
  const auto again = rr::message::from_protobuf<Message>(written);
  require(again.has_value());
  require(rr::message::to_protobuf(*again) == written);
  const auto json = rr::message::from_json<Message>(rr::message::to_json(*read));
  require(json.has_value());
  require(rr::message::to_protobuf(*json) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_message<rr::app_logger::LogEntry>(bytes);
  try_message<rr::service::Create>(bytes);
  try_message<rr::service::Statuses>(bytes);
  return 0;
}
