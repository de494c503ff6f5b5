#include "runtime/plugins/app_logger/plugin.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "runtime/plugins/app_logger/messages.h"

namespace rr::app_logger {

namespace {

constexpr std::pair<const char*, log::Level> kLevels[] = {{"Error", log::Level::error},
                                                          {"Warning", log::Level::warn},
                                                          {"Info", log::Level::info},
                                                          {"Debug", log::Level::debug}};

std::vector<LogAttribute> attributes_of(const LogEntry& entry) {
  std::vector<LogAttribute> attributes;
  attributes.reserve(entry.log_attrs.size());
  for (const LogAttrs& each : entry.log_attrs) attributes.push_back({each.key, each.value});
  return attributes;
}

// "message k1:v1,k2:v2" and one newline.
std::string line_of(std::string_view message, AppLogger::Attributes attributes) {
  std::string line(message);
  char before = ' ';
  for (const LogAttribute& each : attributes) {
    line += std::exchange(before, ',');
    line.append(each.key).append(":").append(each.value);
  }
  if (!attributes.empty() || !line.ends_with('\n')) line += '\n';
  return line;
}

Result<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Error(Errc::io, "", std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

// All of them reply with the zero value, as RoadRunner does.
AppLoggerPlugin::AppLoggerPlugin() {
  for (const auto& [name, level] : kLevels) {
    plain_.add<std::string>(
        name,
        [this, level = level](const std::string& message) {
          log(level, message, {});
          return RpcValue(false);
        },
        RpcMethods::Blocks::no);
    with_context_.add<LogEntry>(
        std::string(name) + "WithContext",
        [this, level = level](const LogEntry& entry) -> Result<Response> {
          log(level, entry.message, attributes_of(entry));
          return Response();
        },
        RpcMethods::Blocks::no);
  }
  plain_.add<std::string>("Log", [this](const std::string& message) -> Result<RpcValue> {
    if (auto written = write(message, {}); !written)
      return std::move(written).error().in("write log message to stderr");
    return RpcValue(false);
  });
  with_context_.add<LogEntry>("LogWithContext", [this](const LogEntry& entry) -> Result<Response> {
    if (auto written = write(entry.message, attributes_of(entry)); !written)
      return std::move(written).error().in("write log entry to stderr");
    return Response();
  });
}

void AppLoggerPlugin::init(Context& context) {
  log_ = context.logger("app");
  context.provide<RpcService>(*this);
  context.provide<AppLogger>(*this);
}

Result<std::string> AppLoggerPlugin::call(std::string_view method, RpcCodec codec,
                                          std::string_view argument) {
  if (with_context_.has(method)) return with_context_.call(method, codec, argument);
  return plain_.call(method, codec, argument);
}

bool AppLoggerPlugin::blocks(std::string_view method) const {
  return with_context_.blocks(method) || plain_.blocks(method);
}

void AppLoggerPlugin::log(log::Level level, std::string_view message, Attributes attributes) {
  if (!log_.enabled(level)) return;
  std::vector<log::KeyValue> fields;
  fields.reserve(attributes.size());
  for (const LogAttribute& each : attributes) fields.push_back(kv(each.key, each.value));
  log_.log(level, message, fields);
}

Result<void> AppLoggerPlugin::write(std::string_view message, Attributes attributes) {
  return write_all(STDERR_FILENO, line_of(message, attributes));
}

}  // namespace rr::app_logger
