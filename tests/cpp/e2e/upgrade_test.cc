// `rr-embed upgrade`: another process serves, nobody notices.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "storm.h"
#include "styles.h"

namespace rr::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kRpc = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n";

Server::Ran upgrade(const Server& server) {
  return server.run({"upgrade", "-c", "{dir}/.rr.yaml"});
}

// The pid file names who is to be signalled.
pid_t named(const Server& server) {
  pid_t pid = 0;
  std::ifstream(server.folder() / ".pid") >> pid;
  return pid;
}

// Without a guardian the process that was started ends: its successor is looked after then.
void follow(Server& server) {
  const pid_t pid = named(server);
  if (pid == server.pid()) return;
  EXPECT_EQ(server.wait_exit(15s), 0) << "the old server";
  server.follow(pid);
}

class Upgrade : public ::testing::TestWithParam<Style> {
 protected:
  static void SetUpTestSuite() {
    // A successor's parent ends: here it is still somebody's child.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  }
  static ServerOptions options(Serving how = {}) {
    how.more += kRpc;
    ServerOptions options = serve(GetParam(), how);
    options.arguments = {"serve", "-p", "-c", "{dir}/.rr.yaml"};
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Styles, Upgrade, ::testing::ValuesIn(plain_styles()), style_name);

TEST_P(Upgrade, AnotherProcessServesWithTheConfigurationOfNow) {
  ServerOptions first = options();
  Server server(first);
  const pid_t pid = server.pid();
  const pid_t before = server.serving();
  std::ofstream(server.folder() / ".rr.yaml")
      << server.fill(options({.http = "  max_request_size: 1\n"}).config);
  const std::string big(2 << 20, 'x');
  EXPECT_EQ(fetch(server.port(), "POST", "/identity", "Content-Type: text/plain\r\n", big).status,
            200);

  const auto ran = upgrade(server);
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("the new server serves"));
  EXPECT_TRUE(eventually([&] { return !alive(before); }));
  follow(server);
  EXPECT_NE(server.serving(), before);
  EXPECT_EQ(GetParam().thread(), server.pid() == pid);
  EXPECT_NE(fetch(server.port(), "POST", "/identity", "Content-Type: text/plain\r\n", big).status,
            200);
  EXPECT_EQ(server.get("/").body, "hello");
  // The file of the socket stays, and is taken away in the end.
  EXPECT_EQ(server.run({"workers", "-c", "{dir}/.rr.yaml"}).status, 0);
  server.stop();
  EXPECT_FALSE(fs::exists(server.folder() / "rpc.sock"));
  EXPECT_FALSE(fs::exists(server.folder() / ".pid"));
}

TEST_P(Upgrade, RunningAndKeptConnectionsAreServedByTheOldOne) {
  Server server(options());
  Client slow = server.connect();
  slow.send(request("GET", "/sleep?ms=1500"));
  Client kept = server.connect();
  kept.send(request("GET", "/"));
  EXPECT_EQ(kept.read().body, "hello");
  Client fresh = server.connect();
  ASSERT_TRUE(slow.stays_silent(100ms));
  ASSERT_EQ(upgrade(server).status, 0);
  // The old server hears of it a moment after the command has ended.
  std::string connection;
  for (int i = 0; i < 1000 && connection != "close"; ++i) {
    kept.send(request("GET", "/"));
    const Response answer = kept.read();
    ASSERT_EQ(answer.body, "hello");
    connection = answer.header("connection");
  }
  EXPECT_EQ(connection, "close");
  fresh.send(request("GET", "/"));
  EXPECT_EQ(fresh.read().body, "hello");
  EXPECT_EQ(slow.read().body, "slept");
  follow(server);
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST_P(Upgrade, OfAConfigurationThatDoesNotWorkLeavesTheOldServer) {
  ServerOptions first = options();
  Server server(first);
  const pid_t before = server.serving();
  std::ofstream(server.folder() / ".rr.yaml")
      << server.fill(first.config) << "endure: {grace_period: soon}\n";
  const auto ran = upgrade(server);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output,
              AllOf(HasSubstr("the new server does not come up"), HasSubstr("grace_period")));
  EXPECT_EQ(server.serving(), before);
  EXPECT_EQ(server.get("/").body, "hello");
  EXPECT_EQ(named(server), server.pid());
  EXPECT_TRUE(fs::exists(server.folder() / "rpc.sock"));

  // And can be tried again.
  std::ofstream(server.folder() / ".rr.yaml") << server.fill(first.config);
  EXPECT_EQ(upgrade(server).status, 0);
  follow(server);
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST_P(Upgrade, ToABrokenProgramLeavesTheOldServer) {
  ServerOptions own = options();
  // The fixture makes the folder; the program is copied there before it is run.
  own.files["bin/readme"] = "a program to be replaced";
  own.wrapper = {"sh", "-c", "cp " + server_binary() + " \"$0\" && exec \"$0\" \"$@\""};
  own.program = "{dir}/bin/rr-embed";
  Server server(own);
  const pid_t before = server.serving();
  const fs::path program = server.folder() / "bin" / "rr-embed";
  const auto replace = [&](const std::string& text) {
    std::ofstream(program.string() + ".new") << text;
    fs::permissions(program.string() + ".new", fs::perms::owner_all);
    fs::rename(program.string() + ".new", program);
  };
  replace("this is no program");
  auto ran = upgrade(server);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("the new server does not come up"));
  replace("#!/bin/sh\nexit 3\n");
  ran = upgrade(server);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("exit code 3"));
  fs::remove(program);
  ran = upgrade(server);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("No such file"));
  EXPECT_EQ(server.serving(), before);
  EXPECT_EQ(server.get("/").body, "hello");

  // A crash meanwhile: what has served comes back, though its file is gone.
  if (GetParam().thread()) {
    ::kill(before, SIGKILL);
    ASSERT_TRUE(eventually([&] { return !alive(before); }));
    EXPECT_EQ(server.get("/").body, "hello");
  }
  fs::copy_file(server_binary(), program);
  EXPECT_EQ(upgrade(server).status, 0);
  follow(server);
  EXPECT_EQ(server.get("/").body, "hello");
}

