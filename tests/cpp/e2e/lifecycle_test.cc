// Start, stop, reset, and everything that is wrong before the first request: one clear message, the
// right exit code, no hang.
#include <signal.h>

#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Lifecycle : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Lifecycle, ::testing::ValuesIn(plain_styles()), style_name);

bool refuses_connections(const Server& server) {
  try {
    Client::tcp(server.port());
    return false;
  } catch (const ConnectionClosed&) {
    return true;
  }
}

TEST_P(Lifecycle, StopsCleanlyWhenIdle) {
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGABRT}) {
    Server server(serve(GetParam()));
    Client idle = server.connect();
    EXPECT_EQ(server.get("/").body, "hello");
    server.signal(signal);
    EXPECT_EQ(server.wait_exit(5s), 0);
    EXPECT_EQ(idle.read_to_end(), "");
  }
}

TEST_P(Lifecycle, StopFinishesTheRequestInHandAndTakesNoOther) {
  Server server(serve(GetParam()));
  Client client = server.connect(), idle = server.connect();
  client.send(request("GET", "/sleep?ms=600"));
  std::this_thread::sleep_for(100ms);
  server.signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return refuses_connections(server); }, 400ms));
  EXPECT_EQ(client.read().body, "slept");
  EXPECT_EQ(server.wait_exit(5s), 0);
}

TEST_P(Lifecycle, StopFinishesAStream) {
  Server server(serve(GetParam()));
  Client client = server.connect();
  client.send(request("GET", "/stream?n=5&wait=100"));
  EXPECT_EQ(client.read_head().status, 200);
  server.signal(SIGTERM);
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(client.read_chunk(), "chunk " + std::to_string(i) + "\n");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_EQ(server.wait_exit(5s), 0);
}

TEST_P(Lifecycle, GracePeriodBoundsTheStop) {
  Server server(serve(GetParam(), {.more = "endure: {grace_period: 1s}\n"}));
  Client client = server.connect();
  client.send(request("GET", "/sleep?ms=20000"));
  std::this_thread::sleep_for(100ms);
  const auto began = std::chrono::steady_clock::now();
  server.signal(SIGTERM);
  EXPECT_GE(server.wait_exit(12s), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - began, patience(8s));
}

TEST_P(Lifecycle, SecondSignalEndsAtOnceWith1) {
  Server server(serve(GetParam()));
  Client client = server.connect();
  client.send(request("GET", "/sleep?ms=20000"));
  std::this_thread::sleep_for(200ms);
  server.signal(SIGTERM);
  std::this_thread::sleep_for(200ms);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_exit(3s), 1);
}

TEST_P(Lifecycle, ResetReplacesWorkersAndLosesNothing) {
  Server server(serve(GetParam(), {.more = "rpc: {listen: 'tcp://127.0.0.1:{port2}'}\n"}));
  Client client = server.connect();
  for (int i = 0; i < 3; ++i) {
    Client slow = server.connect();
    slow.send(request("GET", "/sleep?ms=300"));
    std::this_thread::sleep_for(50ms);
    const auto reset = server.run({"reset", "-c", "{dir}/.rr.yaml"});
    EXPECT_EQ(reset.status, 0) << reset.output;
    EXPECT_THAT(reset.output,
                AllOf(HasSubstr("resetting plugin: [http]"), HasSubstr("plugin reset: [http]")));
    EXPECT_EQ(slow.read().body, "slept");
    client.send(request("GET", "/count"));
    EXPECT_EQ(client.read().body, "1") << "a fresh worker counts anew";
  }
}

