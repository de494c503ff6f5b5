#include "runtime/plugins/kv/drivers/memcached/memcached_storage.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "rr/kv_timeout.h"
#include "runtime/plugins/kv/errors.h"
#include "runtime/plugins/kv/number.h"

namespace rr::keyvalue::memcached {

namespace {

constexpr const char* kMget = "memcached_plugin_mget";
constexpr const char* kHas = "memcached_plugin_has";
constexpr const char* kMexpire = "memcached_plugin_mexpire";
constexpr const char* kDelete = "memcached_plugin_delete";
constexpr const char* kSet = "memcached_plugin_set";
constexpr const char* kIncrement = "memcached_plugin_increment";

bool is_legal(std::string_view key) {
  return !key.empty() && key.size() <= 250 && std::ranges::none_of(key, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
}

Error illegal() {
  return Error(Errc::invalid, "", "malformed: key is too long or contains invalid characters");
}

// Absolute seconds, no earlier than the moment; what is over already is 1, a second long gone: 0
// would be "never".
time_t expiry_of(Moment at) {
  return std::max<Moment>((at + 999'999) / 1'000'000, 1);
}
Result<time_t> expiry_of(std::string_view timeout) {
  if (timeout.empty()) return time_t{0};
  const auto parsed = parse_timeout(timeout);
  if (!parsed) return parsed.error();
  return expiry_of(parsed->at);
}

// The connection is worth nothing any more, or never came to be.
bool is_lost(memcached_return_t code) {
  switch (code) {
    case MEMCACHED_CONNECTION_FAILURE:
    case MEMCACHED_WRITE_FAILURE:
    case MEMCACHED_READ_FAILURE:
    case MEMCACHED_UNKNOWN_READ_FAILURE:
    case MEMCACHED_ERRNO:
    case MEMCACHED_FAIL_UNIX_SOCKET:
    case MEMCACHED_TIMEOUT:
    case MEMCACHED_SERVER_MARKED_DEAD:
    case MEMCACHED_SERVER_TEMPORARILY_DISABLED:
    case MEMCACHED_CONNECTION_SOCKET_CREATE_FAILURE:
    case MEMCACHED_HOST_LOOKUP_FAILURE:
    case MEMCACHED_PROTOCOL_ERROR:
      return true;
    default:
      return false;
  }
}

Error failed(memcached_return_t code) {
  return Error(Errc::io, "", std::string("memcache: ") + memcached_strerror(nullptr, code));
}

Result<void> in(Result<void> done, std::string_view op) {
  if (!done) return std::move(done).error().in(op);
  return done;
}

}  // namespace

std::size_t server_of(std::string_view key, std::size_t count) {
  if (count <= 1) return 0;
  return crc32(0, reinterpret_cast<const Bytef*>(key.data()), static_cast<uInt>(key.size())) %
         count;
}

MemcachedStorage::MemcachedStorage(const MemcachedConfig& config) {
  for (const std::string& address : config.addr)
    servers_.push_back(std::make_unique<ServerPool>(address));
}

// A kept connection may have been closed since: that says nothing of the server.
template <class Command>
Result<memcached_return_t> MemcachedStorage::run(ServerPool& server, Command command,
                                                 Repeat repeat) {
  for (int attempt = 0;; ++attempt) {
    ServerPool::Lease handle = server.take();
    const memcached_return_t code = command(handle.get());
    if (!is_lost(code)) return code;
    const char* why = memcached_last_error_message(handle.get());
    Error error(Errc::io, "",
                "memcached " + server.address() + ": " +
                    (why != nullptr ? why : memcached_strerror(handle.get(), code)));
    handle.drop();
    if (attempt > 0 || repeat == Repeat::no) return error;
  }
}

template <class Command>
Result<memcached_return_t> MemcachedStorage::run(std::string_view key, Command command,
                                                 Repeat repeat) {
  return run(*servers_[server_of(key, servers_.size())], std::move(command), repeat);
}

template <class Each>
Result<void> MemcachedStorage::look(Keys keys, Each each) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!is_legal(keys[i])) return illegal();
    char* value = nullptr;
    std::size_t size = 0;
    auto code = run(keys[i], [&](memcached_st* handle) {
      std::uint32_t flags = 0;
      memcached_return_t result = MEMCACHED_SUCCESS;
      value = memcached_get(handle, keys[i].data(), keys[i].size(), &size, &flags, &result);
      return result;
    });
    if (!code) return std::move(code).error();
    if (*code == MEMCACHED_SUCCESS) each(i, std::string_view(value, value == nullptr ? 0 : size));
    std::free(value);
    if (*code != MEMCACHED_SUCCESS && *code != MEMCACHED_NOTFOUND)
      return Error(Errc::io, "", memcached_strerror(nullptr, *code));
  }
  return {};
}

Result<void> MemcachedStorage::has(Keys keys, Found& found) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key(kHas);
  return in(look(keys, [&](std::size_t index, std::string_view) { found.found(index, {}); }), kHas);
}

