#include "runtime/plugins/http/middleware/cache/middleware.h"

#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

#include <re2/re2.h>

#include "runtime/net/files/conditions.h"
#include "runtime/net/files/http_date.h"
#include "runtime/net/http/response.h"
#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/middleware/cache/policy.h"
#include "runtime/plugins/http/middleware/cache/store.h"

namespace rr::http::cache {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii::lower(c);
  return out;
}

Moment now() {
  return {Clock::now(), time(nullptr)};
}

// What tells stored answers apart besides Vary.
std::string key_of(const HttpRequest& request) {
  std::string key = request.head.tls ? "https://" : "http://";
  const std::string_view target = request(request.head.target);
  if (target.starts_with('/')) {
    key += lower(request(request.head.host));
    key += target;
  } else {
    key = target;
  }
  return key;
}

// Keeps an entry for as long as its body is on its way.
PinnedBytes pinned(const EntryPointer& entry) {
  return {.bytes = entry->body,
          .release = [](void* owner) { delete static_cast<EntryPointer*>(owner); },
          .owner = new EntryPointer(entry)};
}

bool about_body(std::string_view name) {
  return name.size() > 8 && net::http::equals_ignoring_case(name.substr(0, 8), "Content-") &&
         !net::http::equals_ignoring_case(name, "Content-Location");
}

// Whether the client has the entry already.
bool not_modified(const Entry& entry, const HttpRequest& request) {
  if (entry.status != 200) return false;
  const net::files::Validators validators{
      entry.header("Etag"), net::files::parse_http_date(entry.header("Last-Modified"))};
  return net::files::check_conditions(request, validators) == net::files::Condition::not_modified;
}

// An answer made of an entry; views into both.
struct Given {
  HttpResponseHead head;
  PinnedBytes body;
  std::vector<HeaderView> headers;
  std::string age;
};

enum class Form { whole, not_modified };

void give(const EntryPointer& entry, Form form, Given& out) {
  const bool whole = form == Form::whole;
  for (const auto& [name, value] : entry->headers) {
    if (whole || !about_body(name)) out.headers.push_back({name, value});
  }
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(entry->age(Clock::now()));
  out.age = std::to_string(age.count());
  out.headers.push_back({"Age", out.age});
  out.head = {.status = whole ? entry->status : 304, .headers = out.headers};
  if (whole) out.body = pinned(entry);
}

// Stores what comes by, if it may. Streams and files are not stored.
class StoringSink final : public HttpAnswerFilter {
 public:
  // `stale`: an entry that the request asks the application about, by a condition of ours; null:
  // none.
  StoringSink(HttpAnswerSink& next, Store& store, const Policy& policy, const HttpRequest& request,
              std::string key, EntryPointer stale)
      : HttpAnswerFilter(next),
        store_(store),
        policy_(policy),
        request_(request),
        key_(std::move(key)),
        stale_(std::move(stale)) {}

  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    if (stale_ && head.status == 304) {
      if (body.release) body.release(body.owner);
      return confirmed(head);
    }
    if (auto entry = storable(policy_, request_, head, now())) {
      entry->body = body.bytes;
      store_.put(key_, std::make_shared<const Entry>(*std::move(entry)));
    }
    return next_.respond(head, body);
  }

  bool start(const HttpResponseHead& head) override {
    if (!stale_ || head.status != 304) return next_.start(head);
    done_ = true;
    return confirmed(head);
  }
  bool write(PinnedBytes chunk, Wait wait) override {
    if (!done_) return next_.write(chunk, wait);
    if (chunk.release) chunk.release(chunk.owner);
    return true;
  }
  bool add_trailers(std::span<const HeaderView> fields) override {
    return done_ || next_.add_trailers(fields);
  }
  bool finish() override { return done_ || next_.finish(); }

 private:
  // The application says that the stale entry still holds.
  bool confirmed(const HttpResponseHead& head) {
    auto entry = std::make_shared<const Entry>(refreshed(policy_, request_, *stale_, head, now()));
    if (entry->lifetime > Duration(0)) store_.put(key_, entry);
    Given given;
    give(entry, Form::whole, given);
    return next_.respond(given.head, given.body);
  }

  Store& store_;  // the middleware's, as the policy
  const Policy& policy_;
  const HttpRequest& request_;  // of the exchange that has this
  const std::string key_;
  const EntryPointer stale_;
  bool done_ = false;
};

