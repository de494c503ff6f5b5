// The bytes that a server sends to its RPC client, as replies. No I/O. Fuzzed.
#ifndef RR_EMBED_RPC_REPLIES_H
#define RR_EMBED_RPC_REPLIES_H

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/goridge/rpc.h"

namespace rr::ext {

// A buffer that bytes are read into and replies taken out of. Holds no more memory than has come,
// twice at the most: what a header promises is believed when it is there.
class Replies {
 public:
  // No value of a cache and no list of workers is as large.
  static constexpr std::uint32_t kMaxPayload = 256U << 20;

  enum class Next { none, reply, garbage };

  Replies() = default;
  ~Replies();
  Replies(const Replies&) = delete;
  Replies& operator=(const Replies&) = delete;

  // Where to read to, at least a byte of room. Ends the life of the reply that next() gave.
  char* room(std::size_t* size);
  void came(std::size_t size) { end_ += size; }

  // The next reply; it lives until the next call of anything here. Garbage: from here on the bytes
  // mean nothing.
  Next next(goridge::RpcMessage* reply);
  const char* fault() const { return fault_; }

  void clear();

 private:
  void take();
  void grow();

  char* bytes_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t given_ = 0;  // bytes of the reply that next() gave
  std::size_t need_ = 0;   // bytes of the frame at begin_, as far as known
  const char* fault_ = "";
};

}  // namespace rr::ext

#endif
