// `http.pools` and `http.routes`: three kinds of workers behind one address, each request with the
// ones that are meant for it, whatever its path looks like, under load and while that changes.
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "client.h"
#include "server.h"
#include "storm.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using Clock = std::chrono::steady_clock;

// The probe under a word of its own: who answers can be seen.
std::string entry(const std::string& script, const std::string& word) {
  return "<?php namespace Probe; const WORD = '" + word + "'; require '{apps}/" + script + "';";
}

const char* const kFlags =
    "php -d opcache.enable_cli=1 -d display_errors=0 -d log_errors=1 -d upload_max_filesize=64M "
    "-d post_max_size=64M ";

const char* const kRoutes =
    "  routes:\n"
    "    - {path: /api, pool: api}\n"
    "    - {path: /legacy, pool: legacy}\n"
    "    - {path: /admin, pool: admin}\n";

// `api` on threads, `legacy` a script for each request, `admin` in processes; `main`: the mode of
// http.pool.
struct Site {
  std::string main = "process";
  std::string api{};  // YAML of the pool: ", max_jobs: 1"
  std::string legacy{};
  std::string admin{};
  std::string http{};    // lines below `http:`
  std::string server{};  // ", watch: {…}"
  std::string routes = kRoutes;
};

ServerOptions site(const Site& how) {
  const std::string flags = kFlags;
  ServerOptions options;
  options.files = {{"app/main.php", entry("frames/worker.php", "main")},
                   {"app/api.php", entry("probe/native.php", "api")},
                   {"app/legacy/index.php", entry("probe/public/index.php", "legacy")},
                   {"app/admin.php", entry("frames/worker.php", "admin")}};
  options.config =
      "version: '3'\nserver: {command: '" + flags + "{dir}/app/main.php'" + how.server +
      "}\nhttp:\n  address: '127.0.0.1:{port}'\n  pool: {mode: " + how.main +
      ", num_workers: 1}\n  pools:\n    api: {mode: embed, num_workers: 2, command: '" + flags +
      "{dir}/app/api.php'" + how.api + "}\n    legacy: {mode: classic, num_workers: 2, command: '" +
      flags + "{dir}/app/legacy/index.php'" + how.legacy +
      "}\n    admin: {mode: process, num_workers: 1, command: '" + flags + "{dir}/app/admin.php'" +
      how.admin + "}\n" + how.routes + how.http +
      "rpc: {listen: 'unix://{dir}/rpc.sock'}\nlogs: {level: debug, mode: production}\n";
  return options;
}

// A server whose configuration can be edited.
class Edited {
 public:
  explicit Edited(ServerOptions options) : config_(options.config), server_(std::move(options)) {}
  Server* operator->() { return &server_; }
  void edit(const std::string& from, const std::string& to) {
    const auto at = config_.find(from);
    if (at == std::string::npos) throw std::runtime_error("not in the configuration: " + from);
    config_.replace(at, from.size(), to);
    const auto file = server_.folder() / ".rr.yaml";
    std::ofstream(file.string() + ".new") << server_.fill(config_);
    std::filesystem::rename(file.string() + ".new", file);
  }
  Server::Ran reload() const { return server_.run({"reload", "-c", "{dir}/.rr.yaml"}); }
  void must_reload() const {
    const auto ran = reload();
    EXPECT_EQ(ran.status, 0) << ran.output;
  }

 private:
  std::string config_;
  Server server_;
};

nlohmann::json workers(const Server& server) {
  const auto ran = server.run({"workers", "--json", "-c", "{dir}/.rr.yaml"});
  EXPECT_EQ(ran.status, 0) << ran.output;
  return nlohmann::json::parse(ran.output);
}

std::set<std::int64_t> pids(const nlohmann::json& all, const std::string& pool) {
  std::set<std::int64_t> found;
  for (const auto& worker : all.at(pool)) found.insert(worker.at("pid").get<std::int64_t>());
  return found;
}

