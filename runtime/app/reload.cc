#include "runtime/app/reload.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "runtime/app/check.h"
#include "runtime/app/logs.h"
#include "runtime/app/sections.h"
#include "runtime/core/config/diff.h"
#include "runtime/core/sd_notify.h"

namespace rr::app {
namespace {

Error stopping() {
  return Error(Errc::stopped, "", "the server is stopping: nothing was reloaded");
}

// What a plugin finds around it when it prepares: the new configuration, pools on new terms, the
// rest as ever.
class ReloadContext final : public Context {
 public:
  ReloadContext(Container& container, config::Config& config, pool::PoolFactory* pools)
      : container_(container), config_(config), pools_(pools) {}

  Logger logger(std::string_view name) override { return container_.logger(name); }
  bool has(std::string_view section) const override { return config_.has(section); }
  const config::Node& configuration() const override { return config_.root(); }
  std::string config_json() const override { return container_.config_json(); }

 protected:
  const config::Node* find(std::string_view section) const override {
    return config_.root().find(section);
  }
  void keep_warnings(std::string_view section, const config::Errors& errors) override {
    config_.keep_warnings(section, errors);
  }
  void* need(std::type_index type) override {
    if (type == typeid(pool::PoolFactory) && pools_) return pools_;
    return container_.need(type);
  }
  std::vector<void*> interfaces(std::type_index type) const override {
    return container_.interfaces(type);
  }
  // Prepared parts take the place of those that others know.
  void add(std::type_index, void*) override {}

 private:
  Container& container_;
  config::Config& config_;
  pool::PoolFactory* const pools_;
};

// Comes back to the working directory unless told to stay in the new one.
class WayBack {
 public:
  WayBack() : folder_(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) {}
  ~WayBack() {
    if (folder_ < 0) return;
    if (!stays_) (void)!::fchdir(folder_);
    ::close(folder_);
  }
  WayBack(const WayBack&) = delete;
  WayBack& operator=(const WayBack&) = delete;
  void stay() { stays_ = true; }

 private:
  const int folder_;
  bool stays_ = false;
};

RpcValue to_value(const ReloadReport& report) {
  RpcValue value = RpcValue::object();
  value["changed"] = report.changed;
  value["reset"] = report.reset;
  value["restart"] = report.restart;
  return value;
}

bool below_any(std::string_view key, const std::vector<std::string>& prefixes) {
  return std::ranges::any_of(
      prefixes, [&](const std::string& prefix) { return config::is_below(key, prefix); });
}

}  // namespace

Reloader::Reloader(Parts parts)
    : parts_(std::move(parts)),
      at_start_(parts_.config.root()),
      log_(parts_.logs.logger("server")),
      grace_period_(parts_.endure.grace_period) {
  methods_.add<RpcValue>("Reload", [this](const RpcValue&) -> Result<RpcValue> {
    auto report = reload();
    if (!report) return std::move(report).error();
    return to_value(*report);
  });
  parts_.container.provide<RpcService>(*this);
}

Reloader::~Reloader() {
  stop();
}

void Reloader::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "rr-reload");
    run();
  });
}

void Reloader::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    // Under the lock: the change is not destroyed before it is taken back.
    if (starting_) starting_->cancel();
    asked_or_done_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

// ---------------------------------------------------------------- asking

std::uint64_t Reloader::want(Want what) {
  std::lock_guard lock(mutex_);
  wanted_ = std::max(wanted_, what);
  asked_or_done_.notify_all();
  return ++asked_;
}

void Reloader::ask() {
  want(Want::reload);
}

void Reloader::renew(std::string_view why) {
  log_.info("workers will be replaced", kv("reason", why));
  want(Want::renew);
}

Result<ReloadReport> Reloader::reload() {
  const std::uint64_t mine = want(Want::reload);
  std::unique_lock lock(mutex_);
  asked_or_done_.wait(lock, [&] { return done_ >= mine || stopping_; });
  return done_ >= mine ? last_ : stopping();
}

void Reloader::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_or_done_.wait(lock, [&] { return wanted_ != Want::nothing || stopping_; });
    if (stopping_) return;
    const Want what = std::exchange(wanted_, Want::nothing);
    const std::uint64_t up_to = asked_;
    lock.unlock();
    auto result = serve(what);
    lock.lock();
    last_ = std::move(result);
    done_ = up_to;
    asked_or_done_.notify_all();
  }
}

// ---------------------------------------------------------------- doing

namespace {

// Tells systemd (Type=notify-reload) that it is at work, and that it is done.
class Told {
 public:
  Told() { sd_notify(sd_reloading()); }
  ~Told() { sd_notify("READY=1"); }
};

}  // namespace

Result<ReloadReport> Reloader::serve(Want what) {
  std::optional<Told> told;
  if (what == Want::reload) told.emplace();
  WayBack way_back;
  Error error;
  try {
    Loaded next;
    if (what == Want::reload) {
      next = parts_.load();
      check(next.config);
    } else {
      next = {parts_.config, parts_.endure,
              parts_.pools ? parts_.pools->terms().process : config::Variables{}};
    }
    auto report = change(what, std::move(next));
    if (report) {
      way_back.stay();
      return report;
    }
    error = std::move(report).error();
  } catch (const ConfigError& e) {
    error = Error(Errc::invalid, "", e.with_positions());
  } catch (const std::exception& e) {
    error = Error(Errc::invalid, "", e.what());
  }
  log_.error(what == Want::reload ? "the configuration was not reloaded, nothing has changed"
                                  : "workers were not replaced, the old ones go on",
             kv("error", error.text()));
  return error;
}

