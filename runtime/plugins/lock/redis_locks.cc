#include "runtime/plugins/lock/redis_locks.h"

#include <algorithm>
#include <random>

#include "rr/exchange.h"
#include "runtime/plugins/lock/arguments.h"

namespace rr::lock {

namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr Duration kFirstPause = 2ms;
constexpr Duration kLongestPause = 50ms;

std::string hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15U];
  }
  return text;
}

// Names one call: one that is sent twice, because its answer was lost, is done once.
std::string new_token() {
  static thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  const std::uint64_t parts[2] = {random(), random()};
  return hex(reinterpret_cast<const unsigned char*>(parts), sizeof parts);
}

// Fields of a resource's hash:
//   m            mode of the owners: x, s
//   f            the last fence
//   n            the last place in the queue
//   r            token of the last release
//   h:ID         end in microseconds (0: none), token of the call that made it
//   w:TOKEN      place in the queue, moment at which a waiting call without sign of life is given
//   up
// `read` drops what is over and knows the rest; `keep` says how long redis has to keep the hash.
constexpr const char* kCommon = R"lua(
if redis.replicate_commands then redis.replicate_commands() end
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function int(number) return string.format('%.0f', number) end
local mode, fence, place, released, known = 's', 0, 0, '', false
local holders, ends, count = {}, {}, 0
local first, first_place = nil, nil
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  known = true
  local field, value = all[i], all[i + 1]
  local kind, name = string.sub(field, 1, 2), string.sub(field, 3)
  if field == 'm' then mode = value
  elseif field == 'f' then fence = tonumber(value)
  elseif field == 'n' then place = tonumber(value)
  elseif field == 'r' then released = value
  else
    local number, rest = string.match(value, '^(%d+):(.*)$')
    number = tonumber(number)
    if kind == 'h:' then
      if number ~= 0 and number <= now then redis.call('HDEL', key, field)
      else holders[name] = rest; ends[name] = number; count = count + 1 end
    elseif kind == 'w:' then
      if tonumber(rest) <= now then redis.call('HDEL', key, field)
      elseif first_place == nil or number < first_place then first, first_place = name, number end
    end
  end
end
local function keep()
  local last = now
  for _, ending in pairs(ends) do
    if ending == 0 then redis.call('PERSIST', key) return end
    if ending > last then last = ending end
  end
  redis.call('PEXPIREAT', key, int(math.ceil(last / 1000) + 86400000))
end
)lua";

constexpr const char* kAcquireBody = R"lua(
local id, want, ttl, token, waits = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
if holders[id] == token then return int(fence) end
local may = count == 0 or (mode == 's' and (want == 's' or (count == 1 and holders[id] ~= nil)))
if may and (first == nil or first == token or holders[id] ~= nil) then
  local ending = ttl == 0 and 0 or now + ttl
  if want == 's' and ends[id] ~= nil and (ends[id] == 0 or (ending ~= 0 and ends[id] > ending)) then
    ending = ends[id]
  end
  ends[id] = ending
  fence = math.max(fence + 1, now)
  redis.call('HDEL', key, 'w:' .. token)
  redis.call('HSET', key, 'm', want)
  redis.call('HSET', key, 'f', int(fence))
  redis.call('HSET', key, 'h:' .. id, int(ending) .. ':' .. token)
  keep()
  return int(fence)
end
if waits == '0' then
  redis.call('HDEL', key, 'w:' .. token)
else
  local mine = redis.call('HGET', key, 'w:' .. token)
  local at = mine and string.match(mine, '^(%d+):')
  if not at then at = int(redis.call('HINCRBY', key, 'n', 1)) end
  redis.call('HSET', key, 'w:' .. token, at .. ':' .. int(now + 5000000))
  keep()
end
return '0'
)lua";

constexpr const char* kReleaseBody = R"lua(
local id, token = ARGV[1], ARGV[2]
if released == token then return '1' end
if holders[id] == nil then return '0' end
redis.call('HDEL', key, 'h:' .. id)
redis.call('HSET', key, 'r', token)
ends[id] = nil
keep()
return '1'
)lua";

constexpr const char* kForceReleaseBody = R"lua(
for id in pairs(holders) do redis.call('HDEL', key, 'h:' .. id) end
ends = {}
if known then keep() return '1' end
return '0'
)lua";

