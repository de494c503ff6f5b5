#include "runtime/plugins/http/acme/authority.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/plugins/http/acme/certificate.h"

namespace rr::http::acme {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr int kNonces = 8;               // a nonce may be refused: how many are tried
constexpr Duration kValidation = 2min;   // of one domain
constexpr Duration kIssue = 2min;        // from the request to the certificate
constexpr Duration kLeastPause = 250ms;  // between two looks
constexpr Duration kMostPause = 10s;
constexpr std::size_t kLongestText = 300;  // of an authority's words in ours

// For logs: one line, no control characters, not too long.
std::string tame(std::string_view text) {
  std::string out(text.substr(0, kLongestText));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') c = ' ';
  }
  return text.size() > kLongestText ? out + "…" : out;
}

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json* list_at(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

Error odd(const std::string& what) {
  return Error(Errc::invalid, "", "the authority's answer has no " + what);
}

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Tokens become a part of a path, and of a text that is signed.
bool is_token(std::string_view text) {
  return text.size() >= 16 && text.size() <= 256 && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

// "urn:ietf:params:acme:error:rateLimited: too many certificates": a problem document.
std::string problem_text(const Json& problem) {
  std::string type = text_at(problem, "type");
  constexpr std::string_view kPrefix = "urn:ietf:params:acme:error:";
  if (type.starts_with(kPrefix)) type.erase(0, kPrefix.size());
  std::string text = type + (type.empty() ? "" : ": ") + text_at(problem, "detail");
  if (const Json* parts = list_at(problem, "subproblems"); parts && !parts->empty())
    text += " (" + text_at(parts->front(), "detail") + ")";
  return tame(text);
}

}  // namespace

Task<Result<std::string>> Authority::certificate(std::string domain, Key key) {
  auto known = co_await introduce();
  if (!known) co_return std::move(known).error();
  std::string payload = R"({"identifiers":[{"type":"dns","value":)" + json_text(domain) + "}]}";
  auto order = co_await post_json(new_order_, std::move(payload));
  if (!order) co_return std::move(order).error();
  const std::string order_url = location_;
  const std::string finalize = text_at(*order, "finalize");
  const Json* authorizations = list_at(*order, "authorizations");
  if (order_url.empty() || finalize.empty() || !authorizations || authorizations->size() > 10)
    co_return odd("usable order");
  for (const Json& each : *authorizations) {
    std::string url = each.is_string() ? each.get<std::string>() : std::string();
    auto done = co_await authorize(std::move(url), domain);
    if (!done) co_return std::move(done).error();
  }
  auto request = signing_request(key, domain);
  if (!request) co_return std::move(request).error();
  std::string csr = R"({"csr":")" + base64url(*request) + R"("})";
  auto finalized = co_await post_json(finalize, std::move(csr));
  if (!finalized) co_return std::move(finalized).error();
  auto issued = co_await await_status(order_url, "certificate", kIssue);
  if (!issued) co_return std::move(issued).error();
  co_return co_await download(std::move(*issued));
}

Task<Result<void>> Authority::introduce() {
  auto directory = co_await read_directory();
  if (!directory) co_return directory;
  auto nonce = co_await fresh_nonce();
  if (!nonce) co_return nonce;
  co_return co_await register_account();
}

Task<Result<void>> Authority::read_directory() {
  std::string url = config_.authority();
  auto reply = co_await client_.ask("GET", std::move(url), {}, {});
  if (!reply) co_return std::move(reply).error();
  if (reply->status != 200) co_return refused(*reply);
  const Json directory = Json::parse(reply->body, nullptr, false);
  new_nonce_ = text_at(directory, "newNonce");
  new_account_ = text_at(directory, "newAccount");
  new_order_ = text_at(directory, "newOrder");
  if (new_nonce_.empty() || new_account_.empty() || new_order_.empty())
    co_return odd("directory: is " + config_.authority() + " an ACME server?");
  co_return Result<void>();
}

Task<Result<void>> Authority::fresh_nonce() {
  std::string url = new_nonce_;
  auto reply = co_await client_.ask("HEAD", std::move(url), {}, {});
  if (!reply) co_return std::move(reply).error();
  note(*reply);
  if (nonce_.empty()) co_return odd("nonce");
  co_return Result<void>();
}

// Registers the account, or finds it: the authority knows it by its key.
Task<Result<void>> Authority::register_account() {
  account_url_.clear();
  std::string payload =
      R"({"termsOfServiceAgreed":true,"contact":[)" + json_text("mailto:" + config_.email) + "]}";
  auto reply = co_await post(new_account_, std::move(payload));
  if (!reply) co_return std::move(reply).error();
  if (location_.empty()) co_return odd("account");
  account_url_ = location_;
  co_return Result<void>();
}

void Authority::note(const Reply& reply) {
  nonce_ = reply.field("replay-nonce");
  // Base64url, by the standard: it goes into what we sign.
  if (nonce_.size() > 512 || nonce_.find_first_of("\"\\") != std::string::npos) nonce_.clear();
  location_ = reply.field("location");
}

Error Authority::refused(const Reply& reply) {
  const Json problem = Json::parse(reply.body, nullptr, false);
  const std::string text = problem_text(problem);
  std::uint32_t seconds = 0;
  const std::string_view wait = reply.field("retry-after");
  std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
  asked_to_wait_ = std::chrono::seconds(std::min<std::uint32_t>(seconds, 7 * 24 * 3600));
  std::string message = "the authority refuses (" + std::to_string(reply.status) + ")";
  if (!text.empty()) message += ": " + text;
  if (seconds > 0) message += "; it asks to wait " + std::to_string(seconds) + " s";
  return Error(reply.status == 429 ? Errc::retry : Errc::invalid, "", std::move(message));
}

// An empty payload asks for what is there.
Task<Result<Authority::Reply>> Authority::post(std::string url, std::string payload) {
  for (int attempt = 0;; ++attempt) {
    if (nonce_.empty()) {
      auto fresh = co_await fresh_nonce();
      if (!fresh) co_return std::move(fresh).error();
    }
    const std::string who =
        account_url_.empty() ? R"("jwk":)" + account_.jwk() : R"("kid":)" + json_text(account_url_);
    const std::string header = R"({"alg":"ES256",)" + who + R"(,"nonce":")" +
                               std::exchange(nonce_, {}) + R"(","url":)" + json_text(url) + "}";
    auto body = signed_request(account_, header, payload);
    if (!body) co_return std::move(body).error();
    auto reply = co_await client_.ask("POST", url, std::move(*body), "application/jose+json");
    if (!reply) co_return std::move(reply).error();
    note(*reply);
    if (reply->status >= 200 && reply->status < 300) co_return reply;
    const Json problem = Json::parse(reply->body, nullptr, false);
    const bool stale = text_at(problem, "type") == "urn:ietf:params:acme:error:badNonce";
    if (!stale || attempt + 1 >= kNonces) co_return refused(*reply);
  }
}