// Everything that `rr-embed check` would find, with the places.
void Reloader::check(config::Config& config) const {
  std::string text;
  for (const config::Problem& problem : app::check(config)) {
    if (!text.empty()) text += "\n";
    const std::string at = problem.at.text();
    text += (at.empty() ? "" : at + ": ") + problem.path + ": " + problem.text;
  }
  if (!text.empty()) throw ConfigError({}, text, {});
}

Result<ReloadReport> Reloader::change(Want what, Loaded next) {
  ReloadReport report;
  if (parts_.pools && !parts_.pools->await_room()) return stopping();
  std::unique_ptr<Pools::OnTerms> pools;
  if (parts_.pools) {
    Pools::Terms terms = parts_.pools->terms();
    if (next.config.has("server")) {
      const auto server = next.config.section<ServerConfig>("server");
      terms.command = server.command;
      terms.env = server.env;
    }
    terms.process = std::move(next.environment);
    pools = std::make_unique<Pools::OnTerms>(*parts_.pools, std::move(terms));
    sort_keys(next, pools->terms(), report);
  } else {
    sort_keys(next, {}, report);
  }
  const auto logs = logs_config(next.config, next.endure);

  ReloadContext context(parts_.container, next.config, pools.get());
  std::vector<std::unique_ptr<Reloadable::Change>> changes;
  for (Reloadable* plugin : parts_.container.all<Reloadable>()) {
    if (!next.config.has(plugin->section_name())) continue;  // goes away with a restart
    changes.push_back(plugin->prepare(context));
    report.reset.emplace_back(plugin->section_name());
  }
  for (auto& each : changes) {
    if (!begin_start(each.get())) return stopping();
    auto started = each->start();
    if (!begin_start(nullptr)) return stopping();
    if (!started) return std::move(started).error();
  }
  if (what == Want::reload) parts_.logs.apply(logs);
  // From here on nothing can fail.
  use(changes, pools ? pools->terms() : Pools::Terms{});
  for (const config::Problem& warning : next.config.take_warnings()) {
    if (what != Want::reload) break;
    parts_.logs.logger("config").warn(warning.text, kv("key", warning.path),
                                      kv("at", warning.at.text()));
  }
  if (what == Want::reload) {
    parts_.endure.grace_period = next.endure.grace_period;
    grace_period_.store(next.endure.grace_period, std::memory_order_relaxed);
    parts_.container.adopt(std::move(next.config));
    if (changed_) changed_(parts_.config);
  }
  reset_others(report);
  report_done(what, report);
  return report;
}

void Reloader::use(std::vector<std::unique_ptr<Reloadable::Change>>& changes,
                   const Pools::Terms& terms) {
  // Somebody polls at every moment: plain threads come before interpreters go, and go after they
  // have come.
  if (parts_.pools && !terms.interpreters_poll) parts_.plane.keep_pollers();
  for (auto& each : changes) each->use();
  if (parts_.pools && terms.interpreters_poll) parts_.plane.end_pollers();
  if (parts_.pools) parts_.pools->adopt(terms);
}

// Plugins with workers that cannot have another configuration.
void Reloader::reset_others(ReloadReport& report) const {
  for (WorkerHost* host : parts_.container.all<WorkerHost>()) {
    const std::string name(host->host_name());
    if (std::ranges::find(report.reset, name) != report.reset.end()) continue;
    if (auto done = host->pool().reset(); done) {
      report.reset.push_back(name);
    } else {
      parts_.logs.logger(name).error("workers were not replaced", kv("error", done.error().text()));
    }
  }
}

// What is being started, for stop() to cancel; null: nothing is. False: stop() has been called.
bool Reloader::begin_start(Reloadable::Change* change) {
  std::lock_guard lock(mutex_);
  starting_ = stopping_ ? nullptr : change;
  return !stopping_;
}

// ---------------------------------------------------------------- what counts, and when

bool Reloader::is_fixed(const std::string& key, const config::Config& next) const {
  static const std::vector<std::string> kFixed{"server.user", "server.relay", "server.on_init"};
  const std::string section = key.substr(0, key.find('.'));
  if (section == "server") return below_any(key, kFixed);
  if (section == "logs") return false;
  if (section == "endure") return key != "endure.grace_period" && key != "endure.log_level";
  for (Reloadable* plugin : parts_.container.all<Reloadable>()) {
    if (plugin->section_name() == section)
      return !next.has(section) || below_any(key, plugin->fixed_keys());
  }
  return true;
}

void Reloader::sort_keys(const Loaded& next, const Pools::Terms& terms,
                         ReloadReport& report) const {
  const auto sections = known_sections();
  const auto known = [&](const std::string& key) {
    const std::string section = key.substr(0, key.find('.'));
    return std::ranges::any_of(sections, [&](const auto& each) { return each.key == section; });
  };
  for (std::string& key : config::changed_keys(parts_.config.root(), next.config.root())) {
    if (known(key) && !is_fixed(key, next.config)) report.changed.push_back(std::move(key));
  }
  for (std::string& key : config::changed_keys(at_start_, next.config.root())) {
    if (known(key) && is_fixed(key, next.config)) report.restart.push_back(std::move(key));
  }
  if (!parts_.pools) return;
  for (const std::string& setting : parts_.pools->fixed_settings(terms))
    report.restart.push_back("server.command: " + setting);
}

void Reloader::report_done(Want what, const ReloadReport& report) const {
  if (what == Want::reload) {
    log_.info("configuration was reloaded", kv("changed", report.changed));
    if (!report.restart.empty()) {
      log_.warn("some changes of the configuration need a restart", kv("keys", report.restart));
    }
  }
  for (const std::string& plugin : report.reset) {
    parts_.logs.logger(plugin).info("workers were replaced");
  }
}

}  // namespace rr::app
