// `workers` and `jobs` against a server whose answers are given.
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/cli/command.h"
#include "tests/cpp/unit/cli/scripted_server.h"

namespace rr::cli {
namespace {

using namespace std::string_literals;

constexpr auto kJson = goridge::flag::codec_json;
constexpr auto kProto = goridge::flag::codec_proto;
constexpr std::uint8_t kFailed = kJson | goridge::flag::error;

class Clients : public testing::Test {
 protected:
  // Answers by "method argument"; what is not there is an unknown method.
  std::map<std::string, std::pair<std::uint8_t, std::string>> answers_;
  std::vector<std::string> arguments_;
  std::set<std::string, std::less<>> flags_;
  bool silent_ = false;

  // The output of a command.
  std::string run(int (*command)(const Invocation&)) {
    ScriptedServer server([this](std::string_view method, std::string_view body) {
      const auto found = answers_.find(std::string(method) + " " + std::string(body));
      if (found != answers_.end()) return found->second;
      return std::pair(kFailed, "rpc: can't find method " + std::string(method));
    });
    Invocation invocation;
    invocation.globals.config = "/no/such/file.yaml";
    invocation.globals.silent = silent_;
    invocation.globals.overrides = {"rpc.listen=unix://" + server.path()};
    invocation.arguments = arguments_;
    invocation.flags = flags_;
    testing::internal::CaptureStdout();
    try {
      EXPECT_EQ(command(invocation), 0);
    } catch (const ConfigError& e) {
      return testing::internal::GetCapturedStdout() + "! " + e.what();
    }
    return testing::internal::GetCapturedStdout();
  }
};

// spec:05#26
TEST_F(Clients, WorkersAreSortedByPidAndPluginsByName) {
  answers_ = {
      {"informer.List true", {kJson, R"(["service","http","debug"])"}},
      {"informer.Workers \"http\"",
       {kJson,
        R"({"workers":[{"pid":20,"status":2,"numExecs":1234,"created":1,"memoryUsage":2100000,
            "CPUPercent":1.006,"command":"","statusStr":"working"},
            {"pid":3,"statusStr":"undefined"}]})"}},
      {"informer.Workers \"service\"",
       {kJson, R"({"workers":[{"pid":7,"memoryUsage":5,"CPUPercent":0,"command":"sleep 30"}]})"}},
      {"informer.Workers \"debug\"", {kJson, R"({"workers":null})"}},
      {"informer.Jobs \"http\"", {kJson, "null"}},
      {"informer.Jobs \"service\"", {kJson, "null"}},
      {"informer.Jobs \"debug\"", {kJson, "[]"}},
  };
  EXPECT_EQ(run(run_workers),
            "Workers of [http]:\n"
            "┌─────┬───────────┬───────┬────────┬───────┬──────────────────┐\n"
            "│ PID │  STATUS   │ EXECS │ MEMORY │ CPU % │     CREATED      │\n"
            "├─────┼───────────┼───────┼────────┼───────┼──────────────────┤\n"
            "│ 3   │ undefined │ 0     │ 0 B    │ 0.00  │ a long while ago │\n"
            "│ 20  │ working   │ 1,234 │ 2.1 MB │ 1.01  │ a long while ago │\n"
            "└─────┴───────────┴───────┴────────┴───────┴──────────────────┘\n"
            "Workers of [service]:\n"
            "┌─────┬────────┬───────┬──────────┐\n"
            "│ PID │ MEMORY │ CPU % │ COMMAND  │\n"
            "├─────┼────────┼───────┼──────────┤\n"
            "│ 7   │ 5 B    │ 0.00  │ sleep 30 │\n"
            "└─────┴────────┴───────┴──────────┘\n");
}

