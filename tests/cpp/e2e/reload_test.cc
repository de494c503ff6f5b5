// Another configuration, or fresh workers, while the server runs: nothing is refused, nothing lost,
// no answer is of two configurations, and what cannot be used changes nothing.
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "storm.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("not in the configuration: " + from);
  text.replace(at, from.size(), to);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// A server whose configuration can be edited.
class Reloaded {
 public:
  explicit Reloaded(ServerOptions options) : config_(options.config), server_(std::move(options)) {}

  Server& operator*() { return server_; }
  Server* operator->() { return &server_; }
  void edit(const std::string& from, const std::string& to) {
    replace(config_, from, to);
    write();
  }
  void write() const {
    // As a whole, or the server could read half of it.
    const auto file = server_.folder() / ".rr.yaml";
    std::ofstream(file.string() + ".new") << server_.fill(config_);
    std::filesystem::rename(file.string() + ".new", file);
  }
  void file(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((server_.folder() / name).parent_path());
    std::ofstream(server_.folder() / name) << server_.fill(text);
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

const char* const kRpc = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n";

// The probe by an entry of the test's own, so that its code can change.
ServerOptions with_entry(const Style& style, Serving how = {}) {
  how.more += kRpc;
  ServerOptions options = serve(style, how);
  replace(options.config, "{apps}/" + style.script, "{dir}/app/entry.php");
  replace(options.config, "server: {", "server: {env: {GENERATION: one}, ");
  options.files["app/entry.php"] =
      "<?php namespace Probe; const WORD = 'old'; require '{apps}/" + style.script + "';";
  return options;
}
std::string entry(const Style& style, const std::string& word) {
  return "<?php namespace Probe; const WORD = '" + word + "'; require '{apps}/" + style.script +
         "';";
}

class Reload : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Reload, ::testing::ValuesIn(plain_styles()), style_name);

TEST_P(Reload, TakesEnvironmentWorkersAndScriptsAndSaysSo) {
  Reloaded server(with_entry(GetParam()));
  Client kept = server->connect();
  kept.send(request("GET", "/generation"));
  EXPECT_THAT(kept.read().body, HasSubstr("one"));
  server.edit("GENERATION: one", "GENERATION: two");
  server.edit("num_workers: 2", "num_workers: 3");
  server.file("app/entry.php", entry(GetParam(), "new"));
  const auto ran = server.reload();
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, AllOf(HasSubstr("changed: http.pool.num_workers\n"),
                                HasSubstr("changed: server.env.generation\n"),
                                HasSubstr("new workers: http\n"), Not(HasSubstr("restart"))));
  // The same connection: nobody was sent away.
  for (int i = 0; i < 4; ++i) {
    kept.send(request("GET", "/generation"));
    EXPECT_THAT(kept.read().body, HasSubstr("two"));
    EXPECT_EQ(server->get("/word").body, "new");
  }
  const auto workers = server->run({"workers", "--json", "-c", "{dir}/.rr.yaml"});
  EXPECT_EQ(count(workers.output, "\"pid\""), 3U) << workers.output;
}

// spec:05#22
TEST_P(Reload, HangUpWithTheSameConfigurationGivesFreshWorkers) {
  Reloaded server(with_entry(GetParam()));
  EXPECT_EQ(server->get("/word").body, "old");
  server.file("app/entry.php", entry(GetParam(), "new"));
  server->signal(SIGHUP);
  EXPECT_TRUE(server->wait_for_log("workers were replaced"));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server->get("/word").body, "new");
}

TEST_P(Reload, RequestInHandIsAnsweredByWhatItBeganWith) {
  Reloaded server(with_entry(GetParam(), {.workers = 1}));
  Client running = server->connect(), queued = server->connect();
  running.send(request("GET", "/sleep?ms=1500"));
  std::this_thread::sleep_for(200ms);
  queued.send(request("GET", "/generation"));
  std::this_thread::sleep_for(200ms);
  server.edit("GENERATION: one", "GENERATION: two");
  server.must_reload();
  EXPECT_THAT(server->get("/generation").body, HasSubstr("two"));
  EXPECT_THAT(queued.read().body, HasSubstr("one"));
  EXPECT_EQ(running.read().body, "slept");
}