Result<void> MemcachedStorage::get(Keys keys, Found& found) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key(kMget);
  return in(
      look(keys, [&](std::size_t index, std::string_view value) { found.found(index, value); }),
      kMget);
}

Result<void> MemcachedStorage::ttl(Keys, Found&) {
  return Error(Errc::invalid, "memcached_plugin_ttl",
               "not valid request for memcached, see "
               "https://github.com/memcached/memcached/issues/239");
}

Result<void> MemcachedStorage::set(Items items) {
  for (const KvItem& item : items) {
    const auto expiry = expiry_of(item.timeout);
    if (!expiry) return expiry.error();
    if (!is_legal(item.key)) return illegal();
    auto code = run(item.key, [&](memcached_st* handle) {
      return memcached_set(handle, item.key.data(), item.key.size(), item.value.data(),
                           item.value.size(), *expiry, 0);
    });
    if (!code) return std::move(code).error();
    if (*code != MEMCACHED_SUCCESS) return failed(*code);
  }
  return {};
}

Result<void> MemcachedStorage::expire(Items items) {
  for (const KvItem& item : items) {
    if (item.timeout.empty() || is_blank(item.key))
      return Error(Errc::invalid, kMexpire, "should set timeout and at least one key");
    const auto timeout = parse_timeout(item.timeout);
    if (!timeout) return Error(timeout.error()).in(kMexpire);
    if (!is_legal(item.key)) return illegal().in(kMexpire);
    auto code = run(item.key, [&](memcached_st* handle) {
      return memcached_touch(handle, item.key.data(), item.key.size(), expiry_of(timeout->at));
    });
    if (!code) return std::move(code).error().in(kMexpire);
    if (*code == MEMCACHED_NOTFOUND) return Error(Errc::invalid, kMexpire, "memcache: cache miss");
    if (*code != MEMCACHED_SUCCESS)
      return Error(Errc::io, kMexpire, memcached_strerror(nullptr, *code));
  }
  return {};
}

Result<void> MemcachedStorage::remove(Keys keys) {
  if (std::ranges::any_of(keys, &is_blank)) return empty_key(kDelete);
  for (const std::string_view key : keys) {
    if (!is_legal(key)) return illegal().in(kDelete);
    auto code = run(key, [&](memcached_st* handle) {
      return memcached_delete(handle, key.data(), key.size(), 0);
    });
    if (!code) return std::move(code).error().in(kDelete);
    if (*code != MEMCACHED_SUCCESS && *code != MEMCACHED_NOTFOUND)
      return Error(Errc::io, kDelete, memcached_strerror(nullptr, *code));
  }
  return {};
}

// Every server: RoadRunner clears one of them only, which leaves keys behind.
Result<void> MemcachedStorage::clear() {
  for (const auto& server : servers_) {
    auto code = run(*server, [](memcached_st* handle) { return memcached_flush(handle, 0); });
    if (!code) return std::move(code).error().in("memcached_plugin_clear");
    if (*code != MEMCACHED_SUCCESS)
      return Error(Errc::io, "memcached_plugin_clear", memcached_strerror(nullptr, *code));
  }
  return {};
}

// ---------------------------------------------------------------- in one step

Result<std::optional<MemcachedStorage::Version>> MemcachedStorage::version_of(
    std::string_view key) {
  std::optional<Version> version;
  auto code = run(key, [&](memcached_st* handle) {
    const char* name = key.data();
    const std::size_t size = key.size();
    memcached_return_t result = memcached_mget(handle, &name, &size, 1);
    if (result != MEMCACHED_SUCCESS) return result;
    while (memcached_result_st* found = memcached_fetch_result(handle, nullptr, &result)) {
      version = Version{std::string(memcached_result_value(found), memcached_result_length(found)),
                        memcached_result_cas(found)};
      memcached_result_free(found);
    }
    return result;
  });
  if (!code) return std::move(code).error();
  if (version) return version;
  if (*code == MEMCACHED_NOTFOUND || *code == MEMCACHED_END || *code == MEMCACHED_SUCCESS)
    return std::optional<Version>();
  return failed(*code);
}

