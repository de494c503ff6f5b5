// A pool that another one replaces: nothing is lost, nothing is left.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "process_fixture.h"
#include "runtime/core/read_section.h"
#include "runtime/pool/current_pool.h"
#include "runtime/pool/retirement.h"

namespace rr::pool {
namespace {

// Several pools, one after the other, on one plane and one control thread.
class Generations : public testing::Test {
 protected:
  Generations() {
    plane_.start_pollers(2);
    plane_.start_guard();
  }
  ~Generations() override {
    retirement_.stop(Clock::now() + 20s);
    if (auto last = current_.get()) last->stop(Clock::now() + 20s);
    plane_.stop();
    work_.reset();
    control_thread_.join();
    current_.replace(nullptr);
    // Every process that was started has been reaped.
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  std::shared_ptr<WorkerPool> make(std::uint32_t workers, std::vector<std::string> boot = {}) {
    ProcessOptions options;
    options.launch.command = {RR_SCRIPTED_WORKER};
    for (auto& word : boot) options.launch.command.push_back(std::move(word));
    options.launch.environment = {"RR_MODE=http", "PATH=/usr/bin:/bin"};
    options.allocate_timeout = 20s;
    options.workers = workers;
    PoolConfig config;
    config.num_workers = workers;
    config.allocate_timeout = 20s;
    return std::make_shared<WorkerPool>(config, plane_, [&](CrewHost& host) {
      return std::make_unique<ProcessCrew>(host, plane_, control_, std::move(options));
    });
  }
  void swap_in(std::shared_ptr<WorkerPool> next, Duration grace = 30s) {
    auto started = next->start();
    ASSERT_TRUE(started) << started.error().text();
    auto before = current_.replace(next);
    raw_.store(next.get(), std::memory_order_seq_cst);
    if (before) retirement_.retire({std::move(before)}, grace);
  }
  // As a data-plane thread does.
  std::shared_ptr<Reply> submit(std::string context) {
    auto reply = std::make_shared<Reply>();
    const ReadSection section;
    raw_.load(std::memory_order_seq_cst)
        ->submit(ExchangePtr(new FakeExchange(std::move(context), {}, reply)));
    return reply;
  }

  net::DataPlane plane_{2};
  boost::asio::io_context control_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      control_.get_executor()};
  std::thread control_thread_{[this] { control_.run(); }};
  Retirement retirement_{Logger()};
  CurrentPool current_;
  std::atomic<WorkerPool*> raw_{nullptr};
};

TEST_F(Generations, WhatWasSubmittedToTheOldOneIsAnsweredByItAndNewWorkByTheNewOne) {
  swap_in(make(1));
  const auto old_pid = submit("pid")->wait().body();
  auto running = submit("sleep 300\nanswer - ok");
  auto queued = submit("pid");
  running->wait_until_encoded();
  swap_in(make(1));
  const auto new_pid = submit("pid")->wait().body();
  EXPECT_NE(new_pid, old_pid);
  EXPECT_EQ(queued->wait().body(), old_pid);
  EXPECT_EQ(running->wait().error(), "");
  ProcessPool::wait_until_gone(old_pid);
  EXPECT_TRUE(retirement_.await_fewer_than(1));
}

TEST_F(Generations, IdleWorkersOfTheOldOneDoNotWaitForTheBusyOne) {
  swap_in(make(3));
  std::vector<std::string> pids;
  for (const auto& worker : current_.workers()) pids.push_back(std::to_string(worker.pid));
  auto running = submit("sleep 3000\nanswer - ok");
  running->wait_until_encoded();
  auto before = current_.get();
  swap_in(make(1));
  const auto limit = Clock::now() + 20s;
  while (before->workers().size() > 1) {
    ASSERT_LT(Clock::now(), limit);
    std::this_thread::yield();
  }
  EXPECT_FALSE(running->over());
  EXPECT_EQ(running->wait().error(), "");
}

TEST_F(Generations, GraceEndsWhatDoesNotEnd) {
  swap_in(make(1));
  auto running = submit("sleep 60000");
  auto queued = submit("pid");
  running->wait_until_encoded();
  swap_in(make(1), 100ms);
  EXPECT_NE(queued->wait().error(), "");
  EXPECT_NE(running->wait().error(), "");
  EXPECT_TRUE(retirement_.await_fewer_than(1));
}

TEST_F(Generations, StopOfTheServerHastensThoseOnTheirWay) {
  swap_in(make(1));
  auto running = submit("sleep 60000");
  running->wait_until_encoded();
  swap_in(make(1), 60s);
  const auto began = Clock::now();
  retirement_.stop(Clock::now() + 100ms);
  EXPECT_LT(Clock::now() - began, 30s);
  EXPECT_NE(running->wait().error(), "");
}

TEST_F(Generations, StartThatIsStoppedEndsAtOnce) {
  auto pool = make(2, {"sleep 60000"});
  std::thread canceller([&] {
    std::this_thread::yield();
    pool->stop(Clock::now());
  });
  const auto began = Clock::now();
  const auto started = pool->start();
  canceller.join();
  EXPECT_FALSE(started);
  EXPECT_LT(Clock::now() - began, 15s);
}

TEST_F(Generations, AskedWhileItIsReplacedTheCurrentPoolAnswersWithTheNext) {
  swap_in(make(1));
  auto before = current_.get();
  swap_in(make(1));
  EXPECT_TRUE(retirement_.await_fewer_than(1));
  EXPECT_FALSE(before->add_worker()) << "a pool that has ended has no more workers";
  EXPECT_TRUE(current_.add_worker());
  EXPECT_EQ(current_.counts().wanted, 2U);
  EXPECT_TRUE(current_.remove_worker());
  EXPECT_EQ(current_.counts().wanted, 1U);
}

TEST_F(Generations, StormOfReplacementsLosesNothing) {
  swap_in(make(2));
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      while (!stop) {
        auto reply = submit("pid");
        reply->wait();
        ++answered;
        if (!reply->error().empty() || reply->answers() != 1) ++failed;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(retirement_.await_fewer_than(4));
    swap_in(make(2));
  }
  stop = true;
  for (auto& client : clients) client.join();
  EXPECT_GT(answered, 0);
  EXPECT_EQ(failed, 0);
  EXPECT_TRUE(retirement_.await_fewer_than(1));
}

}  // namespace
}  // namespace rr::pool