// Middleware sees a long request before its body is here; which row counts, the body's arrival
// says.
TEST_P(Reload, UploadThatIsOnItsWayHasOneConfiguration) {
  const std::string headers =
      "  middleware: [headers]\n"
      "  headers: {request: {X-Id: first}, response: {X-Row: first}}\n";
  Reloaded server(with_entry(GetParam(), {.http = headers}));
  Client client = server->connect();
  const std::string body(300'000, 'x');
  client.send(
      "POST /identity?id=7 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
      "Content-Type: text/plain\r\nContent-Length: 300000\r\n\r\n");
  pollfd wait{client.descriptor(), POLLIN, 0};
  ASSERT_EQ(::poll(&wait, 1, 20'000), 1) << "no 100 Continue";
  server.edit("{request: {X-Id: first}, response: {X-Row: first}}",
              "{request: {X-Id: second}, response: {X-Row: second}}");
  server.must_reload();
  client.send(body);
  const Response reply = client.read();
  EXPECT_EQ(reply.header("x-row"), "second");
  EXPECT_THAT(reply.body, ::testing::StartsWith("7 second "));
}

TEST_P(Reload, WhatCannotBeUsedChangesNothingAndIsNamed) {
  Reloaded server(with_entry(GetParam(), {.pool = ", allocate_timeout: 20s"}));
  struct Case {
    std::string from, to, says;
  };
  for (const auto& [from, to, says] :
       std::vector<Case>{{"num_workers: 2", "num_workers: many", ".rr.yaml:5:"},
                         {"num_workers: 2", "num_workers: 501", "can't be more than 500"},
                         {"version: '3'", "version: '3'\nx: [", ".rr.yaml"},
                         {"{dir}/app/entry.php", "{dir}/app/absent.php", "absent.php"},
                         {"'127.0.0.1:{port}'", "'127.0.0.1:1'", "bind"}}) {
    server.edit(from, to);
    const auto ran = server.reload();
    if (to.find(":1'") != std::string::npos && ran.status == 0) {
      server.edit(to, from);  // root may have that port
      server.must_reload();
      continue;
    }
    EXPECT_EQ(ran.status, 1) << to;
    EXPECT_THAT(ran.output, HasSubstr(says)) << to;
    server->signal(SIGHUP);
    EXPECT_TRUE(server->wait_for_log("the configuration was not reloaded"));
    EXPECT_THAT(server->get("/generation").body, HasSubstr("one"));
    server.edit(to, from);
  }
  server.must_reload();
}

TEST_P(Reload, ScriptThatDoesNotComeUpLeavesTheOldOneAtWork) {
  const Style& style = GetParam();
  if (!style.loop()) GTEST_SKIP() << "a script for each request has no start";
  Reloaded server(with_entry(style));
  server.file("app/entry.php", "<?php this is no php");
  const auto ran = server.reload();
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, AllOf(HasSubstr("syntax error"), HasSubstr("entry.php")));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server->get("/word").body, "old");
  server.file("app/entry.php", entry(style, "new"));
  server.must_reload();
  EXPECT_EQ(server->get("/word").body, "new");
}

TEST_P(Reload, WhatNeedsARestartIsNamedUntilItHasComeTrue) {
  Reloaded server(with_entry(GetParam()));
  server.edit("rpc.sock'}", "rpc.sock', mode: 0666}");
  const auto ran = server.reload();
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("needs a restart: rpc.mode\n"));
  EXPECT_THAT(server.reload().output, HasSubstr("needs a restart: rpc.mode\n"));
  server.edit("rpc.sock', mode: 0666}", "rpc.sock'}");
  EXPECT_THAT(server.reload().output, Not(HasSubstr("restart")));
}

TEST_P(Reload, AddressMovesAndOldConnectionsLiveOn) {
  Reloaded server(with_entry(GetParam()));
  Client kept = server->connect();
  EXPECT_EQ(server->get("/").body, "hello");
  server.edit("127.0.0.1:{port}", "127.0.0.1:{port2}");
  server.must_reload();
  EXPECT_EQ(get(server->second_port(), "/").body, "hello");
  kept.send(request("GET", "/"));
  EXPECT_EQ(kept.read().body, "hello");
  EXPECT_THROW(Client::tcp(server->port()), ConnectionClosed);
}