constexpr const char* kExistsBody = R"lua(
if ARGV[1] == '*' then return count > 0 and '1' or '0' end
return holders[ARGV[1]] ~= nil and '1' or '0'
)lua";

constexpr const char* kUpdateTtlBody = R"lua(
local id, ttl = ARGV[1], tonumber(ARGV[2])
if holders[id] == nil then return '0' end
ends[id] = ttl == 0 and 0 or now + ttl
redis.call('HSET', key, 'h:' .. id, int(ends[id]) .. ':' .. holders[id])
keep()
return '1'
)lua";

std::string number(microseconds time) {
  return std::to_string(std::min(time, kLongest).count());
}

}  // namespace

const redis::Script RedisLocks::kAcquire{std::string(kCommon) + kAcquireBody};
const redis::Script RedisLocks::kRelease{std::string(kCommon) + kReleaseBody};
const redis::Script RedisLocks::kForceRelease{std::string(kCommon) + kForceReleaseBody};
const redis::Script RedisLocks::kExists{std::string(kCommon) + kExistsBody};
const redis::Script RedisLocks::kUpdateTtl{std::string(kCommon) + kUpdateTtlBody};

RedisLocks::RedisLocks(std::unique_ptr<redis::Client> client, std::string prefix)
    : client_(std::move(client)), prefix_(std::move(prefix)) {}

// Each of them finds out that it has been done already.
Result<std::int64_t> RedisLocks::run(const redis::Script& script, std::string_view resource,
                                     std::vector<std::string> arguments) {
  auto reply = redis::run(*client_, script, prefix_ + std::string(resource), std::move(arguments),
                          redis::Repeat::yes);
  if (!reply) return std::move(reply).error();
  if (reply->is(redis::Reply::Kind::error)) return Error(Errc::io, "", reply->text);
  return static_cast<std::int64_t>(std::strtoll(reply->text.c_str(), nullptr, 10));
}

bool RedisLocks::pause(std::chrono::nanoseconds time) {
  std::unique_lock lock(mutex_);
  return !closing_.wait_for(lock, time, [this] { return closed_; });
}

Result<LockFence> RedisLocks::acquire(const LockRequest& request) {
  if (auto good = check_arguments(request.resource, request.id, request.ttl); !good)
    return std::move(good).error();
  const TimePoint deadline = Clock::now() + std::min(request.wait, kLongest);
  const std::string token = new_token();
  Duration pause_time = kFirstPause;
  for (bool waits = request.wait > microseconds::zero();;) {
    auto fence = run(kAcquire, request.resource,
                     {std::string(request.id), request.mode == LockMode::shared ? "s" : "x",
                      number(request.ttl), token, waits ? "1" : "0"});
    if (!fence) return std::move(fence).error();
    if (*fence != 0 || !waits) return static_cast<LockFence>(*fence);
    const Duration left = deadline - Clock::now();
    // The last time it asks it leaves the queue, too.
    waits = pause(std::clamp(left, Duration::zero(), pause_time)) && left > pause_time &&
            !(request.given_up && request.given_up());
    pause_time = std::min(pause_time * 3 / 2, kLongestPause);
  }
}

Result<bool> RedisLocks::release(std::string_view resource, std::string_view id) {
  if (auto good = check_arguments(resource, id, {}); !good) return std::move(good).error();
  const auto done = run(kRelease, resource, {std::string(id), new_token()});
  return done ? Result<bool>(*done != 0) : done.error();
}

Result<bool> RedisLocks::force_release(std::string_view resource) {
  const auto done = run(kForceRelease, resource, {});
  return done ? Result<bool>(*done != 0) : done.error();
}

Result<bool> RedisLocks::exists(std::string_view resource, std::string_view id) {
  if (auto good = check_arguments(resource, id, {}); !good) return std::move(good).error();
  const auto done = run(kExists, resource, {std::string(id)});
  return done ? Result<bool>(*done != 0) : done.error();
}

Result<bool> RedisLocks::update_ttl(std::string_view resource, std::string_view id,
                                    microseconds ttl) {
  if (auto good = check_arguments(resource, id, ttl); !good) return std::move(good).error();
  const auto done = run(kUpdateTtl, resource, {std::string(id), number(ttl)});
  return done ? Result<bool>(*done != 0) : done.error();
}

void RedisLocks::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  closing_.notify_all();
}

}  // namespace rr::lock
