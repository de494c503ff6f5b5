// What PHP and operators ask of the server beside HTTP: metrics, status, services, the log of
// applications; with RoadRunner's own PHP packages, unmodified, and across stops and reloads.
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Of a server without workers.
ServerOptions alone(const std::string& more) {
  ServerOptions options;
  options.config =
      "version: '3'\nrpc: {listen: 'unix://{dir}/rpc.sock'}\n"
      "logs: {mode: production, level: debug}\n"
      "metrics: {address: '127.0.0.1:{port}'}\n" +
      more;
  return options;
}

std::string official_autoloader() {
  const char* vendor = std::getenv("RR_EMBED_TEST_VENDOR");
  if (vendor == nullptr) return {};
  const std::string folder = vendor;
  for (const char* package : {"/spiral/roadrunner-metrics", "/spiral/roadrunner-services",
                              "/roadrunner-php/app-logger"}) {
    if (!std::filesystem::exists(folder + package)) return {};
  }
  return folder + "/autoload.php";
}

// Processes below the server whose command has that text.
std::set<pid_t> processes(const Server& server, const std::string& text) {
  std::set<pid_t> found;
  for (const pid_t pid : server.descendants()) {
    const auto command = server.shell("tr '\\0' ' ' < /proc/" + std::to_string(pid) + "/cmdline");
    if (command.output.find(text) != std::string::npos) found.insert(pid);
  }
  return found;
}

TEST(OfficialPackages, MetricsServicesAndTheLoggerWorkUnmodified) {
  const std::string autoloader = official_autoloader();
  if (autoloader.empty())
    GTEST_SKIP() << "name a vendor folder with RoadRunner's packages in RR_EMBED_TEST_VENDOR";
  Server server(alone("service: {}\n"));
  const auto ran =
      server.shell("php -d display_errors=1 " + (apps_folder() / "services/packages.php").string() +
                   " " + autoloader + " unix://{dir}/rpc.sock");
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto seen = nlohmann::json::parse(ran.output);
  EXPECT_THAT(seen["undefined"].get<std::string>(),
              HasSubstr("undefined collector nope, try first Declare the desired collector"));
  EXPECT_THAT(seen["labels"].get<std::string>(), HasSubstr("required labels for collector"));
  EXPECT_EQ(seen["list"], nlohmann::json::array());
  EXPECT_EQ(seen["created"], true);
  EXPECT_THAT(seen["twice"].get<std::string>(),
              HasSubstr("the service with nap name already exists"));
  EXPECT_EQ(seen["listed"], nlohmann::json::array({"nap"}));
  EXPECT_EQ(seen["restarted"], true);
  EXPECT_EQ(seen["replaced"], true);
  EXPECT_THAT(seen["command"].get<std::string>(), HasSubstr("/sleep 60"));
  EXPECT_EQ(seen["terminated"], true);
  EXPECT_EQ(seen["left"], nlohmann::json::array());
  EXPECT_THAT(seen["unknown"].get<std::string>(),
              HasSubstr("the service with nap name doesn't exist"));

  const std::string metrics = server.get("/metrics").body;
  for (const char* line : {"app_orders{shop=\"north\",way=\"card\"} 3.5\n", "level 7\n",
                           "db_took_bucket{le=\"0.5\"} 1\n", "db_took_count 1\n", "size_sum 7\n"}) {
    EXPECT_THAT(metrics, HasSubstr(line));
  }
  EXPECT_THAT(metrics, Not(HasSubstr("gone")));
  EXPECT_TRUE(server.wait_for_log(R"("level":"info")"));
  EXPECT_TRUE(server.wait_for_log(R"("logger":"app","msg":"plain"})"));
  EXPECT_TRUE(server.wait_for_log(
      R"("logger":"app","msg":"with context","id":"7","list":"[1,2]","text":"x"})"));
  EXPECT_TRUE(server.wait_for_log("to stderr k:v\n"));
  server.stop();
}

// Nothing that a service has started outlives the server, however it ends: a stop is looked after
// by ~Server.
TEST(Services, EndWithAServerThatIsKilled) {
  ServerOptions options = alone("service:\n  s: {command: 'sh {dir}/family.sh'}\n");
  options.files["family.sh"] = "sleep 1000 &\nexec sleep 1001\n";
  Server server(options);
  ASSERT_TRUE(eventually([&] { return processes(server, "sleep 100").size() == 2; }));
  const auto family = processes(server, "sleep 100");
  server.signal(SIGKILL);
  EXPECT_EQ(server.wait_exit(), 128 + SIGKILL);
  for (const pid_t pid : family) EXPECT_TRUE(eventually([&] { return !alive(pid); })) << pid;
}