class Routes : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Main, Routes, ::testing::Values("process", "embed"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Routes, EachRequestGoesToItsWorkers) {
  Server server(site({.main = GetParam()}));
  Client client = server.connect();
  const std::vector<std::pair<std::string, std::string>> all{
      {"/word", "main"},           {"/api/word", "api"},     {"/legacy/x/word", "legacy"},
      {"/admin/word", "admin"},    {"/apiary/word", "main"}, {"/%61pi/word", "api"},
      {"/admin/a//word", "admin"}, {"/API/word", "main"},    {"/api/a%2Fb/word", "api"}};
  for (int round = 0; round < 3; ++round) {
    for (const auto& [path, word] : all) {
      client.send(request("GET", path));
      EXPECT_EQ(client.read().body, word) << path;
    }
  }
  // All at once: answers keep the order of the requests.
  std::string burst;
  for (const auto& [path, word] : all) burst += request("GET", path);
  client.send(burst);
  for (const auto& [path, word] : all) EXPECT_EQ(client.read().body, word) << path;
}

// docs/security.md: what the router chose by is what the script sees, or nobody sees the request.
TEST_P(Routes, PathsThatMayBeMisreadAreRefusedBeforeAnybodyHearsOfThem) {
  Server server(
      site({.main = GetParam(), .http = "  middleware: [static]\n  static: {dir: '{dir}/app'}\n"}));
  for (const char* path :
       {"/admin/../api/word", "//admin/word", "/%2Fadmin/word", "/x/%2e%2e/admin/word",
        "/api/..%2fadmin/word", "/admin%2Fword", "/admin\\word", "/api%00/word", "/./admin/word",
        "/admin#/../word", "//legacy/index.php", "/x/..\\admin/word"}) {
    Client client = server.connect();
    client.send(request("GET", path));
    const Response reply = client.read();
    EXPECT_EQ(reply.status, 400) << path;
    EXPECT_THAT(reply.body, HasSubstr("path is not clear")) << path;
    EXPECT_EQ(client.read_to_end(), "") << path;
  }
  EXPECT_TRUE(server.wait_for_log("the path is not clear"));
  EXPECT_EQ(server.get("/admin/word").body, "admin");
}

TEST_P(Routes, HostsAndMethodsChooseToo) {
  Server server(site({.main = GetParam(),
                      .routes = "  routes:\n"
                                "    - {host: [api.example.com], methods: [GET], pool: api}\n"
                                "    - {host: '*.example.com', methods: POST, pool: admin}\n"
                                "    - {methods: [POST], path: =/legacy/word, pool: legacy}\n"}));
  const auto ask = [&](const std::string& method, const std::string& host,
                       const std::string& path = "/legacy/word") {
    Client client = server.connect();
    client.send(method + " " + path + " HTTP/1.1\r\nHost: " + host +
                "\r\nContent-Length: 0\r\n\r\n");
    return client.read(method);
  };
  EXPECT_EQ(ask("GET", "api.example.com").body, "api");
  EXPECT_EQ(ask("GET", "API.Example.com:80").body, "api");
  EXPECT_EQ(ask("HEAD", "api.example.com").status, 200);
  EXPECT_EQ(ask("POST", "api.example.com").body, "admin");
  EXPECT_EQ(ask("PUT", "api.example.com").body, "main");
  EXPECT_EQ(ask("POST", "example.com").body, "legacy");
  EXPECT_EQ(ask("POST", "example.com", "/legacy/x/word").body, "main");
  EXPECT_EQ(ask("GET", "example.com").body, "main");
  EXPECT_EQ(ask("GET", "example.com", "http://api.example.com/word").status, 400);
  EXPECT_EQ(ask("GET", "api.example.com", "http://api.example.com/word").body, "api");
}