Result<bool> MemcachedStorage::add(const KvItem& item, time_t expiry) {
  auto code = run(
      item.key,
      [&](memcached_st* handle) {
        return memcached_add(handle, item.key.data(), item.key.size(), item.value.data(),
                             item.value.size(), expiry, 0);
      },
      Repeat::no);
  if (!code) return std::move(code).error();
  if (*code != MEMCACHED_SUCCESS && *code != MEMCACHED_NOTSTORED) return failed(*code);
  return *code == MEMCACHED_SUCCESS;
}

Result<bool> MemcachedStorage::replace(const KvItem& item, const Version& version, time_t expiry) {
  auto code = run(
      item.key,
      [&](memcached_st* handle) {
        return memcached_cas(handle, item.key.data(), item.key.size(), item.value.data(),
                             item.value.size(), expiry, 0, version.cas);
      },
      Repeat::no);
  if (!code) return std::move(code).error();
  const bool changed = *code == MEMCACHED_DATA_EXISTS || *code == MEMCACHED_NOTFOUND;
  if (*code != MEMCACHED_SUCCESS && !changed) return failed(*code);
  return *code == MEMCACHED_SUCCESS;
}

Result<bool> MemcachedStorage::set_if(const KvItem& item, const std::string_view* expected) {
  if (is_blank(item.key)) return empty_key(kSet);
  if (!is_legal(item.key)) return illegal().in(kSet);
  const auto expiry = expiry_of(item.timeout);
  if (!expiry) return Error(expiry.error()).in(kSet);
  for (;;) {
    auto version = expected == nullptr ? std::optional<Version>() : version_of(item.key);
    if (!version) return std::move(version).error().in(kSet);
    if (expected != nullptr && (!*version || (*version)->value != *expected)) return false;
    auto done = expected == nullptr ? add(item, *expiry) : replace(item, **version, *expiry);
    if (!done) return std::move(done).error().in(kSet);
    // Somebody was faster; what he has set may be what is expected again.
    if (*done || expected == nullptr) return done;
  }
}

Result<std::optional<std::int64_t>> MemcachedStorage::count_up(std::string_view key,
                                                               std::int64_t by) {
  std::uint64_t total = 0;
  auto code = run(
      key,
      [&](memcached_st* handle) {
        return memcached_increment(handle, key.data(), key.size(), static_cast<std::uint32_t>(by),
                                   &total);
      },
      Repeat::no);
  if (!code) return std::move(code).error();
  if (*code == MEMCACHED_NOTFOUND || *code == MEMCACHED_CLIENT_ERROR)
    return std::optional<std::int64_t>();
  if (*code != MEMCACHED_SUCCESS) return failed(*code);
  return std::optional<std::int64_t>(static_cast<std::int64_t>(total));
}

Result<std::int64_t> MemcachedStorage::increment(std::string_view key, std::int64_t by,
                                                 std::string_view timeout) {
  if (is_blank(key)) return empty_key(kIncrement);
  if (!is_legal(key)) return illegal().in(kIncrement);
  const auto expiry = expiry_of(timeout);
  if (!expiry) return Error(expiry.error()).in(kIncrement);
  for (;;) {
    auto version = version_of(key);
    if (!version) return std::move(version).error().in(kIncrement);
    std::string_view value;
    if (*version) value = (*version)->value;
    auto total = sum(*version ? &value : nullptr, by);
    if (!total) return std::move(total).error().in(kIncrement);
    // Its own command keeps the end of the key. It knows no negative numbers.
    const bool counts = *version && by >= 0 && by <= UINT32_MAX && *total >= by;
    if (counts) {
      auto counted = count_up(key, by);
      if (!counted) return std::move(counted).error().in(kIncrement);
      if (*counted) return **counted;
      continue;  // no number any more, or gone
    }
    const std::string text = std::to_string(*total);
    auto done =
        *version ? replace({key, text, {}}, **version, *expiry) : add({key, text, {}}, *expiry);
    if (!done) return std::move(done).error().in(kIncrement);
    if (*done) return total;
  }
}

}  // namespace rr::keyvalue::memcached
