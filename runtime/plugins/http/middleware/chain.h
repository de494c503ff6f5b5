// The row of middleware that `http.middleware` names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rr/http_middleware.h"
#include "rr/log.h"
#include "rr/plugin.h"
#include "runtime/net/http/transaction.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/middleware/passage.h"

namespace rr::http {

// Immutable; any thread.
class Chain {
 public:
  // Makes what the configuration names, of the built-in ones and of those that plugins provide. A
  // name that nobody provides, or whose middleware is not configured, is left out with a warning.
  // Reads the sections of all built-in ones, named or not. Throws ConfigError. Null: none is left.
  static std::unique_ptr<const Chain> make(const HttpConfig& config, Context& context,
                                           const Logger& log);

  // Takes a request through, outermost first. True: it is still to be answered. False: it has been.
  bool admit(net::http::Transaction& transaction, Passage& passage) const;

  explicit Chain(const Logger& log) : log_(log) {}

 private:
  struct Link {
    std::string name;
    std::unique_ptr<HttpMiddleware> middleware;
  };

  Logger log_;
  std::vector<Link> links_;  // the outermost first
};

// How `check` says which of several is the outermost.
std::string order_in_force(const HttpConfig& config);

}  // namespace rr::http