TEST_P(Routes, LimitsAndMiddlewareAreThoseOfTheRoute) {
  Server server(site({.main = GetParam(),
                      .http = "  max_request_size: 3\n  middleware: [headers]\n"
                              "  headers: {response: {X-Row: 'yes'}}\n",
                      .routes = "  routes:\n"
                                "    - {path: /admin/small, pool: admin, max_request_size: 1,\n"
                                "       middleware: []}\n"
                                "    - {path: /admin/raw, pool: admin, raw_body: true}\n"
                                "    - {path: /admin, pool: admin, uploads: {forbid: [.exe]}}\n"
                                "    - {path: /legacy, pool: legacy, max_request_size: 5}\n"
                                "    - {path: /api, pool: api, middleware: [gzip]}\n"}));
  const auto post = [&](const std::string& path, std::size_t size) {
    return fetch(server.port(), "POST", path, "", std::string(size, 'x'));
  };
  EXPECT_EQ(post("/admin/small/body", 900'000).status, 200);
  EXPECT_EQ(post("/admin/small/body", 1'100'000).status, 413);
  EXPECT_EQ(post("/admin/body", 1'100'000).status, 200);
  EXPECT_EQ(post("/admin/body", 3'200'000).status, 413);
  EXPECT_EQ(post("/legacy/body", 3'200'000).status, 200);
  EXPECT_EQ(post("/legacy/body", 5'300'000).status, 413);
  // In chunks, where nobody says beforehand how much it will be.
  const std::string chunk = "40000\r\n" + std::string(0x40000, 'x') + "\r\n";
  for (const auto& [path, status] : std::vector<std::pair<std::string, int>>{
           {"/admin/small/body", 413}, {"/admin/body", 200}, {"/legacy/body", 200}}) {
    Client client = server.connect();
    client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 6; ++i) client.send(chunk);
    client.send("0\r\n\r\n");
    EXPECT_EQ(client.read().status, status) << path;
  }

  EXPECT_EQ(server.get("/word").header("x-row"), "yes");
  EXPECT_EQ(server.get("/admin/word").header("x-row"), "yes");
  EXPECT_EQ(server.get("/admin/small/word").header("x-row"), "");
  EXPECT_EQ(server.get("/api/word").header("x-row"), "");
  EXPECT_EQ(fetch(server.port(), "GET", "/api/word", "Accept-Encoding: gzip\r\n").body, "api");

  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  EXPECT_THAT(fetch(server.port(), "POST", "/admin/raw/body", form, "a=b").body,
              HasSubstr("\"length\":3"));
  EXPECT_THAT(fetch(server.port(), "POST", "/admin/body", form, "a=b").body,
              HasSubstr("\"length\":0"));
  const auto upload = [&](const std::string& path) {
    return fetch(server.port(), "POST", path, "Content-Type: multipart/form-data; boundary=b\r\n",
                 "--b\r\nContent-Disposition: form-data; name=f; "
                 "filename=x.exe\r\n\r\nhi\r\n--b--\r\n")
        .body;
  };
  EXPECT_THAT(upload("/admin/upload"), HasSubstr("\"error\":8"));
  EXPECT_THAT(upload("/upload"), HasSubstr("\"error\":0"));
}

TEST_P(Routes, Http2IsRoutedAlike) {
  Server server(site({.main = GetParam(),
                      .http = "  http2: {h2c: true}\n",
                      .routes = "  routes:\n"
                                "    - {path: /admin/small, pool: admin, max_request_size: 1}\n"
                                "    - {host: api.example.com, pool: api}\n"
                                "    - {path: /admin, pool: admin}\n"}));
  const auto curl = [&](const std::string& arguments) {
    return server
        .shell("curl -s --max-time 20 --http2-prior-knowledge --path-as-is -w ' %{http_code}' " +
               arguments)
        .output;
  };
  const std::string url = "http://127.0.0.1:{port}";
  EXPECT_EQ(curl(url + "/word"), "main 200");
  EXPECT_EQ(curl(url + "/admin/word"), "admin 200");
  EXPECT_EQ(curl("-H 'Host: api.example.com' " + url + "/word"), "api 200");
  EXPECT_THAT(curl(url + "/x/../admin/word"), HasSubstr(" 400"));
  EXPECT_THAT(curl(url + "//admin/word"), HasSubstr(" 400"));
  const auto post = [&](const std::string& path) {
    return server
        .shell(
            "head -c 2000000 /dev/zero | curl -s --max-time 20 --http2-prior-knowledge -o "
            "/dev/null -w '%{http_code}' --data-binary @- " +
            url + path)
        .output;
  };
  EXPECT_EQ(post("/admin/body"), "200");
  // curl gives up when the answer comes before it has sent all.
  post("/admin/small/body");
  EXPECT_TRUE(server.wait_for_log("request body too large"));
}

TEST_P(Routes, TimeLimitsAreThoseOfThePool) {
  Server server(site({.main = GetParam(), .api = ", supervisor: {exec_ttl: 300ms}"}));
  EXPECT_EQ(server.get("/api/sleep?ms=5000").status, 500);
  EXPECT_EQ(server.get("/legacy/sleep?ms=700").body, "slept");
  EXPECT_EQ(server.get("/admin/sleep?ms=700").body, "slept");
  // Records and events say which pool it was.
  EXPECT_TRUE(server.wait_for_log("\"pool\":\"api\""));
}

// All workers of one pool are busy: the others answer as ever.
TEST_P(Routes, ABusyPoolHoldsUpNoOther) {
  Server server(site({.main = GetParam(), .legacy = ", allocate_timeout: 30s"}));
  for (const std::string busy : {"/api", "/legacy", "/admin", ""}) {
    std::vector<Client> waiting;
    for (int i = 0; i < 6; ++i) {
      waiting.push_back(server.connect());
      waiting.back().send(request("GET", busy + "/sleep?ms=400"));
    }
    for (const std::string other : {"/api", "/legacy", "/admin", ""}) {
      if (other == busy) continue;
      const auto begun = Clock::now();
      const std::string word = other.empty() ? "main" : other.substr(1);
      for (int i = 0; i < 5; ++i) EXPECT_EQ(server.get(other + "/word").body, word);
      EXPECT_LT(Clock::now() - begun, patience(350ms)) << other << " beside " << busy;
    }
    for (Client& client : waiting) EXPECT_EQ(client.read().body, "slept");
  }
}

TEST_P(Routes, CommandsKnowThePoolsByName) {
  Server server(site({.main = GetParam()}));
  const auto before = workers(server);
  EXPECT_EQ(before.size(), 4U) << before;
  EXPECT_EQ(pids(before, "http").size(), 1U);
  EXPECT_EQ(pids(before, "http:api").size(), 2U);
  EXPECT_EQ(pids(before, "http:legacy").size(), 2U);
  EXPECT_EQ(pids(before, "http:admin").size(), 1U);
  EXPECT_THAT(server.run({"workers", "-c", "{dir}/.rr.yaml"}).output,
              AllOf(HasSubstr("Workers of [http]:"), HasSubstr("Workers of [http:admin]:"),
                    HasSubstr("Workers of [http:api]:"), HasSubstr("Workers of [http:legacy]:")));

  const auto one = server.run({"reset", "http:admin", "-c", "{dir}/.rr.yaml"});
  EXPECT_EQ(one.status, 0) << one.output;
  EXPECT_THAT(one.output, AllOf(HasSubstr("plugin reset: [http:admin]"), Not(HasSubstr("[http]"))));
  const auto after = workers(server);
  EXPECT_NE(pids(after, "http:admin"), pids(before, "http:admin"));
  EXPECT_EQ(pids(after, "http"), pids(before, "http"));

  const auto all = server.run({"reset", "-c", "{dir}/.rr.yaml"});
  EXPECT_EQ(all.status, 0) << all.output;
  EXPECT_THAT(
      all.output,
      AllOf(HasSubstr("plugin reset: [http]"), HasSubstr("plugin reset: [http:admin]"),
            HasSubstr("plugin reset: [http:api]"), HasSubstr("plugin reset: [http:legacy]")));
  EXPECT_EQ(server.run({"reset", "http:absent", "-c", "{dir}/.rr.yaml"}).status, 1);
}

// A balancer that asks must not send requests that nobody could take.
TEST_P(Routes, ReadinessAndMetricsAreOfAllPools) {
  ServerOptions options = site({.main = GetParam()});
  options.config += "status: {address: '127.0.0.1:{port2}'}\n";
  {
    Server server(options);
    EXPECT_EQ(get(server.second_port(), "/ready?plugin=http").status, 200);
    Client busy = server.connect();
    busy.send(request("GET", "/admin/sleep?ms=1500"));
    EXPECT_TRUE(
        eventually([&] { return get(server.second_port(), "/ready?plugin=http").status == 503; }));
    EXPECT_EQ(get(server.second_port(), "/health?plugin=http").status, 200);
    EXPECT_EQ(busy.read().body, "slept");
    EXPECT_TRUE(
        eventually([&] { return get(server.second_port(), "/ready?plugin=http").status == 200; }));
  }
  options = site({.main = GetParam()});
  options.config += "metrics: {address: '127.0.0.1:{port2}'}\n";
  Server server(options);
  EXPECT_THAT(get(server.second_port(), "/metrics").body, HasSubstr("rr_http_total_workers 6\n"));
}

TEST(RoutesCommands, WithoutPoolsNothingIsNew) {
  Server server(serve(plain_styles()[0], {.more = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"}));
  const auto all = workers(server);
  EXPECT_EQ(all.size(), 1U) << all;
  EXPECT_EQ(pids(all, "http").size(), 2U);
}

TEST(RoutesCrash, TheReportNamesThePool) {
  if (!sanitizer().empty()) GTEST_SKIP() << "sanitizers report crashes themselves";
  Server server(site({}));
  Client client = server.connect();
  client.send(request("GET", "/api/overflow"));
  EXPECT_THROW(client.read(), ConnectionClosed);
  EXPECT_TRUE(server.wait_for_log(" of api\""));
  EXPECT_TRUE(eventually([&] {
    try {
      return server.get("/admin/word").body == "admin";
    } catch (const std::exception&) {
      return false;
    }
  }));
}

TEST(RoutesStart, APoolThatDoesNotComeUpIsNamed) {
  ServerOptions options = site({});
  options.files["app/api.php"] = "<?php this is no php";
  Server broken(options, Start::do_not_wait);
  EXPECT_EQ(broken.wait_exit(), 1);
  EXPECT_THAT(broken.log(), AllOf(HasSubstr("http.pools.api"), HasSubstr("api.php")));
  options = site({.api = ""});
  options.files.erase("app/legacy/index.php");
  Server absent(options, Start::do_not_wait);
  EXPECT_EQ(absent.wait_exit(), 1);
  EXPECT_THAT(absent.log(), AllOf(HasSubstr("http.pools.legacy.command"), HasSubstr("index.php")));
}

TEST(RoutesStart, SettingsThatPhpReadsOnceMustBeTheSameOnAllThreads) {
  ServerOptions options = site({});
  const auto at = options.config.find("-d display_errors=0", options.config.find("legacy:"));
  options.config.insert(at, "-d opcache.memory_consumption=64 ");
  Server server(options, Start::do_not_wait);
  EXPECT_EQ(server.wait_exit(), 1);
  EXPECT_THAT(server.log(),
              AllOf(HasSubstr("http.pools.legacy.command: -d opcache.memory_consumption"),
                    HasSubstr("http.pools.api")));
}

TEST(RoutesCheck, MistakesAreFoundWithTheirPlaces) {
  ServerOptions options = site({});
  options.config.replace(options.config.find("pool: admin"), 11, "pool: admni");
  Server server(options, Start::do_not_wait);
  EXPECT_EQ(server.wait_exit(), 1);
  EXPECT_THAT(server.log(), HasSubstr("did you mean \"admin\"?"));
  const auto ran = server.run({"check", "{dir}/.rr.yaml"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, AllOf(HasSubstr(".rr.yaml:13:"), HasSubstr("http.routes[2].pool")));
}

// ---- reload

TEST_P(Routes, ReloadMovesPathsAndPools) {
  Edited server(site({.main = GetParam()}));
  EXPECT_EQ(server->get("/admin/word").body, "admin");
  server.edit("{path: /admin, pool: admin}", "{path: /admin, pool: legacy}");
  const auto ran = server.reload();
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("changed: http.routes"));
  EXPECT_EQ(server->get("/admin/word").body, "legacy");
  server.edit("    legacy: {mode: classic",
              "    more: {mode: process, num_workers: 3, command: "
              "'php {dir}/app/admin.php'}\n    legacy: {mode: classic");
  server.edit("{path: /admin, pool: legacy}", "{path: /admin, pool: more}");
  server.must_reload();
  EXPECT_EQ(server->get("/admin/word").body, "admin");
  auto all = workers(*server.operator->());
  EXPECT_EQ(pids(all, "http:more").size(), 3U);
  server.edit("{path: /admin, pool: more}", "{path: /admin}");
  server.edit("    more: {mode: process, num_workers: 3, command: 'php {dir}/app/admin.php'}\n",
              "");
  server.must_reload();
  EXPECT_EQ(server->get("/admin/word").body, "main");
  all = workers(*server.operator->());
  EXPECT_FALSE(all.contains("http:more")) << all;
  EXPECT_TRUE(all.contains("http:admin")) << all;
}

TEST_P(Routes, ReloadThatCannotBeUsedChangesNothing) {
  Edited server(site({.main = GetParam()}));
  const auto before = workers(*server.operator->());
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"{path: /admin, pool: admin}", "{path: /admin, pool: none}"},
           {"{path: /admin, pool: admin}", "{path: /a**b, pool: admin}"},
           {"{dir}/app/admin.php", "{dir}/app/absent.php"}}) {
    server.edit(from, to);
    EXPECT_EQ(server.reload().status, 1) << to;
    EXPECT_EQ(server->get("/admin/word").body, "admin");
    server.edit(to, from);
  }
  EXPECT_EQ(workers(*server.operator->()).at("http:admin").size(), 1U);
  EXPECT_EQ(pids(workers(*server.operator->()), "http:admin"), pids(before, "http:admin"));
}

TEST_P(Routes, WatchedFilesRenewEveryPool) {
  Edited server(site({.main = GetParam(), .server = ", watch: {paths: [app], debounce: 50ms}"}));
  for (const auto& [name, file, script] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"/api", "app/api.php", "probe/native.php"},
           {"/admin", "app/admin.php", "frames/worker.php"},
           {"", "app/main.php", "frames/worker.php"}}) {
    // opcache goes by the second of a file's time: not the one in which the first was written.
    const auto next = server->folder() / "next.php";
    std::ofstream(next) << server->fill(entry(script, "new"));
    std::filesystem::last_write_time(next, std::filesystem::last_write_time(next) + 2s);
    std::filesystem::rename(next, server->folder() / file);
    EXPECT_TRUE(eventually([&] { return server->get(name + "/word").body == "new"; }, 20s)) << name;
  }
}

