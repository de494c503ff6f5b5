#include "runtime/app/pools.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <boost/asio/post.hpp>

#include "runtime/app/lint.h"
#include "runtime/app/on_init.h"
#include "runtime/app/php_command.h"
#include "runtime/app/users.h"
#include "runtime/pool/pool.h"
#include "runtime/pool/process/process_crew.h"

namespace rr::app {
namespace {

ConfigError start_error(const std::string& text) {
  return ConfigError(std::vector<std::string>{"server_plugin_init"}, text, "Init error");
}

// What PHP's own client can connect to: goridge knows no empty and no wildcard host (spec 09 §2).
std::string connectable(std::string rpc) {
  for (const std::string_view wildcard : {"tcp://:", "tcp://0.0.0.0:", "tcp://[::]:"}) {
    if (rpc.rfind(wildcard, 0) == 0) return "tcp://127.0.0.1:" + rpc.substr(wildcard.size());
  }
  return rpc;
}

std::vector<std::pair<std::string, std::string>> split(
    const std::vector<std::string>& environment) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& entry : environment) {
    const auto equals = entry.find('=');
    out.emplace_back(entry.substr(0, equals),
                     equals == std::string::npos ? "" : entry.substr(equals + 1));
  }
  return out;
}

// With those that may be added while running.
std::uint32_t most_workers(const pool::PoolConfig& config) {
  const std::uint32_t more = config.dynamic_allocator ? config.dynamic_allocator->max_workers : 0;
  return config.worker_count() + more;
}

const std::vector<std::string>& command_of(const Pools::Terms& terms,
                                           const pool::PoolConfig& config) {
  return config.command.empty() ? terms.command.words : config.command.words;
}

// The last one counts. Null: it is not among them.
const std::string* value_of(const std::vector<std::pair<std::string, std::string>>& settings,
                            const std::string& name) {
  const std::string* found = nullptr;
  for (const auto& [other, value] : settings) {
    if (other == name) found = &value;
  }
  return found;
}

pool::SoftLimits soft_limits(const pool::SupervisorConfig& config) {
  return {.watch_tick = config.watch_tick,
          .ttl = config.ttl,
          .idle_ttl = config.idle_ttl,
          .memory_bytes = config.max_worker_memory.bytes()};
}

}  // namespace

void Crews::add(pool::EmbedCrew& crew) {
  std::lock_guard lock(mutex_);
  crews_.push_back(&crew);
}

void Crews::remove(pool::EmbedCrew& crew) {
  std::lock_guard lock(mutex_);
  std::erase(crews_, &crew);
}

void Crews::drain() {
  std::lock_guard lock(mutex_);
  for (pool::EmbedCrew* crew : crews_) crew->drain();
}

Pools::Pools(Parts parts) : parts_(std::move(parts)), retirement_(parts_.context.logger("server")) {
  server_ = parts_.context.section<ServerConfig>("server");
  terms_ = {server_.command, server_.env, pool::own_environment(), false};
  auto reaper = pool::Reaper::start();
  if (!reaper) throw start_error(reaper.error().message);
  parts_.context.provide(reaper_.emplace(std::move(reaper).value()));
  auto workers = user_of(server_.user);
  if (!workers) throw start_error(workers.error().message);
  run_as_ = *workers;
  if (run_as_) {
    upload_owner_ = FileOwner{run_as_->user, run_as_->group};
    parts_.context.provide(*upload_owner_);
  }
  if (server_.on_init) {
    if (auto other = user_of(server_.on_init->user); !other)
      throw start_error("on_init: " + other.error().message);
  }
}

Pools::~Pools() = default;

std::vector<std::string> Pools::environment(const Terms& terms, const Wanted& wanted,
                                            const std::string& relay,
                                            const std::string& rpc) const {
  pool::EnvironmentSources sources;
  sources.server_process = terms.process;
  sources.relay = relay;
  sources.rpc_listen = rpc;
  sources.server_env.assign(terms.env.variables.begin(), terms.env.variables.end());
  sources.version = parts_.version;
  sources.pool.assign(wanted.env.begin(), wanted.env.end());
  return pool::worker_environment(sources);
}

std::unique_ptr<Pool> Pools::make_pool(const Wanted& wanted, const pool::PoolConfig& config) {
  return make_pool(terms_, wanted, config);
}

std::unique_ptr<Pool> Pools::make_pool(Terms& terms, const Wanted& wanted,
                                       const pool::PoolConfig& config) {
  if (command_of(terms, config).empty()) throw start_error("command should not be empty");
  return config.mode == pool::Mode::process ? make_process_pool(terms, wanted, config)
                                            : make_thread_pool(terms, wanted, config);
}

