#include "runtime/plugins/kv/drivers/memcached/memcached_storage.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>

#include "runtime/plugins/kv/errors.h"
#include "runtime/plugins/kv/timeout.h"

namespace rr::keyvalue::memcached {

namespace {

constexpr const char* kMget = "memcached_plugin_mget";
constexpr const char* kHas = "memcached_plugin_has";
constexpr const char* kMexpire = "memcached_plugin_mexpire";
constexpr const char* kDelete = "memcached_plugin_delete";

bool is_legal(std::string_view key) {
  return !key.empty() && key.size() <= 250 && std::ranges::none_of(key, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
}

Error illegal() {
  return Error(Errc::invalid, "", "malformed: key is too long or contains invalid characters");
}

// Absolute seconds; what is over already is 1, a second long gone: 0 would be "never".
time_t expiry_of(Moment at) {
  return std::max<Moment>(at / 1'000'000, 1);
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

// A kept connection may have been closed since: that says nothing of the server. All commands may
// be done twice.
template <class Command>
Result<memcached_return_t> MemcachedStorage::run(ServerPool& server, Command command) {
  for (int attempt = 0;; ++attempt) {
    ServerPool::Lease handle = server.take();
    const memcached_return_t code = command(handle.get());
    if (!is_lost(code)) return code;
    const char* why = memcached_last_error_message(handle.get());
    Error error(Errc::io, "",
                "memcached " + server.address() + ": " +
                    (why != nullptr ? why : memcached_strerror(handle.get(), code)));
    handle.drop();
    if (attempt > 0) return error;
  }
}

template <class Command>
Result<memcached_return_t> MemcachedStorage::run(std::string_view key, Command command) {
  return run(*servers_[server_of(key, servers_.size())], std::move(command));
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
    time_t expiry = 0;
    if (!item.timeout.empty()) {
      const auto timeout = parse_timeout(item.timeout);
      if (!timeout) return timeout.error();
      expiry = expiry_of(timeout->at);
    }
    if (!is_legal(item.key)) return illegal();
    auto code = run(item.key, [&](memcached_st* handle) {
      return memcached_set(handle, item.key.data(), item.key.size(), item.value.data(),
                           item.value.size(), expiry, 0);
    });
    if (!code) return std::move(code).error();
    if (*code != MEMCACHED_SUCCESS)
      return Error(Errc::io, "", std::string("memcache: ") + memcached_strerror(nullptr, *code));
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

}  // namespace rr::keyvalue::memcached
