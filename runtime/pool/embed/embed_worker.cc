#include "runtime/pool/embed/embed_worker.h"

#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <system_error>
#include <utility>

#include "runtime/core/crash_report.h"

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kStackBytes = 8 * 1024 * 1024;
constexpr auto kInterruptStep = 100ms;  // between attempts to end a script that is over time
constexpr int kInterruptStages = 3;
// Answers that belong to one connection leave together where scripts take less than kQuick: an
// answer waits for what runs behind it no longer than that on average, and not behind one that
// takes its time longer than the guard's round.
constexpr Duration kQuick = 200us;
constexpr int kQuickOf = 64;         // exchanges that the average is of, about
constexpr auto kHeldAtMost = 200us;  // looked at between scripts
constexpr auto kHeldTooLong = 1ms;   // looked at by the guard
constexpr auto kFirstBackOff = 100ms;
constexpr auto kLastBackOff = 1s;

thread_local EmbedWorker* this_worker = nullptr;

// RoadRunner's jitter: up to 14 % more, so that workers do not all go at once (spec 01 §6.2).
std::uint64_t drawn_max_jobs(std::uint64_t max_jobs) {
  if (max_jobs == 0) return 0;
  std::random_device random;
  return max_jobs + max_jobs * (random() % 15) / 100;
}

Error over_time() {
  return Error(Errc::exec_ttl, "worker_exec_with_timeout", "context deadline exceeded");
}

}  // namespace

EmbedWorker::EmbedWorker(EmbedShared& shared, int id)
    : shared_(shared), id_(id), max_jobs_(drawn_max_jobs(shared.options.max_jobs)) {}

EmbedWorker::~EmbedWorker() {
  if (joinable_) pthread_join(thread_, nullptr);
  if (bell_ >= 0) ::close(bell_);
}

EmbedWorker* EmbedWorker::here() {
  return this_worker;
}

void EmbedWorker::start() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  // The engine derives its recursion limit from the attributes (spec 08 §1.3).
  pthread_attr_setstacksize(&attributes, kStackBytes);
  const int error = pthread_create(
      &thread_, &attributes,
      [](void* self) -> void* {
        static_cast<EmbedWorker*>(self)->thread_main();
        return nullptr;
      },
      this);
  pthread_attr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_create");
  joinable_ = true;
}

void EmbedWorker::thread_main() {
  this_worker = this;
  thread_id_.store(static_cast<int>(syscall(SYS_gettid)), std::memory_order_release);
  const std::string& pool = shared_.options.name;
  const crash::Thread named("worker " + std::to_string(id_) + (pool.empty() ? "" : " of " + pool));
  net::prepare_polling_thread();
  net::OutputHolder::here() = this;
  {
    php::Interpreter interpreter(shared_.options.script, *this, shared_.log);
    {
      std::lock_guard lock(hand_mutex_);
      interpreter_ = &interpreter;
    }
    while (!leave_.load(std::memory_order_acquire)) life(interpreter);
    std::lock_guard lock(hand_mutex_);
    interpreter_ = nullptr;
  }
  become(WorkerState::stopped);
  booted(Boot::failed, "the pool is stopped");
  Crew::Done gone;
  {
    std::lock_guard lock(boot_mutex_);
    gone = std::exchange(gone_, {});
  }
  if (gone) gone({});
  std::lock_guard lock(boot_mutex_);
  ended_.store(true, std::memory_order_release);
  boot_changed_.notify_all();
}

void EmbedWorker::tell_when_gone(Crew::Done done) {
  std::lock_guard lock(boot_mutex_);
  gone_ = std::move(done);
}

// How a boot went, for those who wait for it.
void EmbedWorker::booted(Boot boot, std::string error) {
  Crew::Done up;
  {
    std::lock_guard lock(boot_mutex_);
    boot_ = boot;
    boot_error_ = std::move(error);
    boot_changed_.notify_all();
    up = std::exchange(up_, {});
    error = boot_error_;
  }
  if (!up) return;
  if (boot == Boot::ready) return up({});
  crew_->dismiss(*this);
  up(Error(Errc::worker_allocate, "", std::move(error)));
}

