// The parent of a server with threads: what a crash, a signal and its own death lead to.
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// With every kind of thread, and with processes where the configuration asks for a guardian.
class Guarded : public ::testing::TestWithParam<Style> {
 protected:
  static ServerOptions options(Serving how = {}) {
    // PHP 8.3 and later would throw before the stack is at its end.
    how.flags += "-d zend.max_allowed_stack_size=-1";
    ServerOptions options = serve(GetParam(), how);
    if (!GetParam().thread())
      options.config.replace(options.config.find("server: {"), 9, "server: {guardian: true, ");
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Styles, Guarded, ::testing::ValuesIn(plain_styles()), style_name);

class GuardedThreads : public Guarded {};
std::vector<Style> threads() {
  std::vector<Style> found;
  for (const Style& style : plain_styles()) {
    if (style.thread()) found.push_back(style);
  }
  return found;
}
INSTANTIATE_TEST_SUITE_P(Styles, GuardedThreads, ::testing::ValuesIn(threads()), style_name);

bool core_is_slow() {
  return !sanitizer().empty();  // a report takes its time
}

bool accepts(const Server& server) {
  try {
    server.connect();
    return true;
  } catch (const ConnectionClosed&) {
    return false;
  }
}

// Until another process serves than `before`; no client may be refused meanwhile.
void expect_served_again(const Server& server, pid_t before) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(server.get("/").body, "hello");
  if (!core_is_slow()) {
    EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
  }
  EXPECT_NE(server.serving(), before);
}

TEST_P(GuardedThreads, CrashOfAScriptIsNamedAndServedAgainWithinASecond) {
  Server server(options());
  EXPECT_EQ(server.get("/").body, "hello");
  const pid_t before = server.serving();
  EXPECT_NE(before, server.pid());
  EXPECT_THROW(server.get("/overflow?here=1"), ConnectionClosed);
  expect_served_again(server, before);
  EXPECT_TRUE(server.wait_for_log("server died, starting it again"));
  if (sanitizer().empty()) {
    EXPECT_THAT(server.log(),
                AllOf(HasSubstr("\"cause\":\"signal 11 (SIGSEGV)\",\"thread\":\"worker "),
                      HasSubstr("\"script\":\"" + apps_folder().string() + "/" + GetParam().script),
                      HasSubstr(R"("request":"GET /overflow?here=1")"),
                      HasSubstr("rr-embed: signal 11 (SIGSEGV) in worker ")));
  }
}

// What a request holds must not become a line of the log.
TEST_P(GuardedThreads, CrashReportTakesControlCharactersOut) {
  if (!sanitizer().empty()) GTEST_SKIP() << "sanitizers report crashes themselves";
  Server server(options());
  Client client = server.connect();
  client.send("GET /overflow?\x01\x1b[2J HTTP/1.1\r\nHost: x\r\n\r\n");
  try {
    // A parser that refuses such a target is right, too.
    EXPECT_EQ(client.read().status, 400);
  } catch (const ConnectionClosed&) {
    EXPECT_TRUE(server.wait_for_log("server died"));
    EXPECT_THAT(server.log(), Not(HasSubstr("\x1b[2J")));
  }
}

TEST_P(Guarded, ManyCrashesWaitLongerEachTimeButRefuseNobody) {
  Server server(options());
  for (int i = 0; i < 4; ++i) {
    const pid_t before = server.serving();
    ::kill(before, SIGKILL);
    ASSERT_TRUE(eventually([&] { return !alive(before); }));
    EXPECT_EQ(server.get("/").body, "hello");
  }
  EXPECT_THAT(server.log(),
              AllOf(HasSubstr("\"cause\":\"signal 9 (SIGKILL)\""), HasSubstr("\"wait\":0}"),
                    HasSubstr("\"wait\":0.1}"), HasSubstr("\"wait\":0.2}")));
}

TEST_P(Guarded, KillOfTheServerLeavesNoWorkerBehind) {
  Server server(options());
  const auto family = server.descendants();
  const pid_t before = server.serving();
  ::kill(before, SIGKILL);
  expect_served_again(server, before);
  for (const pid_t pid : family) EXPECT_TRUE(eventually([&] { return !alive(pid); }, 2s));
}

TEST_P(Guarded, KillOfTheGuardianEndsEverything) {
  Server server(options());
  const auto family = server.descendants();
  ::kill(server.pid(), SIGKILL);
  EXPECT_EQ(server.wait_exit(5s), 128 + SIGKILL);
  for (const pid_t pid : family) EXPECT_TRUE(eventually([&] { return !alive(pid); }, 2s));
  // A process is a zombie before its last thread has let go of the descriptors.
  EXPECT_TRUE(eventually([&] { return !accepts(server); }, 2s));
}

