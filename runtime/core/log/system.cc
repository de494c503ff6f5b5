#include "runtime/core/log/system.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

#include "runtime/core/config/files.h"

namespace rr::log {

// Immutable after construction but for `batch`, which the writer owns.
struct System::Route {
  Style style;
  Level level = Level::info;
  std::vector<Output*> outputs;  // borrowed from outputs_
  std::vector<Output*> error_outputs;
  mutable std::string batch;
};

class System::NamedChannel final : public Channel {
 public:
  NamedChannel(std::string name, const Route& route, Queue& queue)
      : Channel(route.level), name_(std::move(name)), route_(route), queue_(queue) {}

  void write(Level level, std::string_view message, std::span<const KeyValue> fields) override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    queue_.push(*this, level, std::chrono::duration_cast<Duration>(now).count(), message, fields);
  }
  const std::string& name() const { return name_; }
  const Route& route() const { return route_; }

 private:
  const std::string name_;
  const Route& route_;
  Queue& queue_;
};

System::System(const LogsConfig& config) {
  const auto route = [&](const ChannelConfig& channel) {
    const Mode mode = mode_of(channel.mode);
    return make_route(channel, mode, level_of(channel.level).value_or(default_level(mode)));
  };
  try {
    root_ = route(config);
    for (const auto& [name, channel] : config.channels) channels_[name] = route(channel);
  } catch (ConfigError& e) {
    throw std::move(e).in("config_plugin_init");  // the operation RoadRunner's logger names
  }
  // Signals are for the main thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  writer_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

System::~System() {
  {
    const std::lock_guard lock(state_mutex_);
    stopping_ = true;
  }
  queue_.wake();
  writer_.join();
}

Logger System::logger(std::string_view name) {
  const std::lock_guard lock(names_mutex_);
  auto known = names_.find(name);
  if (known == names_.end()) {
    const auto channel = channels_.find(std::string(name));
    const Route& route = channel == channels_.end() ? *root_ : *channel->second;
    known = names_.emplace(name, std::make_unique<NamedChannel>(std::string(name), route, queue_))
                .first;
  }
  return Logger(*known->second);
}

void System::flush() {
  std::unique_lock lock(state_mutex_);
  const std::uint64_t mine = ++flush_wanted_;
  lock.unlock();
  queue_.wake();
  lock.lock();
  written_.wait(lock, [&] { return flush_done_ >= mine; });
}

const System::Route* System::make_route(const ChannelConfig& config, Mode mode, Level level) {
  auto route = std::make_unique<Route>();
  route->style.mode = mode;
  route->style.line_ending = config.line_ending;
  route->style.encoding = default_encoding(mode);
  route->style.colour =
      ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr ? Colour::yes : Colour::no;
  route->level = mode == Mode::none ? Level::off : level;
  if (mode != Mode::none) {
    if (config.file_logger_options) {
      route->style.encoding = Encoding::json;
      const std::string key = "rotating:" + config.file_logger_options->log_output;
      std::unique_ptr<Output>& file = outputs_[key];
      if (!file) file = open_rotating(*config.file_logger_options);
      route->outputs.push_back(file.get());
    } else {
      if (config.encoding == "json") {
        route->style.encoding = Encoding::json;
      } else if (config.encoding == "console") {
        route->style.encoding = Encoding::console;
      } else if (!config.encoding.empty()) {
        throw ConfigError({}, "no encoder registered for name \"" + config.encoding + "\"", {});
      }
      for (const std::string& name : config.output) route->outputs.push_back(output(name));
    }
    for (const std::string& name : config.err_output) route->error_outputs.push_back(output(name));
  }
  return routes_.emplace_back(std::move(route)).get();
}

Output* System::output(const std::string& name) {
  std::unique_ptr<Output>& known = outputs_[name];
  if (!known) known = open_output(name);
  return known.get();
}

void System::run() {
  for (;;) {
    std::uint64_t wanted = 0;
    bool stopping = false;
    {
      const std::lock_guard lock(state_mutex_);
      wanted = flush_wanted_;
      stopping = stopping_;
    }
    const bool any = queue_.drain([this](const Queued& record) { write_out(record); });
    if (any) write_batches();
    {
      const std::lock_guard lock(state_mutex_);
      flush_done_ = wanted;
    }
    written_.notify_all();
    if (stopping) return;
    queue_.wait();
  }
}

void System::write_out(const Queued& record) {
  constexpr std::size_t kBatchBytes = 256 * 1024;
  const auto& channel = static_cast<const NamedChannel&>(*record.channel);
  const Route& route = channel.route();
  // Other routes may write to the same output: keep the order of the records.
  for (const auto& other : routes_) {
    if (other.get() != &route && !other->batch.empty()) write_batches();
  }
  format(route.style, {record.level, record.unix_ns, channel.name(), record.message}, record.fields,
         route.batch);
  if (route.batch.size() > kBatchBytes) write_batches();
}

void System::write_batches() {
  for (const auto& route : routes_) {
    if (route->batch.empty()) continue;
    for (Output* output : route->outputs) {
      if (const int error = output->write(route->batch); error != 0) complain(*route, error);
    }
    route->batch.clear();
  }
}

void System::complain(const Route& route, int error) {
  for (Output* output : route.error_outputs) {
    output->write("write error: " + config::system_text(error) + "\n");
  }
}

}  // namespace rr::log
