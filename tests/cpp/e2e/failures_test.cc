// Workers that fail: every request has an answer, and the next one finds a worker in order.
#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using SteadyClock = std::chrono::steady_clock;

class Failures : public ::testing::TestWithParam<Style> {
 protected:
  // Several in a row: what one failure leaves behind shows in the next.
  void expect_healthy(const Server& server) {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(server.get("/").body, "hello");
  }
};
INSTANTIATE_TEST_SUITE_P(Styles, Failures, ::testing::ValuesIn(styles()), style_name);

TEST_P(Failures, UncaughtExceptionIs500) {
  Server server(serve(GetParam()));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(server.get("/throw").status, 500);
    expect_healthy(server);
  }
}

TEST_P(Failures, ExitIsAnAnswer) {
  Server server(serve(GetParam()));
  for (int i = 0; i < 5; ++i) {
    // Where echo and header() make the answer, it is whatever they made; a loop that ended owes
    // one.
    EXPECT_EQ(server.get("/exit").status, GetParam().speaks == Speaks::superglobals ? 200 : 500);
    expect_healthy(server);
  }
}

TEST_P(Failures, MemoryLimitIs500AndTheMemoryComesBack) {
  Server server(serve(GetParam(), {.flags = "-d memory_limit=64M"}));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(server.get("/memory").status, 500);
    expect_healthy(server);
  }
  EXPECT_TRUE(server.wait_for_log("Allowed memory size")) << server.log();
}

TEST_P(Failures, ExecTtlEndsAScriptThatComputes) {
  Server server(serve(GetParam(), {.pool = ", supervisor: {exec_ttl: 1s}"}));
  const auto began = SteadyClock::now();
  EXPECT_EQ(server.get("/spin?ms=20000").status, 500);
  EXPECT_LT(SteadyClock::now() - began, patience(4s));
  expect_healthy(server);
}

TEST_P(Failures, ExecTtlEndsAScriptThatSleeps) {
  Server server(serve(GetParam(), {.pool = ", supervisor: {exec_ttl: 1s}"}));
  const auto began = SteadyClock::now();
  EXPECT_EQ(server.get("/sleep?ms=20000").status, 500);
  EXPECT_LT(SteadyClock::now() - began, patience(4s));
  expect_healthy(server);
}

TEST_P(Failures, MaxJobsReplacesWorkersUnderLoad) {
  Server server(serve(GetParam(), {.pool = ", max_jobs: 3"}));
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      Client link = server.connect();
      for (int i = 0; i < 25; ++i) {
        const std::string id = std::to_string(client) + "-" + std::to_string(i);
        link.send(request("GET", "/identity?id=" + id));
        const Response reply = link.read();
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.body, id + "  00000000");
      }
    });
  }
  for (auto& client : clients) client.join();
}

TEST_P(Failures, NoFreeWorkerIs500AfterAllocateTimeout) {
  Server server(serve(GetParam(), {.workers = 1, .pool = ", allocate_timeout: 1s"}));
  Client busy = server.connect();
  busy.send(request("GET", "/sleep?ms=2500"));
  std::this_thread::sleep_for(100ms);
  const auto began = SteadyClock::now();
  EXPECT_EQ(server.get("/").status, 500);
  const auto took = SteadyClock::now() - began;
  EXPECT_GT(took, 800ms);
  EXPECT_LT(took, patience(2s));
  EXPECT_EQ(busy.read().body, "slept");
  expect_healthy(server);
}

// The records that operators of RoadRunner look for, whatever the worker is (spec 05 §6).
TEST_P(Failures, TheLogNamesWhatHappenedToTheWorker) {
  Server server(serve(GetParam(), {.pool = ", supervisor: {exec_ttl: 1s}"}));
  EXPECT_EQ(server.get("/sleep?ms=20000").status, 500);
  EXPECT_TRUE(server.wait_for_log("EventExecTTL")) << server.log();
  if (!GetParam().loop()) return;
  server.get("/exit");
  EXPECT_TRUE(server.wait_for_log("EventWorkerConstruct")) << server.log();
}

TEST_P(Failures, QueueLimitRefusesAtOnce) {
  Server server(serve(GetParam(), {.workers = 1, .pool = ", max_queue_size: 1"}));
  Client busy = server.connect();
  busy.send(request("GET", "/sleep?ms=800"));
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(server.get("/").status, 500);
  EXPECT_EQ(busy.read().body, "slept");
  expect_healthy(server);
}

TEST_P(Failures, StreamThatDiesEndsCleanlyOrIsCut) {
  Server server(serve(GetParam(), {.pool = ", supervisor: {exec_ttl: 1s}"}));
  Client client = server.connect();
  client.send(request("GET", "/stream?n=2&wait=6000"));
  EXPECT_EQ(client.read_head().status, 200);
  EXPECT_EQ(client.read_chunk(), "chunk 1\n");
  EXPECT_EQ(client.read_chunk(), "");
  expect_healthy(server);
}

class ProcessFailures : public Failures {};
std::vector<Style> process_styles() {
  std::vector<Style> found;
  for (const auto& style : styles()) {
    if (!style.thread()) found.push_back(style);
  }
  return found;
}
INSTANTIATE_TEST_SUITE_P(Styles, ProcessFailures, ::testing::ValuesIn(process_styles()),
                         style_name);

TEST_P(ProcessFailures, KilledWorkerIs500OnceAndReplaced) {
  Server server(serve(GetParam()));
  for (const int number : {SIGKILL, SIGSEGV, SIGTERM, SIGABRT}) {
    EXPECT_EQ(server.get("/crash?signal=" + std::to_string(number)).status, 500);
    expect_healthy(server);
  }
  EXPECT_TRUE(eventually([&] { return server.descendants().size() == 2; }));
}

TEST_P(ProcessFailures, WorkerKilledWhileIdleCostsNoRequest) {
  Server server(serve(GetParam()));
  for (int round = 0; round < 3; ++round) {
    const auto old = server.descendants();
    for (const pid_t pid : old) ::kill(pid, SIGKILL);
    EXPECT_TRUE(eventually([&] { return std::ranges::none_of(old, alive); }));
    EXPECT_TRUE(eventually([&] { return server.descendants().size() == 2; }));
    expect_healthy(server);
  }
}

TEST(ThreadFailures, StuckCallIsAnsweredReplacedAndCounted) {
  // flock() blocks in the kernel and is retried by nothing: the thread stays, its place is taken.
  const std::string script = R"(<?php
while (rr_embed_handle_request(static function (): void {
    if ($_SERVER['REQUEST_URI'] === '/stuck') {
        $pipe = fopen(__DIR__ . '/fifo', 'r');
    }
    echo 'fine';
}));
)";
  ServerOptions options;
  options.config =
      "version: '3'\nserver: {command: 'php {dir}/w.php'}\nhttp: {address: '127.0.0.1:{port}', "
      "pool: {mode: embed, num_workers: 2, "
      "supervisor: {exec_ttl: 1s}}}\nlogs: {level: debug, mode: production}\nendure: "
      "{grace_period: 2s}\n";
  options.files["w.php"] = script;
  Server server(options);
  ASSERT_EQ(::system(("mkfifo " + (server.folder() / "fifo").string()).c_str()), 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(server.get("/stuck").status, 500);
    for (int j = 0; j < 4; ++j) EXPECT_EQ(server.get("/").body, "fine");
  }
}

}  // namespace
}  // namespace rr::e2e