// The command in a process of its own, while the test goes on: its pid.
pid_t upgrade_aside(const Server& server) {
  const std::string file = server.fill("{dir}/.rr.yaml");
  const std::string binary = server_binary();
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(binary.c_str(), "rr-embed", "-s", "upgrade", "-c", file.c_str(), nullptr);
    ::_exit(127);
  }
  return child;
}

// A start that takes its time, and says when it has begun.
void make_starts_slow(const Server& server, std::string config) {
  config.replace(config.find("server: {"), 9,
                 "server: {on_init: {command: 'php {dir}/slow.php'}, ");
  std::ofstream(server.folder() / "slow.php")
      << server.fill("<?php touch('{dir}/begun'); usleep(2000000);");
  std::ofstream(server.folder() / ".rr.yaml") << server.fill(config);
}

TEST_P(Upgrade, OneAtATime) {
  ServerOptions first = options();
  Server server(first);
  make_starts_slow(server, first.config);
  const pid_t command = upgrade_aside(server);
  ASSERT_TRUE(eventually([&] { return fs::exists(server.folder() / "begun"); }));
  const auto second = upgrade(server);
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.output, HasSubstr("an upgrade is under way"));
  EXPECT_EQ(server.get("/").body, "hello");
  int status = -1;
  EXPECT_EQ(::waitpid(command, &status, 0), command);
  EXPECT_EQ(status, 0);
  follow(server);
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST_P(Upgrade, AStopMeanwhileEndsBoth) {
  ServerOptions first = options();
  Server server(first);
  make_starts_slow(server, first.config);
  const pid_t command = upgrade_aside(server);
  ASSERT_TRUE(eventually([&] { return fs::exists(server.folder() / "begun"); }));
  const auto family = server.descendants();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_exit(15s), 0);
  int status = 0;
  EXPECT_EQ(::waitpid(command, &status, 0), command);
  EXPECT_NE(status, 0);
  for (const pid_t pid : family) EXPECT_TRUE(eventually([&] { return !alive(pid); }, 5s));
}

// The one that serves dies while the next one comes up: its clients wait for that.
TEST_P(Upgrade, ADeathMeanwhileIsFollowedByTheNewServer) {
  if (!GetParam().thread()) GTEST_SKIP() << "nobody is there to keep the sockets";
  ServerOptions first = options();
  Server server(first);
  make_starts_slow(server, first.config);
  const pid_t before = server.serving();
  const pid_t command = upgrade_aside(server);
  ASSERT_TRUE(eventually([&] { return fs::exists(server.folder() / "begun"); }));
  ::kill(before, SIGKILL);
  EXPECT_EQ(server.get("/").body, "hello");
  int status = 0;
  EXPECT_EQ(::waitpid(command, &status, 0), command);
}

// ---- processes: sockets of the relay, and who is the main process

class UpgradeOfProcesses : public Upgrade {};
INSTANTIATE_TEST_SUITE_P(Processes, UpgradeOfProcesses, ::testing::Values(plain_styles()[0]),
                         style_name);

