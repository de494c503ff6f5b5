// One conversation with a certificate authority (RFC 8555): an account, an order, a certificate.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "rr/exchange.h"
#include "rr/result.h"
#include "runtime/core/task_group.h"
#include "runtime/plugins/http/acme/challenges.h"
#include "runtime/plugins/http/acme/config.h"
#include "runtime/plugins/http/acme/https_client.h"
#include "runtime/plugins/http/acme/key.h"

namespace rr::http::acme {

// Of one certificate; coroutines on the client's thread. What the authority says is looked at with
// suspicion: kinds and lengths are checked, addresses must be https.
class Authority final {
 public:
  // All of them outlive this. `account` is this server's, known to the authority or not.
  Authority(asio::io_context& io, HttpsClient& client, const AcmeConfig& config, const Key& account,
            Challenges& challenges)
      : io_(io), client_(client), config_(config), account_(account), challenges_(challenges) {}

  // A chain in PEM for one domain and a key. Errors are one sentence for people, with the
  // authority's own words.
  Task<Result<std::string>> certificate(std::string domain, Key key);

  // What the authority last asked to wait for (a rate limit); zero: nothing.
  Duration asked_to_wait() const { return asked_to_wait_; }

 private:
  using Json = nlohmann::json;
  using Reply = HttpsClient::Reply;

  Task<Result<void>> introduce();
  Task<Result<void>> read_directory();
  Task<Result<void>> register_account();
  Task<Result<void>> fresh_nonce();
  Task<Result<Reply>> post(std::string url, std::string payload);
  Task<Result<Json>> post_json(std::string url, std::string payload);
  Task<Result<void>> authorize(std::string url, std::string domain);
  Task<Result<void>> answer_challenge(std::string url, Json challenge, std::string domain);
  Task<Result<Json>> await_status(std::string url, std::string what, Duration limit);
  Task<Result<std::string>> download(Json order);
  Task<void> pause(Duration time);
  Error refused(const Reply& reply);
  void note(const Reply& reply);

  asio::io_context& io_;
  HttpsClient& client_;
  const AcmeConfig& config_;
  const Key& account_;
  Challenges& challenges_;
  std::string new_nonce_, new_account_, new_order_;  // addresses of the directory
  std::string account_url_;                          // what the authority calls the account
  std::string nonce_;                                // for the next request; empty: none at hand
  std::string location_;                             // of the last answer
  Duration asked_to_wait_{};
};

}  // namespace rr::http::acme