// One life of the script, from its boot to its end.
void EmbedWorker::life(php::Interpreter& interpreter) {
  state_.store(WorkerState::inactive, std::memory_order_release);
  recycle_.store(false, std::memory_order_release);
  jobs_ = 0;
  executions_.store(0, std::memory_order_relaxed);
  began_.store(Clock::now(), std::memory_order_relaxed);
  last_used_.store(TimePoint{}, std::memory_order_relaxed);
  created_unix_ns_.store(std::chrono::duration_cast<std::chrono::nanoseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count(),
                         std::memory_order_release);
  if (shared_.options.debug) {
    // The script is read when there is something for it to do, and leaves behind it.
    booted(Boot::ready);
    if (!await_work(TimePoint::max())) return;
    recycle_.store(true, std::memory_order_release);
  }
  const php::ScriptReport report = interpreter.run();
  idle_ = false;
  held_.send();
  if (in_hand_) {  // the script ended without an answer
    const Error error(Errc::network, "embed_worker_exec",
                      std::string(to_string(report.end)) + ": " + report.message);
    in_hand_->fail(error);
    failed(error);
    done();
    idle_ = false;
  }
  if (local_ && shared_.options.debug) return fail_local(report);
  if (local_) shared_.host.hand_back(std::move(local_));
  if (report.asked_for_work) {
    failed_boots_ = 0;
    shared_.options.events.gone(to_string(report.end), thread_id_.load(std::memory_order_relaxed),
                                WorkerEvents::Wanted::yes, kv("reason", to_string(report.end)));
    if (report.end != php::ScriptEnd::stopped && !told()) {
      shared_.log.debug("script ended, starting it anew", kv("worker", id_),
                        kv("reason", to_string(report.end)), kv("message", report.message));
    }
    return;
  }
  // It never asked for work: its boot failed, whatever it says.
  booted(Boot::failed, boot_failure(report));
  if (leave_.load(std::memory_order_acquire)) return;
  become(WorkerState::errored);
  const auto back_off =
      std::min<Duration>(kLastBackOff, kFirstBackOff * (1LL << std::min(failed_boots_, 10u)));
  ++failed_boots_;
  shared_.log.error("worker script failed to start, trying again", kv("worker", id_),
                    kv("error", report.message), kv("wait", back_off));
  const TimePoint until = Clock::now() + back_off;
  while (!told() && Clock::now() < until) parker_.wait(until);
}

std::string EmbedWorker::boot_failure(const php::ScriptReport& report) const {
  std::string text = "the script ended (" + std::string(to_string(report.end)) +
                     ") before it asked for work: " + shared_.options.script.script;
  if (!report.message.empty()) text += "\nits last words: " + report.message;
  return text;
}

// Debug mode: the script that was started for an exchange has not taken it.
void EmbedWorker::fail_local(const php::ScriptReport& report) {
  ExchangePtr exchange = std::move(local_);
  shared_.host.finished();
  exchange->fail(Error(Errc::worker_allocate, "", boot_failure(report)));
  if (exchange->state() == ExchangeState::answered) exchange->conclude();
}

Result<void> EmbedWorker::wait_ready(TimePoint deadline) {
  std::unique_lock lock(boot_mutex_);
  const bool settled = boot_changed_.wait_until(lock, deadline, [&] {
    return boot_ != Boot::pending || ended_.load(std::memory_order_acquire);
  });
  if (settled && boot_ == Boot::ready) return {};
  if (settled) return Error(Errc::worker_allocate, "", boot_error_);
  return Error(
      Errc::worker_allocate, "",
      "the script did not ask for work within allocate_timeout: " + shared_.options.script.script);
}

