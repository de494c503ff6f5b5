#include "runtime/net/redis/client.h"

#include <algorithm>
#include <map>
#include <random>
#include <thread>

namespace rr::redis {

namespace {

// Commands that are sent before the first reply is read.
constexpr std::size_t kPipeline = 512;
constexpr int kMaxRedirects = 16;

// What a server says that will say something else in a moment, or that another one is asked.
bool is_passing(const Reply& reply) {
  for (const char* word : {"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"}) {
    if (reply.is_error(word)) return true;
  }
  return reply.kind == Reply::Kind::error && reply.text == "ERR max number of clients reached";
}

// What happens between client and server is nothing that others act on.
Error outward(Error error) {
  if (error.code == Errc::network) error.code = Errc::io;
  return error;
}

// The address in "MOVED 3999 127.0.0.1:6381".
std::string address_in(const Reply& redirect) {
  return redirect.text.substr(redirect.text.rfind(' ') + 1);
}

}  // namespace

// How far the calls have come.
struct Client::Round {
  std::vector<Reply> replies;
  std::vector<std::size_t> left;     // calls without a reply that counts
  std::vector<std::size_t> again{};  // of these, those that are to be tried once more
  bool failed = false;               // some for another reason than a redirect
  Error error{};                     // the last one of the network
  bool unreachable = false;          // whether it counts: not every failure is one
  bool lost = false;                 // some were sent that must not be sent again
};

Result<std::unique_ptr<Client>> Client::make(const Settings& settings, Logger log) {
  std::unique_ptr<TlsContext> tls;
  if (settings.tls) {
    auto made = TlsContext::make(*settings.tls);
    if (!made) return std::move(made).error();
    tls = std::move(*made);
  }
  return std::unique_ptr<Client>(new Client(settings, std::move(tls), log));
}

Client::Client(const Settings& settings, std::unique_ptr<TlsContext> tls, Logger log)
    : settings_(settings),
      tls_(std::move(tls)),
      topology_(make_topology(settings_, tls_.get(), log)) {}

// Doubles with each attempt, with some chance in it: clients must not come back all at once.
void Client::pause(std::int64_t attempt) const {
  const Duration least = settings_.min_retry_backoff;
  if (least <= Duration::zero()) return;
  static thread_local std::mt19937_64 random{std::random_device{}()};
  const std::int64_t span = least.count() << std::min<std::int64_t>(attempt, 20);
  Duration time = least + Duration(std::uniform_int_distribution<std::int64_t>(0, span)(random));
  if (settings_.max_retry_backoff > Duration::zero())
    time = std::min(time, settings_.max_retry_backoff);
  std::this_thread::sleep_for(time);
}

Result<std::vector<Reply>> Client::run(const std::vector<Call>& calls) {
  Round round;
  round.replies.resize(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) round.left.push_back(i);
  std::int64_t attempt = 0;
  for (int redirects = 0; !round.left.empty();) {
    run_round(calls, round);
    if (round.lost) return outward(std::move(round.error));
    round.left = std::exchange(round.again, {});
    if (round.left.empty()) break;
    // A wrong password stays one.
    if (round.unreachable && round.error.code != Errc::network) break;
    if (round.failed) {
      if (attempt >= settings_.max_retries) break;
      pause(attempt++);
    } else if (++redirects > kMaxRedirects) {
      break;
    }
  }
  if (!round.left.empty() && round.unreachable) return outward(std::move(round.error));
  return std::move(round.replies);
}

void Client::run_round(const std::vector<Call>& calls, Round& round) {
  round.failed = false;
  round.unreachable = false;
  std::map<Pool*, std::vector<std::size_t>> by_pool;
  for (const std::size_t each : round.left) {
    auto pool = topology_->pick(calls[each].key, calls[each].access);
    if (pool) {
      by_pool[*pool].push_back(each);
      continue;
    }
    round.again.push_back(each);
    round.failed = round.unreachable = true;
    round.error = std::move(pool).error();
    topology_->doubt();
  }
  for (const auto& [pool, which] : by_pool) {
    for (std::size_t from = 0; from < which.size(); from += kPipeline) {
      const auto first = which.begin() + static_cast<std::ptrdiff_t>(from);
      const auto count = std::min(kPipeline, which.size() - from);
      run_on(*pool, calls, {first, first + static_cast<std::ptrdiff_t>(count)}, round);
    }
  }
}

void Client::run_on(Pool& pool, const std::vector<Call>& calls,
                    const std::vector<std::size_t>& which, Round& round) {
  std::vector<Command> commands;
  bool once = false;
  for (const std::size_t each : which) {
    commands.push_back(calls[each].command);
    once = once || calls[each].repeat == Repeat::no;
  }
  Result<std::vector<Reply>> replies;
  {
    auto lease = pool.take();
    if (lease) {
      replies = (*lease)->run(commands);
      if (!replies) {
        lease->broken();
        round.lost = once;
      }
    } else {
      replies = std::move(lease).error();
    }
  }
  if (!replies) {
    round.again.insert(round.again.end(), which.begin(), which.end());
    round.failed = round.unreachable = true;
    round.error = std::move(replies).error();
    topology_->doubt();
    return;
  }
  for (std::size_t i = 0; i < which.size(); ++i) {
    Reply& reply = (*replies)[i];
    if (reply.is_error("ASK")) {
      if (auto asked = ask(address_in(reply), commands[i])) reply = std::move(*asked);
    }
    const bool moved = reply.is_error("MOVED") || reply.is_error("ASK");
    if (moved || is_passing(reply)) {
      round.again.push_back(which[i]);
      round.failed = round.failed || !moved;
      topology_->doubt();
    }
    round.replies[which[i]] = std::move(reply);
  }
}

// A slot is on its way to another server: this one command goes there.
Result<Reply> Client::ask(const std::string& address, const Command& command) {
  auto lease = topology_->at(address).take();
  if (!lease) return std::move(lease).error();
  auto replies = (*lease)->run(std::vector<Command>{{"ASKING"}, command});
  if (!replies) {
    lease->broken();
    return std::move(replies).error();
  }
  return std::move((*replies)[1]);
}

Result<void> Client::run_everywhere(const Command& command) {
  for (std::int64_t attempt = 0;; ++attempt) {
    Error error;
    auto masters = topology_->masters();
    if (!masters) {
      error = std::move(masters).error();
    } else {
      for (Pool* pool : *masters) {
        auto lease = pool->take();
        Result<Reply> reply = lease ? (*lease)->run(command) : Result<Reply>(lease.error());
        if (!reply) {
          if (lease) lease->broken();
          error = std::move(reply).error();
        } else if (reply->is(Reply::Kind::error)) {
          error = Error(is_passing(*reply) ? Errc::network : Errc::invalid, "", reply->text);
        }
      }
    }
    if (error.code == Errc::none) return {};
    if (error.code != Errc::network || attempt >= settings_.max_retries)
      return outward(std::move(error));
    topology_->doubt();
    pause(attempt);
  }
}

PoolStats Client::stats() const {
  PoolStats sum;
  for (const Pool* pool : topology_->pools()) {
    const PoolStats each = pool->stats();
    sum.hits += each.hits;
    sum.misses += each.misses;
    sum.timeouts += each.timeouts;
    sum.stale += each.stale;
    sum.total += each.total;
    sum.idle += each.idle;
  }
  return sum;
}

}  // namespace rr::redis
