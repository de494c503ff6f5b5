// A pool of scripted worker processes, and exchanges that remember how they were answered.
#pragma once

#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "runtime/net/data_plane.h"
#include "runtime/pool/pool.h"
#include "runtime/pool/process/process_crew.h"
#include "runtime/pool/process/relay.h"

namespace rr::pool {

using namespace std::chrono_literals;

// What became of an exchange. Shared by the exchange, which the pool may outlive, and the test.
class Reply {
 public:
  struct Chunk {
    unsigned flags;
    bool more;
    std::string context;
    std::string body;
    bool operator==(const Chunk&) const = default;
  };

  // Blocks until the exchange is over; fails the test when that takes too long.
  Reply& wait(std::chrono::seconds limit = 30s) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, limit, [&] { return over_; })) << "no answer";
    return *this;
  }
  void wait_for_chunks(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, 30s, [&] { return chunks_.size() >= count || over_; }));
  }
  void wait_until_encoded() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, 30s, [&] { return encoded_ > 0; }));
  }

  std::vector<Chunk> chunks() const { return locked(chunks_); }
  std::string body() const {
    std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& chunk : chunks_) all += chunk.body;
    return all;
  }
  Errc code() const {
    std::lock_guard lock(mutex_);
    return error_.code;
  }
  std::string error() const {
    std::lock_guard lock(mutex_);
    return error_.code == Errc::none ? "" : error_.text();
  }
  int answers() const { return locked(answers_); }
  int encoded() const { return locked(encoded_); }
  bool over() const { return locked(over_); }

  template <class Change>
  void change(Change&& change) {
    std::lock_guard lock(mutex_);
    change(*this);
    changed_.notify_all();
  }

  std::vector<Chunk> chunks_;
  Error error_;
  int answers_ = 0;  // last frames and errors
  int encoded_ = 0;
  bool over_ = false;

 private:
  template <class T>
  T locked(const T& value) const {
    std::lock_guard lock(mutex_);
    return value;
  }

  mutable std::mutex mutex_;  // guards everything above
  std::condition_variable changed_;
};

class FakeExchange final : public Exchange {
 public:
  FakeExchange(std::string context, std::string body, std::shared_ptr<Reply> reply)
      : context_(std::move(context)), body_(std::move(body)), reply_(std::move(reply)) {}

  std::size_t chunks_wanted = SIZE_MAX;    // then the receiver is gone
  std::size_t congested_after = SIZE_MAX;  // chunks; the test resumes
  bool encode_fails = false;
  void (*resume)(void*) = nullptr;  // valid once the reply says `congested`
  void* resume_context = nullptr;
  std::atomic<bool>* congested_now = nullptr;
  // Called when the exchange is concluded: may submit the next.
  void (*then)(void*) = nullptr;
  void* then_context = nullptr;

  Result<void> encode(WireRequest& out) override {
    if (encode_fails) return Error(Errc::encode, "fake", "cannot be encoded");
    out.flags = 8;
    out.context = context_;
    out.body = body_;
    reply_->change([](Reply& reply) { ++reply.encoded_; });
    return {};
  }

  bool answer(const WireAnswer& frame) override {
    if (!begin_write()) return false;
    bool wanted = true;
    reply_->change([&](Reply& reply) {
      reply.chunks_.push_back(
          {frame.flags, frame.more, std::string(frame.context), std::string(frame.body)});
      if (!frame.more) ++reply.answers_;
      wanted = reply.chunks_.size() < chunks_wanted;
    });
    end_write(!frame.more);
    return wanted;
  }

  bool congested(void (*resume_call)(void*), void* context) override {
    if (reply_->chunks().size() != congested_after) return false;
    resume = resume_call;
    resume_context = context;
    congested_now->store(true);
    congested_now->notify_all();
    return true;
  }

 private:
  void answer_error(const Error& error) override {
    reply_->change([&](Reply& reply) {
      reply.error_ = error;
      ++reply.answers_;
    });
  }
  void concluded() override {
    if (then) then(then_context);
    reply_->change([](Reply& reply) { reply.over_ = true; });
  }

  const std::string context_;
  const std::string body_;
  const std::shared_ptr<Reply> reply_;  // with the test
};

