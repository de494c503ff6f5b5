#include "ext/rpc/replies.h"

namespace rr::ext {

Replies::Next Replies::next(goridge::RpcMessage* reply) {
  goridge::Header header;
  std::string_view payload;
  switch (frames_.next(&header, &payload)) {
    case Frames::Next::none:
      return Next::none;
    case Frames::Next::garbage:
      fault_ = frames_.fault();
      return Next::garbage;
    case Frames::Next::frame:
      break;
  }
  const auto message = goridge::rpc_message(header, payload);
  if (!message) {
    fault_ = "a frame without the two options of a reply";
    return Next::garbage;
  }
  *reply = *message;
  return Next::reply;
}

}  // namespace rr::ext
