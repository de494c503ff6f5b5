// What this server shows an authority that looks whether a domain is ours: while an order is under
// way, and to nobody else than who knows what to ask for.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rr/result.h"
#include "runtime/net/tls/context.h"

namespace rr::http::acme {

// Thread-safe.
class Challenges final : public net::tls::SpecialHandshakes {
 public:
  static constexpr std::string_view kFolder = "/.well-known/acme-challenge/";

  // As long as it lives the challenge is answered.
  class Answer {
   public:
    Answer() = default;
    explicit Answer(std::function<void()> end) : end_(std::move(end)) {}
    Answer(Answer&& other) noexcept : end_(std::exchange(other.end_, {})) {}
    Answer& operator=(Answer&& other) noexcept {
      std::swap(end_, other.end_);
      return *this;
    }
    ~Answer() {
      if (end_) end_();
    }

   private:
    std::function<void()> end_;
  };
  // http-01: a file of that name in kFolder.
  Result<Answer> answer_file(const std::string& token, std::string key_authorization);
  // tls-alpn-01: handshakes for that host.
  Result<Answer> answer_handshake(const std::string& domain, const std::string& key_authorization);

  // Whether anything is asked for at all: one load.
  bool any() const { return count_.load(std::memory_order_relaxed) > 0; }
  // The content of a file by its path; null: there is none.
  std::optional<std::string> file(std::string_view path) const;

  std::string_view protocol() const override;
  std::shared_ptr<ssl_ctx_st> context_for(std::string_view host) const override;

 private:
  std::atomic<int> count_{0};
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, std::string, std::less<>> files_;
  std::map<std::string, std::shared_ptr<ssl_ctx_st>, std::less<>> contexts_;  // with handshakes
};

}  // namespace rr::http::acme
