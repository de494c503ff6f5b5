// Goridge frames: no input makes the reader look past its end or contradict itself, and what it
// takes apart it can put together again.
#include "runtime/goridge/frame.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// The reader must say the same of a frame that comes in pieces.
void check_prefixes(std::string_view frame) {
  rr::goridge::FrameReader reader(1 << 20);
  for (std::size_t size = 0; size < frame.size() && size < 64; ++size) {
    require(reader.parse(frame.substr(0, size)) == rr::goridge::Parse::incomplete);
    require(reader.need() > size && reader.need() <= frame.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rr::goridge;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  FrameReader reader(1 << 20);
  while (true) {
    const Parse result = reader.parse(rest);
    if (result == Parse::malformed) {
      require(reader.fault() != Fault::none);
      return 0;
    }
    if (result == Parse::incomplete) {
      require(reader.need() > rest.size());
      return 0;
    }
    const std::string_view frame = rest.substr(0, reader.frame_size());
    const std::string_view payload = reader.payload(rest);
    require(payload.data() + payload.size() == frame.data() + frame.size());
    check_prefixes(frame);
    // Version and byte 11 are not kept; everything else comes back.
    char out[kMaxHeaderBytes];
    require(encode(reader.header(), out) == reader.header().size());
    require((out[0] & 0x0F) == (frame[0] & 0x0F));
    require(std::memcmp(out + 1, frame.data() + 1, 5) == 0);
    require(out[10] == frame[10]);
    require(std::memcmp(out + kHeaderBytes, frame.data() + kHeaderBytes,
                        reader.header().size() - kHeaderBytes) == 0);
    rest.remove_prefix(frame.size());
  }
}
