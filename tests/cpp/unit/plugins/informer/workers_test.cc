// informer and resetter over pools that are told what to say; and both behind the rpc plugin.
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/core/version.h"
#include "runtime/plugins/informer/plugin.h"
#include "runtime/plugins/resetter/plugin.h"
#include "runtime/plugins/rpc/plugin.h"
#include "tests/cpp/unit/plugins/fake_context.h"
#include "tests/cpp/unit/plugins/rpc/client.h"

namespace rr {
namespace {

using namespace std::chrono_literals;

class FakePool final : public Pool {
 public:
  Result<void> start() override { return {}; }
  void stop(TimePoint) override {}
  void retire(TimePoint) override {}
  void submit(ExchangePtr) override {}
  Result<void> reset() override {
    ++resets;
    if (reset_error) return *reset_error;
    return {};
  }
  Result<void> add_worker() override {
    if (add_error) return *add_error;
    all.push_back({.pid = static_cast<std::int64_t>(all.size()) + 100});
    return {};
  }
  Result<void> remove_worker() override {
    all.pop_back();
    return {};
  }
  std::vector<WorkerInfo> workers() const override { return all; }
  PoolCounts counts() const override { return {}; }
  std::vector<WorkerStack> stacks(std::int64_t, TimePoint) override { return {}; }
  Timings timings() override { return {}; }

  std::vector<WorkerInfo> all;
  std::optional<Error> reset_error;
  std::optional<Error> add_error;
  std::atomic<int> resets = 0;
};

class FakeHost final : public WorkerHost {
 public:
  explicit FakeHost(std::string name) : name_(std::move(name)) {}
  std::string_view host_name() const override { return name_; }
  Pool& pool() override { return workers; }
  std::vector<Named> more_pools() override { return more; }
  FakePool workers;
  std::vector<Named> more;

 private:
  std::string name_;
};

class FakeServices final : public ProcessHost {
 public:
  std::string_view host_name() const override { return "service"; }
  std::vector<Process> processes() const override { return all; }
  Result<void> reset() override {
    ++resets;
    return {};
  }
  std::vector<Process> all;
  int resets = 0;
};

class FakeJobs final : public PipelineHost {
 public:
  std::string_view host_name() const override { return "jobs"; }
  Result<std::vector<PipelineState>> pipelines() override { return states; }
  Result<std::vector<PipelineState>> states = std::vector<PipelineState>{};
};

class Workers : public testing::Test {
 protected:
  Workers() {
    informer_.init(context_);
    resetter_.init(context_);
  }
  void serve(std::initializer_list<FakeHost*> hosts) {
    for (FakeHost* host : hosts) context_.provide<WorkerHost>(*host);
    EXPECT_TRUE(informer_.serve());
    EXPECT_TRUE(resetter_.serve());
  }
  // The reply in JSON, "!" before an error.
  std::string call(std::string_view service, std::string_view method, std::string_view argument) {
    for (RpcService* each : context_.all<RpcService>()) {
      if (each->rpc_name() != service) continue;
      auto result = each->call(method, RpcCodec::json, argument);
      return result ? *result : "!" + result.error().text();
    }
    return "no service";
  }

