#include "runtime/plugins/lock/service.h"

#include <algorithm>
#include <chrono>

namespace rr::lock {

namespace {

using std::chrono::microseconds;

std::optional<Result<Response>> answer(Result<bool> ok) {
  if (!ok) return std::move(ok).error();
  return Response{*ok};
}

}  // namespace

const std::array<LockService::Method, 8> LockService::kMethods{{
    {"Lock", &LockService::acquire<LockMode::exclusive, false>},
    {"LockRead", &LockService::acquire<LockMode::shared, false>},
    {"LockFenced", &LockService::acquire<LockMode::exclusive, true>},
    {"LockReadFenced", &LockService::acquire<LockMode::shared, true>},
    {"Release", &LockService::release},
    {"ForceRelease", &LockService::force_release},
    {"Exists", &LockService::exists},
    {"UpdateTTL", &LockService::update_ttl},
}};

LockService::LockService(LockManager& locks, Calls calls) : locks_(locks), calls_(calls) {
  for (const Method& method : kMethods) {
    values_.add<RpcValue>(std::string(method.name),
                          [this, run = method.run](const RpcValue& value) -> Result<RpcValue> {
                            auto request = from_value(value);
                            if (!request) return std::move(request).error();
                            auto response = *(this->*run)(*request, Waits::yes);
                            if (!response) return std::move(response).error();
                            return to_value(*response);
                          });
  }
}

const LockService::Method* LockService::find(std::string_view name) {
  const auto found = std::ranges::find(kMethods, name, &Method::name);
  return found == kMethods.end() ? nullptr : &*found;
}

Result<std::string> LockService::call(std::string_view name, RpcCodec codec,
                                      std::string_view argument) {
  if (codec != RpcCodec::proto) return values_.call(name, codec, argument);
  const Method* method = find(name);
  if (method == nullptr) return Error(Errc::not_found, "", "no such method");
  const auto request = decode(argument);
  if (!request) return request.error();
  const auto response = *(this->*method->run)(*request, Waits::yes);
  if (!response) return response.error();
  return encode(*response);
}

std::optional<Result<std::string>> LockService::call_at_once(std::string_view name, RpcCodec codec,
                                                             std::string_view argument) {
  const Method* method = find(name);
  if (method == nullptr) return Error(Errc::not_found, "", "no such method");
  // JSON is what tools speak: not worth a way of its own.
  if (codec != RpcCodec::proto || calls_ == Calls::slow) return std::nullopt;
  const auto request = decode(argument);
  if (!request) return request.error();
  const auto response = (this->*method->run)(*request, Waits::no);
  if (!response) return std::nullopt;
  if (!*response) return response->error();
  return encode(**response);
}

template <LockMode mode, bool fenced>
std::optional<Result<Response>> LockService::acquire(const Request& request, Waits waits) const {
  LockRequest wanted{request.resource, request.id, mode, microseconds(request.ttl),
                     microseconds(request.wait)};
  if (waits == Waits::no) wanted.wait = {};
  const auto fence = locks_.acquire(wanted);
  if (!fence) return fence.error();
  const bool ok = *fence != 0;
  if (!ok && waits == Waits::no && request.wait > 0) return std::nullopt;
  return Response{ok, fenced ? *fence : 0};
}

std::optional<Result<Response>> LockService::release(const Request& request, Waits) const {
  return answer(locks_.release(request.resource, request.id));
}

std::optional<Result<Response>> LockService::force_release(const Request& request, Waits) const {
  return answer(locks_.force_release(request.resource));
}

std::optional<Result<Response>> LockService::exists(const Request& request, Waits) const {
  return answer(locks_.exists(request.resource, request.id));
}

std::optional<Result<Response>> LockService::update_ttl(const Request& request, Waits) const {
  return answer(locks_.update_ttl(request.resource, request.id, microseconds(request.ttl)));
}

}  // namespace rr::lock
