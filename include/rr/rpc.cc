#include "rr/rpc.h"

#include <algorithm>
#include <cstdint>

#include "rr/base64.h"

namespace rr {

namespace {

Error refused(std::string text) {
  return Error(Errc::invalid, "", std::move(text));
}

// Go's words.
std::string_view kind_of(const RpcValue& value) {
  switch (value.type()) {
    case RpcValue::value_t::boolean:
      return "bool";
    case RpcValue::value_t::string:
      return "string";
    case RpcValue::value_t::array:
      return "array";
    case RpcValue::value_t::object:
      return "object";
    default:
      return "number";
  }
}

Error mismatch(const RpcValue& value, std::string_view wanted) {
  return refused("json: cannot unmarshal " + std::string(kind_of(value)) +
                 " into Go value of type " + std::string(wanted));
}

// Reads a value through and says whether it is one, nested no deeper than the parser's and the
// writer's recursion can bear, and of no more parts than memory can: a byte of text becomes some
// tens of them as a value.
class Check final : public nlohmann::json_sax<RpcValue> {
 public:
  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool key(string_t&) override { return count(); }
  bool start_object(std::size_t) override { return count() && ++depth_ <= kMaxDepth; }
  bool start_array(std::size_t) override { return count() && ++depth_ <= kMaxDepth; }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }
  bool too_many() const { return parts_ > kMaxParts; }

 private:
  static constexpr int kMaxDepth = 256;
  static constexpr std::size_t kMaxParts = 100'000;
  bool count() { return ++parts_ <= kMaxParts; }
  bool leave() {
    --depth_;
    return true;
  }
  int depth_ = 0;
  std::size_t parts_ = 0;
};

Result<RpcValue> decode(RpcCodec codec, std::string_view argument) {
  if (codec == RpcCodec::proto) {
    return refused("goridge_read_request_body: message type is not a proto");
  }
  if (argument.empty() || codec == RpcCodec::raw) return RpcValue(nullptr);
  const bool json = codec == RpcCodec::json;
  Check check;
  if (!RpcValue::sax_parse(
          argument, &check,
          json ? RpcValue::input_format_t::json : RpcValue::input_format_t::msgpack)) {
    return refused(std::string(json ? "json: " : "msgpack: ") +
                   (check.too_many() ? "a value of too many parts" : "invalid value"));
  }
  return json ? RpcValue::parse(argument) : RpcValue::from_msgpack(argument);
}

std::string text_of(const RpcValue::binary_t& bytes) {
  return {bytes.begin(), bytes.end()};
}

Result<std::string> encode(RpcCodec codec, const RpcValue& value) {
  if (codec == RpcCodec::raw) {
    if (value.is_binary()) return text_of(value.get_binary());
    return refused("unknown Raw payload type");
  }
  if (codec == RpcCodec::json) {
    if (value.is_binary()) return '"' + base64_encode(text_of(value.get_binary())) + '"';
    // Text that is no UTF-8 (a name from the system) must not lose the whole reply.
    return value.dump(-1, ' ', false, RpcValue::error_handler_t::replace);
  }
  std::string bytes;
  RpcValue::to_msgpack(value, bytes);
  return bytes;
}

}  // namespace

Result<const RpcValue*> member(const RpcValue& object, std::string_view name) {
  static const RpcValue kNull;
  if (object.is_null()) return &kNull;
  if (!object.is_object()) return mismatch(object, "struct");
  const auto same = [](char a, char b) {
    return a == b || (a >= 'A' && a <= 'Z' && a + ('a' - 'A') == b);
  };
  const RpcValue* found = &kNull;
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::equal(key, name, same)) found = &value;
  }
  return found;
}

Result<std::string> text_member(const RpcValue& object, std::string_view name) {
  auto found = member(object, name);
  if (!found) return std::move(found).error();
  const RpcValue& value = **found;
  if (value.is_null()) return std::string();
  if (!value.is_string()) return mismatch(value, "string");
  return value.get<std::string>();
}

Result<std::int64_t> number_member(const RpcValue& object, std::string_view name) {
  auto found = member(object, name);
  if (!found) return std::move(found).error();
  const RpcValue& value = **found;
  if (value.is_null()) return std::int64_t{0};
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() >> 63 == 0);
  if (!fits) return mismatch(value, "int64");
  return value.get<std::int64_t>();
}

RpcValue bytes_value(std::string_view bytes) {
  return RpcValue::binary({bytes.begin(), bytes.end()});
}

Result<bool> RpcMethods::convert(const RpcValue& value, bool*) {
  if (value.is_null()) return false;
  if (!value.is_boolean()) return mismatch(value, "bool");
  return value.get<bool>();
}

Result<std::string> RpcMethods::convert(RpcValue value, std::string*) {
  if (value.is_null()) return std::string();
  if (!value.is_string()) return mismatch(value, "string");
  return std::move(value.get_ref<std::string&>());
}

Result<std::string> RpcMethods::call(std::string_view method, RpcCodec codec,
                                     std::string_view argument) const {
  const auto found = std::ranges::find(methods_, method, &Method::name);
  if (found == methods_.end()) return Error(Errc::not_found, "", "no such method");
  auto value = decode(codec, argument);
  if (!value) return std::move(value).error();
  auto result = found->run(std::move(*value));
  if (!result) return std::move(result).error();
  return encode(codec, *result);
}

bool RpcMethods::blocks(std::string_view method) const {
  const auto found = std::ranges::find(methods_, method, &Method::name);
  return found != methods_.end() && found->blocks == Blocks::yes;
}

}  // namespace rr
