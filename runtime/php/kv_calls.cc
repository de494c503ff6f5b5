// Keys and values for scripts on this process' threads: the storages themselves, no messages.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "rr/kv_timeout.h"
#include "runtime/php/services.h"

namespace rr::php {

namespace {

using keyvalue::ExactText;
using keyvalue::Moment;

constexpr Moment kSecond = 1'000'000;
constexpr Moment kLast = 253'402'300'799 * kSecond;  // of the year 9999
constexpr Moment kLeast = 1'000;                     // a time to live of less is one of this
constexpr std::size_t kKept = 1 << 20;

// What kv_find() gives without a section `kv`: calls say so then.
char absent_storage;
rr_kv* absent() {
  return reinterpret_cast<rr_kv*>(&absent_storage);
}

KvStorage& storage_of(rr_kv* kv) {
  return *reinterpret_cast<KvStorage*>(kv);
}

bool are_texts(const rr_text* keys, std::size_t count) {
  return std::all_of(keys, keys + count, &is_text);
}
bool are_texts(const rr_kv_item* items, std::size_t count) {
  return std::all_of(items, items + count,
                     [](const rr_kv_item& item) { return is_text(item.key); });
}

// A plugin may be missing, a storage may fail. `keys`: what has them.
template <class Keys, class Run>
int run(rr_kv* kv, std::string_view method, std::string_view op, const Keys* keys,
        std::size_t count, rr_text* error, Run run) noexcept {
  if (kv == absent()) return no_service(method, "kv", error);
  if (!are_texts(keys, count)) return no_text(error);
  return guarded(error, [&] {
    auto done = run(storage_of(kv));
    if (done) return RR_OK;
    *error = keep_text(std::move(done).error().in(op).text());
    return RR_REFUSED;
  });
}

// Keys as storages take them; one of them, as in most calls, costs no memory.
class Keys {
 public:
  Keys(const rr_text* keys, std::size_t count) : first_(count > 0 ? view_of(keys[0]) : "") {
    if (count <= 1) {
      keys_ = {&first_, count};
      return;
    }
    many_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) many_.push_back(view_of(keys[i]));
    keys_ = many_;
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  operator KvStorage::Keys() const { return keys_; }

 private:
  std::string_view first_;
  std::vector<std::string_view> many_;
  KvStorage::Keys keys_;
};

// The moment that a time to live ends at; nothing: it does not.
std::optional<ExactText> end_of(double ttl) {
  if (!(ttl >= 0)) return std::nullopt;
  const Moment now = keyvalue::now();
  const double most = static_cast<double>(kLast - now);
  return ExactText(now + std::max(kLeast, static_cast<Moment>(std::min(ttl * 1e6, most))));
}

KvItem item_of(const rr_kv_item& item, const std::optional<ExactText>& end) {
  return {view_of(item.key), view_of(item.value), end ? std::string_view(*end) : ""};
}

// Of several items each has its own end.
class Items {
 public:
  Items(const rr_kv_item* items, std::size_t count) {
    ends_.reserve(count);
    items_.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      items_.push_back(item_of(items[i], ends_.emplace_back(end_of(items[i].ttl))));
  }
  operator KvStorage::Items() const { return items_; }

 private:
  std::vector<std::optional<ExactText>> ends_;  // never grows: the items point to them
  std::vector<KvItem> items_;
};

// Values as they are found, in memory of this thread's.
class Values final : public KvStorage::Found {
 public:
  Values(rr_text* out, std::size_t count) : out_(out), count_(count) {
    std::string& bytes = kept();
    if (bytes.capacity() > kKept) std::string().swap(bytes);
    bytes.clear();
    std::fill_n(out, count, rr_text{nullptr, 0});
  }
  void found(std::size_t index, std::string_view value) override {
    std::string& bytes = kept();
    if (bytes.size() + value.size() > KvStorage::kMaxReply) too_much_ = true;
    if (too_much_) return;
    bytes.append(value);
    out_[index] = {"", value.size()};
  }
  // They lie one behind the other in the order of their keys.
  Result<void> settle(Result<void> done) {
    if (!done) return done;
    if (too_much_) return Error(Errc::invalid, "", KvStorage::kTooMuch);
    const char* at = kept().data();
    for (std::size_t i = 0; i < count_; ++i) {
      if (out_[i].data == nullptr) continue;
      out_[i].data = at;
      at += out_[i].size;
    }
    return done;
  }

 private:
  static std::string& kept() {
    thread_local std::string bytes;
    return bytes;
  }

