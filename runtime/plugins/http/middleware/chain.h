// The row of middleware that `http.middleware` names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rr/http_middleware.h"
#include "rr/log.h"
#include "rr/plugin.h"
#include "runtime/net/http/transaction.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/middleware/passage.h"

namespace rr::http {

// One of each middleware of a configuration, for every row that names it: what it counts and keeps
// is the same in all of them. One thread.
class MiddlewareSet {
 public:
  // Makes all built-in ones that are configured: a section with mistakes ends the start, whether it
  // is used or not. Throws ConfigError. `context` outlives this.
  explicit MiddlewareSet(Context& context);
  // Those of plugins are made when they are first asked for. Null: nobody provides it, or it is not
  // configured. Throws ConfigError. Shared by the rows it stands in.
  std::shared_ptr<HttpMiddleware> get(const std::string& name);
  // What no row names and every row has, outside of all others. Before the first row is made.
  void put_outermost(std::string name, std::shared_ptr<HttpMiddleware> middleware) {
    outermost_.emplace_back(std::move(name), std::move(middleware));
  }
  // Where get() gives null then, the plugin has said why.
  bool is_of_plugin(std::string_view name) const { return factory_of(name) != nullptr; }

 private:
  HttpMiddlewareFactory* factory_of(std::string_view name) const;

  friend class Chain;

  Context& context_;
  std::map<std::string, std::shared_ptr<HttpMiddleware>> made_;
  std::vector<std::pair<std::string, std::shared_ptr<HttpMiddleware>>> outermost_;
};

// Immutable; any thread.
class Chain {
 public:
  // A row by these names. One that cannot be had, or that comes again, is left out with a warning.
  // Throws ConfigError. Null: none is left. Shared by the services that have it.
  static std::shared_ptr<const Chain> make(const std::vector<std::string>& names,
                                           MiddlewareOrder order, MiddlewareSet& all,
                                           const Logger& log);

  // Takes a request through, outermost first. True: it is still to be answered. False: it has been.
  bool admit(net::http::Transaction& transaction, Passage& passage) const;

  explicit Chain(const Logger& log) : log_(log) {}

 private:
  struct Link {
    std::string name;
    std::shared_ptr<HttpMiddleware> middleware;  // with other rows
  };

  Logger log_;
  std::vector<Link> links_;  // the outermost first
};

// How `check` says which of several is the outermost.
std::string order_in_force(const std::vector<std::string>& names, MiddlewareOrder order);

}  // namespace rr::http