Task<Result<Authority::Json>> Authority::post_json(std::string url, std::string payload) {
  auto reply = co_await post(std::move(url), std::move(payload));
  if (!reply) co_return std::move(reply).error();
  Json json = Json::parse(reply->body, nullptr, false);
  if (!json.is_object()) co_return odd("JSON");
  co_return json;
}

Task<Result<void>> Authority::authorize(std::string url, std::string domain) {
  auto authorization = co_await post_json(url, {});
  if (!authorization) co_return std::move(authorization).error();
  if (text_at(*authorization, "status") == "valid")
    co_return Result<void>();  // of an earlier order
  const std::string_view wanted =
      config_.challenge_type == ChallengeType::http ? "http-01" : "tls-alpn-01";
  const Json* all = list_at(*authorization, "challenges");
  const Json none = Json::array();
  for (const Json& each : all ? *all : none) {
    if (text_at(each, "type") != wanted) continue;
    Json challenge = each;
    co_return co_await answer_challenge(std::move(url), std::move(challenge), std::move(domain));
  }
  co_return Error(Errc::invalid, "",
                  "the authority offers no challenge of the kind " + std::string(wanted));
}

Task<Result<void>> Authority::answer_challenge(std::string url, Json challenge,
                                               std::string domain) {
  const std::string token = text_at(challenge, "token");
  if (!is_token(token)) co_return odd("usable token");
  const std::string proof = token + "." + account_.thumbprint();
  auto ready = config_.challenge_type == ChallengeType::http
                   ? challenges_.answer_file(token, proof)
                   : challenges_.answer_handshake(domain, proof);
  if (!ready) co_return std::move(ready).error();
  const Challenges::Answer answer = std::move(*ready);  // for as long as this lasts
  auto begun = co_await post_json(text_at(challenge, "url"), "{}");
  if (!begun) co_return std::move(begun).error();
  auto done = co_await await_status(std::move(url), "validation of " + domain, kValidation);
  if (!done) co_return std::move(done).error();
  co_return Result<void>();
}

// Looks until something is valid, or never will be.
Task<Result<Authority::Json>> Authority::await_status(std::string url, std::string what,
                                                      Duration limit) {
  const TimePoint until = Clock::now() + limit;
  Duration wait = kLeastPause;
  for (;;) {
    auto state = co_await post_json(url, {});
    if (!state) co_return std::move(state).error();
    const std::string status = text_at(*state, "status");
    if (status == "valid") co_return state;
    if (status != "pending" && status != "processing" && status != "ready") {
      std::string why = problem_text((*state)["error"]);
      const Json* challenges = list_at(*state, "challenges");
      for (std::size_t i = 0; challenges && why.empty() && i < challenges->size(); ++i) {
        if ((*challenges)[i].contains("error")) why = problem_text((*challenges)[i]["error"]);
      }
      co_return Error(Errc::invalid, "",
                      "the authority refuses the " + what + ": " +
                          (why.empty() ? "status " + tame(status) : why));
    }
    if (Clock::now() + wait > until)
      co_return Error(Errc::retry, "", "the " + what + " takes the authority too long");
    co_await pause(wait);
    wait = std::min(wait * 2, kMostPause);
  }
}

Task<Result<std::string>> Authority::download(Json order) {
  const std::string url = text_at(order, "certificate");
  if (url.empty()) co_return odd("certificate");
  auto reply = co_await post(url, {});
  if (!reply) co_return std::move(reply).error();
  co_return std::move(reply->body);
}

Task<void> Authority::pause(Duration time) {
  asio::steady_timer timer(io_, time);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace rr::http::acme