// A change of the user takes PR_SET_PDEATHSIG away.
TEST_P(Guarded, KillOfTheGuardianEndsAServerOfAnotherUser) {
  if (::getuid() != 0) GTEST_SKIP() << "needs root";
  ServerOptions as_nobody = options();
  as_nobody.config.replace(as_nobody.config.find("server: {"), 9, "server: {user: nobody, ");
  std::optional<Server> server;
  try {
    server.emplace(as_nobody);
  } catch (const std::runtime_error& error) {
    GTEST_SKIP() << "nobody may not read the application: " << error.what();
  }
  const auto family = server->descendants();
  ::kill(server->pid(), SIGKILL);
  EXPECT_EQ(server->wait_exit(5s), 128 + SIGKILL);
  for (const pid_t pid : family) EXPECT_TRUE(eventually([&] { return !alive(pid); }, 2s));
}

TEST_P(Guarded, StopEndsBothWithTheServersCode) {
  Server server(options());
  const pid_t serving = server.serving();
  server.stop(0);
  EXPECT_FALSE(alive(serving));
  EXPECT_THROW(server.connect(), ConnectionClosed);
  EXPECT_THAT(server.output(), HasSubstr("stop signal received, grace timeout is: 30 seconds"));
}

TEST_P(Guarded, StopOfTheServerAloneIsAStop) {
  Server server(options());
  ::kill(server.serving(), SIGTERM);
  EXPECT_EQ(server.wait_exit(5s), 0);
}

// A terminal's Ctrl+C and systemd's KillMode=control-group reach parent and child.
TEST_P(Guarded, OneSignalToTheWholeGroupIsOne) {
  Server server(options());
  Client client = server.connect();
  client.send(request("GET", "/sleep?ms=1000"));
  ASSERT_TRUE(client.stays_silent(100ms));
  ::kill(-server.pid(), SIGINT);
  EXPECT_EQ(client.read().body, "slept");
  EXPECT_EQ(server.wait_exit(5s), 0);
  EXPECT_THAT(server.output(), Not(HasSubstr("exit forced")));
}

TEST_P(Guarded, SecondSignalToTheWholeGroupForcesTheExit) {
  Server server(options());
  Client client = server.connect();
  client.send(request("GET", "/sleep?ms=20000"));
  ASSERT_TRUE(client.stays_silent(100ms));
  // Another one than the second: two of the same that nobody has taken yet are one.
  ::kill(-server.pid(), SIGTERM);
  ASSERT_TRUE(server.wait_for_log("stop signal received"));
  ::kill(-server.pid(), SIGINT);
  EXPECT_EQ(server.wait_exit(3s), 1);
  EXPECT_THAT(server.output(), HasSubstr("exit forced"));
}

// A server that does not even run any more.
TEST_P(Guarded, SecondSignalEndsAServerThatHangs) {
  Server server(options());
  const pid_t serving = server.serving();
  ::kill(serving, SIGSTOP);
  server.signal(SIGTERM);
  server.signal(SIGINT);
  EXPECT_EQ(server.wait_exit(5s), 1);
  EXPECT_FALSE(alive(serving));
  EXPECT_THAT(server.output(), HasSubstr("exit forced"));
}

TEST_P(Guarded, StopWhileNoServerRuns) {
  ServerOptions broken = options();
  Server server(broken);
  std::ofstream(server.folder() / ".rr.yaml") << "version: '3'\nhttp: {address: \n";
  ::kill(server.serving(), SIGKILL);
  EXPECT_TRUE(server.wait_for_log("server does not come up, trying again"));
  server.signal(SIGTERM);
  EXPECT_THAT(server.wait_exit(5s), AnyOf(0, 1));
}

// The configuration is bad for a while: clients wait.
TEST_P(Guarded, ComesBackWhenTheConfigurationIsRepaired) {
  ServerOptions good = options();
  Server server(good);
  std::ofstream(server.folder() / ".rr.yaml") << "version: '3'\nhttp: {address: \n";
  ::kill(server.serving(), SIGKILL);
  EXPECT_TRUE(server.wait_for_log("server does not come up, trying again"));
  Client client = server.connect();
  client.send(request("GET", "/"));
  std::ofstream(server.folder() / ".rr.yaml") << server.fill(good.config);
  EXPECT_EQ(client.read().body, "hello");
}

// spec:05#23: same PID, configuration read anew; the sockets stay.
TEST_P(Guarded, RestartSignalKeepsPidAndSocketsAndReadsTheConfiguration) {
  ServerOptions first = options();
  Server server(first);
  const pid_t before = server.serving();
  std::ofstream(server.folder() / ".rr.yaml")
      << server.fill(first.config + "rpc: {listen: 'unix://{dir}/rpc.sock'}\n");
  server.signal(SIGUSR2);
  ASSERT_TRUE(server.wait_for_log("restart signal [SIGUSR2] received"));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(server.get("/").body, "hello");
  ASSERT_TRUE(eventually([&] { return server.serving() != before && !alive(before); }));
  EXPECT_TRUE(eventually([&] {
    return server.run({"workers", "-c", server.fill("{dir}/.rr.yaml")}).status == 0;
  }));
  EXPECT_THAT(server.log(), Not(HasSubstr("server died")));
}

TEST_P(Guarded, HangUpReachesTheServerBelow) {
  Server server(options());
  const pid_t before = server.serving();
  server.signal(SIGHUP);
  EXPECT_TRUE(server.wait_for_log("configuration was reloaded"));
  EXPECT_EQ(server.serving(), before);
}