bool EmbedWorker::become(WorkerState to) {
  WorkerState from = state_.load(std::memory_order_acquire);
  while (can_become(from, to)) {
    if (state_.compare_exchange_weak(from, to, std::memory_order_acq_rel)) return true;
  }
  return false;
}

bool EmbedWorker::accept(const EmbedCrew& crew, ExchangePtr& exchange) {
  if (crew_ != &crew || !idle_ || local_ || told()) return false;
  if (!exchange->begin()) return false;
  local_ = std::move(exchange);
  return true;
}

// The first time in a life: the boot is over.
void EmbedWorker::ask_for_work() {
  if (state_.load(std::memory_order_acquire) != WorkerState::inactive) return;
  shared_.options.events.ready(thread_id_.load(std::memory_order_relaxed), max_jobs_);
  become(WorkerState::ready);
  booted(Boot::ready);
}

// True: local_ is there to be run. False: the script should leave, or the deadline has passed.
bool EmbedWorker::await_work(TimePoint deadline) {
  idle_ = true;
  const auto look = [this] { return shared_.host.work_waits() || told(); };
  for (;;) {
    if (local_) break;
    if (told()) {
      idle_ = false;
      held_.send();
      // The wake-up that brought us here may have been meant for work.
      if (shared_.host.work_waits()) shared_.plane.work_queued();
      if (shared_.plane.shared()) shared_.plane.pass_on();
      return false;
    }
    if ((local_ = shared_.host.take())) {
      // Several wake-ups may have come as one, to us: the next in the queue is another thread's.
      if (shared_.host.work_waits()) shared_.plane.work_queued();
      break;
    }
    held_.send();
    if (deadline != TimePoint::max() && Clock::now() >= deadline) {
      idle_ = false;
      return false;
    }
    waited_ = true;
    waits_.store(true, std::memory_order_seq_cst);
    shared_.plane.idle(parker_, look, deadline);
    waits_.store(false, std::memory_order_relaxed);
    // What woke us may have been meant for another crew, or for another one of this.
    if (shared_.plane.shared() && (local_ || !shared_.host.work_waits())) shared_.plane.pass_on();
  }
  idle_ = false;
  return true;
}

Exchange* EmbedWorker::next(TimePoint deadline) {
  ask_for_work();
  const int bell = bell_.load(std::memory_order_relaxed);
  if (std::uint64_t rings; bell >= 0) (void)!::read(bell, &rings, sizeof rings);
  if (in_hand_) done();
  if (!await_work(deadline)) return nullptr;
  in_hand_ = std::move(local_);
  // The pool must have counted it out before a client that has its answer comes again.
  in_hand_->on_ending([](void* self) { static_cast<EmbedWorker*>(self)->shared_.host.finished(); },
                      this);
  ++jobs_;
  executions_.fetch_add(1, std::memory_order_relaxed);
  const TimePoint now = Clock::now();
  note_script_time(now);
  send_what_is_old(now, kHeldAtMost);
  last_used_.store(now, std::memory_order_relaxed);
  state_.store(WorkerState::working, std::memory_order_release);
  {
    std::lock_guard lock(hand_mutex_);
    running_ = in_hand_.get();
    running_since_ = now;
    interrupts_ = 0;
    if (shared_.options.slow_exchange > Duration::zero()) {
      if (slow_ask_) slow_ask_->withdraw();
      slow_ask_ = nullptr;
      slow_logged_ = false;
      slow_call_.clear();
    }
  }
  if (bell >= 0) ring_if_work_waits();
  if (shared_.options.exec_ttl > Duration::zero())
    shared_.plane.note_deadline(now + shared_.options.exec_ttl);
  if (shared_.options.slow_exchange > Duration::zero())
    shared_.plane.note_deadline(now + shared_.options.slow_exchange);
  return in_hand_.get();
}

// Only where there was work all the time: else it is not the script that took it.
void EmbedWorker::note_script_time(TimePoint now) {
  if (!std::exchange(waited_, false)) average_ += (now - running_since_ - average_) / kQuickOf;
}

