#include "runtime/plugins/http/acme/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "runtime/plugins/http/ascii.h"

namespace rr::http::acme {
namespace {

namespace fs = std::filesystem;

// A name of a file as certmagic makes it from a text.
std::string safe(std::string_view text) {
  std::string out;
  for (char c : text) {
    c = ascii::lower(c);
    if (c == ':' || c == ' ') c = '-';
    if (c == '+') {
      out += "_plus_";
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '@' ||
               c == '.' || c == '-') {
      out += c;
    }
  }
  return out;
}

// "acme-v02.api.letsencrypt.org-directory".
std::string authority_name(std::string url) {
  if (url.starts_with("https://")) url.erase(0, 8);
  for (char& c : url) {
    if (c == '/') c = '-';
  }
  return safe(url);
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    const bool absent = errno == ENOENT;
    return Error(absent ? Errc::not_found : Errc::io, "",
                 "'" + path.string() + "' cannot be read: " + std::strerror(errno));
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Error failed(const fs::path& path, const char* what) {
  return Error(Errc::io, "", "'" + path.string() + "' " + what + ": " + std::strerror(errno));
}

}  // namespace

Cache::Cache(const AcmeConfig& config, std::optional<FileOwner> owner)
    : folder_(fs::absolute(config.cache_dir)),
      account_key_(folder_ / "acme" / authority_name(config.authority()) / "users" /
                   safe(config.email) /
                   (safe(config.email.substr(0, config.email.find('@'))) + ".key")),
      certificates_(folder_ / "certificates" / authority_name(config.authority())),
      owner_(owner) {}

Result<void> Cache::usable() const {
  if (auto made = make_folder(certificates_); !made) return made;
  const fs::path probe = certificates_ / ".probe";
  if (auto written = write(probe, {}); !written) return written;
  ::unlink(probe.c_str());
  return {};
}

Result<Key> Cache::account() const {
  auto pem = read_file(account_key_);
  if (pem) {
    auto key = Key::read(*pem);
    if (key) return key;
    return Error(Errc::invalid, "",
                 "'" + account_key_.string() + "' is no account's key: " + key.error().message);
  }
  if (pem.error().code != Errc::not_found) return std::move(pem).error();
  auto key = Key::generate();
  if (!key) return key;
  if (auto made = make_folder(account_key_.parent_path()); !made) return std::move(made).error();
  if (auto written = write(account_key_, key->pem()); !written) return std::move(written).error();
  return key;
}

net::tls::CertificateFiles Cache::files(const std::string& domain) const {
  const fs::path folder = certificates_ / domain;
  return {.cert = folder / (domain + ".crt"), .key = folder / (domain + ".key")};
}

Result<Validity> Cache::kept(const std::string& domain) const {
  const auto names = files(domain);
  auto chain = read_file(names.cert);
  if (!chain) return std::move(chain).error();
  auto pem = read_file(names.key);
  if (!pem) return std::move(pem).error();
  auto key = Key::read(*pem);
  if (!key) return std::move(key).error();
  return validity_of(*chain, *key, domain);
}

Result<void> Cache::keep(const std::string& domain, const Key& key, std::string_view chain) const {
  const auto names = files(domain);
  if (auto made = make_folder(fs::path(names.cert).parent_path()); !made) return made;
  if (auto written = write(names.key, key.pem()); !written) return written;
  return write(names.cert, chain);
}

// Folders on the way are made, each 0700.
Result<void> Cache::make_folder(const fs::path& folder) const {
  fs::path way;
  for (const fs::path& part : folder) {
    way /= part;
    if (::mkdir(way.c_str(), 0700) == 0) {
      give(way);
    } else if (errno != EEXIST && !(errno == EROFS && fs::exists(way))) {
      return failed(way,
                    "cannot be made (http.ssl.acme.cache_dir must be a folder that the server "
                    "may write)");
    }
  }
  return {};
}

Result<void> Cache::write(const fs::path& file, std::string_view content) const {
  const std::string beside = file.string() + ".new";
  const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return failed(beside,
                  "cannot be written (http.ssl.acme.cache_dir must be a folder that the "
                  "server may write)");
  }
  bool whole = true;
  while (whole && !content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    whole = written > 0;
    if (whole) content.remove_prefix(static_cast<std::size_t>(written));
  }
  whole = whole && ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (whole) give(beside);
  if (!whole || ::rename(beside.c_str(), file.c_str()) != 0) {
    Error error = failed(file, "cannot be written");
    ::unlink(beside.c_str());
    return error;
  }
  return {};
}

void Cache::give(const fs::path& path) const {
  if (!owner_ || ::geteuid() != 0) return;
  [[maybe_unused]] const int given = ::chown(path.c_str(), owner_->user, owner_->group);
}

}  // namespace rr::http::acme
