// Sees to it that there is a certificate for each domain of `http.ssl.acme`, now and later.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "rr/file_owner.h"
#include "rr/log.h"
#include "rr/result.h"
#include "runtime/core/control.h"
#include "runtime/net/tls/context.h"
#include "runtime/plugins/http/acme/cache.h"
#include "runtime/plugins/http/acme/challenges.h"
#include "runtime/plugins/http/acme/config.h"
#include "runtime/plugins/http/acme/https_client.h"

namespace rr::http::acme {

// Everything that waits for the authority happens on the control plane; one certificate at a time.
// Members by the main thread, unless said otherwise.
class Keeper final {
 public:
  struct Parts {
    Control& control;  // outlives this
    Logger log;
    std::optional<FileOwner> owner;  // whose the files become
  };
  // Throws ConfigError: the cache, or root_ca, cannot be used.
  Keeper(AcmeConfig config, Parts parts);
  ~Keeper();  // stop()

  // Any thread. Answers what is asked for while a certificate is obtained; as long as this.
  const Challenges& challenges() const { return challenges_; }
  // Where the certificates are, or will be.
  std::vector<net::tls::CertificateFiles> files() const;

  // Obtains what is missing or has expired. Blocks, for four minutes at most. An error: there is
  // no certificate for one of the domains; one that has expired is better than none.
  Result<void> obtain_missing();
  // Renews when two thirds of a certificate's life are over, and then tells, on the control thread.
  // `doors`: ports at which challenges are answered by the server itself.
  void keep_renewing(std::vector<std::uint16_t> doors, std::function<void()> renewed);
  // Any thread, later: the ports are others now.
  void answered_at(std::vector<std::uint16_t> doors);
  // Nothing is under way any more when it returns. Waits for a look-up of a name that is, which
  // nobody can cancel.
  void stop();

 private:
  // When a domain's certificate is looked after next.
  struct Domain {
    std::string name;
    WallTime due{};
    Duration last_wait{};  // after a failure; zero: none since the last success
  };
  Task<void> obtain_all(std::function<void(Result<void>)> done);
  Task<void> renew_all();
  Task<void> set_doors(std::vector<std::uint16_t> doors);
  Task<Result<void>> obtain(std::string domain);
  void plan(Domain& domain);
  void plan_again(Domain& domain, const Error& error);
  double random(double least, double most);

  const AcmeConfig config_;
  const Parts parts_;
  const Cache cache_;
  Challenges challenges_;
  // The control thread, once something runs there.
  std::optional<HttpsClient> client_;
  std::vector<Domain> domains_;
  std::vector<std::uint16_t> doors_;
  std::function<void()> renewed_;
  Duration asked_to_wait_{};
  std::minstd_rand random_{std::random_device{}()};
  TaskGroup tasks_;  // last: they use all of the above
};

}  // namespace rr::http::acme