TEST_P(Guarded, PidFileNamesTheGuardianForAsLongAsItRuns) {
  ServerOptions with_file = options();
  with_file.arguments = {"serve", "-p", "-c", "{dir}/.rr.yaml"};
  Server server(with_file);
  const auto named = [&] {
    pid_t pid = 0;
    std::ifstream(server.folder() / ".pid") >> pid;
    return pid;
  };
  EXPECT_EQ(named(), server.pid());
  const pid_t before = server.serving();
  ::kill(before, SIGKILL);
  expect_served_again(server, before);
  EXPECT_EQ(named(), server.pid());
  EXPECT_EQ(server.run({"stop", "-c", "{dir}/.rr.yaml"}).status, 0);
  EXPECT_EQ(server.wait_exit(10s), 0);
  EXPECT_FALSE(std::filesystem::exists(server.folder() / ".pid"));
}

// With NotifyAccess=main it believes nobody else. spec:05#28
TEST_P(Guarded, SystemdIsToldByTheProcessThatItHasStarted) {
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  const timeval patient{20, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patient, sizeof patient);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "@rr-e2e-notify-" + std::to_string(free_port());
  name.copy(address.sun_path, sizeof address.sun_path);
  address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), length), 0);

  ServerOptions notifying = options();
  notifying.environment.push_back("NOTIFY_SOCKET=" + name);
  Server server(notifying);
  std::array<char, 256> text{};
  union {
    cmsghdr align;
    std::array<char, CMSG_SPACE(sizeof(ucred))> bytes;
  } control{};
  iovec part{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t got = ::recvmsg(socket, &message, 0);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(got)), "READY=1");
  ucred sender{};
  ASSERT_NE(CMSG_FIRSTHDR(&message), nullptr);
  std::memcpy(&sender, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof sender);
  EXPECT_EQ(sender.pid, server.pid());
  ::close(socket);
}

TEST_P(Guarded, WorkersSeeNothingOfIt) {
  ServerOptions own = options();
  own.config.replace(own.config.find("{apps}/"), std::string("{apps}/" + GetParam().script).size(),
                     "{dir}/app/entry.php");
  own.files["app/entry.php"] =
      "<?php foreach (getenv() + $_ENV + $_SERVER as $name => $value) "
      "if (preg_match('/^RR_EMBED_(?!TEST_)/', (string) $name)) error_log(\"leaked $name\"); "
      "foreach (glob('/proc/self/fd/*') as $fd) if (getenv('RR_RELAY') && PHP_SAPI === 'cli' && "
      "str_contains((string) @readlink($fd), 'socket:')) error_log(\"leaked $fd\"); "
      "require '{apps}/" +
      GetParam().script + "';";
  Server server(own);
  const pid_t before = server.serving();
  EXPECT_EQ(server.get("/").body, "hello");
  ::kill(before, SIGKILL);
  expect_served_again(server, before);
  EXPECT_THAT(server.log(), Not(HasSubstr("leaked")));
}

TEST(Guardian, IsNotThereForProcessesUnlessAskedFor) {
  Server server(serve(plain_styles()[0]));
  EXPECT_EQ(server.serving(), server.pid());
}

TEST(Guardian, CanBeSwitchedOffForThreads) {
  ServerOptions options = serve(threads()[0]);
  options.config.replace(options.config.find("server: {"), 9, "server: {guardian: false, ");
  Server server(options);
  EXPECT_EQ(server.serving(), server.pid());
}

// As in a container: every orphan is its child.
TEST(Guardian, ReapsOrphansAsPid1AndDiesOfNoSignal) {
  if (::getuid() != 0 || ::system("unshare --pid --fork --mount-proc true 2>/dev/null") != 0)
    GTEST_SKIP() << "needs root and unshare(1)";
  ServerOptions options =
      serve(plain_styles()[0], {.more = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"});
  options.wrapper = {"unshare", "--pid", "--fork", "--mount-proc", "--kill-child"};
  options.files["orphan.php"] = "<?php exec('(sleep 0.1 &) >/dev/null 2>&1');";
  options.config.replace(options.config.find("server: {"), 9,
                         "server: {on_init: {command: 'php {dir}/orphan.php'}, ");
  Server server(options);
  EXPECT_EQ(server.get("/").body, "hello");
  const auto zombies = [] { return ::system("ps -eo stat,comm | grep '^Z.*sleep' >/dev/null"); };
  EXPECT_TRUE(eventually([&] { return zombies() != 0; }));
  // The first one below unshare is PID 1 of its own world.
  const auto family = server.descendants();
  ASSERT_FALSE(family.empty());
  const pid_t init = family.front();
  EXPECT_EQ(server.run({"upgrade", "-c", "{dir}/.rr.yaml"}).status, 0);
  EXPECT_EQ(server.get("/").body, "hello");
  ::kill(init, SIGTERM);
  EXPECT_EQ(server.wait_exit(10s), 0);
  for (const pid_t pid : family) EXPECT_TRUE(eventually([&] { return !alive(pid); }, 2s));
}

}  // namespace
}  // namespace rr::e2e
