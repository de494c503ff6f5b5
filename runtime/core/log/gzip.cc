#include "runtime/core/log/gzip.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <span>
#include <vector>

#include "runtime/core/log/output.h"

namespace rr::log {

namespace {

constexpr std::size_t kChunk = 64 * 1024;

class Descriptor final {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

// A deflate stream with gzip's header and trailer.
class Deflate final {
 public:
  Deflate() {
    constexpr int kGzipWindow = 15 + 16;
    constexpr int kMemoryLevel = 8;
    good_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                         Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Deflate() {
    if (good_) deflateEnd(&stream_);
  }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;
  bool good() const { return good_; }

  // Compresses `bytes`, the last ones of the file if `last`, into a descriptor.
  bool write(std::span<Bytef> bytes, bool last, int to) {
    stream_.next_in = bytes.data();
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      if (deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) return false;
      if (write_all(to, {out_.data(), out_.size() - stream_.avail_out}) != 0) return false;
    } while (stream_.avail_out == 0);
    return true;
  }

 private:
  z_stream stream_{};
  bool good_ = false;
  std::vector<char> out_ = std::vector<char>(kChunk);
};

bool compress(int from, int to, const std::atomic<bool>& give_up) {
  Deflate deflate;
  std::vector<Bytef> buffer(kChunk);
  while (deflate.good() && !give_up.load()) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (!deflate.write({buffer.data(), static_cast<std::size_t>(got)}, got == 0, to)) return false;
    if (got == 0) return ::fsync(to) == 0;
  }
  return false;
}

}  // namespace

bool gzip_file(const std::filesystem::path& from, const std::filesystem::path& to,
               const std::atomic<bool>& give_up) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (source.get() < 0 || ::fstat(source.get(), &status) != 0) return false;
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (target.get() < 0) return false;
  // The owner stays only where this process may give files away.
  if (::fchown(target.get(), status.st_uid, status.st_gid) != 0 && errno != EPERM) return false;
  if (::fchmod(target.get(), status.st_mode & 07777) == 0 &&
      compress(source.get(), target.get(), give_up)) {
    return true;
  }
  ::unlink(to.c_str());
  return false;
}

}  // namespace rr::log
