#include "runtime/plugins/kv/service.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "runtime/plugins/kv/number.h"

namespace rr::keyvalue {

namespace {

// Each once, in the order in which they were asked for: an answer has no key twice.
std::vector<std::string_view> keys_of(const Request& request) {
  constexpr std::size_t kFew = 8;
  std::vector<std::string_view> keys;
  keys.reserve(request.items.size());
  if (request.items.size() <= kFew) {
    for (const KvItem& item : request.items) {
      if (std::ranges::find(keys, item.key) == keys.end()) keys.push_back(item.key);
    }
    return keys;
  }
  std::unordered_set<std::string_view> seen;
  seen.reserve(request.items.size());
  for (const KvItem& item : request.items) {
    if (seen.insert(item.key).second) keys.push_back(item.key);
  }
  return keys;
}

// Writes the answer as the storage finds what it consists of.
class Answer final : public KvStorage::Found {
 public:
  enum class Bytes : std::uint8_t { value, timeout };

  Answer(const Request& request, Bytes bytes) : keys_(keys_of(request)), bytes_(bytes) {}

  KvStorage::Keys keys() const { return keys_; }
  void found(std::size_t index, std::string_view bytes) override {
    if (response_.size() + bytes.size() > KvStorage::kMaxReply) too_much_ = true;
    if (too_much_) return;
    const bool value = bytes_ == Bytes::value;
    append_item(response_, ItemsOf::response, keys_[index], value ? bytes : "", value ? "" : bytes);
  }
  Result<std::string> take(Result<void> done) && {
    if (!done) return std::move(done).error();
    if (too_much_) return Error(Errc::invalid, "", KvStorage::kTooMuch);
    return std::move(response_);
  }

