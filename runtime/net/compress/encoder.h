// Compressors with one face. A thread keeps a few for reuse: setting one up costs more than a page.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/net/compress/encoding.h"

namespace rr::net::compress {

// Levels: gzip 6, br 5, zstd 3.
class Encoder {
 public:
  enum class Flush {
    none,
    all,     // what was given can be decoded
    finish,  // the end; nothing may follow
  };
  // Hands an encoder back to the thread that is done with it.
  struct Recycle {
    void operator()(Encoder* encoder) const;
  };
  using Pointer = std::unique_ptr<Encoder, Recycle>;

  // One at its beginning. Throws std::bad_alloc.
  static Pointer take(Encoding encoding);

  virtual ~Encoder() = default;
  Encoding encoding() const { return encoding_; }
  // Appends to `out`. Compressors fail on wrong use only.
  virtual void encode(std::string_view bytes, Flush flush, std::string& out) = 0;

 protected:
  explicit Encoder(Encoding encoding) : encoding_(encoding) {}

 private:
  // False: it cannot be used again.
  virtual bool reset() = 0;

  const Encoding encoding_;
};

}  // namespace rr::net::compress