void Pools::retire(std::vector<std::shared_ptr<Pool>> pools, Duration grace) {
  retirement_.retire(std::move(pools), grace);
}

pool::WorkerEvents Pools::events_of(const Wanted& wanted) const {
  return {parts_.events, wanted.plugin, parts_.context.logger("server"), wanted.name};
}

pool::WorkerPool::Extras Pools::extras(const Wanted& wanted) {
  return {.log = parts_.context.logger(wanted.plugin),
          .events = events_of(wanted),
          .before_start = [this] { return before_workers(); }};
}

// Once, when the first pool starts: listeners are bound by then, and no script has run.
Result<void> Pools::before_workers() {
  if (std::exchange(prepared_, true)) return {};
  const Logger log = parts_.context.logger("server");
  if (server_.on_init) {
    auto done = run_on_init(*server_.on_init, *reaper_, log);
    if (!done && server_.on_init->exit_on_error) return done;
  }
  // A thread cannot have a user of its own.
  if (!wants_engine_ || !run_as_) return {};
  if (auto changed = pool::become(*run_as_); !changed) {
    return Error(Errc::io, "", "server.user " + server_.user + ": " + changed.error().message);
  }
  if (parts_.user_changed) parts_.user_changed();
  log.info("the server runs as server.user from here on", kv("user", server_.user));
  return {};
}

void Pools::make_room() {
  if (relay_) boost::asio::post(parts_.control.io(), [this] { relay_->make_room(); });
}

void Pools::carry_on() {
  if (relay_) boost::asio::post(parts_.control.io(), [this] { relay_->carry_on(); });
}

// Null: pipes. Opened for the first pool of processes.
pool::Relay* Pools::relay() {
  if (server_.relay == "pipes" || relay_) return relay_.get();
  auto opened = pool::Relay::open(parts_.control.io(), server_.relay, run_as_,
                                  parts_.context.logger("server"));
  if (!opened) {
    throw ConfigError(std::vector<std::string>{"server_plugin_init", "server_plugin_init_factory"},
                      opened.error().message, "Network");
  }
  relay_ = std::move(opened).value();
  return relay_.get();
}

std::unique_ptr<Pool> Pools::make_process_pool(Terms& terms, const Wanted& wanted,
                                               const pool::PoolConfig& config) {
  pool::ProcessOptions options;
  options.relay = relay();
  if (options.relay) options.launch.streams = pool::LaunchPlan::Streams::errors_only;
  options.launch.command = command_of(terms, config);
  options.launch.environment = environment(terms, wanted, server_.relay, parts_.rpc_listen);
  // A reload may go elsewhere; workers that are replaced afterwards start where these do.
  std::error_code ignored;
  options.launch.folder = std::filesystem::current_path(ignored).string();
  options.launch.may_stay = true;
  options.launch.run_as = run_as_;
  options.launch.reaper = options.reaper = &*reaper_;
  options.workers = config.worker_count();
  options.max_jobs = config.max_jobs;
  options.allocate_timeout = config.allocate_timeout;
  options.stream_timeout = config.stream_timeout;
  options.slow_exchange = wanted.slow_exchange;
  if (config.supervisor) {
    options.exec_ttl = config.supervisor->exec_ttl;
    options.limits = soft_limits(*config.supervisor);
  }
  options.debug = config.debug;
  options.log = parts_.context.logger(wanted.plugin);
  options.output = parts_.context.logger("server");
  options.events = events_of(wanted);
  return std::make_unique<pool::WorkerPool>(
      config, parts_.plane,
      [&](pool::CrewHost& host) {
        return std::make_unique<pool::ProcessCrew>(host, parts_.plane, parts_.control.io(),
                                                   std::move(options));
      },
      extras(wanted));
}