TEST_P(Reload, LevelOfTheLogAndLimitsCountAtOnce) {
  Reloaded server(with_entry(GetParam()));
  server.edit("logs: {level: debug", "logs: {level: error");
  server.edit("  pool:", "  max_request_size: 1\n  pool:");
  server.must_reload();
  const auto before = server->log().size();
  EXPECT_EQ(fetch(server->port(), "POST", "/body", "", std::string(2 << 20, 'x')).status, 413);
  EXPECT_EQ(server->get("/").body, "hello");
  EXPECT_THAT(server->log().substr(before), Not(HasSubstr("http log")));
}

TEST_P(Reload, ThoseAskedForWhileOneRunsAreOneMore) {
  const Style& style = GetParam();
  if (!style.loop()) GTEST_SKIP() << "a script for each request has no start";
  Reloaded server(with_entry(style));
  server.file("app/entry.php",
              "<?php namespace Probe; touch('{dir}/booting'); "
              "while (!is_file('{dir}/go')) { usleep(2000); clearstatcache(); } const WORD = "
              "'slow'; require '{apps}/" +
                  style.script + "';");
  server->signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(server->folder() / "booting"); }));
  for (int i = 0; i < 12; ++i) {
    server->signal(SIGHUP);
    std::this_thread::sleep_for(5ms);
  }
  server.file("go", "");
  server.must_reload();
  // The first one; one for those that came meanwhile; the last call is part of that or one more,
  // and so is a signal that was late.
  const auto reloads = count(server->log(), "configuration was reloaded");
  EXPECT_GE(reloads, 2U);
  EXPECT_LE(reloads, 4U);
  EXPECT_EQ(server->get("/word").body, "slow");
}

TEST_P(Reload, StopDoesNotWaitForWorkersThatAreComingUp) {
  const Style& style = GetParam();
  if (!style.loop()) GTEST_SKIP() << "a script for each request has no start";
  Reloaded server(with_entry(style));
  server.file("app/entry.php", "<?php file_put_contents('{dir}/booting', 'x'); sleep(50);");
  server->signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(server->folder() / "booting"); }));
  server->signal(SIGTERM);
  EXPECT_EQ(server->wait_exit(12s), 0);
}

TEST_P(Reload, DotenvFilesAreReadAgain) {
  ServerOptions options = with_entry(GetParam());
  replace(options.config, "GENERATION: one", "UNUSED: '1'");
  replace(options.config, "version: '3'", "version: '3'\nenvfile: the.env");
  options.files["the.env"] = "GENERATION=one\nWORKERS=1\n";
  replace(options.config, "num_workers: 2", "num_workers: '${WORKERS}'");
  Reloaded server(options);
  EXPECT_THAT(server->get("/generation").body, HasSubstr("one"));
  server.file("the.env", "GENERATION=two\nWORKERS=2\n");
  server.must_reload();
  EXPECT_THAT(server->get("/generation").body, HasSubstr("two"));
  const auto workers = server->run({"workers", "--json", "-c", "{dir}/.rr.yaml"});
  EXPECT_EQ(count(workers.output, "\"pid\""), 2U) << workers.output;
}

// ---- kinds of workers

TEST(ReloadMode, OneKindReplacesAnotherUnderLoad) {
  const auto styles = plain_styles();
  const auto& process = styles[0];
  const auto& goridge = styles[2];
  Reloaded server(with_entry(goridge));
  std::atomic<bool> stop{false};
  Tally tally;
  std::thread load([&] {
    while (!stop) {
      storm(
          server->port(), 4, 200,
          [](std::mt19937&, std::uint64_t) -> Shot {
            return {request("GET", "/"),
                    [](const Response& reply) { return reply.body == "hello"; }, "/"};
          },
          tally);
    }
  });
  for (int round = 0; round < 3; ++round) {
    server.edit("mode: " + goridge.mode, "mode: " + process.mode);
    server.must_reload();
    server.edit("mode: " + process.mode, "mode: " + goridge.mode);
    server.must_reload();
  }
  stop = true;
  load.join();
  EXPECT_TRUE(tally.clean()) << tally.complaints();
  EXPECT_GT(tally.good(), 0U);
}

