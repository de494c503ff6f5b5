// Services for the tests: one that answers at once, waits, fails, as asked.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>

#include "rr/rpc.h"

namespace rr::rpc {

class EchoService final : public RpcService {
 public:
  EchoService() {
    methods_.add<std::string>("Text", [](std::string text) { return RpcValue(text); });
    methods_.add<bool>("Flag", [](bool flag) { return RpcValue(flag); });
    methods_.add<std::string>("Blob", [](const std::string& text) { return bytes_value(text); });
    methods_.add<bool>(
        "Quick", [](bool flag) { return RpcValue(flag); }, RpcMethods::Blocks::no);
    methods_.add<RpcValue>("Any", [](RpcValue value) { return value; });
    methods_.add<std::string>("Fail", [](const std::string& text) -> Result<RpcValue> {
      return Error(Errc::invalid, "", text);
    });
    methods_.add<bool>("Throw", [](bool) -> RpcValue { throw std::runtime_error("thrown"); });
    methods_.add<bool>("Wait", [this](bool) {
      std::unique_lock lock(mutex_);
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
      return RpcValue("waited");
    });
    methods_.add<RpcValue>("Open", [this](const RpcValue&) {
      open();
      return RpcValue(true);
    });
  }

  std::string_view rpc_name() const override { return "echo"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    // As methods with protobuf messages do: bytes in, bytes out.
    if (method == "Bytes") return std::string(argument);
    return methods_.call(method, codec, argument);
  }
  bool blocks(std::string_view method) const override {
    return method == "Bytes" || methods_.blocks(method);
  }

  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void until_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  RpcMethods methods_;
  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

}  // namespace rr::rpc
