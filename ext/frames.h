// A buffer that bytes of a peer are read into and goridge frames taken out of. No I/O. Fuzzed.
#ifndef RR_EMBED_FRAMES_H
#define RR_EMBED_FRAMES_H

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/goridge/frame.h"

namespace rr::ext {

// Holds no more memory than has come, twice at the most: what a header promises is believed when it
// is there.
class Frames {
 public:
  enum class Next { none, frame, garbage };

  explicit Frames(std::uint32_t max_payload) : max_payload_(max_payload) {}
  ~Frames();
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  // Where to read to, at least a byte of room. Ends the life of the frame that next() gave.
  char* room(std::size_t* size);
  void came(std::size_t size) { end_ += size; }

  // The next frame; its payload lives until the next call of anything here but fault(). Garbage:
  // from here on the bytes mean nothing.
  Next next(goridge::Header* header, std::string_view* payload);
  const char* fault() const { return fault_; }

  // The frame that next() gave stays here until the next call; what came behind it goes to `other`,
  // which is empty.
  void move_rest(Frames& other);
  void swap(Frames& other);
  void clear();
  // Forgets the bytes and keeps the memory.
  void reset() { begin_ = end_ = given_ = need_ = 0; }

 private:
  void take();
  void grow();

  std::uint32_t max_payload_;
  char* bytes_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t given_ = 0;  // bytes of the frame that next() gave
  std::size_t need_ = 0;   // bytes of the frame at begin_, as far as known
  const char* fault_ = "";
};

}  // namespace rr::ext

#endif