// Keeps what is logged.
class LogKeeper final : public log::Channel {
 public:
  LogKeeper() : Channel(log::Level::debug) {}
  void write(log::Level, std::string_view message, std::span<const log::KeyValue>) override {
    std::lock_guard lock(mutex_);
    text_ += message;
    changed_.notify_all();
  }
  bool wait_for(std::string_view part) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return text_.find(part) != std::string::npos; });
  }
  std::size_t size() {
    std::lock_guard lock(mutex_);
    return text_.size();
  }

 private:
  std::mutex mutex_;  // guards text_
  std::condition_variable changed_;
  std::string text_;
};

class ProcessPool {
 public:
  explicit ProcessPool(std::vector<std::string> boot = {}) {
    options.launch.command = {RR_SCRIPTED_WORKER};
    for (auto& command : boot) options.launch.command.push_back(std::move(command));
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"RR_MODE", "http"}, {"PATH", "/usr/bin:/bin"}}) {
      options.launch.environment.push_back(name + "=" + value);
    }
    options.output = Logger(output);
    options.allocate_timeout = 20s;
    config.allocate_timeout = 20s;
    config.reset_timeout = 20s;
  }
  ~ProcessPool() {
    if (pool_) stop(20s);
    plane_.stop();
    boost::asio::post(control_, [this] { relay_.reset(); });
    work_.reset();
    control_thread_.join();
    pool_.reset();
    // Every process that was started has been reaped.
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  // Workers are reached over a unix socket.
  void use_relay() {
    relay_path_ = testing::TempDir() + "relay." + std::to_string(getpid()) + ".sock";
    auto relay = Relay::open(control_, "unix://" + relay_path_, std::nullopt, Logger());
    ASSERT_TRUE(relay) << relay.error().text();
    relay_ = std::move(relay).value();
    options.relay = relay_.get();
    options.launch.streams = LaunchPlan::Streams::errors_only;
    options.launch.environment.push_back("RR_RELAY=unix://" + relay_path_);
  }
  const std::string& relay_path() const { return relay_path_; }
  std::size_t relay_guests() {
    std::promise<std::size_t> guests;
    boost::asio::post(control_, [&] { guests.set_value(relay_->guests()); });
    return guests.get_future().get();
  }

  Result<void> start() {
    config.debug = options.debug;
    if (config.num_workers == 0) config.num_workers = options.workers;
    pool_ = std::make_unique<WorkerPool>(
        config, plane_,
        [&](CrewHost& host) {
          return std::make_unique<ProcessCrew>(host, plane_, control_, options);
        },
        WorkerPool::Extras{.events = options.events});
    plane_.start_pollers(2);
    plane_.start_guard();
    auto started = pool_->start();
    if (!started) pool_.reset();
    return started;
  }
  void must_start() {
    auto started = start();
    ASSERT_TRUE(started) << started.error().text();
  }
  void stop(std::chrono::nanoseconds limit) {
    if (!std::exchange(stopped_, true)) pool_->stop(Clock::now() + limit);
  }

  std::shared_ptr<Reply> submit(std::string context, std::string body = {}) {
    return submit(std::move(context), std::move(body), [](FakeExchange&) {});
  }
  template <class Setup>
  std::shared_ptr<Reply> submit(std::string context, std::string body, Setup&& setup) {
    auto reply = std::make_shared<Reply>();
    auto* exchange = new FakeExchange(std::move(context), std::move(body), reply);
    setup(*exchange);
    pool_->submit(ExchangePtr(exchange));
    return reply;
  }
  std::string pid() { return submit("pid")->wait().body(); }

  // Until so many workers are ready.
  void wait_for_ready(std::size_t count) {
    const auto limit = Clock::now() + 20s;
    for (;;) {
      std::size_t ready = 0;
      for (const auto& worker : pool_->workers()) ready += worker.state == WorkerState::ready;
      if (ready == count) return;
      ASSERT_LT(Clock::now(), limit) << ready << " workers are ready";
      std::this_thread::yield();
    }
  }
  // Until no process has this id.
  static void wait_until_gone(const std::string& pid) {
    const auto limit = Clock::now() + 20s;
    while (kill(std::stoi(pid), 0) == 0) {
      ASSERT_LT(Clock::now(), limit) << pid << " is still there";
      std::this_thread::yield();
    }
  }

  WorkerPool& pool() { return *pool_; }

  LogKeeper output;
  ProcessOptions options;
  PoolConfig config;

 private:
  net::DataPlane plane_{2};
  boost::asio::io_context control_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      control_.get_executor()};
  std::thread control_thread_{[this] { control_.run(); }};
  std::string relay_path_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<WorkerPool> pool_;
  bool stopped_ = false;
};

}  // namespace rr::pool
