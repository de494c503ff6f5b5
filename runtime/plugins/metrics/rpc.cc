#include "runtime/plugins/metrics/rpc.h"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace rr::metrics {

namespace {

Error refused(std::string_view op, std::string why) {
  return Error(Errc::invalid, std::string(op), std::move(why));
}

// A value that is not there is its zero value, as in Go.
const RpcValue* find(const RpcValue& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

// Takes arguments apart; notes the first that is of another kind.
class Reader {
 public:
  explicit Reader(const RpcValue& object) {
    if (!object.is_object() && !object.is_null()) fail("an object");
  }

  std::string text(const RpcValue& object, const char* key) {
    const RpcValue* value = find(object, key);
    if (value == nullptr) return {};
    if (!value->is_string()) return fail(std::string("text in ") + key), std::string();
    return value->get<std::string>();
  }
  double number(const RpcValue& object, const char* key) {
    const RpcValue* value = find(object, key);
    return value == nullptr ? 0 : number_of(*value, key);
  }
  std::vector<std::string> texts(const RpcValue& object, const char* key) {
    std::vector<std::string> out;
    for (const RpcValue& each : list(object, key)) {
      if (!each.is_string()) return fail(std::string("text in ") + key), out;
      out.push_back(each.get<std::string>());
    }
    return out;
  }
  std::vector<double> numbers(const RpcValue& object, const char* key) {
    std::vector<double> out;
    for (const RpcValue& each : list(object, key)) out.push_back(number_of(each, key));
    return out;
  }
  std::map<double, double> objectives(const RpcValue& object, const char* key) {
    std::map<double, double> out;
    const RpcValue* value = find(object, key);
    if (value == nullptr || (value->is_array() && value->empty())) return out;  // PHP's empty map
    if (!value->is_object()) return fail(std::string("an object in ") + key), out;
    for (const auto& [name, error] : value->items()) {
      double quantile = 0;
      const auto end = name.data() + name.size();
      if (const auto read = std::from_chars(name.data(), end, quantile); read.ptr != end)
        fail("a quantile as key in " + std::string(key));
      out[quantile] = number_of(error, key);
    }
    return out;
  }

  std::optional<Error> error() const { return error_; }

 private:
  double number_of(const RpcValue& value, const char* key) {
    if (!value.is_number()) return fail(std::string("a number in ") + key), 0;
    return value.get<double>();
  }
  const RpcValue& list(const RpcValue& object, const char* key) {
    static const RpcValue kNone = RpcValue::array();
    const RpcValue* value = find(object, key);
    if (value == nullptr) return kNone;
    if (!value->is_array()) return fail(std::string("a list in ") + key), kNone;
    return *value;
  }
  void fail(const std::string& wanted) {
    if (!error_) error_ = Error(Errc::invalid, "", "json: expected " + wanted);
  }

  std::optional<Error> error_;
};

}  // namespace

MetricsRpc::MetricsRpc(Metrics& registry, Logger log) : registry_(registry), log_(log) {
  add_operation("Add", "metrics_plugin_add", ", try first Declare the desired collector",
                &Metric::add);
  add_operation("Sub", "metrics_plugin_sub", "", &Metric::sub);
  add_operation("Observe", "metrics_plugin_observe", "", &Metric::observe);
  add_operation("Set", "metrics_plugin_set", "", &Metric::set);
  methods_.add<RpcValue>(
      "Declare", [this](const RpcValue& argument) { return declare(argument); },
      RpcMethods::Blocks::no);
  methods_.add<std::string>(
      "Unregister",
      [this](const std::string& name) -> Result<RpcValue> {
        if (registry_.remove(name)) return RpcValue(true);
        return refused("metrics_plugin_unregister", "undefined collector " + name);
      },
      RpcMethods::Blocks::no);
}

// `hint`: behind the name of a collector that is not there.
void MetricsRpc::add_operation(const char* method, const char* op, const char* hint,
                               Operation operation) {
  methods_.add<RpcValue>(
      method,
      [this, op, hint, operation](const RpcValue& argument) -> Result<RpcValue> {
        Reader read(argument);
        const std::string name = read.text(argument, "name");
        const double value = read.number(argument, "value");
        const std::vector<std::string> labels = read.texts(argument, "labels");
        if (auto error = read.error()) return *std::move(error);
        const auto metric = registry_.find(name);
        if (!metric) return refused(op, "undefined collector " + name + hint);
        const std::vector<std::string_view> views(labels.begin(), labels.end());
        if (auto done = ((*metric).*operation)(value, views); !done)
          return std::move(done).error().in(op);
        return RpcValue(true);
      },
      RpcMethods::Blocks::no);
}

Result<RpcValue> MetricsRpc::declare(const RpcValue& argument) {
  constexpr std::string_view kOp = "metrics_plugin_declare";
  static const RpcValue kNothing = RpcValue::object();
  const RpcValue* found = find(argument, "collector");
  const RpcValue& collector = found == nullptr ? kNothing : *found;
  Reader read(argument);
  MetricSpec spec;
  spec.name = read.text(argument, "name");
  spec.space = read.text(collector, "namespace");
  spec.subsystem = read.text(collector, "subsystem");
  spec.help = read.text(collector, "help");
  spec.labels = read.texts(collector, "labels");
  spec.buckets = read.numbers(collector, "buckets");
  spec.objectives = read.objectives(collector, "objectives");
  const std::string type = read.text(collector, "type");
  if (auto error = read.error()) return *std::move(error);

  const std::string name = spec.name;
  const auto kind = metric_kind(type);
  bool is_new = registry_.find(name) == nullptr;
  if (is_new && !kind) return refused(kOp, "unknown collector type " + type);
  if (is_new) {
    spec.kind = *kind;
    auto declared = registry_.declare(std::move(spec));
    if (!declared) return std::move(declared).error().in(kOp);
    is_new = declared->is_new;
  }
  if (!is_new) log_.warn("metric with provided name already exist", kv("name", name));
  return RpcValue(true);
}

// The protobuf codec has no metrics. With an empty body RoadRunner misses that until it has an
// answer to write; all methods are errors then, and what they say is told.
Result<std::string> MetricsRpc::call(std::string_view method, RpcCodec codec,
                                     std::string_view argument) {
  const bool nothing = codec == RpcCodec::proto && argument.empty();
  return methods_.call(method, nothing ? RpcCodec::json : codec, argument);
}

}  // namespace rr::metrics
