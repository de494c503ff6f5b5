// Services with processes of their own: real ones, of the shell.
#include "runtime/plugins/service/services.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/plugins/fake_context.h"

namespace rr::service {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

template <class Condition>
bool eventually(Condition condition, Duration within = 20s) {
  const TimePoint deadline = Clock::now() + within;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

bool alive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  return !text.empty() && text.find(") Z") == std::string::npos;
}

class Running : public testing::Test {
 protected:
  Running()
      : folder_(std::filesystem::temp_directory_path() /
                ("rr-services-" + std::to_string(::getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
    script("loop.sh",
           "trap 'echo stopping; exit 0' INT\necho started $1\nwhile :; do sleep 0.05; "
           "done\n");
    script("deaf.sh", "trap '' INT\necho deaf\nwhile :; do sleep 0.1; done\n");
    control_.start();
    services_.emplace(Services::Parts{
        control_, reaper_, pool::own_environment(), context_.logger("service"),
        [this](const std::string& name) { return context_.logger("service." + name); }});
  }
  ~Running() override {
    services_->stop(Clock::now() + 30s);
    control_.stop();
    std::filesystem::remove_all(folder_);
  }

  void script(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  ServiceConfig config(const std::string& words, std::int64_t count = 1) const {
    ServiceConfig config;
    config.command = "sh " + (folder_ / words).string();
    config.process_num = count;
    return config;
  }
  std::set<pid_t> pids(const std::string& name) {
    std::set<pid_t> all;
    auto states = services_->states(name);
    if (!states) return all;
    for (const Services::State& state : *states) all.insert(state.pid);
    return all;
  }
  bool logged(const std::string& line, std::ptrdiff_t times = 1) const {
    return std::ranges::count(context_.logged(), line) >= times;
  }
  static std::string said(const Result<void>& done) { return done ? "" : done.error().text(); }
  std::string runs() const {
    std::ifstream file(folder_ / "runs");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::filesystem::path folder_;
  FakeContext context_;
  pool::Reaper reaper_ = std::move(pool::Reaper::start()).value();
  Control control_;
  std::optional<Services> services_;
};

// spec:04#38
TEST_F(Running, ConfiguredOnesStartLogAndAreStopped) {
  ServicesConfig both{{"a", config("loop.sh one")}, {"b", config("loop.sh two")}};
  both["b"].service_name_in_log = true;
  ASSERT_TRUE(services_->start(both));
  EXPECT_TRUE(eventually([&] { return logged("service: started one"); }));
  EXPECT_TRUE(eventually([&] { return logged("service.b: started two"); }));
  EXPECT_TRUE(logged("service: service was started", 2));
  services_->stop(Clock::now() + 30s);
  EXPECT_TRUE(logged("service: service was stopped", 2));
  EXPECT_TRUE(logged("service: stopping"));
  EXPECT_TRUE(logged("service.b: stopping"));
  EXPECT_EQ(services_->create("c", config("loop.sh")).error().code, Errc::stopped);
}

// spec:04#39
TEST_F(Running, WhatTheyWriteIsTrimmed) {
  script("out.sh", "printf '  x \\n\\t'\nsleep 0.2\nprintf 'to stderr\\n' >&2\nexec sleep 60\n");
  ASSERT_TRUE(services_->create("o", config("out.sh")));
  EXPECT_TRUE(eventually([&] { return logged("service: x"); }));
  EXPECT_TRUE(eventually([&] { return logged("service: to stderr"); }));
}

// spec:04#40
TEST_F(Running, AFailureIsLoggedAndNotStartedAgainUnlessAskedFor) {
  script("fail.sh", "echo run >> " + (folder_ / "runs").string() + "\nexit 7\n");
  ServiceConfig failing = config("fail.sh");
  failing.restart_sec = 1s;
  ASSERT_TRUE(services_->create("f", failing));
  EXPECT_TRUE(eventually([&] { return logged("service: wait"); }));
  EXPECT_THAT(services_->names(), ElementsAre("f"));
  failing.remain_after_exit = true;
  ASSERT_TRUE(services_->create("g", failing));
  EXPECT_TRUE(eventually([&] { return runs() == "run\nrun\nrun\n"; }));
  EXPECT_TRUE(services_->terminate("g"));
}

// spec:04#40
TEST_F(Running, OneThatTakesTooLongIsKilledAndStartedAgain) {
  script("slow.sh", "echo run >> " + (folder_ / "runs").string() + "\nexec sleep 60\n");
  ServiceConfig slow = config("slow.sh");
  slow.exec_timeout = 200ms;
  slow.remain_after_exit = true;
  slow.restart_sec = 1s;
  ASSERT_TRUE(services_->create("s", slow));
  EXPECT_TRUE(eventually([&] { return runs() == "run\nrun\n"; }));
}

// spec:04#41
TEST_F(Running, OneThatDoesNotListenIsKilledWithWhatItHasStarted) {
  ServiceConfig deaf = config("deaf.sh");
  deaf.timeout_stop_sec = 1s;
  ASSERT_TRUE(services_->create("d", deaf));
  ASSERT_TRUE(eventually([&] { return logged("service: deaf"); }));
  const pid_t pid = *pids("d").begin();
  const TimePoint began = Clock::now();
  EXPECT_TRUE(services_->terminate("d"));
  EXPECT_GE(Clock::now() - began, 1s);
  EXPECT_TRUE(logged("service: wait"));
  EXPECT_TRUE(eventually([&] { return ::kill(-pid, 0) != 0; }));
}

// spec:04#42
TEST_F(Running, AreCreatedListedAndTerminated) {
  EXPECT_THAT(services_->names(), ElementsAre());
  ASSERT_TRUE(services_->create("foo", config("loop.sh x")));
  const auto before = pids("foo");
  EXPECT_EQ(said(services_->create("foo", config("loop.sh x"))),
            "the service with foo name already exists");
  EXPECT_EQ(pids("foo"), before);
  EXPECT_THAT(services_->names(), ElementsAre("foo"));
  EXPECT_TRUE(services_->terminate("foo"));
  EXPECT_THAT(services_->names(), ElementsAre());
  EXPECT_FALSE(alive(*before.begin()));
}

// spec:04#43, spec:04#69
TEST_F(Running, WhatCannotBeStartedIsNotKept) {
  EXPECT_EQ(said(services_->create("foo", config("loop.sh", 0))),
            "the service with foo name should have at least 1 process");
  EXPECT_EQ(said(services_->create("foo", config("loop.sh", -1))),
            "the service with foo name should have at least 1 process");
  ServiceConfig missing;
  missing.command = "/no/such/file";
  EXPECT_EQ(said(services_->create("foo", missing)),
            "fork/exec /no/such/file: no such file or directory");
  EXPECT_THAT(services_->names(), ElementsAre());
}

// spec:04#44
TEST_F(Running, ARestartReplacesEveryProcess) {
  ASSERT_TRUE(services_->create("s", config("loop.sh again", 2)));
  const auto before = pids("s");
  ASSERT_EQ(before.size(), 2u);
  ASSERT_TRUE(services_->restart("s"));
  for (const pid_t pid : pids("s")) EXPECT_FALSE(before.contains(pid));
  for (const pid_t pid : before) EXPECT_FALSE(alive(pid));
}

// spec:04#44
TEST_F(Running, OneThatCannotBeStartedAgainIsForgotten) {
  script("run.sh", "#!/bin/sh\nexec sleep 60\n");
  std::filesystem::permissions(folder_ / "run.sh", std::filesystem::perms::owner_all);
  ServiceConfig own;
  own.command = folder_ / "run.sh";
  ASSERT_TRUE(services_->create("s", own));
  std::filesystem::remove(folder_ / "run.sh");
  EXPECT_THAT(said(services_->restart("s")), HasSubstr("no such file or directory"));
  EXPECT_EQ(said(services_->restart("s")), "the service with s name doesn't exist");
}

// spec:04#45
TEST_F(Running, StatesTellOfEachProcessDeadOnesToo) {
  ASSERT_TRUE(services_->create("s", config("loop.sh q", 2)));
  auto states = services_->states("s");
  ASSERT_TRUE(states);
  ASSERT_EQ(states->size(), 2u);
  EXPECT_TRUE((*states)[0].runs);
  EXPECT_THAT((*states)[0].command, HasSubstr("loop.sh q"));
  ::kill((*states)[0].pid, SIGKILL);
  ASSERT_TRUE(eventually([&] { return !(*services_->states("s"))[0].runs; }));
  EXPECT_EQ((*services_->states("s"))[0].pid, (*states)[0].pid);
  EXPECT_EQ(services_->running().size(), 1u);
}

// spec:04#46
TEST_F(Running, UnknownNamesAreErrors) {
  EXPECT_EQ(said(services_->terminate("ghost")), "the service with ghost name doesn't exist");
  EXPECT_EQ(said(services_->restart("")), "the service with  name doesn't exist");
  EXPECT_EQ(services_->states("ghost").error().text(), "the service with ghost name doesn't exist");
}

// spec:04#47
TEST_F(Running, RestartsFromManyThreadsAreNeverSeenHalfDone) {
  ServiceConfig quick;
  quick.command = "sleep 60";
  ASSERT_TRUE(services_->create("foo", quick));
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 50; ++t) {
    threads.emplace_back([&] {
      if (!services_->restart("foo")) ++wrong;
      if (services_->names() != std::vector<std::string>{"foo"}) ++wrong;
      const auto states = services_->states("foo");
      if (!states || states.value().size() != 1 || !states.value()[0].runs) ++wrong;
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(wrong, 0);
}

// spec:04#48
TEST_F(Running, AResetStartsASecondGeneration) {
  ASSERT_TRUE(services_->create("s", config("loop.sh gen", 2)));
  ASSERT_TRUE(eventually([&] { return logged("service: started gen", 2); }));
  services_->reset();
  EXPECT_TRUE(eventually([&] { return logged("service: started gen", 4); }));
  EXPECT_TRUE(logged("service: stopping", 2));
  EXPECT_EQ(services_->running().size(), 2u);
}

// spec:04#76
TEST_F(Running, TerminateInTheDelayCancelsTheRestart) {
  script("count.sh", "echo run >> " + (folder_ / "runs").string() + "\n");
  ServiceConfig counting = config("count.sh");
  counting.remain_after_exit = true;
  counting.restart_sec = 1s;
  ASSERT_TRUE(services_->create("c", counting));
  ASSERT_TRUE(eventually([&] { return !(*services_->states("c"))[0].runs; }));
  const TimePoint began = Clock::now();
  EXPECT_TRUE(services_->terminate("c"));
  EXPECT_LT(Clock::now() - began, 900ms);
  std::this_thread::sleep_for(1200ms);  // what must not happen would happen in that time
  EXPECT_EQ(runs(), "run\n");
}

// As in RoadRunner.
TEST_F(Running, OneWhoseOutputSomebodyElseHoldsIsNotDoneYet) {
  script("parent.sh", "sleep 1 &\necho run >> " + (folder_ / "runs").string() + "\nexit 3\n");
  ASSERT_TRUE(services_->create("p", config("parent.sh")));
  ASSERT_TRUE(eventually([&] { return runs() == "run\n"; }));
  EXPECT_FALSE(logged("service: wait"));
  EXPECT_TRUE(eventually([&] { return logged("service: wait"); }));
}

TEST_F(Running, AnotherConfigurationEndsAndStartsWhatItMust) {
  ASSERT_TRUE(services_->start({{"a", config("loop.sh a")}, {"b", config("loop.sh b")}}));
  ASSERT_TRUE(services_->create("c", config("loop.sh c")));
  const auto a = pids("a"), b = pids("b"), c = pids("c");
  services_->apply({{"b", config("loop.sh changed", 2)}, {"d", config("loop.sh d")}});
  EXPECT_THAT(services_->names(), ElementsAre("b", "c", "d"));
  EXPECT_FALSE(alive(*a.begin()));
  EXPECT_FALSE(alive(*b.begin()));
  EXPECT_FALSE(alive(*c.begin()));
  EXPECT_EQ(pids("b").size(), 2u);
  EXPECT_TRUE(eventually([&] { return logged("service: started changed", 2); }));
}

TEST_F(Running, AStopDoesNotWaitLongerThanItIsTold) {
  ServiceConfig deaf = config("deaf.sh", 3);
  deaf.timeout_stop_sec = 3600s;
  ASSERT_TRUE(services_->create("d", deaf));
  ASSERT_TRUE(eventually([&] { return logged("service: deaf", 3); }));
  std::thread terminating([&] { (void)services_->terminate("d"); });
  const TimePoint began = Clock::now();
  services_->stop(Clock::now() + 200ms);
  EXPECT_LT(Clock::now() - began, 10s);
  terminating.join();
}

}  // namespace
}  // namespace rr::service
