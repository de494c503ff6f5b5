#include "runtime/cli/top_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>

#include "runtime/cli/human.h"
#include "runtime/cli/output.h"

namespace rr::cli {

namespace {

using Json = nlohmann::json;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kMaxErrors = 5;
constexpr std::array<std::uint64_t, 15> kSteps{100,     200,     500,     1'000,   2'000,
                                               5'000,   10'000,  20'000,  50'000,  100'000,
                                               200'000, 500'000, 1000000, 2000000, 5000000};

std::int64_t number(const Json& object, const char* key) {
  return object.value(key, std::int64_t{0});
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

// In characters, not bytes. Colours take no room.
std::string cut(const std::string& text, std::size_t columns) {
  std::string out;
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\033') {
      const std::size_t end = std::min(text.find('m', i), text.size() - 1);
      out.append(text, i, end - i + 1);
      i = end + 1;
      continue;
    }
    std::size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U) ++next;
    if (width < columns) out.append(text, i, next - i);
    ++width;
    i = next;
  }
  return out;
}

std::string left(const std::string& text, std::size_t width) {
  const std::string fitting = cut(text, width);
  const auto runes =
      static_cast<std::size_t>(std::count_if(fitting.begin(), fitting.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
      }));
  return fitting + std::string(width - std::min(width, runes), ' ');
}

TimeCounts counts_in(const Json* pool, const char* key) {
  TimeCounts counts;
  if (pool == nullptr) return counts;
  for (const Json& each : pool->value(key, Json::array()))
    counts.emplace_back(each.at(0).get<std::uint64_t>(), each.at(1).get<std::uint64_t>());
  return counts;
}

std::string quantiles(const TimeCounts& counts) {
  if (counts.empty()) return "–";
  std::string text;
  for (const auto& [name, share] : {std::pair{"p50 ", 0.5}, {"  p95 ", 0.95}, {"  p99 ", 0.99}})
    text += name + duration_text(microseconds(quantile(counts, share)));
  return text;
}

std::string clock_text(std::int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 16> text;
  std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
  return text.data();
}

std::string decimal(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string state_text(const Json& worker) {
  const std::string state = left(harmless(worker.value("state", "")), 10);
  if (state.starts_with("working")) return painted(state, Paint::green);
  if (state.starts_with("ready")) return painted(state, Paint::cyan);
  return painted(state, Paint::yellow);
}

std::int64_t running_ms(const Json& worker) {
  const auto running = worker.find("running");
  return running == worker.end() || !running->is_object() ? -1 : number(*running, "ms");
}

std::string request_of(const Json& worker) {
  const auto running = worker.find("running");
  if (running == worker.end() || !running->is_object()) return "";
  return harmless(running->value("method", "") + " " + running->value("path", ""));
}

std::string worker_line(const std::string& pool, const Json& worker) {
  const std::int64_t ms = running_ms(worker);
  const std::string time = ms < 0 ? "" : duration_text(milliseconds(ms));
  return left(harmless(pool), 14) + right(std::to_string(number(worker, "pid")), 9) + "  " +
         state_text(worker) + right(time, 8) +
         right(bytes_text(worker.value("memory_bytes", std::uint64_t{0})), 9) +
         right(decimal(worker.value("cpu_percent", 0.0)), 7) +
         right(with_commas(number(worker, "executions")), 13) + "  " + request_of(worker);
}

std::string heading() {
  return left("POOL", 14) + right("PID", 9) + "  " + left("STATE", 10) + right("FOR", 8) +
         right("MEMORY", 9) + right("CPU %", 7) + right("EXECS", 13) + "  REQUEST";
}

std::string error_line(const Json& error) {
  return clock_text(number(error, "unix_ms")) + "  " + harmless(error.value("plugin", "")) + "  " +
         painted(harmless(error.value("type", "")), Paint::red) + "  " +
         harmless(error.value("message", ""));
}

}  // namespace

TimeCounts difference(const TimeCounts& now, const TimeCounts& before) {
  std::map<std::uint64_t, std::uint64_t> former(before.begin(), before.end());
  TimeCounts out;
  for (const auto& [up_to, count] : now) {
    const std::uint64_t was = former[up_to];
    if (count > was) out.emplace_back(up_to, count - was);
  }
  return out;
}

std::uint64_t quantile(const TimeCounts& counts, double share) {
  std::uint64_t all = 0;
  for (const auto& [up_to, count] : counts) all += count;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (const auto& [up_to, count] : counts) {
    seen += count;
    if (seen >= wanted) return up_to;
  }
  return 0;
}

