#include "runtime/plugins/http/acme/keeper.h"

#include <algorithm>
#include <future>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/plugins/http/acme/authority.h"
#include "runtime/plugins/http/acme/challenge_server.h"

namespace rr::http::acme {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

constexpr Duration kObtain = 240s;     // RoadRunner's, for all that is missing at a start
constexpr Duration kLook = 1min;       // clocks are set, machines sleep
constexpr Duration kFirstWait = 1min;  // after a failure, doubled each time
constexpr Duration kLastWait = 6h;

std::string date_text(WallTime time) {
  const std::time_t seconds = system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

ConfigError cannot_start(std::string why) {
  return ConfigError(std::vector<std::string>{"http_plugin_init"}, "http.ssl.acme: " + why);
}

}  // namespace

Keeper::Keeper(AcmeConfig config, Parts parts)
    : config_(std::move(config)),
      parts_(std::move(parts)),
      cache_(config_, parts_.owner),
      tasks_(parts_.control.io().get_executor()) {
  if (auto usable = cache_.usable(); !usable) throw cannot_start(usable.error().message);
  auto client = HttpsClient::make(parts_.control.io(), config_.root_ca, {});
  if (!client) throw cannot_start(client.error().message);
  client_.emplace(std::move(*client));
  for (const std::string& name : config_.domains) domains_.push_back({name, {}, {}});
}

Keeper::~Keeper() {
  stop();
}

void Keeper::stop() {
  tasks_.cancel();
  tasks_.join(TimePoint::max());
}

std::vector<net::tls::CertificateFiles> Keeper::files() const {
  std::vector<net::tls::CertificateFiles> all;
  for (const std::string& domain : config_.domains) all.push_back(cache_.files(domain));
  return all;
}

Result<void> Keeper::obtain_missing() {
  std::promise<Result<void>> promise;
  auto said = promise.get_future();
  TaskGroup tasks(parts_.control.io().get_executor());
  tasks.spawn(
      obtain_all([&promise](Result<void> result) { promise.set_value(std::move(result)); }));
  const bool in_time = said.wait_for(kObtain) == std::future_status::ready;
  if (!in_time) tasks.cancel();
  tasks.join(TimePoint::max());
  if (in_time) return said.get();
  return Error(Errc::retry, "http.ssl.acme",
               "no certificate within " + std::to_string(kObtain / 1s) + " s");
}

Task<void> Keeper::obtain_all(std::function<void(Result<void>)> done) {
  Result<void> all{};
  for (const Domain& domain : domains_) {
    const auto kept = cache_.kept(domain.name);
    if (kept && kept->until > system_clock::now()) continue;
    parts_.log.info("a certificate is obtained", kv("domain", domain.name),
                    kv("authority", config_.authority()));
    auto obtained = co_await obtain(domain.name);
    if (obtained) continue;
    if (kept) {
      parts_.log.error(
          "the certificate has expired and could not be renewed, it is served as it is",
          kv("domain", domain.name), kv("error", obtained.error().message));
      continue;
    }
    all = Error(Errc::io, "http.ssl.acme",
                "no certificate for " + domain.name + ": " + obtained.error().message);
    break;
  }
  done(std::move(all));
}

Task<Result<void>> Keeper::obtain(std::string domain) {
  asked_to_wait_ = Duration::zero();
  std::unique_ptr<ChallengeServer> server;
  const std::uint16_t port = config_.challenge_port();
  if (std::ranges::find(doors_, port) == doors_.end()) {
    auto opened =
        ChallengeServer::open(parts_.control.io(), config_.challenge_type, port, challenges_);
    if (!opened) co_return std::move(opened).error();
    server = std::move(*opened);
  }
  auto account = cache_.account();
  if (!account) co_return std::move(account).error();
  auto key = Key::generate();
  if (!key) co_return std::move(key).error();
  Authority authority(parts_.control.io(), *client_, config_, *account, challenges_);
  auto chain = co_await authority.certificate(domain, *key);
  asked_to_wait_ = authority.asked_to_wait();
  if (!chain) co_return std::move(chain).error();
  auto valid = validity_of(*chain, *key, domain);
  if (!valid) co_return std::move(valid).error().in("the authority's certificate");
  if (auto kept = cache_.keep(domain, *key, *chain); !kept) co_return kept;
  parts_.log.info("a certificate was obtained", kv("domain", domain),
                  kv("valid_until", date_text(valid->until)));
  co_return Result<void>();
}

void Keeper::keep_renewing(std::vector<std::uint16_t> doors, std::function<void()> renewed) {
  doors_ = std::move(doors);
  renewed_ = std::move(renewed);
  for (Domain& domain : domains_) plan(domain);
  tasks_.spawn(renew_all());
}

void Keeper::answered_at(std::vector<std::uint16_t> doors) {
  tasks_.spawn(set_doors(std::move(doors)));
}

Task<void> Keeper::set_doors(std::vector<std::uint16_t> doors) {
  doors_ = std::move(doors);
  co_return;
}

double Keeper::random(double least, double most) {
  return std::uniform_real_distribution<double>(least, most)(random_);
}

// Servers that started together do not ask together.
void Keeper::plan(Domain& domain) {
  domain.last_wait = Duration::zero();
  domain.due = system_clock::now();
  if (const auto kept = cache_.kept(domain.name)) {
    const auto life = kept->until - kept->from;
    domain.due =
        kept->from + std::chrono::duration_cast<system_clock::duration>(life * random(0.60, 0.67));
  }
}

void Keeper::plan_again(Domain& domain, const Error& error) {
  const Duration doubled = domain.last_wait * 2;
  domain.last_wait = std::clamp(doubled, kFirstWait, kLastWait);
  const Duration wait = std::max(
      asked_to_wait_, std::chrono::duration_cast<Duration>(domain.last_wait * random(0.8, 1.2)));
  domain.due = system_clock::now() + std::chrono::duration_cast<system_clock::duration>(wait);
  parts_.log.error("a certificate could not be renewed, the former one stays",
                   kv("domain", domain.name), kv("error", error.message), kv("next_try_in", wait));
}

Task<void> Keeper::renew_all() {
  asio::steady_timer timer(parts_.control.io());
  for (;;) {
    Domain& next = *std::ranges::min_element(domains_, {}, &Domain::due);
    const auto left = std::chrono::duration_cast<Duration>(next.due - system_clock::now());
    if (left > Duration::zero()) {
      timer.expires_after(std::min(left, kLook));
      co_await timer.async_wait(asio::use_awaitable);
      continue;
    }
    auto renewed = co_await obtain(next.name);
    if (renewed) {
      plan(next);
      renewed_();
    } else {
      plan_again(next, renewed.error());
    }
  }
}

}  // namespace rr::http::acme