TEST(ReloadMode, ThreadsWithoutPhpInTheProcessNeedARestart) {
  const auto styles = plain_styles();
  Reloaded server(with_entry(styles[0]));
  server.edit("mode: process", "mode: embed");
  const auto ran = server.reload();
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, AllOf(HasSubstr("http.pool.mode"), HasSubstr("restart")));
  EXPECT_EQ(server->get("/").body, "hello");
}

TEST(ReloadMode, SettingsThatPhpReadsOnceNeedARestart) {
  const auto styles = plain_styles();
  Reloaded server(with_entry(styles[1]));
  server.edit("php -d", "php -d opcache.memory_consumption=64 -d memory_limit=99M -d");
  const auto ran = server.reload();
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output,
              AllOf(HasSubstr("needs a restart: server.command: -d opcache.memory_consumption\n"),
                    Not(HasSubstr("memory_limit"))));
}

TEST(ReloadMode, SymlinkOfTheConfigurationsFolderIsFollowedAgain) {
  const auto styles = plain_styles();
  for (const Style& style : {styles[0], styles[1]}) {
    ServerOptions options = with_entry(style);
    replace(options.config, "{dir}/app/entry.php", "entry.php");
    options.files["releases/1/.rr.yaml"] = options.config;
    options.files["releases/2/.rr.yaml"] = options.config;
    options.files["releases/1/entry.php"] = entry(style, "first");
    options.files["releases/2/entry.php"] = entry(style, "second");
    options.config.clear();
    options.arguments = {"serve", "-c", "{dir}/current/.rr.yaml"};
    Server server(options, Start::do_not_wait);
    std::filesystem::create_symlink("releases/1", server.folder() / "current");
    // It may have looked before the link was there.
    if (!server.wait_for_log("RoadRunner server started", 3s)) {
      GTEST_SKIP() << "started before its folder was there";
    }
    EXPECT_EQ(server.get("/word").body, "first");
    std::filesystem::create_symlink("releases/2", server.folder() / "next");
    std::filesystem::rename(server.folder() / "next", server.folder() / "current");
    server.signal(SIGHUP);
    EXPECT_TRUE(server.wait_for_log("workers were replaced"));
    EXPECT_EQ(server.get("/word").body, "second");
  }
}

// ---- server.watch

class Watch : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Watch, ::testing::ValuesIn(plain_styles()), style_name);

ServerOptions watching(const Style& style) {
  ServerOptions options = with_entry(style);
  replace(options.config, "server: {", "server: {watch: {paths: [app], debounce: 50ms}, ");
  return options;
}

TEST_P(Watch, ChangedFilesGiveNewWorkersAndBrokenOnesDoNot) {
  const Style& style = GetParam();
  Reloaded server(watching(style));
  EXPECT_EQ(server->get("/word").body, "old");
  server.file("app/entry.php", entry(style, "new"));
  EXPECT_TRUE(eventually([&] { return server->get("/word").body == "new"; }, 20s));
  EXPECT_TRUE(server->wait_for_log("entry.php changed"));
  EXPECT_TRUE(server->wait_for_log("workers were replaced"));
  const auto replaced = count(server->log(), "workers were replaced");

  // A file that no worker has loaded yet: only the check can find it.
  server.file("app/lazy/part.php", "<?php\n\nfunction {");
  EXPECT_TRUE(server->wait_for_log("code does not compile", 20s));
  EXPECT_THAT(server->log(), AllOf(HasSubstr("part.php"), HasSubstr("line 3")));
  // What is right does not count while something else is wrong.
  server.file("app/other.php", "<?php return 1;");
  EXPECT_TRUE(eventually([&] { return count(server->log(), "code does not compile") >= 2; }, 20s));
  EXPECT_EQ(count(server->log(), "workers were replaced"), replaced);
  EXPECT_EQ(server->get("/word").body, "new");

  server.file("app/lazy/part.php", "<?php\n\nfunction part() {}");
  server.file("app/entry.php", entry(style, "newest"));
  EXPECT_TRUE(eventually([&] { return server->get("/word").body == "newest"; }, 20s));
}

