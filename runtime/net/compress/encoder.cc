#include "runtime/net/compress/encoder.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <vector>

#include <brotli/encode.h>

namespace rr::net::compress {
namespace {

constexpr std::size_t kKept = 4;          // of each kind, by a thread
constexpr std::size_t kStep = 16 * 1024;  // that output grows by

// Room at the end of `out` for an encoder to write to; `used` is then what counts.
class Room {
 public:
  explicit Room(std::string& out) : out_(out), size_(out.size()) {}
  ~Room() { out_.resize(size_); }
  Room(const Room&) = delete;

  // At least one more step.
  void grow() {
    if (left() < kStep) out_.resize(size_ + std::max(kStep, size_));
  }
  std::uint8_t* at() { return reinterpret_cast<std::uint8_t*>(out_.data()) + size_; }
  std::size_t left() const { return out_.size() - size_; }
  void use(std::size_t bytes) { size_ += bytes; }

 private:
  std::string& out_;
  std::size_t size_;
};

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder() : Encoder(Encoding::gzip) {
    constexpr int kGzipFormat = 16;
    constexpr int kLevel = 6;
    constexpr int kMemory = 8;
    if (deflateInit2(&stream_, kLevel, Z_DEFLATED, MAX_WBITS + kGzipFormat, kMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~GzipEncoder() override { deflateEnd(&stream_); }

  void encode(std::string_view bytes, Flush flush, std::string& out) override {
    constexpr std::size_t kMost = 1U << 30;  // zlib counts in 32 bits
    while (bytes.size() > kMost) {
      run(bytes.substr(0, kMost), Z_NO_FLUSH, out);
      bytes.remove_prefix(kMost);
    }
    run(bytes,
        flush == Flush::none  ? Z_NO_FLUSH
        : flush == Flush::all ? Z_SYNC_FLUSH
                              : Z_FINISH,
        out);
  }

 private:
  void run(std::string_view bytes, int how, std::string& out) {
    Room room(out);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      room.grow();
      const auto left = static_cast<uInt>(std::min<std::size_t>(room.left(), UINT32_MAX));
      stream_.next_out = room.at();
      stream_.avail_out = left;
      deflate(&stream_, how);
      room.use(left - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }
  bool reset() override { return deflateReset(&stream_) == Z_OK; }

  z_stream stream_{};
};

class BrotliEncoder final : public Encoder {
 public:
  BrotliEncoder()
      : Encoder(Encoding::br), state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    constexpr std::uint32_t kQuality = 5;
    constexpr std::uint32_t kWindow = 19;  // 512 KiB: of 4 MiB, the default, pages make no use
    if (state_ == nullptr) throw std::bad_alloc();
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, kQuality);
    BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, kWindow);
  }
  ~BrotliEncoder() override { BrotliEncoderDestroyInstance(state_); }

  void encode(std::string_view bytes, Flush flush, std::string& out) override {
    Room room(out);
    const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t in_left = bytes.size();
    const auto how = flush == Flush::none  ? BROTLI_OPERATION_PROCESS
                     : flush == Flush::all ? BROTLI_OPERATION_FLUSH
                                           : BROTLI_OPERATION_FINISH;
    do {
      room.grow();
      std::size_t left = room.left();
      std::uint8_t* at = room.at();
      if (!BrotliEncoderCompressStream(state_, how, &in_left, &in, &left, &at, nullptr)) return;
      room.use(room.left() - left);
    } while (in_left > 0 || BrotliEncoderHasMoreOutput(state_));
  }

 private:
  bool reset() override { return false; }  // the library has no such call

  BrotliEncoderState* state_;
};

class ZstdEncoder final : public Encoder {
 public:
  ZstdEncoder() : Encoder(Encoding::zstd), context_(ZSTD_createCCtx()) {
    constexpr int kLevel = 3;
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kLevel);
  }
  ~ZstdEncoder() override { ZSTD_freeCCtx(context_); }

  void encode(std::string_view bytes, Flush flush, std::string& out) override {
    Room room(out);
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    const auto how = flush == Flush::none  ? ZSTD_e_continue
                     : flush == Flush::all ? ZSTD_e_flush
                                           : ZSTD_e_end;
    std::size_t more = 0;
    do {
      room.grow();
      ZSTD_outBuffer to{room.at(), room.left(), 0};
      more = ZSTD_compressStream2(context_, &to, &in, how);
      if (ZSTD_isError(more)) return;
      room.use(to.pos);
    } while (in.pos < in.size || (how != ZSTD_e_continue && more > 0));
  }

 private:
  bool reset() override {
    return !ZSTD_isError(ZSTD_CCtx_reset(context_, ZSTD_reset_session_only));
  }

  ZSTD_CCtx* context_;
};

using Kept = std::array<std::vector<std::unique_ptr<Encoder>>, 3>;

std::vector<std::unique_ptr<Encoder>>& kept(Encoding encoding) {
  thread_local Kept all;
  return all[static_cast<std::size_t>(encoding)];
}

}  // namespace

Encoder::Pointer Encoder::take(Encoding encoding) {
  auto& list = kept(encoding);
  if (!list.empty()) {
    Pointer encoder(list.back().release());
    list.pop_back();
    return encoder;
  }
  switch (encoding) {
    case Encoding::gzip:
      return Pointer(new GzipEncoder);
    case Encoding::br:
      return Pointer(new BrotliEncoder);
    case Encoding::zstd:
      return Pointer(new ZstdEncoder);
  }
  return nullptr;
}

void Encoder::Recycle::operator()(Encoder* encoder) const {
  std::unique_ptr<Encoder> owned(encoder);
  auto& list = kept(encoder->encoding());
  if (list.size() < kKept && encoder->reset()) list.push_back(std::move(owned));
}

}  // namespace rr::net::compress
