#include "runtime/plugins/http/middleware/chain.h"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include "runtime/plugins/http/middleware/alt_svc.h"
#include "runtime/plugins/http/middleware/built_in.h"

namespace rr::http {
namespace {

using Made = std::map<std::string, std::unique_ptr<HttpMiddleware>, std::less<>>;

// All of the built-in ones: a section with mistakes ends the start, whether it is used or not.
Made make_built_in(Context& context) {
  Made made;
  for (const BuiltIn& each : built_in_middleware()) {
    if (auto middleware = each.make(each, context))
      made.emplace(std::string(each.name), std::move(middleware));
  }
  return made;
}

std::unique_ptr<HttpMiddleware> make_foreign(std::string_view name, Context& context) {
  for (HttpMiddlewareFactory* factory : context.all<HttpMiddlewareFactory>()) {
    if (factory->middleware_name() == name) return factory->make_middleware(context);
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<const Chain> Chain::make(const HttpConfig& config, Context& context,
                                         const Logger& log) {
  Made made = make_built_in(context);
  auto chain = std::make_unique<Chain>(log);
  for (const std::string& name : config.middleware) {
    std::unique_ptr<HttpMiddleware> middleware;
    if (const auto found = made.find(name); found != made.end()) {
      middleware = std::move(found->second);
      made.erase(found);  // named twice: the second is one too many
    } else {
      middleware = make_foreign(name, context);
    }
    if (middleware) {
      chain->links_.push_back({name, std::move(middleware)});
    } else if (planned_middleware(name)) {
      log.warn("middleware is not built yet in rr-embed: it has no effect", kv("requested", name));
    } else {
      log.warn("requested middleware does not exist", kv("requested", name));
    }
  }
  if (config.middleware_order == MiddlewareOrder::stable)
    std::reverse(chain->links_.begin(), chain->links_.end());
  if (config.http3.enabled() && config.http3.alt_svc) {
    chain->links_.insert(chain->links_.begin(),
                         {"alt_svc", std::make_unique<AltSvc>(config.http3.port())});
  }
  if (chain->links_.empty()) return nullptr;
  return chain;
}

bool Chain::admit(net::http::Transaction& transaction, Passage& passage) const {
  passage.begin(transaction, log_);
  for (const Link& link : links_) {
    HttpVerdict verdict = HttpVerdict::answered;
    std::string problem = "answered nothing";
    try {
      verdict = link.middleware->handle(passage);
    } catch (const std::exception& e) {
      problem = e.what();
    }
    if (verdict == HttpVerdict::pass) continue;
    // Third parties' mistakes must not leave a client without an answer.
    if (!transaction.ended()) {
      transaction.begin();
      transaction.fail(Error(Errc::invalid, "middleware", link.name + ": " + problem));
    }
    return false;
  }
  return true;
}

std::string order_in_force(const HttpConfig& config) {
  const bool stable = config.middleware_order == MiddlewareOrder::stable;
  const std::string& outermost = stable ? config.middleware.back() : config.middleware.front();
  return std::string("the ") + (stable ? "last" : "first") +
         " middleware that is listed is the outermost: \"" + outermost +
         "\" sees a request first and its answer last" +
         (stable ? " (http.middleware_order: listed turns that around)" : "");
}

}  // namespace rr::http
