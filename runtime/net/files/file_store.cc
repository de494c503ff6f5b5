#include "runtime/net/files/file_store.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

namespace rr::net::files {
namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// Where the kernel has no openat2: opens, then looks where that was.
int open_and_look(int root, const std::string& path) {
  const int file = openat(root, path.c_str(), kFlags);
  if (file < 0) return -1;
  const auto place = [](int descriptor) {
    char target[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t size = readlink(link.c_str(), target, sizeof target);
    return std::string(target, size > 0 ? static_cast<std::size_t>(size) : 0);
  };
  if (place(file).starts_with(place(root) + "/")) return file;
  close(file);
  errno = EXDEV;
  return -1;
}

int open_beneath(int root, const std::string& path) {
  open_how how{};
  how.flags = kFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const auto file = static_cast<int>(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
  if (file >= 0 || (errno != ENOSYS && errno != EPERM)) return file;  // EPERM: a sandbox's filter
  return open_and_look(root, path);
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool climbs(std::string_view path) {
  return path == ".." || path.starts_with("../") || path.ends_with("/..") ||
         path.find("/../") != std::string_view::npos;
}

}  // namespace

FileStore::Opened FileStore::open(std::string_view path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  if (path.find('\0') != std::string_view::npos || climbs(path)) return {};
  const TimePoint now = Clock::now();
  Shard& shard = shards_[std::hash<std::string_view>{}(path) % kShards];
  if (auto file = cached(shard, path, now)) return {Outcome::opened, std::move(file)};
  Opened opened = open_anew(path);
  if (opened.outcome == Outcome::opened && options_.fresh_for >= Duration::zero() &&
      !opened.file->just_modified())
    keep(shard, path, *opened.file, now);
  return opened;
}

OpenFile::Pointer FileStore::cached(Shard& shard, std::string_view path, TimePoint now) {
  OpenFile::Pointer file;
  {
    std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(path);
    if (found == shard.entries.end()) return nullptr;
    if (now - found->second.looked_up > options_.fresh_for) {
      shard.entries.erase(found);
      return nullptr;
    }
    file = found->second.file->share();
  }
  return file->unchanged() ? std::move(file) : nullptr;
}

void FileStore::keep(Shard& shard, std::string_view path, const OpenFile& file, TimePoint now) {
  std::lock_guard lock(shard.mutex);
  if (shard.entries.size() >= kEntries) {
    std::erase_if(shard.entries, [&](const auto& each) {
      return now - each.second.looked_up > options_.fresh_for;
    });
    if (shard.entries.size() >= kEntries) shard.entries.erase(shard.entries.begin());
  }
  shard.entries.insert_or_assign(std::string(path), Entry{file.share(), now});
}

FileStore::Opened FileStore::open_anew(std::string_view path) const {
  const int root = ::open(options_.folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return {};
  const std::string name = path.empty() ? "." : std::string(path);
  const int file = options_.links == Links::anywhere ? openat(root, name.c_str(), kFlags)
                                                     : open_beneath(root, name);
  const int problem = errno;
  close(root);
  if (file < 0) return {problem == EXDEV ? Outcome::outside : Outcome::missing, nullptr};
  struct stat info {};
  if (fstat(file, &info) == 0 && S_ISDIR(info.st_mode)) {
    close(file);
    return {Outcome::folder, nullptr};
  }
  auto opened = OpenFile::adopt(file, last_part(path), options_.etag);
  return {opened ? Outcome::opened : Outcome::missing, std::move(opened)};
}

}  // namespace rr::net::files