TEST_P(Watch, NothingIsLostWhileFilesChange) {
  const Style& style = GetParam();
  Reloaded server(watching(style));
  Tally tally;
  {
    const Mischief edits(30ms, 120ms, [&](std::mt19937& random) {
      server.file("app/f" + std::to_string(random() % 50) + ".php", "<?php return 1;");
    });
    storm(
        server->port(), 4, sanitizer().empty() ? 1500 : 200,
        [](std::mt19937& random, std::uint64_t) -> Shot {
          return {request("GET", random() % 20 == 0 ? "/sleep?ms=30" : "/word"),
                  [](const Response& reply) { return reply.status == 200; }, "/word"};
        },
        tally);
  }
  EXPECT_TRUE(tally.clean()) << tally.complaints();
}

// ---- storm

class ReloadStorm : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, ReloadStorm, ::testing::ValuesIn(plain_styles()), style_name);

Usage settled(const Server& server, long children) {
  eventually([&] { return server.usage().children == children; }, 15s);
  std::this_thread::sleep_for(1s);
  return server.usage();
}

TEST_P(ReloadStorm, ReloadsUnderLoadRefuseLoseAndMixNothing) {
  const Style& style = GetParam();
  const std::uint64_t requests = long_form() ? 25'000 : sanitizer().empty() ? 4000 : 1500;
  Reloaded server(with_entry(style, {.http = "  raw_body: false\n"}));
  const bool forms = style.speaks == Speaks::frames;
  const auto next = [&](std::mt19937& random, std::uint64_t number) -> Shot {
    if (number % 50 == 0) {
      return {request("GET", "/sleep?ms=" + std::to_string(random() % 100)),
              [](const Response& reply) { return reply.body == "slept"; }, "/sleep"};
    }
    return {request("POST", "/generation", "Content-Type: application/x-www-form-urlencoded\r\n",
                    "a=b"),
            [forms](const Response& reply) {
              if (reply.status != 200) return false;
              if (!forms) return reply.body.starts_with("one") || reply.body.starts_with("two");
              return reply.body == "one parsed" || reply.body == "two raw";
            },
            "/generation"};
  };
  const auto rounds = [&](std::uint64_t total, Tally& tally) {
    bool second = false;
    int reloads = 0;
    {
      const Mischief changes(200ms, 201ms, [&](std::mt19937&) {
        server.edit(second ? "GENERATION: two" : "GENERATION: one",
                    second ? "GENERATION: one" : "GENERATION: two");
        server.edit(second ? "raw_body: true" : "raw_body: false",
                    second ? "raw_body: false" : "raw_body: true");
        second = !second;
        ++reloads;
        if (reloads % 4 == 0) {
          server->signal(SIGHUP);
        } else if (const auto ran = server.reload(); ran.status != 0) {
          tally.wrong("reload: " + ran.output);
        }
      });
      storm(server->port(), 8, total, next, tally);
    }
    if (second) {
      server.edit("GENERATION: two", "GENERATION: one");
      server.edit("raw_body: true", "raw_body: false");
    }
    server.must_reload();
    return reloads;
  };
  Tally warm;
  rounds(requests / 4, warm);
  const long children = style.thread() ? server->usage().children : 2;
  const Usage before = settled(*server, children);
  Tally tally;
  const int reloads = rounds(requests, tally);
  EXPECT_GT(reloads, 0);
  EXPECT_EQ(tally.answered(), requests);
  EXPECT_TRUE(tally.clean()) << tally.complaints();
  const Usage after = settled(*server, before.children);
  EXPECT_EQ(after.children, before.children);
  EXPECT_LE(after.descriptors, before.descriptors + 2);
  EXPECT_LE(after.threads, before.threads + 1);
  if (sanitizer().empty()) {
    EXPECT_LE(after.rss_kib, before.rss_kib + before.rss_kib / 10 + 8192);
  }
  RecordProperty("reloads", reloads);
  std::cerr << style.name << ": " << requests << " requests, " << reloads << " reloads, rss "
            << before.rss_kib << " -> " << after.rss_kib << " KiB, descriptors "
            << before.descriptors << " -> " << after.descriptors << ", threads " << before.threads
            << " -> " << after.threads << "\n";
}

}  // namespace
}  // namespace rr::e2e