 private:
  const std::vector<std::string_view> keys_;
  const Bytes bytes_;
  std::string response_;
  bool too_much_ = false;
};

Result<std::string> nothing(Result<void> done) {
  if (!done) return std::move(done).error();
  return std::string();
}

Result<std::string> run_has(KvStorage& storage, const Request& request) {
  Answer answer(request, Answer::Bytes::value);
  auto done = storage.has(answer.keys(), answer);
  return std::move(answer).take(std::move(done));
}

Result<std::string> run_get(KvStorage& storage, const Request& request) {
  Answer answer(request, Answer::Bytes::value);
  auto done = storage.get(answer.keys(), answer);
  return std::move(answer).take(std::move(done));
}

Result<std::string> run_ttl(KvStorage& storage, const Request& request) {
  Answer answer(request, Answer::Bytes::timeout);
  auto done = storage.ttl(answer.keys(), answer);
  return std::move(answer).take(std::move(done));
}

Result<std::string> run_set(KvStorage& storage, const Request& request) {
  return nothing(storage.set(request.items));
}

Result<std::string> run_expire(KvStorage& storage, const Request& request) {
  return nothing(storage.expire(request.items));
}

Result<std::string> run_remove(KvStorage& storage, const Request& request) {
  const auto keys = keys_of(request);
  return nothing(storage.remove(keys));
}

Result<std::string> run_clear(KvStorage& storage, const Request&) {
  return nothing(storage.clear());
}

Error no_item() {
  return Error(Errc::invalid, "", "should provide at least 1 key");
}

// The key, where it was set.
Result<std::string> set_if(KvStorage& storage, const KvItem& item,
                           const std::string_view* expected) {
  const auto done = storage.set_if(item, expected);
  if (!done) return done.error();
  std::string response;
  if (*done) append_item(response, ItemsOf::response, item.key, {}, {});
  return response;
}

Result<std::string> run_add(KvStorage& storage, const Request& request) {
  if (request.items.empty()) return no_item();
  return set_if(storage, request.items[0], nullptr);
}

// The second item has the value that is expected.
Result<std::string> run_compare_and_set(KvStorage& storage, const Request& request) {
  if (request.items.empty()) return no_item();
  const bool expects = request.items.size() > 1;
  return set_if(storage, request.items[0], expects ? &request.items[1].value : nullptr);
}

Result<std::string> run_increment(KvStorage& storage, const Request& request) {
  if (request.items.empty()) return no_item();
  const KvItem& item = request.items[0];
  const auto by = parse_number(item.value);
  if (!by) return Error(Errc::invalid, "", "the step is no number: " + std::string(item.value));
  const auto total = storage.increment(item.key, *by, item.timeout);
  if (!total) return total.error();
  std::string response;
  append_item(response, ItemsOf::response, item.key, std::to_string(*total), {});
  return response;
}

}  // namespace

const std::array<KvService::Method, 10> KvService::kMethods{{
    {"Has", kv_op::kHas, &run_has},
    {"Set", kv_op::kSet, &run_set},
    {"MGet", kv_op::kGet, &run_get},
    {"MExpire", kv_op::kExpire, &run_expire},
    {"TTL", kv_op::kTtl, &run_ttl},
    {"Delete", kv_op::kDelete, &run_remove},
    {"Clear", kv_op::kClear, &run_clear, 0},  // there may be any number of keys
    // RoadRunner does not have these.
    {"Add", kv_op::kAdd, &run_add},
    {"Increment", kv_op::kIncrement, &run_increment},
    {"CompareAndSet", kv_op::kCompareAndSet, &run_compare_and_set},
}};

KvService::KvService(KvStorages& storages) : storages_(storages) {
  for (const Method& method : kMethods) {
    values_.add<RpcValue>(std::string(method.name),
                          [this, &method](const RpcValue& value) -> Result<RpcValue> {
                            const auto message = message_of(value);
                            if (!message) return message.error();
                            const auto response = call_proto(method, *message);
                            if (!response) return response.error();
                            return value_of(*response);
                          });
  }
}

const KvService::Method* KvService::find(std::string_view name) {
  const auto found = std::ranges::find(kMethods, name, &Method::name);
  return found == kMethods.end() ? nullptr : &*found;
}

Result<KvStorage*> KvService::storage_of(const Method& method, const Request& request) const {
  const std::string op(method.op);
  if (request.storage.empty() && method.name != "Set")
    return Error(Errc::invalid, op, "no storage provided");
  if (KvStorage* storage = storages_.find_storage(request.storage)) return storage;
  return Error(Errc::invalid, op, "no such storage: " + std::string(request.storage));
}

Result<std::string> KvService::run(const Method& method, KvStorage& storage,
                                   const Request& request) {
  auto response = method.run(storage, request);
  if (!response) return std::move(response).error().in(method.op);
  return response;
}

Result<std::string> KvService::call_proto(const Method& method, std::string_view argument) const {
  const auto request = decode(argument);
  if (!request) return request.error();
  const auto storage = storage_of(method, *request);
  if (!storage) return storage.error();
  return run(method, **storage, *request);
}

Result<std::string> KvService::call(std::string_view name, RpcCodec codec,
                                    std::string_view argument) {
  if (codec != RpcCodec::proto) return values_.call(name, codec, argument);
  const Method* method = find(name);
  if (method == nullptr) return Error(Errc::not_found, "", "no such method");
  return call_proto(*method, argument);
}

std::optional<Result<std::string>> KvService::call_at_once(std::string_view name, RpcCodec codec,
                                                           std::string_view argument) {
  const Method* method = find(name);
  if (method == nullptr) return Error(Errc::not_found, "", "no such method");
  if (codec != RpcCodec::proto) return std::nullopt;
  const auto request = decode(argument);
  if (!request) return request.error();
  const auto storage = storage_of(*method, *request);
  if (!storage) return storage.error();
  if ((*storage)->blocks() || request->items.size() >= method->most_at_once) return std::nullopt;
  return run(*method, **storage, *request);
}

}  // namespace rr::keyvalue