TEST_P(Lifecycle, ResetPicksUpAChangedScript) {
  const Style& style = GetParam();
  ServerOptions options = serve(style, {.more = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"});
  const std::string script = "{apps}/" + style.script;
  options.config.replace(options.config.find(script), script.size(), "{dir}/app/entry.php");
  const auto entry = [&](const std::string& word) {
    return "<?php namespace Probe; const WORD = '" + word + "'; require '{apps}/" + style.script +
           "';";
  };
  options.files["app/entry.php"] = entry("old");
  Server server(options);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server.get("/word").body, "old");
  std::ofstream(server.folder() / "app/entry.php") << server.fill(entry("new"));
  EXPECT_EQ(server.run({"reset", "-c", "{dir}/.rr.yaml"}).status, 0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server.get("/word").body, "new");
}

// spec:05#22
TEST_P(Lifecycle, AStopSignalWhileItStartsEndsIt) {
  ServerOptions options = serve(GetParam());
  if (!GetParam().loop()) GTEST_SKIP() << "classic has nothing to boot";
  const std::string script = "{apps}/" + GetParam().script;
  options.config.replace(options.config.find(script), script.size(), "{dir}/slow.php");
  options.files["slow.php"] = "<?php fwrite(STDERR, \"booting\\n\"); sleep(60);";
  options.arguments = {"serve", "-p", "-c", "{dir}/.rr.yaml"};
  Server server(options, Start::do_not_wait);
  ASSERT_TRUE(server.wait_for_log("booting"));
  const auto family = server.descendants();
  EXPECT_FALSE(family.empty());
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_exit(5s), 0);
  for (const pid_t pid : family)
    EXPECT_TRUE(eventually([&] { return !alive(pid); })) << "process " << pid << " is left";
  EXPECT_FALSE(std::filesystem::exists(server.folder() / ".pid"));
}

// ---- what is wrong before the first request

struct Broken {
  std::string name;
  std::string config;
  std::vector<std::string> says;
  std::map<std::string, std::string> files;
};

std::string http(std::string_view command, std::string_view mode, std::string_view pool = "") {
  return "version: '3'\nserver: {command: '" + std::string(command) +
         "'}\nhttp:\n  address: '127.0.0.1:{port}'\n  pool: {mode: " + std::string(mode) +
         ", num_workers: 1" + std::string(pool) + "}\nlogs: {level: info, mode: production}\n";
}

std::vector<Broken> broken_servers() {
  const std::string quiet = "php -d display_errors=0 -d log_errors=1 {dir}/w.php";
  std::vector<Broken> all{
      {"NoCommand",
       "version: '3'\nserver: {relay: pipes}\nhttp: {address: '127.0.0.1:{port}', pool: "
       "{num_workers: 1}}\n",
       {"command"},
       {}},
      {"NoSuchInterpreter",
       http("no-such-interpreter w.php", "process", ", allocate_timeout: 2s"),
       {"no-such-interpreter"},
       {}},
      {"ProcessPrintsBeforeTheHandshake",
       http("php {dir}/w.php", "process"),
       {"PHP was here first"},
       {{"w.php", "<?php echo 'PHP was here first'; sleep(30);"}}},
      {"ProcessNeverAnswers",
       http("php {dir}/w.php", "process", ", allocate_timeout: 1s"),
       {"allocate"},
       {{"w.php", "<?php sleep(30);"}}},
      {"ProcessEndsAtOnce",
       http("php {dir}/w.php", "process"),
       {"last words on stderr"},
       {{"w.php", "<?php fwrite(STDERR, \"last words on stderr\\n\"); exit(1);"}}},
      {"EmbedNeverAsksForWork",
       http("php {dir}/w.php", "embed"),
       {"w.php"},
       {{"w.php", "<?php $x = 1;"}}},
      {"EmbedSleepsForever",
       http("php {dir}/w.php", "embed", ", allocate_timeout: 1s"),
       {"w.php"},
       {{"w.php", "<?php sleep(60);"}}},
      {"EmbedThrowsAtBoot",
       http("php {dir}/w.php", "embed"),
       {"no database today"},
       {{"w.php", "<?php throw new Exception('no database today');"}}},
      {"EmbedOptionOfPhpThatMeansNothing",
       http("php -S 127.0.0.1:1 {dir}/w.php", "embed"),
       {"-S"},
       {{"w.php", "<?php"}}},
      {"UnknownMode", http("php {dir}/w.php", "magic"), {"magic"}, {{"w.php", "<?php"}}},
      {"TooManyWorkers",
       "version: '3'\nserver: {command: 'php w.php'}\nhttp: {address: '127.0.0.1:{port}', pool: "
       "{num_workers: 501}}\n",
       {"500"},
       {}},
      {"AddressWithoutPort",
       "version: '3'\nserver: {command: 'php {apps}/frames/worker.php'}\nhttp: {address: "
       "'localhost', pool: {num_workers: 1}}\n",
       {"malformed http server address"},
       {}},
      {"NoListener",
       "version: '3'\nserver: {command: 'php {apps}/frames/worker.php'}\nhttp: {pool: "
       "{num_workers: 1}}\n",
       {"no method has been specified"},
       {}},
      {"NotYaml", "version: '3'\nhttp: {address: \n", {"yaml"}, {}},
      {"WrongType",
       "version: '3'\nserver: {command: 'php w.php'}\nhttp: {address: '127.0.0.1:{port}', pool: "
       "{num_workers: many}}\n",
       {"num_workers"},
       {}},
      {"WrongDuration",
       "version: '3'\nserver: {command: 'php w.php'}\nhttp: {address: '127.0.0.1:{port}', pool: "
       "{num_workers: 1, allocate_timeout: soon}}\n",
       {"allocate_timeout"},
       {}},
  };
  for (const std::string mode : {"process", "embed", "classic"}) {
    all.push_back({mode + "ScriptIsMissing",
                   http("php {dir}/absent.php", mode, ", allocate_timeout: 5s"),
                   {"absent.php"},
                   {}});
    if (mode == "classic") continue;  // There a script is read at each request.
    all.push_back({mode + "SyntaxError",
                   http(quiet, mode),
                   {"syntax error", "w.php"},
                   {{"w.php", "<?php\nthis is not php;"}}});
  }
  return all;
}