TEST(Services, AReloadStartsThemAnewByTheNewConfiguration) {
  Server server(alone("service:\n  a: {command: 'sleep 1000'}\n  b: {command: 'sleep 2000'}\n"));
  ASSERT_TRUE(eventually([&] { return !processes(server, "sleep 2000").empty(); }));
  const auto a = processes(server, "sleep 1000");
  const auto reload = [&](const std::string& services) {
    server.shell("sed -i '/^service/,$d' {dir}/.rr.yaml && printf 'service:\\n" + services +
                 "' >> {dir}/.rr.yaml");
    return server.run({"reload", "-c", (server.folder() / ".rr.yaml").string()});
  };
  const auto done = reload("  a: {command: \"sleep 1000\"}\\n  c: {command: \"sleep 3000\"}\\n");
  EXPECT_EQ(done.status, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("new workers: service"));
  ASSERT_TRUE(eventually([&] { return !processes(server, "sleep 3000").empty(); }));
  EXPECT_TRUE(processes(server, "sleep 2000").empty());
  ASSERT_EQ(processes(server, "sleep 1000").size(), 1u);
  EXPECT_NE(processes(server, "sleep 1000"), a);

  const auto refused = reload("  a: {command: \"no-such-program\"}\\n");
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.output, HasSubstr("executable file not found"));
  EXPECT_EQ(processes(server, "sleep 3000").size(), 1u);
  server.stop();
}

TEST(Check, FindsWhatWouldEndTheStart) {
  Server server(alone(""));
  server.shell(
      "printf 'service:\\n  a: {command: \"no-such-program x\"}\\n"
      "  b: {command: \"sleep 1\", user: nosuchuserhere}\\n"
      "status: {address: \"127.0.0.1:99999\"}\\n' >> {dir}/.rr.yaml");
  const auto checked = server.run({"check", (server.folder() / ".rr.yaml").string()});
  EXPECT_EQ(checked.status, 1);
  for (const char* text :
       {"service.a.command: exec: \"no-such-program\": executable file not found in $PATH",
        "service.b.user: ", "unknown user nosuchuserhere",
        "status.address: the port should be a number up to 65535"}) {
    EXPECT_THAT(checked.output, HasSubstr(text));
  }
  server.stop();
}

// The counters of the middleware outlive a reload; classic mode, where threads come and go.
TEST(HttpMetrics, OutliveAReload) {
  ServerOptions options =
      serve(plain_styles().back(), {.http = "  middleware: [http_metrics]\n",
                                    .more = "metrics: {address: '127.0.0.1:{port2}'}\n"
                                            "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"});
  Server server(options);
  const auto total = [&] {
    const std::string text = fetch(server.second_port(), "GET", "/metrics").body;
    const auto at = text.find("rr_http_request_total{status=\"200\"} ");
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 36);
  };
  EXPECT_EQ(server.get("/").status, 200);
  EXPECT_EQ(server.get("/").status, 200);
  EXPECT_EQ(total(), 2);
  EXPECT_EQ(server.run({"reload", "-c", (server.folder() / ".rr.yaml").string()}).status, 0);
  EXPECT_EQ(server.get("/").status, 200);
  EXPECT_EQ(total(), 3);
  server.stop();
}

// Workers that are all at work hold up nobody who asks how the server is.
TEST(Status, AnswersWhileEveryThreadIsBusy) {
  Server server(serve(plain_styles().back(),
                      {.workers = 1, .more = "status: {address: '127.0.0.1:{port2}'}\n"}));
  const auto ask = [&](const char* path) {
    return fetch(server.second_port(), "GET", path).status;
  };
  EXPECT_EQ(ask("/ready"), 200);
  Client slow = server.connect();
  slow.send(request("GET", "/sleep?ms=1500"));
  EXPECT_TRUE(eventually([&] { return ask("/ready") == 503; }));
  EXPECT_EQ(ask("/health"), 200);
  EXPECT_EQ(slow.read().status, 200);
  EXPECT_TRUE(eventually([&] { return ask("/ready") == 200; }));
  server.stop();
}

}  // namespace
}  // namespace rr::e2e