  FakeContext context_;
  informer::InformerPlugin informer_;
  resetter::ResetterPlugin resetter_;
  FakeHost http_{"http"};
  FakeHost jobs_{"jobs"};
  FakeHost more_jobs_{"jobs"};
};

// spec:04#65
TEST_F(Workers, ShowsEachWorkerWithAllItsFields) {
  http_.workers.all = {{.pid = 42,
                        .state = WorkerState::working,
                        .executions = 7,
                        .created_unix_ns = 1'700'000'000'000'000'001,
                        .memory_bytes = 1 << 20,
                        .cpu_percent = 1.5},
                       {.pid = 43, .state = WorkerState::exec_ttl_reached}};
  serve({&http_});
  EXPECT_EQ(call("informer", "Workers", "\"http\""),
            R"({"workers":[{"pid":42,"status":2,"numExecs":7,"created":1700000000000000001,)"
            R"("memoryUsage":1048576,"CPUPercent":1.5,"command":"","statusStr":"working"},)"
            R"({"pid":43,"status":12,"numExecs":0,"created":0,"memoryUsage":0,"CPUPercent":0,)"
            R"("command":"","statusStr":"undefined"}]})");
}

// spec:01#56
TEST_F(Workers, UnknownPluginsHaveNullAndIdlePoolsNone) {
  serve({&http_});
  EXPECT_EQ(call("informer", "Workers", "\"http\""), R"({"workers":[]})");
  EXPECT_EQ(call("informer", "Workers", "\"nope\""), R"({"workers":null})");
  EXPECT_EQ(call("informer", "Workers", ""), R"({"workers":null})");
  EXPECT_EQ(call("informer", "Workers", "5"),
            "!json: cannot unmarshal number into Go value of type string");
}

// spec:04#66
TEST_F(Workers, ListsPluginsWithWorkersOnce) {
  serve({&http_, &jobs_, &more_jobs_});
  for (const char* argument : {"true", "false", "null", ""}) {
    EXPECT_EQ(call("informer", "List", argument), R"(["http","jobs"])");
    EXPECT_EQ(call("resetter", "List", argument), R"(["http","jobs"])");
  }
}

// spec:04#67
TEST_F(Workers, AddsAndRemovesOnesOfEachPool) {
  serve({&http_, &jobs_, &more_jobs_});
  EXPECT_EQ(call("informer", "AddWorker", "\"jobs\""), "false");
  EXPECT_EQ(jobs_.workers.all.size(), 1u);
  EXPECT_EQ(more_jobs_.workers.all.size(), 1u);
  EXPECT_TRUE(http_.workers.all.empty());
  EXPECT_EQ(call("informer", "RemoveWorker", "\"jobs\""), "false");
  EXPECT_TRUE(jobs_.workers.all.empty());
}

// Not RoadRunner's: a plugin with pools beside its first. They come and go with reloads.
TEST_F(Workers, FurtherPoolsHaveNamesOfTheirOwn) {
  const auto admin = std::make_shared<FakePool>();
  http_.more.push_back({"http:admin", admin});
  serve({&http_, &jobs_});
  EXPECT_EQ(call("informer", "List", "true"), R"(["http","http:admin","jobs"])");
  EXPECT_EQ(call("resetter", "List", "true"), R"(["http","http:admin","jobs"])");
  EXPECT_EQ(call("informer", "AddWorker", "\"http:admin\""), "false");
  EXPECT_EQ(admin->all.size(), 1u);
  EXPECT_TRUE(http_.workers.all.empty());
  EXPECT_EQ(call("resetter", "Reset", "\"http:admin\""), "true");
  EXPECT_EQ(admin->resets, 1);
  EXPECT_EQ(http_.workers.resets, 0);
  EXPECT_EQ(call("resetter", "Reset", "\"http\""), "true");
  EXPECT_EQ(admin->resets, 1);
  http_.more.clear();
  EXPECT_EQ(call("informer", "List", "true"), R"(["http","jobs"])");
  EXPECT_EQ(call("informer", "Workers", "\"http:admin\""), R"({"workers":null})");
}

TEST_F(Workers, SaysWhyNoneCanBeAdded) {
  serve({&http_});
  http_.workers.add_error =
      Error(Errc::worker_allocate, "", "container is full, maximum number of workers reached");
  EXPECT_EQ(call("informer", "AddWorker", "\"http\""),
            "!WorkerAllocate: container is full, maximum number of workers reached");
  for (const char* method : {"AddWorker", "RemoveWorker"}) {
    EXPECT_EQ(call("informer", method, "\"nope\""),
              "!plugin nope does not support workers management");
  }
}

TEST_F(Workers, ListsNoneWhereThereAreNone) {
  serve({});
  EXPECT_EQ(call("informer", "List", "true"), "[]");
  EXPECT_EQ(call("resetter", "List", "true"), "[]");
}

TEST_F(Workers, SeveralPoolsOfAPluginAreShownTogether) {
  jobs_.workers.all = {{.pid = 1}};
  more_jobs_.workers.all = {{.pid = 2}};
  serve({&jobs_, &more_jobs_});
  const auto reply = nlohmann::json::parse(call("informer", "Workers", "\"jobs\""));
  EXPECT_EQ(reply["workers"].size(), 2u);
}

// spec:04#68
TEST_F(Workers, ResetsOnePlugin) {
  serve({&http_, &jobs_, &more_jobs_});
  EXPECT_EQ(call("resetter", "Reset", "\"http\""), "true");
  EXPECT_EQ(http_.workers.resets, 1);
  EXPECT_EQ(jobs_.workers.resets, 0);
  EXPECT_EQ(context_.logged(), (std::vector<std::string>{"http: reset signal was received",
                                                         "http: plugin was successfully reset"}));
  EXPECT_EQ(call("resetter", "Reset", "\"jobs\""), "true");
  EXPECT_EQ(jobs_.workers.resets, 1);
  EXPECT_EQ(more_jobs_.workers.resets, 1);
}

// spec:04#68
TEST_F(Workers, ResetOfAnUnknownPluginIsAnError) {
  serve({&http_});
  EXPECT_EQ(call("resetter", "Reset", "\"nope\""),
            "!resetter_rpc_reset:\n\tresetter_plugin_reset_by_name: no such plugin: nope");
  EXPECT_EQ(call("resetter", "Reset", "null"),
            "!resetter_rpc_reset:\n\tresetter_plugin_reset_by_name: no such plugin: ");
  EXPECT_TRUE(context_.logged().empty());
}

// spec:04#68
TEST_F(Workers, ThePluginsOwnErrorIsPassedOn) {
  http_.workers.reset_error = Error(Errc::worker_allocate, "pool_reset", "exit status 1");
  serve({&http_});
  EXPECT_EQ(call("resetter", "Reset", "\"http\""),
            "!resetter_rpc_reset:\n\tpool_reset: WorkerAllocate: exit status 1");
  EXPECT_EQ(context_.logged(), std::vector<std::string>{"http: reset signal was received"});
}

// spec:04#48
TEST_F(Workers, ProcessesThatAreNoWorkersAreListedAndReset) {
  FakeServices services;
  services.all = {
      {.info = {.pid = 7, .state = WorkerState::ready, .memory_bytes = 9}, .command = "/bin/sh x"}};
  context_.provide<ProcessHost>(services);
  serve({&http_});
  EXPECT_EQ(call("informer", "List", "true"), R"(["http","service"])");
  EXPECT_EQ(call("resetter", "List", "true"), R"(["http","service"])");
  EXPECT_EQ(call("informer", "Workers", "\"service\""),
            R"({"workers":[{"pid":7,"status":1,"numExecs":0,"created":0,"memoryUsage":9,)"
            R"("CPUPercent":0,"command":"/bin/sh x","statusStr":""}]})");
  EXPECT_EQ(call("informer", "AddWorker", "\"service\""),
            "!plugin service does not support workers management");
  EXPECT_EQ(call("resetter", "Reset", "\"service\""), "true");
  EXPECT_EQ(services.resets, 1);
  services.all.clear();
  EXPECT_EQ(call("informer", "Workers", "\"service\""), R"({"workers":[]})");
}

// spec:04#66
TEST_F(Workers, JobsAreTheDriversStatesOfEachPipeline) {
  FakeJobs jobs;
  jobs.states = std::vector<PipelineState>{
      {.pipeline = "q1", .driver = "memory", .queue = "q", .active = 1, .priority = 13}};
  context_.provide<PipelineHost>(jobs);
  serve({&jobs_});
  EXPECT_EQ(call("informer", "Jobs", "\"jobs\""),
            R"([{"Pipeline":"q1","Driver":"memory","Queue":"q","Active":1,"Delayed":0,)"
            R"("Reserved":0,"Ready":false,"Priority":13,"ErrorMessage":""}])");
  EXPECT_EQ(call("informer", "Jobs", "\"http\""), "null");
  jobs.states = Error(Errc::io, "", "no broker");
  EXPECT_EQ(call("informer", "Jobs", "\"jobs\""), "null");
}

// spec:04#65
TEST_F(Workers, PluginsWithoutPipelinesHaveNullForThem) {
  serve({&http_});
  EXPECT_EQ(call("informer", "Jobs", "\"http\""), "null");
  EXPECT_EQ(call("informer", "Jobs", "\"nope\""), "null");
}

TEST_F(Workers, TheSocketIsForItsOwnerUnlessSaidOtherwise) {
  const auto mode_of = [this](const std::string& extra) -> unsigned {
    Control control;
    FakeContext context;
    context.provide(control);
    const std::string path = "/tmp/rr-mode-" + std::to_string(::getpid()) + ".sock";
    context.config().set("rpc.listen", config::Node("unix://" + path, {}));
    if (!extra.empty()) {
      const std::size_t equals = extra.find('=');
      context.config().set("rpc." + extra.substr(0, equals),
                           config::Node(extra.substr(equals + 1), {}));
    }
    rpc::RpcPlugin plugin;
    plugin.init(context);
    control.start();
    EXPECT_TRUE(plugin.serve());
    struct stat file {};
    EXPECT_EQ(::stat(path.c_str(), &file), 0);
    plugin.stop(Clock::now() + 30s);
    control.stop();
    return file.st_mode & 0777;
  };
  EXPECT_EQ(mode_of(""), 0600u);
  EXPECT_EQ(mode_of("mode=0666"), 0666u);
  EXPECT_EQ(mode_of("group=" + std::to_string(::getgid())), 0660u);
}

// spec:01#42
TEST_F(Workers, AreReachedThroughTheRpcPlugin) {
  Control control;
  context_.provide(control);
  context_.config().set("rpc.listen", config::Node(std::string("tcp://127.0.0.1:0"), {}));
  context_.config_text = "{\"a\":1}";
  rpc::RpcPlugin plugin;
  plugin.init(context_);
  serve({&http_});
  control.start();
  ASSERT_TRUE(plugin.serve());
  rpc::Client client(plugin.addresses().front());
  EXPECT_EQ(client.call(1, "rpc.Version", "true"),
            "1 rpc.Version \"" + std::string(kRoadRunnerVersion) + "\"");
  EXPECT_EQ(client.call(2, "rpc.nope", "true"), "2 rpc.nope !rpc: can't find method rpc.nope");
  EXPECT_EQ(client.call(5, "rpc.Config", "true"), "5 rpc.Config \"eyJhIjoxfQ==\"");
  EXPECT_EQ(client.call(3, "resetter.List", "true"), "3 resetter.List [\"http\"]");
  EXPECT_EQ(client.call(4, "resetter.Reset", "\"http\""), "4 resetter.Reset true");
  plugin.refuse();
  plugin.stop(Clock::now() + 30s);
  EXPECT_EQ(client.end(), "end");
  control.stop();
}

TEST(RpcPlugin, AnAddressThatIsNoneFailsTheInit) {
  FakeContext context;
  context.config().set("rpc.listen", config::Node(std::string("localhost"), {}));
  rpc::RpcPlugin plugin;
  try {
    plugin.init(context);
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_NE(std::string(e.what()).find("invalid socket DSN (tcp://:6001, unix://file.sock)"),
              std::string::npos);
  }
}

TEST(RpcPlugin, AnAddressThatCannotBeUsedFailsTheServe) {
  FakeContext context;
  Control control;
  control.start();
  context.provide(control);
  context.config().set("rpc.listen", config::Node(std::string("http://127.0.0.1:1"), {}));
  rpc::RpcPlugin plugin;
  plugin.init(context);
  const auto served = plugin.serve();
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().text(),
            "rpc_plugin_serve: invalid Protocol ([tcp://]:6001, unix://file.sock), address: "
            "http://127.0.0.1:1");
  plugin.stop(Clock::now());
  control.stop();
}

}  // namespace
}  // namespace rr
