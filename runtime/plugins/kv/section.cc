#include "runtime/plugins/kv/section.h"

#include <algorithm>

#include "runtime/plugins/kv/drivers.h"

namespace rr::keyvalue {

namespace {

using config::Node;

std::string options_of(const Node& root, const Node& storage, const std::string& name) {
  if (storage.find("config") != nullptr) return "kv." + name + ".config";
  return root.find(name) != nullptr ? name : "";
}

void check_options(const Node& root, const std::string& section, const BuiltInDriver& driver,
                   std::vector<config::Problem>& found) {
  const Node& options = *root.find(section);
  config::Errors errors;
  config::Errors::Scope scope(errors, section, options);
  driver.check(options, errors);
  try {
    errors.throw_if_any({"kv_plugin_serve", "config_plugin_unmarshal_key"});
  } catch (const ConfigError& error) {
    found.insert(found.end(), error.problems().begin(), error.problems().end());
  }
}

}  // namespace

std::vector<StorageEntry> storage_entries(const Node& root, const Node& kv) {
  std::vector<StorageEntry> entries;
  for (const Node::Entry& each : kv.map()) {
    StorageEntry& entry = entries.emplace_back();
    entry.name = each.key;
    entry.at = each.place();
    if (!each.value.is(Node::Kind::map)) {
      entry.state = each.value.is_null() ? StorageEntry::State::odd : StorageEntry::State::no_map;
      continue;
    }
    const Node* driver = each.value.find("driver");
    if (driver == nullptr) {
      entry.state = StorageEntry::State::no_driver;
    } else if (!driver->is(Node::Kind::text)) {
      entry.state = StorageEntry::State::odd;
    } else {
      entry.driver = driver->text();
    }
    entry.options = options_of(root, each.value, entry.name);
  }
  return entries;
}

// A key that several drivers have says what it means to each.
config::Description describe_section() {
  config::Description options;
  options.key = "config";
  options.type = "map";
  options.meaning = "options of the driver; without it a section with the storage's name";
  config::Description driver;
  driver.key = "driver";
  driver.type = "string";
  driver.meaning = "where the keys are kept";
  for (const BuiltInDriver& each : built_in_drivers()) {
    driver.choices.emplace_back(each.name);
    for (config::Description& option : each.describe().children) {
      const auto found = std::ranges::find(options.children, option.key, &config::Description::key);
      const bool first = found == options.children.end();
      const std::string fallback =
          first || option.fallback == found->fallback ? "" : " (default " + option.fallback + ")";
      const std::string meaning = std::string(each.name) + fallback + ": " + option.meaning;
      if (first) {
        option.meaning = meaning;
        options.children.push_back(std::move(option));
      } else {
        found->meaning += "; " + meaning;
      }
    }
  }
  config::Description section;
  section.key = "kv";
  section.type = "map of map";
  section.meaning = "storages of keys and values, by name";
  section.named = true;
  section.children = {std::move(driver), std::move(options)};
  return section;
}

SectionReview check_section(const Node& root) {
  SectionReview review;
  const Node* kv = root.find("kv");
  if (kv == nullptr) return review;
  if (!kv->is(Node::Kind::map)) {
    review.errors.push_back(
        {"kv", "expected a map of storages, got " + std::string(go_type(*kv)), kv->at()});
    return review;
  }
  for (const StorageEntry& entry : storage_entries(root, *kv)) {
    const std::string path = "kv." + entry.name;
    if (entry.state == StorageEntry::State::no_driver)
      review.errors.push_back({path, "has no driver", entry.at});
    if (entry.state == StorageEntry::State::no_map)
      review.warnings.push_back({path, "is no map with driver and config: passed over", entry.at});
    if (entry.state != StorageEntry::State::usable) continue;
    const auto driver = std::ranges::find(built_in_drivers(), entry.driver, &BuiltInDriver::name);
    if (driver == built_in_drivers().end()) {
      if (root.find("plugins") == nullptr)
        review.warnings.push_back(
            {path, "has an unknown driver \"" + entry.driver + "\": passed over", entry.at});
    } else if (!entry.options.empty()) {
      check_options(root, entry.options, *driver, review.errors);
    }
  }
  return review;
}

}  // namespace rr::keyvalue
