#include "runtime/net/files/open_file.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "runtime/net/files/content_types.h"
#include "runtime/net/files/http_date.h"
#include "runtime/net/http/response.h"

namespace rr::net::files {
namespace {

// Out of the way of PHP's select(), which counts to 1023 (spec 08 §6.1).
int out_of_the_way(int descriptor) {
  constexpr int kFirst = 1024;
  if (descriptor >= kFirst) return descriptor;
  const int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, kFirst);
  if (moved < 0) return descriptor;
  close(descriptor);
  return moved;
}

std::string_view sniff(int descriptor) {
  char start[512];
  const ssize_t count = pread(descriptor, start, sizeof start, 0);
  return http::sniff_content_type({start, count > 0 ? static_cast<std::size_t>(count) : 0});
}

}  // namespace

OpenFile::Pointer OpenFile::adopt(int descriptor, std::string_view name, EtagRule rule) {
  struct stat info {};
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(descriptor);
    return nullptr;
  }
  return Pointer(new OpenFile(out_of_the_way(descriptor), info, name, rule));
}

OpenFile::OpenFile(int descriptor, const struct stat& info, std::string_view name, EtagRule rule)
    : descriptor_(descriptor),
      info_(info),
      size_(static_cast<std::uint64_t>(info.st_size)),
      modified_(info.st_mtim.tv_sec),
      last_modified_(http_date(info.st_mtim.tv_sec)),
      name_(name),
      rule_(rule),
      type_(type_of_extension(extension_of(name))) {
  if (type_.empty()) type_ = sniff(descriptor);
}

OpenFile::~OpenFile() {
  close(descriptor_);
}

bool OpenFile::unchanged() const {
  struct stat now {};
  return fstat(descriptor_, &now) == 0 && now.st_nlink > 0 && now.st_size == info_.st_size &&
         now.st_mtim.tv_sec == info_.st_mtim.tv_sec && now.st_mtim.tv_nsec == info_.st_mtim.tv_nsec;
}

bool OpenFile::just_modified() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now.tv_sec - modified_ < 2;
}

OpenFile::Pointer OpenFile::share() const {
  references_.fetch_add(1, std::memory_order_relaxed);
  return Pointer(this);
}

void OpenFile::release() const {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

FileBytes OpenFile::bytes(std::uint64_t offset, std::uint64_t length) const {
  references_.fetch_add(1, std::memory_order_relaxed);
  return {.descriptor = descriptor_,
          .offset = offset,
          .length = length,
          .release = [](void* owner) { static_cast<const OpenFile*>(owner)->release(); },
          .owner = const_cast<OpenFile*>(this)};
}

std::string_view OpenFile::etag() const {
  if (rule_.kind == EtagRule::Kind::none) return {};
  std::call_once(etag_made_, [this] { etag_ = make_etag(); });
  return etag_;
}

std::string OpenFile::make_etag() const {
  Crc32 crc(*rule_.tables);
  if (rule_.kind == EtagRule::Kind::weak_name) {
    crc.add(name_);
    return "W/\"" + std::to_string(crc.value()) + "\"";
  }
  if (size_ == 0) return {};
  constexpr std::size_t kPiece = 256 * 1024;
  std::vector<char> buffer(std::min<std::uint64_t>(size_, kPiece));
  for (std::uint64_t at = 0; at < size_;) {
    const ssize_t count = pread(descriptor_, buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return {};
    crc.add({buffer.data(), static_cast<std::size_t>(count)});
    at += static_cast<std::uint64_t>(count);
  }
  const std::string tag = "\"" + std::to_string(size_) + "-" + std::to_string(crc.value()) + "\"";
  return rule_.kind == EtagRule::Kind::weak_content ? "W/" + tag : tag;
}

}  // namespace rr::net::files
