// What the pool tells the bus about its workers.
#include "rr/events.h"

#include <map>

#include <gmock/gmock.h>

#include "process_fixture.h"
#include "runtime/core/events/bus.h"

namespace rr::pool {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct ProcessEvents : ::testing::Test {
  ProcessEvents() {
    heard = std::move(bus.subscribe("http.*", {.capacity = 1000})).value();
    pool.options.events = WorkerEvents(bus, "http", Logger());
  }
  // The next event of a type. Two threads tell of one worker: others may come before it.
  std::string next(const std::string& type) {
    while (come[type].empty()) {
      const auto event = heard->next(Clock::now() + 20s);
      if (!event) return "no " + type;
      come[event->type].push_back(event->message);
    }
    const std::string message = come[type].front();
    come[type].erase(come[type].begin());
    return message;
  }

  events::Bus bus;
  std::unique_ptr<EventSubscription> heard;
  std::map<std::string, std::vector<std::string>> come;
  ProcessPool pool;  // goes first
};

TEST_F(ProcessEvents, AWorkerComesUpDiesAndIsReplaced) {
  pool.must_start();
  EXPECT_THAT(next("EventWorkerConstruct"), StartsWith("worker is allocated, pid: "));
  pool.submit("exit 3")->wait();
  EXPECT_THAT(next("EventWorkerError"),
              StartsWith("sync_worker_receive_frame: Network: EOF, pid: "));
  EXPECT_THAT(next("EventWorkerStopped"), StartsWith("process exited, pid: "));
  EXPECT_THAT(next("EventWorkerConstruct"), StartsWith("worker is allocated"));
}

TEST_F(ProcessEvents, AnErrorFrameIsASoftError) {
  pool.must_start();
  pool.submit("frame 64 0 - boom")->wait();
  EXPECT_THAT(next("EventWorkerSoftError"),
              StartsWith("sync_worker_receive_frame: SoftJobError: boom, pid: "));
}

TEST_F(ProcessEvents, LimitsAreToldByTheirNames) {
  pool.options.exec_ttl = 300ms;
  pool.must_start();
  pool.submit("sleep 20000")->wait();
  EXPECT_THAT(next("EventExecTTL"), HasSubstr("context deadline exceeded"));
}

TEST_F(ProcessEvents, SoftLimitsAreToldByTheirNames) {
  pool.options.limits = {.watch_tick = 20ms, .ttl = 50ms};
  pool.must_start();
  EXPECT_THAT(next("EventTTL"), StartsWith("ttl is reached, pid: "));
}

TEST_F(ProcessEvents, NobodyFree) {
  pool.config.allocate_timeout = 100ms;
  pool.must_start();
  auto busy = pool.submit("sleep 1500\nanswer - done");
  busy->wait_until_encoded();
  EXPECT_EQ(pool.submit("answer - late")->wait().code(), Errc::no_free_workers);
  EXPECT_THAT(next("EventNoFreeWorkers"), HasSubstr("no free workers in the pool"));
  EXPECT_EQ(busy->wait().body(), "done");
}

}  // namespace
}  // namespace rr::pool