// ---- storm

// Three kinds of workers at once, their routes and pools changing under load: every answer comes
// from where the path says, none is lost, and nothing is left behind.
TEST_P(Routes, UnderLoadAndReloadEveryAnswerIsOfItsPool) {
  const std::uint64_t requests = long_form() ? 40'000 : sanitizer().empty() ? 8000 : 600;
  Edited server(site({.main = GetParam(), .api = ", max_jobs: 500", .admin = ", max_jobs: 500"}));
  const auto next = [](std::mt19937& random, std::uint64_t number) -> Shot {
    static const std::vector<std::string> kPools{"", "api", "legacy", "admin"};
    const std::string pool = kPools[random() % kPools.size()];
    const std::string base = pool.empty() ? "" : "/" + pool;
    const std::string word = pool.empty() ? "main" : pool;
    switch (random() % 8) {
      case 0:
        return {request("GET", base + "/sleep?ms=" + std::to_string(random() % 30)),
                [](const Response& reply) { return reply.body == "slept"; }, base + "/sleep"};
      case 1: {
        const std::string id = std::to_string(number);
        return {request("GET", base + "/identity?id=" + id, "X-Id: " + id + "\r\n"),
                [id](const Response& reply) { return reply.body.starts_with(id + " " + id + " "); },
                base + "/identity"};
      }
      case 2:
        return {request("GET", "/x/%2e%2e/admin/word"),
                [](const Response& reply) { return reply.status == 400; }, "hostile"};
      default:
        return {request("GET", base + "/word"),
                [word](const Response& reply) { return reply.body == word; }, base + "/word"};
    }
  };
  bool more = false;
  const auto round = [&](std::uint64_t total, Tally& tally) {
    int reloads = 0;
    const Mischief changes(150ms, 250ms, [&](std::mt19937&) {
      if (more) {
        server.edit("    - {path: /other, pool: admin}\n", "");
        server.edit("num_workers: 2, command", "num_workers: 1, command");
      } else {
        server.edit("  routes:\n", "  routes:\n    - {path: /other, pool: admin}\n");
        server.edit("num_workers: 1, command", "num_workers: 2, command");
      }
      more = !more;
      ++reloads;
      if (const auto ran = server.reload(); ran.status != 0) tally.wrong("reload: " + ran.output);
    });
    storm(server->port(), 8, total, next, tally);
    return reloads;
  };
  Tally warm;
  round(requests / 4, warm);
  const auto settle = [&] {
    server.must_reload();
    eventually([&] { return workers(*server.operator->()).size() == 4; });
    std::this_thread::sleep_for(1s);
    return server->usage();
  };
  const Usage before = settle();
  Tally tally;
  const auto begun = Clock::now();
  round(requests, tally);
  const auto took = Clock::now() - begun;
  const Usage after = settle();
  EXPECT_EQ(tally.answered(), requests);
  EXPECT_TRUE(tally.clean()) << tally.complaints();
  EXPECT_LE(after.descriptors, before.descriptors + 8);
  EXPECT_LE(after.threads, before.threads + 2);
  EXPECT_LE(after.children, before.children + 1);
  std::cerr << GetParam() << ": " << requests << " requests in "
            << std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
            << " ms, longest " << tally.longest().count() << " ms\n";
}

}  // namespace
}  // namespace rr::e2e