bool EmbedWorker::hold(net::Output& output) {
  if (average_ > kQuick || !shared_.host.work_waits() || told()) return false;
  if (!held_.hold(output, running_since_)) return false;
  shared_.plane.note_deadline(running_since_ + kHeldTooLong);
  return true;
}

void EmbedWorker::send_what_is_old(TimePoint now, Duration age) {
  if (!held_.empty() && now >= held_.since() + age) held_.send();
}

// Out of the guard's reach, too.
ExchangePtr EmbedWorker::take_from_hand() {
  std::lock_guard lock(hand_mutex_);
  running_ = nullptr;
  return std::move(in_hand_);
}

void EmbedWorker::hand_back() {
  ExchangePtr exchange = take_from_hand();
  if (!exchange) return;
  exchange->on_ending(nullptr, nullptr);
  shared_.host.hand_back(std::move(exchange));
}

void EmbedWorker::failed(const Error& error) {
  shared_.options.events.failed(error, thread_id_.load(std::memory_order_relaxed));
}

void EmbedWorker::script_failed(std::string_view message) {
  if (in_hand_ && shared_.options.events.heard())
    shared_.options.events.script_failed(message, describe(*in_hand_, running_since_), pid());
}

void EmbedWorker::done() {
  end_slow();
  ExchangePtr exchange = take_from_hand();
  if (!exchange) return;
  if (shared_.timing.watched()) shared_.timing.over(*exchange, running_since_);
  // Nobody else will: the script has had its chance.
  exchange->fail(Error(Errc::network, "embed_worker_exec", "the script gave no answer"));
  if (max_jobs_ != 0 && jobs_ >= max_jobs_) recycle_.store(true, std::memory_order_release);
  WorkerState working = WorkerState::working;
  state_.compare_exchange_strong(working, WorkerState::ready, std::memory_order_acq_rel);
  // Idle from here on: letting the connection go may find its next request, to be run right here. A
  // script with a loop of its own may have other things to do first.
  idle_ = bell_.load(std::memory_order_relaxed) < 0;
  if (exchange->state() == ExchangeState::answered) exchange->conclude();
}

int EmbedWorker::ready_descriptor() {
  ask_for_work();
  if (bell_.load(std::memory_order_relaxed) < 0) {
    const int bell = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (bell < 0) return -1;
    bell_.store(bell, std::memory_order_seq_cst);
    shared_.bells.store(true, std::memory_order_seq_cst);
  }
  ring_if_work_waits();
  return bell_.load(std::memory_order_relaxed);
}

void EmbedWorker::ring_if_work_waits() {
  if (local_ || shared_.host.work_waits() || told()) ring();
}

void EmbedWorker::ring() {
  const int bell = bell_.load(std::memory_order_seq_cst);
  const std::uint64_t once = 1;
  if (bell >= 0) (void)!::write(bell, &once, sizeof once);
}

bool EmbedWorker::stopping() const {
  return told();
}

void EmbedWorker::recycle() {
  recycle_.store(true, std::memory_order_release);
}

void EmbedWorker::wake() {
  ring();
  shared_.plane.unpark(parker_);
  if (!ended_.load(std::memory_order_acquire)) net::kick(thread_);
}

void EmbedWorker::recycle_soon() {
  recycle_.store(true, std::memory_order_release);
  wake();
}

void EmbedWorker::recycle_now() {
  {
    std::lock_guard lock(boot_mutex_);
    boot_ = Boot::pending;
  }
  recycle_soon();
}

void EmbedWorker::leave() {
  leave_.store(true, std::memory_order_release);
  if (joinable_) wake();
}

bool EmbedWorker::wait_ended(TimePoint deadline) {
  std::unique_lock lock(boot_mutex_);
  return boot_changed_.wait_until(lock, deadline,
                                  [&] { return ended_.load(std::memory_order_acquire); });
}