std::unique_ptr<Pool> Pools::make_thread_pool(Terms& terms, const Wanted& wanted,
                                              const pool::PoolConfig& config) {
  if (started_ && !engine_) {
    throw ConfigError(std::vector<std::string>{"server_plugin_init"},
                      wanted.key +
                          ".mode: PHP was not loaded at the start of this server: workers on "
                          "threads need a restart",
                      "Init error");
  }
  if (server_.relay != "pipes" && !std::exchange(relay_warned_, true)) {
    parts_.context.logger("server").warn("server.relay means nothing to workers on threads");
  }
  auto command = parse_php_command(command_of(terms, config));
  if (!command) {
    const std::string whose = wanted.name.empty() ? "" : wanted.key + ".command: ";
    throw start_error(whose + command.error().message);
  }
  if (!started_) commands_.emplace_back(wanted.key, *command);
  pool::EmbedOptions options;
  options.workers = config.worker_count();
  options.max_jobs = config.max_jobs;
  options.allocate_timeout = config.allocate_timeout;
  if (config.supervisor) {
    options.exec_ttl = config.supervisor->exec_ttl;
    options.limits = soft_limits(*config.supervisor);
  }
  options.debug = config.debug;
  options.slow_exchange = wanted.slow_exchange;
  options.events = events_of(wanted);
  if (config.debug) options.max_jobs = 0;
  options.script.script = command->script;
  options.script.arguments = command->arguments;
  options.script.ini = command->ini;
  // A script that was edited a moment ago counts at once.
  if (config.debug) options.script.ini.emplace_back("opcache.revalidate_freq", "0");
  options.script.environment =
      split(environment(terms, wanted, "pipes", connectable(parts_.rpc_listen)));
  options.script.classic = config.mode == pool::Mode::classic;
  options.script.document_root = command->script.substr(0, command->script.rfind('/'));
  for (const auto& [name, value] : wanted.env) {
    if (name == "RR_MODE") options.script.mode = value;
  }

  // Settings that PHP reads once come from the first pool; threads of others take over what they
  // can.
  if (!wants_engine_) {
    engine_config_.ini_path = command->ini_path;
    engine_config_.ignore_ini = command->ignore_ini;
    engine_config_.ini = command->ini;
    engine_config_.threads = 0;
  }
  wants_engine_ = true;
  engine_config_.threads += most_workers(config);
  terms.interpreters_poll = true;
  options.name = wanted.name;
  options.gone = [crews = crews_](pool::EmbedCrew& crew) { crews->remove(crew); };
  return std::make_unique<pool::WorkerPool>(
      config, parts_.plane,
      [&](pool::CrewHost& host) {
        auto crew = std::make_unique<pool::EmbedCrew>(host, parts_.plane, std::move(options),
                                                      parts_.context.logger("server"));
        crews_->add(*crew);
        return crew;
      },
      extras(wanted));
}

std::vector<std::string> Pools::fixed_settings(const Terms& terms) const {
  if (!engine_) return {};
  auto command = parse_php_command(terms.command.words);
  if (!command) return {};  // the pool's own command counts, or it is refused elsewhere
  std::vector<std::string> fixed = settings_unlike(*command);
  for (const auto& [name, unused] : engine_config_.ini) {
    // One that was taken away keeps its value.
    if (value_of(command->ini, name) == nullptr &&
        std::ranges::find(fixed, "-d " + name) == fixed.end())
      fixed.push_back("-d " + name);
  }
  return fixed;
}

// What the engine was not given, and new threads cannot have.
std::vector<std::string> Pools::settings_unlike(const PhpCommand& command) const {
  std::vector<std::string> unlike;
  if (command.ini_path != engine_config_.ini_path) unlike.emplace_back("-c");
  if (command.ignore_ini != engine_config_.ignore_ini) unlike.emplace_back("-n");
  for (const auto& [name, unused] : command.ini) {
    const std::string* ours = value_of(engine_config_.ini, name);
    const bool same = ours != nullptr && *ours == *value_of(command.ini, name);
    if (same || !php::Engine::reads_once(name)) continue;
    if (std::ranges::find(unlike, "-d " + name) == unlike.end()) unlike.push_back("-d " + name);
  }
  return unlike;
}

// One process, one PHP: what it reads once cannot be another for another pool.
void Pools::check_commands() const {
  for (const auto& [key, command] : commands_) {
    for (const std::string& setting : settings_unlike(command)) {
      throw start_error(key + ".command: " + setting +
                        ": PHP reads it once for all pools on threads, from the command of " +
                        commands_.front().first +
                        ". Give both the same, or use `mode: process` for one of them");
    }
  }
}

std::optional<std::vector<std::string>> Pools::check_syntax(const std::vector<std::string>& files) {
  if (engine_) return php::check_syntax(files);
  return lint(server_.command.words, run_as_, *reaper_, files);
}

void Pools::start_engine() {
  started_ = true;
  if (!wants_engine_) return;
  if (auto alone = one_user(server_); !alone) throw start_error(alone.error().message);
  // An opcache restart waits until no script runs (spec 08 §5.3).
  php::Engine::on_drain([](void* self) { static_cast<Pools*>(self)->crews_->drain(); }, this);
  auto engine = php::Engine::start(engine_config_, parts_.context.logger("server"));
  if (!engine) throw start_error("PHP does not start: " + engine.error().text());
  engine_ = std::move(engine).value();
  check_commands();
}

}  // namespace rr::app
