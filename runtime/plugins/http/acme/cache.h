// The folder that keeps account and certificates between starts. Its layout is RoadRunner's
// (certmagic's): a server that takes its place has its certificates at once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "rr/file_owner.h"
#include "rr/result.h"
#include "runtime/net/tls/context.h"
#include "runtime/plugins/http/acme/certificate.h"
#include "runtime/plugins/http/acme/config.h"
#include "runtime/plugins/http/acme/key.h"

namespace rr::http::acme {

// Of one authority and one account. Files appear whole: written beside their place, then renamed.
// Immutable; calls wait for the disk.
class Cache final {
 public:
  // `owner`: whose the files are to be, where the server will not be root for long.
  Cache(const AcmeConfig& config, std::optional<FileOwner> owner);

  // The folder can be written. An error names it and what to do.
  Result<void> usable() const;
  // The account's key; one is made where there is none.
  Result<Key> account() const;
  net::tls::CertificateFiles files(const std::string& domain) const;
  // Of the certificate that is kept for a domain. Errc::not_found: there is none; another error: it
  // cannot be used, and why.
  Result<Validity> kept(const std::string& domain) const;
  Result<void> keep(const std::string& domain, const Key& key, std::string_view chain) const;

 private:
  Result<void> write(const std::filesystem::path& file, std::string_view content) const;
  Result<void> make_folder(const std::filesystem::path& folder) const;
  void give(const std::filesystem::path& path) const;

  const std::filesystem::path folder_;
  const std::filesystem::path account_key_;
  const std::filesystem::path certificates_;
  const std::optional<FileOwner> owner_;
};

}  // namespace rr::http::acme