void EmbedWorker::interrupt() {
  std::lock_guard lock(hand_mutex_);
  if (interpreter_) interpreter_->interrupt(std::min(interrupts_++, kInterruptStages - 1));
}

TimePoint EmbedWorker::expire(TimePoint now, bool& stuck) {
  ExchangePtr taken;
  TimePoint look_again = TimePoint::max();
  send_what_is_old(now, kHeldTooLong);
  {
    std::lock_guard lock(hand_mutex_);
    if (!running_ || !interpreter_) return TimePoint::max();
    look_again = std::max(interpreter_->check_time_limit(now), now + 1ms);
    look_again = std::min(look_again, watch_slow(now));
    const Duration ttl = shared_.options.exec_ttl;
    if (ttl <= Duration::zero()) return look_again;
    // A stream has the time for each of its frames.
    const TimePoint since = std::max(running_since_, running_->last_progress());
    if (now < since + ttl) return std::min(look_again, since + ttl);
    if (interrupts_ < kInterruptStages) {
      // A first try reaches PHP code and, by the signal, blocking system calls.
      if (interrupts_ == 0 || now >= last_interrupt_ + kInterruptStep) {
        if (interrupts_ == 0) interpreter_->interrupt(interrupts_++);
        interpreter_->interrupt(interrupts_++);
        last_interrupt_ = now;
      }
      return last_interrupt_ + kInterruptStep;
    }
    if (now < last_interrupt_ + kInterruptStep) return last_interrupt_ + kInterruptStep;
    if (!running_->take_over()) return now + kInterruptStep;  // it is writing: nearly over
    running_->retain();
    taken = ExchangePtr(running_);
    running_ = nullptr;
    // Before the script can find out and come for more: a worker that is replaced has nobody to
    // watch what it runs next.
    leave_.store(true, std::memory_order_release);
  }
  stuck = true;
  become(WorkerState::exec_ttl_reached);
  failed(over_time());
  taken->fail_taken_over(over_time());
  taken->conclude();
  return TimePoint::max();
}

void EmbedWorker::supervise(TimePoint now) {
  if (told()) return;
  const WorkerUse use{.state = state_.load(std::memory_order_acquire),
                      .began = began_.load(std::memory_order_relaxed),
                      .last_used = last_used_.load(std::memory_order_relaxed)};
  std::uint64_t memory = 0;
  const WorkerState reached = limit_reached(shared_.options.limits, use, now, [&] {
    std::lock_guard lock(hand_mutex_);
    return memory = interpreter_ ? interpreter_->memory_bytes() : 0;
  });
  if (reached == WorkerState::inactive) return;
  shared_.options.events.reached(reached, thread_id_.load(std::memory_order_relaxed), memory);
  // Only what waits for work is marked: a busy worker shows that it is busy until it is done.
  WorkerState ready = WorkerState::ready;
  state_.compare_exchange_strong(ready, reached, std::memory_order_acq_rel);
  recycle_soon();
}

WorkerInfo EmbedWorker::info() const {
  WorkerInfo info;
  info.pid = thread_id_.load(std::memory_order_acquire);
  info.state = state_.load(std::memory_order_acquire);
  info.executions = executions_.load(std::memory_order_relaxed);
  info.created_unix_ns = created_unix_ns_.load(std::memory_order_acquire);
  info.kind = WorkerKind::thread;
  std::lock_guard lock(hand_mutex_);
  if (running_) info.running = describe(*running_, running_since_);
  if (interpreter_) {
    info.memory_bytes = interpreter_->memory_bytes();
    clockid_t clock;
    timespec used{};
    if (pthread_getcpuclockid(thread_, &clock) == 0 && clock_gettime(clock, &used) == 0) {
      const auto age = std::chrono::duration_cast<std::chrono::nanoseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count() -
                       info.created_unix_ns;
      if (age > 0)
        info.cpu_percent = 100.0 * (used.tv_sec * 1e9 + used.tv_nsec) / static_cast<double>(age);
    }
  }
  return info;
}

}  // namespace rr::pool
