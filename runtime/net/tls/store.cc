#include "runtime/net/tls/store.h"

namespace rr::net::tls {

bool SeenFile::operator==(const SeenFile& other) const {
  return inode == other.inode && size == other.size && changed.tv_sec == other.changed.tv_sec &&
         changed.tv_nsec == other.changed.tv_nsec;
}

std::vector<SeenFile> look_at_files(const Settings& settings) {
  std::vector<SeenFile> seen;
  const auto add = [&seen](const std::string& path) {
    struct stat info {};
    SeenFile& one = seen.emplace_back();
    if (path.empty() || ::stat(path.c_str(), &info) != 0) return;
    one = {info.st_ino, info.st_size, info.st_mtim};
  };
  for (const CertificateFiles& files : settings.certificates) {
    add(files.cert);
    add(files.key);
  }
  add(settings.root_ca);
  return seen;
}

}  // namespace rr::net::tls
