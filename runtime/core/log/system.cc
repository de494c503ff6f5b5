#include "runtime/core/log/system.h"

#include <utility>

#include "runtime/core/quiet_thread.h"

namespace rr::log {

class System::NamedChannel final : public Channel {
 public:
  NamedChannel(std::string name, Level level, Queue& queue)
      : Channel(level), name_(std::move(name)), queue_(queue) {}

  void write(Level level, std::string_view message, std::span<const KeyValue> fields) override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    queue_.push(*this, level, std::chrono::duration_cast<Duration>(now).count(), message, fields);
  }
  const std::string& name() const { return name_; }

  Route* route = nullptr;  // in the writer's plan, once it looked it up; the writer's

 private:
  const std::string name_;
  Queue& queue_;
};

System::System(const LogsConfig& config)
    : plan_(std::make_shared<Plan>(config, nullptr)), newest_(plan_) {
  writer_ = quiet_thread([this] { run(); });
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
    known = names_
                .emplace(name, std::make_unique<NamedChannel>(std::string(name),
                                                              newest_->of(name).level, queue_))
                .first;
  }
  return Logger(*known->second);
}

void System::apply(const LogsConfig& config) {
  const std::lock_guard lock(names_mutex_);
  newest_ = std::make_shared<Plan>(config, newest_.get());
  for (const auto& [name, channel] : names_) channel->set_level(newest_->of(name).level);
  ask([this, plan = newest_]() mutable { replace_plan(std::move(plan)); });
}

void System::reopen() {
  ask([this] { plan_->reopen(); });
}

bool System::flush(Duration at_most) {
  ask({});
  std::unique_lock lock(state_mutex_);
  return answered_.wait_for(lock, at_most,
                            [this, mine = asked_count_] { return answered_count_ >= mine; });
}

// Has the writer do something (empty: nothing) behind what was logged before.
void System::ask(std::function<void()> task) {
  {
    const std::lock_guard lock(state_mutex_);
    asked_.push_back(std::move(task));
    ++asked_count_;
  }
  queue_.wake();
}

void System::run() {
  for (;;) {
    std::vector<std::function<void()>> tasks;
    bool stopping = false;
    {
      const std::lock_guard lock(state_mutex_);
      tasks.swap(asked_);
      stopping = stopping_;
    }
    const bool any = queue_.drain([this](const Queued& record) { write_out(record); });
    if (any) plan_->write();
    for (const auto& task : tasks) {
      if (task) task();
    }
    {
      const std::lock_guard lock(state_mutex_);
      answered_count_ += tasks.size();
    }
    answered_.notify_all();
    if (stopping) return;
    queue_.wait();
  }
}

void System::write_out(const Queued& record) {
  constexpr std::size_t kBatchBytes = 256 * 1024;
  // A queued record's channel is one of names_, which live as long as the system.
  auto& channel = static_cast<NamedChannel&>(*record.channel);
  if (channel.route == nullptr) channel.route = &plan_->of(channel.name());
  Route& route = *channel.route;
  // Other routes may write to the same output: keep the order of the records.
  for (const auto& other : plan_->routes()) {
    if (other.get() != &route && !other->batch.empty()) plan_->write();
  }
  format(route.style, {record.level, record.unix_ns, channel.name(), record.message}, record.fields,
         route.batch);
  if (route.batch.size() > kBatchBytes) plan_->write();
}

void System::replace_plan(std::shared_ptr<Plan> plan) {
  {
    const std::lock_guard lock(names_mutex_);
    for (const auto& [name, channel] : names_) channel->route = nullptr;
  }
  plan_.swap(plan);  // the old one goes here, with the files that only it had
  plan_->reopen();
}

}  // namespace rr::log
