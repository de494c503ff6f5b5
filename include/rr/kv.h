// Storages of keys and values that the workers of an application share. The plugin `kv` provides
// KvStorages; its RPC methods and the PHP extension are two doors to the same ones. A library may
// bring drivers of its own (KvDriver).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rr/duration.h"
#include "rr/result.h"

namespace rr {

class Context;
class MetricsSource;

// What errors call the methods of `kv`, whichever door they came through: public text.
namespace kv_op {
inline constexpr std::string_view kHas = "rpc_has";
inline constexpr std::string_view kGet = "rpc_mget";
inline constexpr std::string_view kSet = "rpc_set";
inline constexpr std::string_view kExpire = "rpc_mexpire";
inline constexpr std::string_view kTtl = "rpc_ttl";
inline constexpr std::string_view kDelete = "rcp_delete";  // so spelled by RoadRunner
inline constexpr std::string_view kClear = "rcp_delete";
inline constexpr std::string_view kAdd = "rpc_add";
inline constexpr std::string_view kIncrement = "rpc_increment";
inline constexpr std::string_view kCompareAndSet = "rpc_compare_and_set";
}  // namespace kv_op

// Any bytes. `timeout`: RFC 3339, when it ends ("2031-01-02T15:04:05Z"); empty: never.
struct KvItem {
  std::string_view key;
  std::string_view value;
  std::string_view timeout;
};

// Any thread. Calls take the items in their order; an error leaves those before it done. Its text
// is RoadRunner's, without the operation of the RPC method (spec 04 §1.2).
class KvStorage {
 public:
  // Hears of keys that are there, by their index among those asked for, which rises. `bytes` is
  // valid during the call, and the storage may be locked: copy and return.
  class Found {
   public:
    virtual void found(std::size_t index, std::string_view bytes) = 0;

   protected:
    ~Found() = default;
  };
  // Values of one call together; who wants more has to ask for fewer keys.
  static constexpr std::size_t kMaxReply = 256U << 20;
  static constexpr const char* kTooMuch = "the values are more than 256 MiB: ask for fewer keys";

  using Keys = std::span<const std::string_view>;
  using Items = std::span<const KvItem>;

  virtual ~KvStorage() = default;

  virtual Result<void> has(Keys keys, Found& found) = 0;  // bytes: empty
  virtual Result<void> get(Keys keys, Found& found) = 0;  // bytes: the value
  // bytes: RFC 3339 without a fraction; empty for a key without an end that the driver lists.
  virtual Result<void> ttl(Keys keys, Found& found) = 0;
  virtual Result<void> set(Items items) = 0;
  virtual Result<void> expire(Items items) = 0;  // gives keys another end; values do not count
  virtual Result<void> remove(Keys keys) = 0;
  virtual Result<void> clear() = 0;

  // ---- in one step: of those that change a key at the same time each sees what the one before it
  // has made of it. A key that has ended is not there; so is one whose timeout is over when it
  // comes. One whose outcome is not known (the connection broke) is an error, not tried again.
  //
  // Sets an item whose key has the value `expected`; null: that is not there. False: it has
  // another one.
  virtual Result<bool> set_if(const KvItem& item, const std::string_view* expected) = 0;
  // The value, a number in decimal, is `by` larger from then on. A key that is not there becomes
  // `by` itself and ends at `timeout` (as an item's); one that is there keeps its end, unless the
  // driver says otherwise. Errors: kNoNumber, kOutOfRange; the value is as it was.
  virtual Result<std::int64_t> increment(std::string_view key, std::int64_t by,
                                         std::string_view timeout) = 0;
  static constexpr std::string_view kNoNumber = "value is not an integer or out of range";
  static constexpr std::string_view kOutOfRange = "increment or decrement would overflow";

  // Whether calls wait for a disk or another server.
  virtual bool blocks() const = 0;

  // Main thread, once, before the first call.
  virtual Result<void> open() { return {}; }
  // What it counts, for the plugin `metrics`; null: nothing. Of several storages with something to
  // show the last one of the configuration is shown, as in RoadRunner: the names have no labels.
  virtual MetricsSource* metrics() { return nullptr; }

  // How often tidy() is to be called, by a thread of the plugin's; 0: never.
  virtual Duration tidy_interval() const { return Duration::zero(); }
  virtual void tidy() {}
};

// Thread-safe, once everything serves.
class KvStorages {
 public:
  // Null: there is none of this name. As long as the server is up.
  virtual KvStorage* find_storage(std::string_view name) = 0;

 protected:
  ~KvStorages() = default;
};

// What makes storages of a kind. Provided at init by libraries; those of the server are known.
class KvDriver {
 public:
  virtual std::string_view driver_name() const = 0;  // "redis"
  // Reads its options from the section ("kv.cache.config"). Opens nothing. Throws ConfigError.
  virtual std::unique_ptr<KvStorage> make_storage(Context& context, std::string_view section) = 0;

 protected:
  ~KvDriver() = default;
};

}  // namespace rr
