// How worker processes come up, or do not.
// Behind a real pool and reactor; the worker does what its request says (scripted_worker.cc). Sheet
// cases that need HTTP are in tests/golden.
#include <string>

#include <gmock/gmock.h>

#include "process_fixture.h"

namespace rr::pool {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string start_error(std::vector<std::string> boot, Duration allocate_timeout = 20s,
                        std::uint32_t workers = 1) {
  ProcessPool pool(std::move(boot));
  pool.options.workers = workers;
  pool.options.allocate_timeout = allocate_timeout;
  auto started = pool.start();
  EXPECT_FALSE(started);
  return started ? "" : started.error().text();
}

// spec:01#11
TEST(ProcessStart, WorkersAreReadyAfterTheHandshake) {
  for (const char* flags : {"pid-flags 1", "pid-flags 9"}) {
    ProcessPool pool({flags});
    pool.options.workers = 3;
    pool.must_start();
    const auto workers = pool.pool().workers();
    ASSERT_EQ(workers.size(), 3u);
    for (const auto& worker : workers) {
      EXPECT_EQ(worker.state, WorkerState::ready);
      EXPECT_GT(worker.pid, 0);
      EXPECT_GT(worker.memory_bytes, 0u);
      EXPECT_EQ(worker.executions, 0u);
    }
  }
}

// spec:01#12
TEST(ProcessStart, WrongAnswersToTheHandshakeFailIt) {
  EXPECT_THAT(start_error({"pid-flags 0"}),
              EndsWith("unexpected response, header is missing, no CONTROL flag"));
  EXPECT_THAT(start_error({"pid-payload {\"pid\":0}"}), EndsWith("pid should be greater than 0"));
  EXPECT_THAT(start_error({"pid-payload []"}),
              StartsWith("static_pool_allocate_workers: WorkerAllocate: "));
}

// spec:01#13
TEST(ProcessStart, StrayOutputIsQuoted) {
  const auto began = Clock::now();
  const std::string text = "warning: some weird php error";
  std::string hex;
  for (unsigned char c : text) {
    char two[3];
    snprintf(two, sizeof two, "%02x", c);
    hex += two;
  }
  EXPECT_EQ(start_error({"raw " + hex, "greet-nothing"}),
            "static_pool_allocate_workers: WorkerAllocate:\n\tgoridge_frame_receive: validation "
            "failed on the message sent to STDOUT, see: "
            "https://docs.roadrunner.dev/error-codes/stdout-crc, invalid message: " +
                text);
  EXPECT_LT(Clock::now() - began, 6s);
}

// spec:01#14
TEST(ProcessStart, AWorkerThatNeverAnswersFailsItInTime) {
  EXPECT_THAT(start_error({"raw 414243", "greet-nothing"}, 300ms),
              HasSubstr("failed to spawn a worker, possible reasons: "
                        "https://docs.roadrunner.dev/error-codes/allocate-timeout"));
}

// spec:01#15
TEST(ProcessStart, EarlyExitQuotesStderr) {
  const auto text = start_error({"stderr PHP Parse error: syntax error", "exit 1"});
  EXPECT_THAT(text,
              StartsWith("static_pool_allocate_workers: WorkerAllocate: EOF (exit status 1)"));
  EXPECT_THAT(text, EndsWith("PHP Parse error: syntax error"));
}

// spec:01#15
TEST(ProcessStart, MissingBinaryIsNamed) {
  ProcessPool pool;
  pool.options.launch.command = {"no-such-interpreter", "w.php"};
  auto started = pool.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().text(), HasSubstr("exec: \"no-such-interpreter\""));
}

TEST(ProcessStart, WhatCannotBeExecutedIsNamed) {
  ProcessPool pool;
  pool.options.launch.command = {"/etc/passwd"};
  auto started = pool.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().text(), HasSubstr("/etc/passwd: permission denied"));
}

// spec:01#29
TEST(ProcessStart, OneThatFailsEndsTheOthers) {
  ProcessPool pool;
  // The first to make the directory comes up, the others exit.
  char folder[] = "/tmp/rr_process_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string lock = std::string(folder) + "/one";
  pool.options.launch.command = {
      "/bin/sh", "-c", "mkdir " + lock + " && exec " RR_SCRIPTED_WORKER " ignore-stop; exit 1"};
  pool.options.workers = 3;
  EXPECT_FALSE(pool.start());
  rmdir(lock.c_str());
  rmdir(folder);
}

// spec:01#16
TEST(ProcessStart, EnvironmentIsTheWorkers) {
  ProcessPool pool;
  pool.must_start();
  EXPECT_EQ(pool.submit("env RR_MODE")->wait().body(), "http");
  EXPECT_EQ(pool.submit("env HOME")->wait().body(), "(unset)");
}

// spec:01#18
TEST(ProcessStderr, IsLoggedAndDoesNotDisturb) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("stderr something odd\nanswer - ok");
  EXPECT_EQ(reply->wait().body(), "ok");
  EXPECT_TRUE(pool.output.wait_for("something odd"));
  EXPECT_EQ(pool.submit("stderr-bytes 204800\nanswer - ok")->wait().body(), "ok");
  EXPECT_TRUE(pool.output.wait_for(std::string(200000, 'e')));
}

}  // namespace
}  // namespace rr::pool
