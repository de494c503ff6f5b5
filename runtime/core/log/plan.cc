#include "runtime/core/log/plan.h"

#include <unistd.h>

#include <cstdlib>
#include <set>
#include <utility>

#include "runtime/core/config/files.h"

namespace rr::log {

namespace {

Encoding encoding_of(const std::string& word, Mode mode) {
  if (word.empty()) return default_encoding(mode);
  if (word == "json") return Encoding::json;
  if (word == "console") return Encoding::console;
  throw ConfigError({}, "no encoder registered for name \"" + word + "\"", {});
}

Colour colour_of_stdout() {
  return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr ? Colour::yes
                                                                            : Colour::no;
}

// Two sections that rotate a file in different ways each have it open.
std::string key_of(const FileConfig& config) {
  return "rotating:" + std::to_string(config.max_size.count) + ":" +
         std::to_string(config.max_age) + ":" + std::to_string(config.max_backups) + ":" +
         (config.compress ? "gz:" : ":") + config.log_output;
}

}  // namespace

Plan::Plan(const LogsConfig& config, const Plan* before) {
  try {
    root_ = make_route(config, before);
    for (const auto& [name, channel] : config.channels)
      channels_[name] = make_route(channel, before);
  } catch (ConfigError& e) {
    throw std::move(e).in("config_plugin_init");  // the operation RoadRunner's logger names
  }
}

Route& Plan::of(std::string_view name) const {
  const auto channel = channels_.find(name);
  return channel == channels_.end() ? *root_ : *channel->second;
}

Route* Plan::make_route(const ChannelConfig& config, const Plan* before) {
  auto route = std::make_unique<Route>();
  const Mode mode = mode_of(config.mode);
  route->style = {mode, default_encoding(mode), colour_of_stdout(), config.line_ending};
  route->level = level_of(config.level).value_or(default_level(mode));
  if (mode == Mode::none) {
    route->level = Level::off;
  } else {
    if (config.file_logger_options) {
      route->style.encoding = Encoding::json;
      route->outputs.push_back(rotating(*config.file_logger_options, before));
    } else {
      route->style.encoding = encoding_of(config.encoding, mode);
      for (const std::string& name : config.output) route->outputs.push_back(output(name, before));
    }
    for (const std::string& name : config.err_output)
      route->error_outputs.push_back(output(name, before));
  }
  return routes_.emplace_back(std::move(route)).get();
}

Output* Plan::output(const std::string& name, const Plan* before) {
  std::shared_ptr<Output>& known = outputs_[name];
  if (!known && before != nullptr && before->outputs_.contains(name))
    known = before->outputs_.at(name);
  if (!known) known = open_output(name);
  return known.get();
}

Output* Plan::rotating(const FileConfig& config, const Plan* before) {
  const std::string key = key_of(config);
  std::shared_ptr<Output>& known = outputs_[key];
  if (!known && before != nullptr && before->outputs_.contains(key))
    known = before->outputs_.at(key);
  if (!known) known = open_rotating(config);
  return known.get();
}

void Plan::write() {
  for (const auto& route : routes_) {
    if (route->batch.empty()) continue;
    for (Output* output : route->outputs) {
      if (const int error = output->write(route->batch); error != 0)
        complain(*route, "write error: " + config::system_text(error));
    }
    route->batch.clear();
  }
}

void Plan::reopen() {
  std::set<Output*> done;
  for (const auto& route : routes_) {
    for (const auto* list : {&route->outputs, &route->error_outputs}) {
      for (Output* output : *list) {
        if (!done.insert(output).second) continue;
        if (const int error = output->reopen(); error != 0)
          complain(*route, "open " + output->name() + ": " + config::system_text(error) +
                               "; going on with the file that was open");
      }
    }
  }
}

void Plan::complain(const Route& route, const std::string& what) {
  for (Output* output : route.error_outputs) output->write(what + "\n");
}

}  // namespace rr::log
