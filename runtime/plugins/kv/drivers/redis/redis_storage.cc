#include "runtime/plugins/kv/drivers/redis/redis_storage.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "rr/kv_timeout.h"
#include "runtime/net/redis/script.h"
#include "runtime/plugins/kv/errors.h"
#include "runtime/plugins/kv/number.h"

namespace rr::keyvalue::redis {

namespace {

using rr::redis::Access;
using rr::redis::Reply;

constexpr Moment kSecond = 1'000'000;
constexpr Moment kMillisecond = 1'000;

// The least that redis knows.
std::string milliseconds(Moment left) {
  return std::to_string((left + kMillisecond - 1) / kMillisecond);
}

// What is over already stays, as RoadRunner has it.
std::vector<std::string> set_command(const KvItem& item, Moment left) {
  std::vector<std::string> words{"SET", std::string(item.key), std::string(item.value)};
  if (left > 0) {
    words.emplace_back("PX");
    words.push_back(milliseconds(left));
  }
  return words;
}

// How long from now; 0: without an end. What is over has a moment left.
Result<Moment> left_until(std::string_view timeout) {
  if (timeout.empty()) return Moment{0};
  const auto parsed = parse_timeout(timeout);
  if (!parsed) return parsed.error();
  return std::max(parsed->at - keyvalue::now(), kMillisecond);
}

const rr::redis::Script kSetIf{R"lua(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[3]) > 0 then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else redis.call('SET', KEYS[1], ARGV[2]) end
return 1
)lua"};

// A number of Lua's would not have all 64 bits.
const rr::redis::Script kIncrement{R"lua(
local is_new = redis.call('EXISTS', KEYS[1]) == 0
redis.call('INCRBY', KEYS[1], ARGV[1])
if is_new and tonumber(ARGV[2]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])
)lua"};

// What redis says of a value that cannot be added to, in the words of all drivers.
Error in_words(const std::string& text) {
  for (const std::string_view words : {KvStorage::kNoNumber, KvStorage::kOutOfRange}) {
    if (text.find(words) != std::string::npos) return Error(Errc::invalid, "", std::string(words));
  }
  return Error(Errc::invalid, "", text);
}

}  // namespace

Result<RedisStorage::Replies> RedisStorage::run(const Calls& calls) {
  if (calls.empty()) return Replies{};
  auto replies = client_->run(calls);
  if (!replies) return replies;
  for (const Reply& reply : *replies) {
    if (reply.is(Reply::Kind::error)) return Error(Errc::invalid, "", reply.text);
  }
  return replies;
}

Result<RedisStorage::Replies> RedisStorage::for_each(Keys keys, const char* command,
                                                     Access access) {
  Calls calls;
  calls.reserve(keys.size());
  for (const std::string_view key : keys)
    calls.push_back({{command, std::string(key)}, std::string(key), access});
  return run(calls);
}

Result<void> RedisStorage::has(Keys keys, Found& found) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key("redis_driver_has");
  const auto replies = for_each(keys, "EXISTS", Access::read);
  if (!replies) return replies.error();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((*replies)[i].integer > 0) found.found(i, {});
  }
  return {};
}

// Not MGET: of a key of another type it says nothing.
Result<void> RedisStorage::get(Keys keys, Found& found) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key("redis_driver_mget");
  const auto replies = for_each(keys, "GET", Access::read);
  if (!replies) return Error(replies.error()).in("redis_driver_mget");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((*replies)[i].is(Reply::Kind::text)) found.found(i, (*replies)[i].text);
  }
  return {};
}

Result<void> RedisStorage::ttl(Keys keys, Found& found) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key("redis_driver_ttl");
  const auto replies = for_each(keys, "PTTL", Access::read);
  if (!replies) return replies.error();
  const Moment now = keyvalue::now();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::int64_t left = (*replies)[i].integer;
    if (left < 0) continue;  // no key, or no end
    // To the nearest second: so it is the one that was set.
    const Moment at = now + left * kMillisecond + kSecond / 2;
    found.found(i, to_text({at - at % kSecond, 0, true}));
  }
  return {};
}

Result<void> RedisStorage::set(Items items) {
  Calls calls;
  Result<void> bad;
  const Moment now = keyvalue::now();
  for (const KvItem& item : items) {
    Moment left = 0;
    if (!item.timeout.empty()) {
      auto timeout = parse_timeout(item.timeout);
      if (!timeout) {
        bad = std::move(timeout).error();
        break;
      }
      left = timeout->at - now;
    }
    calls.push_back({set_command(item, left), std::string(item.key)});
  }
  if (auto done = run(calls); !done) return std::move(done).error();
  return bad;
}