// What an unsafe request changes is no longer what is stored (RFC 9111 §4.4).
class InvalidatingSink final : public HttpAnswerFilter {
 public:
  InvalidatingSink(HttpAnswerSink& next, Store& store, std::string key)
      : HttpAnswerFilter(next), store_(store), key_(std::move(key)) {}

  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    look(head);
    return next_.respond(head, body);
  }
  bool start(const HttpResponseHead& head) override {
    look(head);
    return next_.start(head);
  }
  bool respond_file(const HttpResponseHead& head, FileBytes body) override {
    look(head);
    return next_.respond_file(head, body);
  }

 private:
  void look(const HttpResponseHead& head) {
    if (head.status >= 200 && head.status < 400) store_.erase(key_);
  }

  Store& store_;
  const std::string key_;
};

class Cache final : public HttpMiddleware {
 public:
  explicit Cache(const CacheConfig& config)
      : methods_(config.cache_methods), store_(config.max_size.bytes()) {
    policy_.ttl = config.default_cache.ttl;
    for (const std::string& name : config.default_cache.headers)
      policy_.key_fields.push_back(lower(name));
    if (!config.default_cache.regex.exclude.empty())
      exclude_ = std::make_unique<re2::RE2>(config.default_cache.regex.exclude, re2::RE2::Quiet);
  }

  HttpVerdict handle(HttpCall& call) override {
    const HttpRequest& request = call.request();
    const std::string_view method = request(request.head.method);
    if (method != "GET" && method != "HEAD") return other_method(call, method);
    const Demand demand = demand_of(request);
    if (demand.wish == Wish::bypass || excluded(request)) return pass(call, "rr; fwd=bypass");
    const std::string key = key_of(request);
    const EntryPointer entry = store_.find(key, request);
    if (entry && demand.wish == Wish::use && usable(*entry, demand, Clock::now()))
      return answer(call, entry);
    if (demand.only_if_cached) {
      call.respond({.status = 504});
      return HttpVerdict::answered;
    }
    call.add_answer_field("Cache-Status", entry ? "rr; fwd=stale" : "rr; fwd=miss");
    if (method != "GET" || std::ranges::find(methods_, method) == methods_.end())
      return HttpVerdict::pass;
    const EntryPointer asked_about = ask_about(call, entry);
    call.add_sink(
        std::make_unique<StoringSink>(call.next(), store_, policy_, request, key, asked_about));
    return HttpVerdict::pass;
  }

 private:
  HttpVerdict pass(HttpCall& call, std::string_view status) {
    call.add_answer_field("Cache-Status", status);
    return HttpVerdict::pass;
  }

  HttpVerdict other_method(HttpCall& call, std::string_view method) {
    call.add_answer_field("Cache-Status", "rr; fwd=method");
    if (method != "OPTIONS" && method != "TRACE")
      call.add_sink(
          std::make_unique<InvalidatingSink>(call.next(), store_, key_of(call.request())));
    return HttpVerdict::pass;
  }

  HttpVerdict answer(HttpCall& call, const EntryPointer& entry) {
    call.add_answer_field("Cache-Status", "rr; hit");
    Given given;
    give(entry, not_modified(*entry, call.request()) ? Form::not_modified : Form::whole, given);
    if (HttpExchange* exchange = call.take()) {
      exchange->respond(given.head, given.body);
    } else if (given.body.release) {
      given.body.release(given.body.owner);
    }
    return HttpVerdict::answered;
  }

  // Makes the request conditional when the client has not. Null: nothing to ask about.
  static EntryPointer ask_about(HttpCall& call, const EntryPointer& entry) {
    const HttpRequest& request = call.request();
    if (!entry || entry->status != 200 || !request.field("If-None-Match").empty() ||
        !request.field("If-Modified-Since").empty())
      return nullptr;
    const std::string_view etag = entry->header("Etag");
    const std::string_view date = entry->header("Last-Modified");
    if (etag.empty() && date.empty()) return nullptr;
    if (!etag.empty()) call.add_field("If-None-Match", etag);
    if (!date.empty()) call.add_field("If-Modified-Since", date);
    return entry;
  }

  bool excluded(const HttpRequest& request) const {
    if (!exclude_) return false;
    const std::string_view target = request(request.head.target);
    return re2::RE2::PartialMatch({target.data(), target.size()}, *exclude_);
  }

  const std::vector<std::string> methods_;
  Policy policy_;
  std::unique_ptr<re2::RE2> exclude_;
  Store store_;
};

}  // namespace

void RegexConfig::check(config::Errors& errors) const {
  if (exclude.empty()) return;
  const re2::RE2 regex(exclude, re2::RE2::Quiet);
  errors.require(regex.ok(), "exclude", "exclude is no regular expression: " + regex.error());
}

std::unique_ptr<HttpMiddleware> make(const CacheConfig& config, Context&) {
  return std::make_unique<Cache>(config);
}

}  // namespace rr::http::cache