class BadStart : public ::testing::TestWithParam<Broken> {};
INSTANTIATE_TEST_SUITE_P(Causes, BadStart, ::testing::ValuesIn(broken_servers()),
                         [](const auto& info) { return info.param.name; });

TEST_P(BadStart, NamesTheCauseAndEndsWith1) {
  Server server({.config = GetParam().config, .files = GetParam().files}, Start::do_not_wait);
  EXPECT_EQ(server.wait_exit(8s), 1);
  for (const auto& words : GetParam().says) EXPECT_THAT(server.log(), HasSubstr(words));
  EXPECT_EQ(server.output().find("RoadRunner server started"), std::string::npos);
}

TEST(BadStart, ConfigurationThatIsNotThere) {
  Server server({.arguments = {"serve", "-c", "{dir}/none.yaml"}}, Start::do_not_wait);
  EXPECT_EQ(server.wait_exit(5s), 1);
  EXPECT_THAT(server.log(), HasSubstr("none.yaml"));
}

TEST(BadStart, AddressInUseIsRefused) {
  Server first(serve(plain_styles()[0]));
  ServerOptions options = serve(plain_styles()[0]);
  const std::string port = "{port}";
  options.config.replace(options.config.find(port), port.size(), std::to_string(first.port()));
  Server second(options, Start::do_not_wait);
  EXPECT_EQ(second.wait_exit(10s), 1);
  EXPECT_THAT(second.log(), HasSubstr("address already in use"));
  EXPECT_EQ(first.get("/").body, "hello");
}

TEST(BadStart, SyntaxErrorOfAClassicScriptIsA500ThatIsLogged) {
  Server server(
      {.config = http("php -d display_errors=0 -d log_errors=1 {dir}/public/index.php", "classic"),
       .files = {{"public/index.php", "<?php\nthis is not php;"}}});
  EXPECT_EQ(server.get("/").status, 500);
  EXPECT_TRUE(server.wait_for_log("syntax error"));
}

TEST(Unbuilt, KeysAreNamedInAWarning) {
  Server server(
      serve(plain_styles()[0], {.http = "  middleware: ['http_metrics', 'no-such-thing']\n"}));
  EXPECT_EQ(server.get("/").body, "hello");
  EXPECT_THAT(server.log(), AllOf(HasSubstr("http_metrics"), HasSubstr("no-such-thing")));
}

}  // namespace
}  // namespace rr::e2e
