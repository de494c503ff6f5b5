// RPC methods whose arguments and results are plain values (text, numbers, lists, maps). Methods
// with protobuf messages decode and encode themselves.
//
//   methods_.add<std::string>("Workers", [this](std::string plugin) { return workers(plugin); });
//   …
//   Result<std::string> call(std::string_view method, RpcCodec codec, std::string_view argument)
//   override {
//     return methods_.call(method, codec, argument);
//   }
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "rr/plugin.h"
#include "rr/result.h"

namespace rr {

// What a method returns: keys keep their order. Bytes (bytes_value) are base64 text in JSON and the
// only result that the raw codec knows.
using RpcValue = nlohmann::ordered_json;

RpcValue bytes_value(std::string_view bytes);

// A member of a method's argument as Go reads it: names in any case, null and none are the zero
// value; an error when it is of another kind. What is no object has no members: an error, too,
// unless it is null.
Result<std::string> text_member(const RpcValue& object, std::string_view name);
Result<std::int64_t> number_member(const RpcValue& object, std::string_view name);
// Null where there is none.
Result<const RpcValue*> member(const RpcValue& object, std::string_view name);

// The methods of one service by name. Filled before the first call; then thread-safe.
class RpcMethods {
 public:
  enum class Blocks : std::uint8_t { no, yes };

  // Argument: bool, std::string, or RpcValue for anything. An empty argument and null are its zero
  // value, in every codec. `run` may block, unless said otherwise.
  template <class Argument, std::invocable<Argument> Run>
  void add(std::string name, Run run, Blocks blocks = Blocks::yes) {
    methods_.push_back(
        {std::move(name), blocks, [run = std::move(run)](RpcValue value) -> Result<RpcValue> {
           auto argument = convert(std::move(value), static_cast<Argument*>(nullptr));
           if (!argument) return std::move(argument).error();
           return run(std::move(*argument));
         }});
  }

  // As RpcService::call() wants it. JSON and msgpack both ways; a raw argument is ignored, a raw
  // result must be bytes, protobuf is refused: the texts are RoadRunner's.
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) const;
  // As RpcService::blocks() wants it.
  bool blocks(std::string_view method) const;

 private:
  static Result<bool> convert(const RpcValue& value, bool*);
  static Result<std::string> convert(RpcValue value, std::string*);
  static Result<RpcValue> convert(RpcValue value, RpcValue*) { return value; }

  struct Method {
    std::string name;
    Blocks blocks;
    std::function<Result<RpcValue>(RpcValue)> run;
  };
  std::vector<Method> methods_;
};

}  // namespace rr
