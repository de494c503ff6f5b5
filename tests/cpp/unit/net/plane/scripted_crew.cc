#include "scripted_crew.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <thread>

#include "jitter.h"
#include "runtime/net/held_output.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kInterruptStages = 3;

int interrupt_signal() {
  return SIGUSR2;
}

void install_interrupt_handler() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigemptyset(&action.sa_mask);
    return sigaction(interrupt_signal(), &action, nullptr) == 0;
  }();
  (void)installed;
}

}  // namespace

// See EmbedWorker, member by member.
class ScriptedWorker final : private OutputHolder {
 public:
  explicit ScriptedWorker(ScriptedCrew& crew) : crew_(crew) {}
  ~ScriptedWorker() {
    if (thread_.joinable()) thread_.join();
  }

  static ScriptedWorker*& here() {
    thread_local ScriptedWorker* worker = nullptr;
    return worker;
  }

  void start() {
    thread_ = std::thread([this] { thread_main(); });
  }

  bool accept(const ScriptedCrew& crew, ExchangePtr& exchange) {
    if (&crew_ != &crew || !idle_ || local_ || told()) return false;
    if (!exchange->begin()) return false;
    local_ = std::move(exchange);
    return true;
  }

  bool wait_ready(TimePoint deadline) {
    std::unique_lock lock(boot_mutex_);
    return boot_changed_.wait_until(lock, deadline, [&] { return ready_ || ended_; });
  }
  void recycle_now() {
    {
      std::lock_guard lock(boot_mutex_);
      ready_ = false;
    }
    recycle_.store(true, std::memory_order_release);
    wake();
  }
  void leave() {
    leave_.store(true, std::memory_order_release);
    wake();
  }
  bool wait_ended(TimePoint deadline) {
    std::unique_lock lock(boot_mutex_);
    return boot_changed_.wait_until(lock, deadline, [&] { return ended_; });
  }
  bool has_ended() const {
    std::lock_guard lock(boot_mutex_);
    return ended_;
  }
  void interrupt() {
    interrupts_seen_.fetch_add(1, std::memory_order_acq_rel);
    if (!has_ended()) pthread_kill(thread_.native_handle(), interrupt_signal());
  }

  TimePoint expire(TimePoint now, bool& stuck) {
    ExchangePtr taken;
    const Duration ttl = crew_.options_.exec_ttl;
    const Duration step = crew_.options_.interrupt_step;
    if (!held_.empty() && now >= held_.since() + 1ms) held_.send();
    {
      std::lock_guard lock(hand_mutex_);
      if (!running_ || ttl <= Duration::zero()) return TimePoint::max();
      if (now < running_since_ + ttl) return running_since_ + ttl;
      if (interrupts_ < kInterruptStages) {
        if (interrupts_ == 0 || now >= last_interrupt_ + step) {
          ++interrupts_;
          interrupt();
          last_interrupt_ = now;
        }
        return last_interrupt_ + step;
      }
      if (now < last_interrupt_ + step) return last_interrupt_ + step;
      if (!running_->take_over()) return now + step;
      running_->retain();
      taken = ExchangePtr(running_);
      running_ = nullptr;
      leave_.store(true, std::memory_order_release);
    }
    jitter();
    stuck = true;
    taken->fail_taken_over(
        Error(Errc::exec_ttl, "worker_exec_with_timeout", "context deadline exceeded"));
    jitter();
    taken->conclude();
    return TimePoint::max();
  }

 private:
  bool told() const {
    return leave_.load(std::memory_order_acquire) || recycle_.load(std::memory_order_acquire);
  }
  void wake() {
    crew_.plane_.unpark(parker_);
    if (!has_ended()) kick(thread_.native_handle());
  }

  void thread_main() {
    here() = this;
    OutputHolder::here() = this;
    prepare_polling_thread();
    while (!leave_.load(std::memory_order_acquire)) life();
    std::lock_guard lock(boot_mutex_);
    ended_ = true;
    boot_changed_.notify_all();
  }

  // Whether scripts are quick is a matter of chance here.
  bool hold(Output& output) override {
    if (one_in(3) || !crew_.host_.work_waits() || told()) return false;
    const TimePoint now = Clock::now();
    if (!held_.hold(output, now)) return false;
    crew_.plane_.note_deadline(now + 1ms);
    return true;
  }

  void life() {
    recycle_.store(false, std::memory_order_release);
    jobs_ = 0;
    if (crew_.options_.boot) crew_.options_.boot();
    while (Exchange* exchange = next()) {
      jitter();
      const auto after = crew_.options_.script({*exchange->http(), interrupts_seen_});
      jitter();
      if (after == ScriptedOptions::After::end_of_life) break;
    }
    idle_ = false;
    held_.send();
    if (in_hand_) {
      in_hand_->fail(Error(Errc::network, "embed_worker_exec", "the script has ended"));
      done();
      idle_ = false;
    }
    if (local_) crew_.host_.hand_back(std::move(local_));
  }

  void ask_for_work() {
    std::lock_guard lock(boot_mutex_);
    if (ready_ || recycle_.load(std::memory_order_acquire)) return;
    ready_ = true;
    boot_changed_.notify_all();
  }

