#include "runtime/plugins/http/acme/challenges.h"

#include "runtime/plugins/http/acme/certificate.h"

namespace rr::http::acme {

Result<Challenges::Answer> Challenges::answer_file(const std::string& token,
                                                   std::string key_authorization) {
  std::lock_guard lock(mutex_);
  files_[token] = std::move(key_authorization);
  count_.fetch_add(1, std::memory_order_relaxed);
  return Answer([this, token] {
    std::lock_guard guard(mutex_);
    files_.erase(token);
    count_.fetch_sub(1, std::memory_order_relaxed);
  });
}

Result<Challenges::Answer> Challenges::answer_handshake(const std::string& domain,
                                                        const std::string& key_authorization) {
  auto context = challenge_context(domain, key_authorization);
  if (!context) return std::move(context).error();
  std::lock_guard lock(mutex_);
  contexts_[domain] = std::move(*context);
  count_.fetch_add(1, std::memory_order_relaxed);
  return Answer([this, domain] {
    std::lock_guard guard(mutex_);
    contexts_.erase(domain);
    count_.fetch_sub(1, std::memory_order_relaxed);
  });
}

std::optional<std::string> Challenges::file(std::string_view path) const {
  if (!any() || !path.starts_with(kFolder)) return std::nullopt;
  std::lock_guard lock(mutex_);
  const auto found = files_.find(path.substr(kFolder.size()));
  return found == files_.end() ? std::nullopt : std::optional(found->second);
}

std::string_view Challenges::protocol() const {
  return kAcmeProtocol;
}

std::shared_ptr<ssl_ctx_st> Challenges::context_for(std::string_view host) const {
  std::lock_guard lock(mutex_);
  const auto found = contexts_.find(host);
  return found == contexts_.end() ? nullptr : found->second;
}

}  // namespace rr::http::acme