// spec:05#26
TEST_F(Clients, PipelinesFollowTheWorkersOfAllPlugins) {
  arguments_ = {"jobs", "nosuch"};
  answers_ = {
      {"informer.Workers \"jobs\"", {kJson, R"({"workers":[]})"}},
      {"informer.Workers \"nosuch\"", {kJson, R"({"workers":null})"}},
      {"informer.Jobs \"jobs\"",
       {kJson, R"([{"Pipeline":"two","Driver":"memory","Queue":"q","Ready":false},
                   {"Pipeline":"one","Driver":"memory","Queue":"one","Active":3,"Ready":true}])"}},
      {"informer.Jobs \"nosuch\"", {kJson, "null"}},
  };
  EXPECT_EQ(run(run_workers),
            "Jobs of [jobs]:\n"
            "┌────────────────┬──────────┬────────┬───────┬────────┬─────────┬──────────┐\n"
            "│     STATUS     │ PIPELINE │ DRIVER │ QUEUE │ ACTIVE │ DELAYED │ RESERVED │\n"
            "├────────────────┼──────────┼────────┼───────┼────────┼─────────┼──────────┤\n"
            "│ READY          │ one      │ memory │ one   │ 3      │ 0       │ 0        │\n"
            "│ PAUSED/STOPPED │ two      │ memory │ q     │ 0      │ 0       │ 0        │\n"
            "└────────────────┴──────────┴────────┴───────┴────────┴─────────┴──────────┘\n");
}

TEST_F(Clients, APluginThatDoesNotAnswerIsARowOfItsTable) {
  arguments_ = {"http"};
  answers_ = {{"informer.Workers \"http\"", {kFailed, "boom"}}};
  const std::string text = run(run_workers);
  EXPECT_NE(text.find("│ 0   │ failed to receive information about http plugin: boom │ ERROR │"),
            std::string::npos)
      << text;
}

TEST_F(Clients, WorkersAsJson) {
  arguments_ = {"http"};
  flags_ = {"json"};
  answers_ = {{"informer.Workers \"http\"", {kJson, R"({"workers":[{"pid":3}]})"}}};
  EXPECT_EQ(nlohmann::json::parse(run(run_workers)),
            nlohmann::json::parse(R"({"http":[{"pid":3}]})"));
}

// spec:05#27
TEST_F(Clients, JobsSpeaksProtobuf) {
  const std::string table =
      "┌────────────────┐\n│ PIPELINE ( S ) │\n├────────────────┤\n"
      "│ one            │\n│ two            │\n└────────────────┘\n";
  answers_ = {{"jobs.List ", {kProto, "\n\3one\n\3two"}},
              {"jobs.Pause \n\3one\n\3two", {kProto, ""}},
              {"jobs.Destroy \n\3one", {kProto, ""}}};
  flags_ = {"list"};
  EXPECT_EQ(run(run_jobs), table);
  flags_ = {"pause"};
  arguments_ = {"one,two", "ignored"};
  EXPECT_EQ(run(run_jobs), table);
  silent_ = true;
  EXPECT_EQ(run(run_jobs), "");
  silent_ = false;
  flags_ = {"destroy"};
  arguments_ = {"one"};
  EXPECT_EQ(run(run_jobs), "┌────────────────┐\n│ PIPELINE ( S ) │\n└────────────────┘\n");
  flags_ = {"resume"};
  EXPECT_EQ(run(run_jobs), "! rpc: can't find method jobs.Resume");
}

TEST_F(Clients, ReloadSaysWhatChangedAndWhatNeedsARestart) {
  answers_ = {
      {"server.Reload null",
       {kJson,
        R"({"changed":["http.pool.num_workers"],"reset":["http"],"restart":["rpc.listen"]})"}}};
  EXPECT_EQ(run(run_reload),
            "changed: http.pool.num_workers\nnew workers: http\nneeds a restart: rpc.listen\n");
  silent_ = true;
  EXPECT_EQ(run(run_reload), "");
  answers_ = {{"server.Reload null", {kFailed, "/app/.rr.yaml:4:2: http.pool: no"}}};
  EXPECT_EQ(run(run_reload), "! /app/.rr.yaml:4:2: http.pool: no");
}

TEST_F(Clients, JobsNamesWrongUse) {
  EXPECT_EQ(run(run_jobs),
            "! command should be in form of: `rr jobs --<destroy/resume/pause> pipe1,pipe2`");
  flags_ = {"resume"};
  EXPECT_EQ(run(run_jobs), "! incorrect command usage, should be: rr jobs --resume pipe1,pipe2");
}

TEST_F(Clients, AnAnswerThatIsNoListOfPipelinesIsAnError) {
  flags_ = {"list"};
  for (const std::string& bytes : {"\x12\x01x"s, "\n\x05x"s, "\n"s, "\n\xff\xff\xff\xff\xff"s}) {
    answers_ = {{"jobs.List ", {kProto, bytes}}};
    EXPECT_EQ(run(run_jobs).substr(0, 27), "! the answer of the server ");
  }
}

}  // namespace
}  // namespace rr::cli
