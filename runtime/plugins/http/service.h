// What happens to requests between the connections and the pool.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rr/log.h"
#include "rr/pool.h"
#include "runtime/net/http/transaction.h"
#include "runtime/plugins/http/body.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/context.h"
#include "runtime/plugins/http/files.h"
#include "runtime/plugins/http/middleware/chain.h"

namespace rr::http {

class Exchange;

// Of one configuration, or of one route of it; immutable. Thread-safe. Takes part in
// net::http::Handler as Front says.
class Service final {
 public:
  using BodyPlan = net::http::Handler::BodyPlan;
  using BodyError = net::http::Handler::BodyError;

  // `pool`, which `config.pool` describes, outlives this. `chain`: null without middleware.
  Service(const HttpConfig& config, Pool& pool, std::shared_ptr<const Chain> chain,
          std::optional<FileOwner> upload_owner, Logger log);

  // Existing files of this folder that are no PHP are answered without PHP. Before the first
  // request.
  void serve_files(std::string folder) { files_.emplace(std::move(folder)); }

  BodyPlan head_complete(net::http::Transaction& transaction);
  std::uint64_t max_body_bytes() const { return rules_.max_bytes; }
  // The request is this service's from here on.
  void handle(net::http::Transaction* transaction);
  void body_failed(net::http::Transaction& transaction, BodyError error, std::string_view reason);
  void answered(net::http::Transaction& transaction);
  // Refuses a request that is nobody's: no middleware hears of it.
  void refuse_unheard(net::http::Transaction& transaction, std::string_view reason) const;

  // ---- for exchanges
  const BodyRules& body_rules() const { return rules_; }
  ContextCodec codec() const { return codec_; }
  int error_status() const { return error_status_; }
  bool shows_errors() const { return shows_errors_; }  // pool.debug
  // An ERROR record of spec 02 §3.5.
  void log_failure(std::string_view message, const net::http::Transaction& exchange,
                   std::string_view error) const;
  void log_dropped_body(const net::http::Transaction& exchange) const;
  static std::string escaped(std::string_view text);  // for HTML

 private:
  bool admit(Exchange& exchange) const;
  void refuse(net::http::Transaction& transaction, const Refusal& refusal) const;

  Pool& pool_;
  const std::shared_ptr<const Chain> chain_;  // with services that have the same
  const Logger log_;
  const UploadRules uploads_;
  BodyRules rules_;
  ContextCodec codec_;
  int error_status_;
  bool access_logs_;
  bool shows_errors_;
  bool forms_first_;   // workers behind frames: forms are refused before a worker is taken
  bool reads_always_;  // scripts read the bodies of HEAD and OPTIONS too
  std::optional<Files> files_;
};

}  // namespace rr::http
