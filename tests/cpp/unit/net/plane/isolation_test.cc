// What goes on while every interpreter is busy, and who gets the next one that is free.
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "client.h"
#include "gate.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
using After = ScriptedOptions::After;

std::string get(std::string_view path, std::string_view id = "1") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nX-Id: " + std::string(id) +
         "\r\n\r\n";
}

// Three workers that wait at a gate.
class Saturated : public ::testing::Test {
 protected:
  Saturated() {
    TestServer::Options options;
    options.crew.workers = 3;
    options.limits.idle = 300ms;
    options.limits.header = 300ms;
    options.crew.script = [this](const ScriptContext& context) {
      running_.add();
      gate_.wait();
      respond_with(context.exchange, 200, PinnedBytes{"late"});
      return After::next_job;
    };
    server_ = std::make_unique<TestServer>(options);
    for (int i = 0; i < 5; ++i) {
      busy_.push_back(std::make_unique<Client>(server_->address()));
      busy_.back()->send(get("/busy", std::to_string(i)));
      busy_.back()->flush();
    }
  }
  void SetUp() override {
    ASSERT_TRUE(running_.wait_for(3));
    ASSERT_TRUE(eventually([&] { return server_->pool->counts().waiting == 2; }));
  }
  void TearDown() override {
    gate_.open();
    for (std::size_t i = 0; i < busy_.size(); ++i) {
      const auto answer = busy_[i]->answer();
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, 200);
      EXPECT_EQ(answer->field("x-id"), std::to_string(i));
    }
    server_->stop();
  }
  // The best of a few: this machine has other things to do.
  template <class Action>
  static Duration best_time(Action&& action) {
    Duration best = Duration::max();
    for (int i = 0; i < 5; ++i) {
      const TimePoint begin = Clock::now();
      action();
      best = std::min<Duration>(best, Clock::now() - begin);
    }
    return best;
  }

  Counter running_;
  Gate gate_;
  std::unique_ptr<TestServer> server_;
  std::vector<std::unique_ptr<Client>> busy_;
};

TEST_F(Saturated, AcceptsAndAnswersWhatNeedsNoWorkerWithin150Milliseconds) {
  EXPECT_LT(best_time([&] {
              Client client(server_->address());
              client.send(get("/native"));
              const auto answer = client.answer();
              ASSERT_TRUE(answer);
              EXPECT_EQ(answer->body, "native");
            }),
            150ms);
}

TEST_F(Saturated, AnswersOnConnectionsItHas) {
  Client client(server_->address());
  client.send(get("/native"));
  ASSERT_TRUE(client.answer());
  EXPECT_LT(best_time([&] {
              client.send(get("/native"));
              EXPECT_TRUE(client.answer());
            }),
            150ms);
}

TEST_F(Saturated, ClosesIdleClients) {
  Client client(server_->address());
  const TimePoint begin = Clock::now();
  EXPECT_TRUE(client.at_end());
  EXPECT_GE(Clock::now() - begin, 290ms);
  EXPECT_LT(Clock::now() - begin, 5s);
}

// spec:02#91
TEST_F(Saturated, ClosesAClientThatDribblesItsHead) {
  Client client(server_->address());
  client.set_limit(20ms);
  const std::string request = get("/native");
  const TimePoint begin = Clock::now();
  // One byte for each 20 ms without an answer.
  for (std::size_t i = 0; i + 2 < request.size() && !client.ended(); ++i) {
    client.send(request.substr(i, 1));
    client.at_end();
  }
  EXPECT_TRUE(client.ended());
  EXPECT_LT(Clock::now() - begin, 5s);
}

TEST(Isolation, AFastClientDoesNotKeepAWorkerFromThoseWhoWait) {
  Counter queued;
  std::mutex mutex;
  std::vector<std::string> order;
  Gate gate;
  Counter begun;
  TestServer::Options options;
  options.crew.workers = 1;
  options.crew.script = [&](const ScriptContext& context) {
    {
      std::lock_guard lock(mutex);
      order.emplace_back(context.exchange.request().field("X-Id"));
    }
    begun.add();
    gate.wait();
    respond_with(context.exchange, 200, {});
    return After::next_job;
  };
  TestServer server(options);
  Client fast(server.address());
  for (int i = 0; i < 10; ++i) fast.send(get("/", "fast"));
  fast.flush();
  ASSERT_TRUE(begun.wait_for(1));
  Client other(server.address());
  other.send(get("/", "other"));
  other.flush();
  ASSERT_TRUE(eventually([&] { return server.pool->counts().waiting == 1; }));
  gate.open();
  ASSERT_TRUE(other.answer());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(fast.answer());
  std::lock_guard lock(mutex);
  ASSERT_EQ(order.size(), 11u);
  EXPECT_EQ(order[1], "other");
}

// Each request ends only when as many run at a time as there are workers.
class Barrier {
 public:
  After meet(const ScriptContext& context, int size) {
    const std::string round(context.exchange.request().field("X-Id"));
    std::shared_ptr<Counter> here;
    {
      std::lock_guard lock(mutex_);
      auto& counter = rounds_[round];
      if (!counter) counter = std::make_shared<Counter>();
      here = counter;
    }
    here->add();
    respond_with(context.exchange, here->wait_for(size) ? 200 : 500, {});
    return After::next_job;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Counter>> rounds_;
};

TEST(Isolation, IdleWorkersTakeWhatIsThere) {
  Barrier barrier;
  TestServer::Options options;
  options.crew.workers = 4;
  options.crew.script = [&](const ScriptContext& context) { return barrier.meet(context, 4); };
  TestServer server(options);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<Client>(server.address()));
  for (int round = 0; round < 100; ++round) {
    for (auto& client : clients) client->send(get("/", std::to_string(round)));
    for (auto& client : clients) client->flush();
    for (auto& client : clients) {
      const auto answer = client->answer();
      ASSERT_TRUE(answer);
      ASSERT_EQ(answer->status, 200) << "round " << round;
    }
  }
}

TEST(Isolation, WhatCameDuringAResetFindsEveryWorker) {
  Barrier barrier;
  std::mutex mutex;
  std::shared_ptr<Gate> boots;
  Counter booting;
  TestServer::Options options;
  options.crew.workers = 4;
  options.crew.script = [&](const ScriptContext& context) { return barrier.meet(context, 4); };
  options.crew.boot = [&] {
    std::shared_ptr<Gate> gate;
    {
      std::lock_guard lock(mutex);
      gate = boots;
    }
    booting.add();
    if (gate) gate->wait();
  };
  TestServer server(options);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<Client>(server.address()));
  for (int round = 0; round < 20; ++round) {
    auto gate = std::make_shared<Gate>();
    {
      std::lock_guard lock(mutex);
      boots = gate;
    }
    std::thread reset([&] { EXPECT_TRUE(server.pool->reset()); });
    ASSERT_TRUE(booting.wait_for(4 * (round + 2)));
    // The guard reads and queues them while every thread boots.
    for (auto& client : clients) client->send(get("/", std::to_string(round)));
    for (auto& client : clients) client->flush();
    EXPECT_TRUE(eventually([&] { return server.pool->counts().waiting == 4; }));
    gate->open();
    reset.join();
    for (auto& client : clients) {
      const auto answer = client->answer();
      ASSERT_TRUE(answer);
      ASSERT_EQ(answer->status, 200) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace rr::net::testing