  rr_text* out_;
  const std::size_t count_;
  bool too_much_ = false;
};

class Flags final : public KvStorage::Found {
 public:
  Flags(unsigned char* out, std::size_t count) : out_(out) {
    std::fill_n(out, count, static_cast<unsigned char>(0));
  }
  void found(std::size_t index, std::string_view) override { out_[index] = 1; }

 private:
  unsigned char* out_;
};

class Ttls final : public KvStorage::Found {
 public:
  Ttls(double* out, std::size_t count) : out_(out) {
    std::fill_n(out, count, std::numeric_limits<double>::quiet_NaN());
  }
  void found(std::size_t index, std::string_view timeout) override {
    out_[index] = -1;
    const auto end = keyvalue::parse_timeout(timeout);
    if (end) out_[index] = std::max(0.0, static_cast<double>(end->at - keyvalue::now()) / 1e6);
  }

 private:
  double* out_;
};

}  // namespace

namespace kv_calls {

rr_kv* find(void*, rr_text storage) noexcept {
  KvStorages* storages = offered().kv;
  if (storages == nullptr) return absent();
  return reinterpret_cast<rr_kv*>(storages->find_storage(view_of(storage)));
}

int get(rr_kv* kv, const rr_text* keys, size_t count, rr_text* values, rr_text* error) noexcept {
  return run(kv, "kv.MGet", kv_op::kGet, keys, count, error, [&](KvStorage& storage) {
    Values found(values, count);
    return found.settle(storage.get(Keys(keys, count), found));
  });
}

int has(rr_kv* kv, const rr_text* keys, size_t count, unsigned char* found,
        rr_text* error) noexcept {
  return run(kv, "kv.Has", kv_op::kHas, keys, count, error, [&](KvStorage& storage) {
    Flags flags(found, count);
    return storage.has(Keys(keys, count), flags);
  });
}

int set(rr_kv* kv, const rr_kv_item* items, size_t count, rr_text* error) noexcept {
  return run(kv, "kv.Set", kv_op::kSet, items, count, error, [&](KvStorage& storage) {
    if (count != 1) return storage.set(Items(items, count));
    const auto end = end_of(items->ttl);
    const KvItem item = item_of(*items, end);
    return storage.set({&item, 1});
  });
}

int expire(rr_kv* kv, const rr_kv_item* items, size_t count, rr_text* error) noexcept {
  return run(kv, "kv.MExpire", kv_op::kExpire, items, count, error,
             [&](KvStorage& storage) { return storage.expire(Items(items, count)); });
}

int ttl(rr_kv* kv, const rr_text* keys, size_t count, double* seconds, rr_text* error) noexcept {
  return run(kv, "kv.TTL", kv_op::kTtl, keys, count, error, [&](KvStorage& storage) {
    Ttls ttls(seconds, count);
    return storage.ttl(Keys(keys, count), ttls);
  });
}

int remove(rr_kv* kv, const rr_text* keys, size_t count, rr_text* error) noexcept {
  return run(kv, "kv.Delete", kv_op::kDelete, keys, count, error,
             [&](KvStorage& storage) { return storage.remove(Keys(keys, count)); });
}

int clear(rr_kv* kv, rr_text* error) noexcept {
  return run(kv, "kv.Clear", kv_op::kClear, static_cast<const rr_text*>(nullptr), 0, error,
             [&](KvStorage& storage) { return storage.clear(); });
}

int add(rr_kv* kv, const rr_kv_item* item, int* added, rr_text* error) noexcept {
  return run(kv, "kv.Add", kv_op::kAdd, item, 1, error, [&](KvStorage& storage) {
    auto done = storage.set_if(item_of(*item, end_of(item->ttl)), nullptr);
    *added = done && *done;
    return done;
  });
}

int increment(rr_kv* kv, rr_text key, int64_t by, double ttl_if_new, int64_t* value,
              rr_text* error) noexcept {
  return run(kv, "kv.Increment", kv_op::kIncrement, &key, 1, error, [&](KvStorage& storage) {
    const auto end = end_of(ttl_if_new);
    auto total = storage.increment(view_of(key), by, end ? std::string_view(*end) : "");
    *value = total ? *total : 0;
    return total;
  });
}

int compare_and_set(rr_kv* kv, const rr_kv_item* item, const rr_text* expected, int* done,
                    rr_text* error) noexcept {
  return run(kv, "kv.CompareAndSet", kv_op::kCompareAndSet, item, 1, error,
             [&](KvStorage& storage) {
               const std::string_view wanted = expected ? view_of(*expected) : "";
               const auto end = end_of(item->ttl);
               auto set = storage.set_if(item_of(*item, end), expected ? &wanted : nullptr);
               *done = set && *set;
               return set;
             });
}

}  // namespace kv_calls

}  // namespace rr::php