Result<void> RedisStorage::expire(Items items) {
  constexpr const char* kOp = "redis_driver_mexpire";
  Calls calls;
  Result<void> bad;
  for (const KvItem& item : items) {
    if (item.timeout.empty() || is_blank(item.key)) {
      bad = Error(Errc::invalid, kOp, "should set timeout and at least one key");
      break;
    }
    auto timeout = parse_timeout(item.timeout);
    if (!timeout) {
      bad = std::move(timeout).error();
      break;
    }
    calls.push_back(
        {{"PEXPIREAT", std::string(item.key), std::to_string(timeout->at / kMillisecond)},
         std::string(item.key)});
  }
  if (auto done = run(calls); !done) return std::move(done).error().in(kOp);
  return bad;
}

Result<void> RedisStorage::remove(Keys keys) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key("redis_driver_delete");
  if (keys.empty()) return {};
  if (client_->is_cluster()) {
    const auto done = for_each(keys, "DEL", Access::write);
    return done ? Result<void>() : done.error();
  }
  rr::redis::Command command{"DEL"};
  command.insert(command.end(), keys.begin(), keys.end());
  const auto done = run({{std::move(command), {}}});
  return done ? Result<void>() : done.error();
}

Result<void> RedisStorage::clear() {
  return client_->run_everywhere({"FLUSHDB"});
}

Result<bool> RedisStorage::set_if(const KvItem& item, const std::string_view* expected) {
  constexpr const char* kOp = "redis_driver_set";
  if (is_blank(item.key)) return empty_key(kOp);
  auto left = left_until(item.timeout);
  if (!left) return std::move(left).error().in(kOp);
  Result<Reply> reply;
  if (expected == nullptr) {
    auto command = set_command(item, *left);
    command.emplace_back("NX");
    auto replies = client_->run(
        {{std::move(command), std::string(item.key), Access::write, rr::redis::Repeat::no}});
    if (replies)
      reply = std::move(replies->front());
    else
      reply = std::move(replies).error();
  } else {
    reply = rr::redis::run(
        *client_, kSetIf, std::string(item.key),
        {std::string(*expected), std::string(item.value), *left > 0 ? milliseconds(*left) : "0"},
        rr::redis::Repeat::no);
  }
  if (!reply) return std::move(reply).error().in(kOp);
  if (reply->is(Reply::Kind::error)) return Error(Errc::invalid, kOp, reply->text);
  return reply->is(Reply::Kind::text) || reply->integer == 1;
}

Result<std::int64_t> RedisStorage::increment(std::string_view key, std::int64_t by,
                                             std::string_view timeout) {
  constexpr const char* kOp = "redis_driver_increment";
  if (is_blank(key)) return empty_key(kOp);
  const auto left = left_until(timeout);
  if (!left) return Error(left.error()).in(kOp);
  auto reply = rr::redis::run(*client_, kIncrement, std::string(key),
                              {std::to_string(by), *left > 0 ? milliseconds(*left) : "0"},
                              rr::redis::Repeat::no);
  if (!reply) return std::move(reply).error().in(kOp);
  if (reply->is(Reply::Kind::error)) return in_words(reply->text).in(kOp);
  auto total = parse_number(reply->text);
  return total ? total : std::move(total).error().in(kOp);
}

std::span<const MetricSpec> RedisStorage::families() const {
  using enum MetricKind;
  static const std::array kFamilies{
      MetricSpec{.name = "rr_redis_pool_hit_total",
                 .kind = counter,
                 .help = "Number of times free connection was found in the pool."},
      MetricSpec{.name = "rr_redis_pool_miss_total",
                 .kind = counter,
                 .help = "Number of times free connection was NOT found in the pool."},
      MetricSpec{.name = "rr_redis_pool_timeout_total",
                 .kind = counter,
                 .help = "Number of times a wait timeout occurred."},
      MetricSpec{.name = "rr_redis_pool_conn_stale_total",
                 .kind = counter,
                 .help = "Number of stale connections removed from the pool."},
      MetricSpec{.name = "rr_redis_pool_conn_total_current",
                 .kind = gauge,
                 .help = "Number of total connections in the pool."},
      MetricSpec{.name = "rr_redis_pool_conn_idle_current",
                 .kind = gauge,
                 .help = "Number of idle connections in the pool."},
  };
  return kFamilies;
}

void RedisStorage::collect(MetricsSink& sink) const {
  const rr::redis::PoolStats now = client_->stats();
  std::size_t family = 0;
  for (const std::uint64_t value :
       {now.hits, now.misses, now.timeouts, now.stale, now.total, now.idle})
    sink.put(family++, static_cast<double>(value));
}

Duration RedisStorage::tidy_interval() const {
  return std::chrono::seconds(30);
}

}  // namespace rr::keyvalue::redis
