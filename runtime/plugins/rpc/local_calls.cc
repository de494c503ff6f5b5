#include "runtime/plugins/rpc/local_calls.h"

#include <cstdint>
#include <utility>

namespace rr::rpc {

namespace {

Error not_served() {
  return Error(Errc::stopped, "", "the server takes no calls now: it starts, or stops");
}

}  // namespace

struct LocalCalls::Call {
  Call(std::string method, std::uint8_t flags, std::string argument, std::shared_ptr<Done> done)
      : method(std::move(method)),
        argument(std::move(argument)),
        done(std::move(done)),
        flags(flags) {}

  std::string method;
  std::string argument;
  std::shared_ptr<Done> done;  // the call's, and begin()'s, which may have to refuse it
  std::uint8_t flags;
};

void LocalCalls::serve(Control& control, std::vector<RpcService*> services) {
  served_ = std::make_shared<Served>(control, std::move(services));
}

void LocalCalls::stop(TimePoint deadline) {
  if (served_) served_->calls.join(deadline);
}

std::optional<Result<std::string>> LocalCalls::call_at_once(std::string_view method, unsigned codec,
                                                            std::string_view argument) {
  if (!served_) return not_served();
  return served_->router.call_at_once({static_cast<std::uint8_t>(codec), 0, method, argument});
}

void LocalCalls::begin(std::string method, unsigned codec, std::string argument, Done done) {
  if (!served_) return done(not_served());
  const auto shared = std::make_shared<Done>(std::move(done));
  Call call(std::move(method), static_cast<std::uint8_t>(codec), std::move(argument), shared);
  if (!served_->calls.spawn(run(served_, std::move(call)))) (*shared)(not_served());
}

Task<void> LocalCalls::run(std::shared_ptr<Served> served, Call call) {
  auto result = co_await served->control.block([&served, &call] {
    return served->router.call({call.flags, 0, call.method, call.argument});
  });
  (*call.done)(std::move(result));
}

}  // namespace rr::rpc
