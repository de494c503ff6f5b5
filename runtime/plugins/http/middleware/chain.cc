#include "runtime/plugins/http/middleware/chain.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "runtime/plugins/http/middleware/built_in.h"

namespace rr::http {

MiddlewareSet::MiddlewareSet(Context& context) : context_(context) {
  for (const BuiltIn& each : built_in_middleware()) {
    if (auto middleware = each.make(each, context))
      made_.emplace(std::string(each.name), std::move(middleware));
  }
}

std::shared_ptr<HttpMiddleware> MiddlewareSet::get(const std::string& name) {
  if (const auto found = made_.find(name); found != made_.end()) return found->second;
  HttpMiddlewareFactory* const factory = factory_of(name);
  return factory ? made_[name] = factory->make_middleware(context_) : nullptr;
}

HttpMiddlewareFactory* MiddlewareSet::factory_of(std::string_view name) const {
  const auto all = context_.all<HttpMiddlewareFactory>();
  const auto found = std::ranges::find(all, name, &HttpMiddlewareFactory::middleware_name);
  return found == all.end() ? nullptr : *found;
}

std::shared_ptr<const Chain> Chain::make(const std::vector<std::string>& names,
                                         MiddlewareOrder order, MiddlewareSet& all,
                                         const Logger& log) {
  auto chain = std::make_shared<Chain>(log);
  for (const std::string& name : names) {
    const bool again = std::ranges::find(chain->links_, name, &Link::name) != chain->links_.end();
    std::shared_ptr<HttpMiddleware> middleware = again ? nullptr : all.get(name);
    if (middleware) {
      chain->links_.push_back({name, std::move(middleware)});
    } else if (!again && all.is_of_plugin(name)) {  // which has said why
    } else if (planned_middleware(name)) {
      log.warn("middleware is not built yet in rr-embed: it has no effect", kv("requested", name));
    } else {
      log.warn("requested middleware does not exist", kv("requested", name));
    }
  }
  if (order == MiddlewareOrder::stable) std::reverse(chain->links_.begin(), chain->links_.end());
  for (const auto& [name, middleware] : all.outermost_)
    chain->links_.insert(chain->links_.begin(), {name, middleware});
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

std::string order_in_force(const std::vector<std::string>& names, MiddlewareOrder order) {
  const bool stable = order == MiddlewareOrder::stable;
  const std::string& outermost = stable ? names.back() : names.front();
  return std::string("the ") + (stable ? "last" : "first") +
         " middleware that is listed is the outermost: \"" + outermost +
         "\" sees a request first and its answer last" +
         (stable ? " (http.middleware_order: listed turns that around)" : "");
}

}  // namespace rr::http