TEST_P(UpgradeOfProcesses, WithARelaySocketWorkersReachTheirOwnServer) {
  // The worker of the pipes with the socket in their place.
  const std::string connect =
      "import os, socket\n"
      "relay = os.environ['RR_RELAY']\n"
      "if relay.startswith('unix://'):\n"
      "    link = socket.socket(socket.AF_UNIX)\n"
      "    link.connect(relay[7:])\n"
      "else:\n"
      "    host, port = relay[6:].split(':')\n"
      "    link = socket.create_connection((host, int(port)))\n"
      "os.dup2(link.fileno(), 0)\n"
      "os.dup2(link.fileno(), 1)\n"
      "os.execvp('php', ['php', '-d', 'display_errors=0', '{apps}/frames/worker.php'])\n";
  for (const std::string relay : {"unix://{dir}/relay.sock", "tcp://127.0.0.1:{port2}"}) {
    ServerOptions first = options();
    first.files["connect.py"] = connect;
    first.config = "version: '3'\nserver: {relay: '" + relay +
                   "', command: 'python3 {dir}/connect.py'}\nhttp: {address: "
                   "'127.0.0.1:{port}', pool: {num_workers: 2}}\nlogs: {mode: production}\n" +
                   kRpc;
    Server server(first);
    for (int i = 0; i < 3; ++i) {
      const auto ran = upgrade(server);
      ASSERT_EQ(ran.status, 0) << ran.output;
      follow(server);
      for (int n = 0; n < 4; ++n) EXPECT_EQ(server.get("/").body, "hello");
    }
    EXPECT_EQ(server.run({"reset", "-c", "{dir}/.rr.yaml"}).status, 0);
    EXPECT_EQ(server.get("/").body, "hello");
  }
}

TEST_P(UpgradeOfProcesses, SystemdIsToldTheNewMainProcess) {
  ServerOptions first = options();
  first.environment = {"NOTIFY_SOCKET={dir}/notify"};
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  Server server(first);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = server.fill("{dir}/notify");
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(upgrade(server).status, 0);
  follow(server);
  std::string heard;
  EXPECT_TRUE(eventually([&] {
    char text[512];
    const ssize_t got = ::recv(socket, text, sizeof text, 0);
    if (got > 0) heard.append(text, static_cast<std::size_t>(got)).append("\n");
    return heard.find("MAINPID=" + std::to_string(server.pid())) != std::string::npos;
  })) << heard;
  ::close(socket);
}

// ---- under load

class UpgradeStorm : public Upgrade {};
INSTANTIATE_TEST_SUITE_P(Styles, UpgradeStorm, ::testing::ValuesIn(plain_styles()), style_name);

std::uint64_t requests_a_style() {
  if (long_form()) return 100'000;
  return !sanitizer().empty() ? 400 : 4000;
}

Shot shot(std::mt19937& random, std::uint64_t number) {
  const std::string id = "u" + std::to_string(number);
  if (random() % 50 == 0) {
    return {request("GET", "/sleep?ms=20"),
            [](const Response& reply) { return reply.status == 200 && reply.body == "slept"; },
            "/sleep"};
  }
  return {request("POST", "/identity?id=" + id, "Content-Type: text/plain\r\nX-Id: " + id + "\r\n",
                  std::string(number % 5000, 'x')),
          [id](const Response& reply) {
            return reply.status == 200 && reply.body.starts_with(id + " " + id + " ");
          },
          "/identity " + id};
}

Usage settled(const Server& server, long children) {
  eventually([&] { return server.usage().children == children; }, 15s);
  return server.usage();
}

TEST_P(UpgradeStorm, LosesNothingAndLeaksNothing) {
  Server server(options({.workers = 4}));
  Tally warm;
  storm(server.port(), 8, requests_a_style() / 4, shot, warm);
  ASSERT_EQ(upgrade(server).status, 0);
  follow(server);
  storm(server.port(), 8, requests_a_style() / 4, shot, warm);
  EXPECT_TRUE(warm.clean()) << warm.complaints();
  const Usage before = server.usage();

  Tally tally;
  std::atomic<bool> over{false};
  int upgrades = 0;
  std::thread load([&] {
    storm(server.port(), 16, requests_a_style(), shot, tally);
    over = true;
  });
  while (!over) {
    const auto ran = upgrade(server);
    if (ran.status == 0) {
      ++upgrades;
      follow(server);
    } else if (ran.output.find("an upgrade is under way") == std::string::npos) {
      tally.wrong("upgrade: " + ran.output);
    }
  }
  load.join();
  std::cerr << upgrades << " upgrades\n";
  EXPECT_GE(upgrades, 1);
  EXPECT_EQ(tally.answered(), requests_a_style());
  EXPECT_EQ(tally.good(), requests_a_style());
  EXPECT_TRUE(tally.clean()) << tally.complaints();

  storm(server.port(), 8, requests_a_style() / 4, shot, warm);
  const Usage after = settled(server, before.children);
  EXPECT_EQ(after.children, before.children);
  EXPECT_LE(after.descriptors, before.descriptors + 2);
  EXPECT_LE(after.threads, before.threads + 1);
  if (sanitizer().empty()) {
    EXPECT_LE(after.rss_kib, before.rss_kib + before.rss_kib / 10 + 8192);
  }
  EXPECT_THAT(server.log(), Not(HasSubstr("server died")));
}

}  // namespace
}  // namespace rr::e2e
