#include "runtime/core/config/schema.h"

#include <string_view>

#include <nlohmann/json.hpp>

#include "runtime/core/config/review.h"
#include "runtime/core/config/roadrunner_keys.h"

namespace rr::config {

namespace {

using Json = nlohmann::ordered_json;

// Texts that come from the environment fit every type.
constexpr const char* kReference = "\\$";
constexpr const char* kDuration =
    "^[-+]?(0|([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|ms|s|m|h))+$|\\$";
constexpr const char* kInteger = "^[-+]?(0[xXoObB])?[0-9a-fA-F_]+$|^$|\\$";
constexpr const char* kMegabytes = "^[0-9]+ ?(MB|MiB|GB|GiB)?$|\\$";
constexpr const char* kMode = "^0?[0-7]{1,3}$|\\$";

Json types(std::initializer_list<const char*> names) {
  Json out = Json::array();
  for (const char* name : names) out.push_back(name);
  return {{"type", std::move(out)}};
}

Json with_pattern(Json type, const char* pattern) {
  type["pattern"] = pattern;
  return type;
}

Json choices_of(const Description& key) {
  Json names = Json::array();
  for (const std::string& choice : key.choices) names.push_back(choice);
  return {{"anyOf", Json::array({{{"enum", std::move(names)}},
                                 {{"type", "string"}, {"pattern", kReference}}})}};
}

Json list_of(Json item) {
  return {{"anyOf", Json::array({item, {{"type", "array"}, {"items", item}}})}};
}

Json scalar() {
  return types({"string", "number", "boolean", "null"});
}

Json leaf(const Description& key) {
  const std::string_view type = key.type;
  if (!key.choices.empty()) return choices_of(key);
  if (type == "bool") return types({"boolean", "integer", "string", "null"});
  if (type == "int") return with_pattern(types({"integer", "string", "null"}), kInteger);
  if (type == "uint") {
    Json out = with_pattern(types({"integer", "string", "null"}), kInteger);
    out["minimum"] = 0;
    return out;
  }
  if (type == "float") return types({"number", "string", "null"});
  if (type == "duration" || type == "seconds") {
    Json out = with_pattern(types({"string", "integer", "null"}), kDuration);
    if (type == "seconds") out["pattern"] = std::string("^[0-9]+$|") + kDuration;
    return out;
  }
  if (type == "MB") return with_pattern(types({"integer", "string", "null"}), kMegabytes);
  if (type == "file mode") return with_pattern(types({"integer", "string", "null"}), kMode);
  if (type == "list of strings" || type == "string or list") return list_of(scalar());
  if (type == "map of strings") {
    const Json map{{"type", Json::array({"object", "null"})}, {"additionalProperties", scalar()}};
    return {{"anyOf", Json::array({map, {{"type", "array"}, {"items", map}}})}};
  }
  return scalar();
}

Json schema_of(const Description& key, const std::string& path);

// RoadRunner's keys below a path that no table here has.
void add_foreign(Json& properties, std::string_view path) {
  for (const RoadRunnerKey& known : roadrunner_keys()) {
    const std::size_t dot = known.path.rfind('.');
    const bool root = dot == std::string_view::npos;
    if ((root ? "" : known.path.substr(0, dot)) != path) continue;
    const std::string name(root ? known.path : known.path.substr(dot + 1));
    if (!properties.contains(name)) {
      properties[name] = {{"description", "known to RoadRunner, without effect in rr-embed"}};
    }
  }
}

Json object_of(const Description& key, const std::string& path) {
  Json properties = Json::object();
  for (const Description& child : key.children) {
    properties[child.key] = schema_of(child, path.empty() ? child.key : path + "." + child.key);
  }
  add_foreign(properties, path);
  // A key with dots is a path.
  return {{"type", Json::array({"object", "null"})},
          {"properties", std::move(properties)},
          {"patternProperties", {{"\\.", Json::object()}}},
          {"additionalProperties", false}};
}

// Of its items, where the user names or lists them.
Json collection_of(const Description& key, const std::string& path) {
  Description item = key;
  item.named = item.listed = false;
  Json inner;
  if (key.children.empty()) {
    item.type = key.type.substr(key.named ? std::string_view("map of ").size()
                                          : std::string_view("list of ").size());
    inner = leaf(item);
  } else {
    inner = object_of(item, path);
  }
  if (key.listed) return list_of(std::move(inner));
  return {{"type", Json::array({"object", "null"})}, {"additionalProperties", std::move(inner)}};
}

Json schema_of(const Description& key, const std::string& path) {
  Json out = key.named || key.listed ? collection_of(key, path)
             : key.children.empty()  ? leaf(key)
                                     : object_of(key, path);
  if (!key.meaning.empty()) out["description"] = key.meaning;
  if (!key.fallback.empty()) out["default"] = key.fallback;
  return out;
}

}  // namespace

std::string schema_text(const std::vector<Description>& sections) {
  Description root;
  root.children = root_keys();
  root.children.insert(root.children.end(), sections.begin(), sections.end());
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "Configuration of rr-embed"}};
  schema.update(object_of(root, ""));
  schema["type"] = "object";
  schema["required"] = {"version"};
  schema["properties"]["version"] = {{"type", "string"}, {"enum", {"3", "2.7"}}};
  schema["patternProperties"]["^x-"] = Json::object();
  return schema.dump(1) + "\n";
}

}  // namespace rr::config
