// The bytes that a server sends to its RPC client, as replies. No I/O. Fuzzed.
#ifndef RR_EMBED_RPC_REPLIES_H
#define RR_EMBED_RPC_REPLIES_H

#include "ext/frames.h"

#include "runtime/goridge/rpc.h"

namespace rr::ext {

class Replies {
 public:
  // No value of a cache and no list of workers is as large.
  static constexpr std::uint32_t kMaxPayload = 256U << 20;

  enum class Next { none, reply, garbage };

  // As Frames has them.
  char* room(std::size_t* size) { return frames_.room(size); }
  void came(std::size_t size) { frames_.came(size); }
  void clear() { frames_.clear(); }
  // The next reply; it lives until the next call of anything here but fault().
  Next next(goridge::RpcMessage* reply);
  const char* fault() const { return fault_; }

 private:
  Frames frames_{kMaxPayload};
  const char* fault_ = "";
};

}  // namespace rr::ext

#endif
