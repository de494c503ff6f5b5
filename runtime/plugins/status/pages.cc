#include "runtime/plugins/status/pages.h"

#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

namespace rr::status {

namespace {

using Json = nlohmann::ordered_json;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Of a query; nothing when its escapes are broken.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

// Names and texts of plugins may be anything.
std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// How an answer was asked for decides what an error of the check means.
enum class Asked : std::uint8_t { for_all, by_name };

struct Entry {
  std::string error;
  int code = 200;
  bool unavailable = false;  // the page says no
};

Entry entry_of(const HealthCheck::Code& said, Question question, Asked asked, int unavailable) {
  if (!said) {
    const bool no = (question == Question::alive) == (asked == Asked::for_all);
    const int code = question == Question::alive && asked == Asked::for_all ? unavailable : 500;
    return {said.error().text(), code, no};
  }
  if (!said.value()) {
    return {asked == Asked::for_all ? "plugin is not available, returned nil"
                                    : "plugin is not available",
            unavailable, false};
  }
  const int code = *said.value();
  if (code >= 500) return {"internal server error, see logs", unavailable, true};
  if (code >= 100 && code <= 400) return {"", code, false};
  return {"unexpected status code", code, false};
}

}  // namespace

std::vector<std::string> wanted_plugins(std::string_view query) {
  std::vector<std::string> wanted;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    const auto equals = pair.find('=');
    if (unescaped(pair.substr(0, equals)) != "plugin") continue;
    auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                  : unescaped(pair.substr(equals + 1));
    if (value) wanted.push_back(std::move(*value));
  }
  return wanted;
}

Page health_page(const Checks& checks, Question question, std::string_view query, int unavailable) {
  const std::vector<std::string> wanted = wanted_plugins(query);
  const Asked asked = wanted.empty() ? Asked::for_all : Asked::by_name;
  std::vector<std::string_view> names(wanted.begin(), wanted.end());
  if (asked == Asked::for_all) names = checks.names();

  Page page;
  Json report = Json::array();
  for (const std::string_view name : names) {
    if (!checks.has(name)) continue;
    const Entry entry = entry_of(checks.ask(name, question), question, asked, unavailable);
    if (entry.unavailable) page.status = unavailable;
    report.push_back(
        {{"plugin_name", name}, {"error_message", entry.error}, {"status_code", entry.code}});
  }
  page.body = text_of(report);
  return page;
}

Page jobs_page(const std::vector<PipelineHost*>& hosts, int unavailable) {
  const Page none{unavailable, "jobs plugin not found\n"};
  if (hosts.empty()) return none;
  Json report = Json::array();
  for (PipelineHost* host : hosts) {
    auto pipelines = host->pipelines();
    if (!pipelines) return none;
    for (const PipelineState& each : *pipelines) {
      report.push_back({{"pipeline", each.pipeline},
                        {"priority", each.priority},
                        {"ready", each.ready},
                        {"queue", each.queue},
                        {"active", each.active},
                        {"delayed", each.delayed},
                        {"reserved", each.reserved},
                        {"driver", each.driver},
                        {"error_message", each.error}});
    }
  }
  return {200, text_of(report)};
}

}  // namespace rr::status