  Exchange* next() {
    ask_for_work();
    if (in_hand_) done();
    idle_ = true;
    const auto look = [this] { return crew_.host_.work_waits() || told(); };
    for (;;) {
      jitter();
      if (local_) break;
      if (told()) {
        idle_ = false;
        held_.send();
        if (crew_.host_.work_waits()) crew_.plane_.work_queued();
        return nullptr;
      }
      if ((local_ = crew_.host_.take())) {
        if (crew_.host_.work_waits()) crew_.plane_.work_queued();
        break;
      }
      held_.send();
      crew_.plane_.idle(parker_, look);
    }
    idle_ = false;
    in_hand_ = std::move(local_);
    ++jobs_;
    interrupts_seen_.store(0, std::memory_order_release);
    const TimePoint now = Clock::now();
    {
      std::lock_guard lock(hand_mutex_);
      running_ = in_hand_.get();
      running_since_ = now;
      interrupts_ = 0;
    }
    if (crew_.options_.exec_ttl > Duration::zero())
      crew_.plane_.note_deadline(now + crew_.options_.exec_ttl);
    return in_hand_.get();
  }

  void done() {
    {
      std::lock_guard lock(hand_mutex_);
      running_ = nullptr;
    }
    jitter();
    ExchangePtr exchange = std::move(in_hand_);
    exchange->fail(Error(Errc::network, "embed_worker_exec", "the script gave no answer"));
    if (crew_.options_.max_jobs != 0 && jobs_ >= crew_.options_.max_jobs)
      recycle_.store(true, std::memory_order_release);
    crew_.host_.finished();
    idle_ = true;
    jitter();
    if (exchange->state() == ExchangeState::answered) exchange->conclude();
  }

  ScriptedCrew& crew_;
  bool idle_ = false;
  ExchangePtr local_;
  ExchangePtr in_hand_;
  std::uint64_t jobs_ = 0;
  Parker parker_;

  HeldOutput held_;
  std::atomic<bool> leave_{false};
  std::atomic<bool> recycle_{false};
  std::atomic<int> interrupts_seen_{0};

  std::mutex hand_mutex_;
  Exchange* running_ = nullptr;
  TimePoint running_since_;
  int interrupts_ = 0;
  TimePoint last_interrupt_;

  mutable std::mutex boot_mutex_;
  std::condition_variable boot_changed_;
  bool ready_ = false;
  bool ended_ = false;
  std::thread thread_;
};

ScriptedCrew::ScriptedCrew(pool::CrewHost& host, DataPlane& plane, ScriptedOptions options)
    : host_(host), plane_(plane), options_(std::move(options)) {
  install_interrupt_handler();
}

ScriptedCrew::~ScriptedCrew() = default;

Result<void> ScriptedCrew::start() {
  std::vector<std::shared_ptr<ScriptedWorker>> all;
  {
    std::lock_guard lock(mutex_);
    for (unsigned i = 0; i < options_.workers; ++i) {
      workers_.push_back(std::make_shared<ScriptedWorker>(*this));
      workers_.back()->start();
    }
    all = workers_;
  }
  for (auto& worker : all) worker->wait_ready(TimePoint::max());
  return {};
}

bool ScriptedCrew::offer(ExchangePtr& exchange) {
  ScriptedWorker* worker = ScriptedWorker::here();
  return worker && worker->accept(*this, exchange);
}

void ScriptedCrew::queued() {
  plane_.work_queued();
}

Result<void> ScriptedCrew::reset(TimePoint deadline) {
  std::vector<std::shared_ptr<ScriptedWorker>> all;
  {
    std::lock_guard lock(mutex_);
    all = workers_;
  }
  for (auto& worker : all) worker->recycle_now();
  for (auto& worker : all) {
    if (!worker->wait_ready(deadline)) worker->interrupt();
  }
  return {};
}

void ScriptedCrew::stop(TimePoint deadline) {
  std::vector<std::shared_ptr<ScriptedWorker>> all;
  {
    std::lock_guard lock(mutex_);
    std::swap(all, workers_);
    all.insert(all.end(), abandoned_.begin(), abandoned_.end());
    abandoned_.clear();
  }
  for (auto& worker : all) worker->leave();
  for (auto& worker : all) {
    while (!worker->wait_ended(deadline)) {
      worker->interrupt();
      deadline = Clock::now() + 100ms;
    }
  }
}

TimePoint ScriptedCrew::expire(TimePoint now) {
  TimePoint next = TimePoint::max();
  std::lock_guard lock(mutex_);
  for (auto& worker : workers_) {
    bool stuck = false;
    next = std::min(next, worker->expire(now, stuck));
    if (!stuck) continue;
    auto replacement = std::make_shared<ScriptedWorker>(*this);
    replacement->start();
    std::swap(worker, replacement);
    abandoned_.push_back(std::move(replacement));
  }
  std::erase_if(abandoned_, [](const auto& worker) { return worker->has_ended(); });
  return next;
}

std::vector<WorkerInfo> ScriptedCrew::workers() const {
  std::lock_guard lock(mutex_);
  return std::vector<WorkerInfo>(workers_.size());
}

std::uint32_t ScriptedCrew::abandoned() const {
  std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(abandoned_.size());
}

}  // namespace rr::net::testing