std::string spark_line(const TimeCounts& counts) {
  static constexpr std::array<const char*, 9> kBars{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::array<std::uint64_t, kSteps.size() + 1> columns{};
  for (const auto& [up_to, count] : counts) {
    const auto step = std::ranges::lower_bound(kSteps, up_to);
    columns[static_cast<std::size_t>(step - kSteps.begin())] += count;
  }
  const std::uint64_t most = std::ranges::max(columns);
  std::string line;
  for (const std::uint64_t count : columns) {
    const std::size_t height = most == 0 ? 0 : (count * (kBars.size() - 1) + most - 1) / most;
    line += kBars[height];
  }
  return line;
}

void TopView::take(Json picture) {
  lost_.clear();
  const auto server_of = [](const Json& each) {
    const Json server = each.value("server", Json::object());
    return std::pair(number(server, "pid"), number(server, "started_unix_ms"));
  };
  if (!pictures_.empty() && server_of(pictures_.back()) != server_of(picture)) {
    pictures_.clear();
    restarted_ = true;
  }
  pictures_.push_back(std::move(picture));
  if (pictures_.size() > kKept) pictures_.pop_front();
}

bool TopView::shows(const Json& pool) const {
  return pools_.empty() || std::ranges::find(pools_, pool.value("name", "")) != pools_.end();
}

// The same pool in the oldest picture. Null: there is one picture only, or the pool is new (a
// reload has made another one of it).
const Json* TopView::pool_before(const Json& pool) const {
  if (pictures_.size() < 2) return nullptr;
  for (const Json& each : pictures_.front().at("pools")) {
    if (each.value("name", "") != pool.value("name", "")) continue;
    return number(each, "executions") <= number(pool, "executions") ? &each : nullptr;
  }
  return nullptr;
}

void TopView::add_pools(std::vector<std::string>& lines) const {
  const auto time = [](const Json& picture) { return number(picture.at("server"), "now_unix_ms"); };
  const double seconds =
      static_cast<double>(time(pictures_.back()) - time(pictures_.front())) / 1000;
  for (const Json& pool : pictures_.back().at("pools")) {
    if (!shows(pool)) continue;
    const Json* before = pool_before(pool);
    std::string rate = "–";
    if (before != nullptr && seconds > 0) {
      const auto served = number(pool, "executions") - number(*before, "executions");
      rate = decimal(static_cast<double>(served) / seconds);
    }
    const auto waiting = number(pool, "waiting");
    const auto abandoned = number(pool, "abandoned");
    lines.push_back(
        painted(harmless(pool.value("name", "")), Paint::bright_yellow) + "  " +
        pool.value("kind", "") + "  busy " + std::to_string(number(pool, "working")) + " of " +
        std::to_string(number(pool, "workers_total")) + "  queue " +
        (waiting > 0 ? painted(std::to_string(waiting), Paint::red) : "0") + "  " + rate +
        " req/s  total " + with_commas(number(pool, "executions")) + "  memory " +
        bytes_text(pool.value("memory_bytes", std::uint64_t{0})) +
        (abandoned > 0 ? painted("  stuck " + std::to_string(abandoned), Paint::red) : ""));
    const TimeCounts ran = difference(counts_in(&pool, "ran_us"), counts_in(before, "ran_us"));
    const TimeCounts waited =
        difference(counts_in(&pool, "waited_us"), counts_in(before, "waited_us"));
    lines.push_back("  in PHP " + quantiles(ran) + "   100µs|" + spark_line(ran) + "|5s   waited " +
                    quantiles(waited));
  }
}

void TopView::add_workers(std::vector<std::string>& lines) const {
  struct Row {
    std::int64_t ms;
    std::string text;
  };
  std::vector<Row> rows;
  for (const Json& pool : pictures_.back().at("pools")) {
    if (!shows(pool)) continue;
    for (const Json& worker : pool.value("workers", Json::array()))
      rows.push_back({running_ms(worker), worker_line(pool.value("name", ""), worker)});
  }
  // What has been running for longest first.
  std::ranges::stable_sort(rows, std::ranges::greater(), &Row::ms);
  lines.push_back(heading());
  for (Row& row : rows) lines.push_back(std::move(row.text));
}

std::string TopView::text(const Screen& screen) const {
  std::vector<std::string> head;
  std::vector<std::string> workers;
  std::vector<std::string> foot;
  if (!lost_.empty())
    head.push_back(
        painted("the server does not answer, trying again: " + harmless(lost_), Paint::red));
  if (!pictures_.empty()) {
    const Json& picture = pictures_.back();
    const Json& server = picture.at("server");
    const auto now = number(server, "now_unix_ms");
    head.push_back("rr-embed " + harmless(server.value("version", "")) + "  pid " +
                   std::to_string(number(server, "pid")) + "  up " +
                   duration_text(milliseconds(now - number(server, "started_unix_ms"))) +
                   "  memory " + bytes_text(server.value("memory_bytes", std::uint64_t{0})) + "  " +
                   clock_text(now));
    if (restarted_ && pictures_.size() < kKept)
      head.push_back(painted("another server than before: it was restarted", Paint::yellow));
    add_pools(head);
    head.emplace_back();
    add_workers(workers);
    const Json errors = picture.value("errors", Json::array());
    if (!errors.empty()) {
      foot.emplace_back();
      foot.push_back("last errors, of " + with_commas(number(picture, "errors_total")) + ":");
      for (const Json& error : errors) {
        if (foot.size() == 2 + kMaxErrors) break;
        foot.push_back(error_line(error));
      }
    }
  }
  const std::size_t others = head.size() + foot.size();
  if (screen.rows > 0 && others + workers.size() > screen.rows) {
    const std::size_t room = screen.rows > others + 1 ? screen.rows - others - 1 : 0;
    const std::size_t hidden = workers.size() - std::min(workers.size(), room);
    workers.resize(workers.size() - hidden);
    workers.push_back("… and " + std::to_string(hidden) + " more");
  }
  std::string text;
  std::size_t rows = 0;
  for (const auto* part : {&head, &workers, &foot}) {
    for (const std::string& line : *part) {
      if (screen.rows > 0 && ++rows > screen.rows) return text;
      text += cut(line, screen.columns) + "\n";
    }
  }
  return text;
}

}  // namespace rr::cli
