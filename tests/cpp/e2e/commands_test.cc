// Commands of the binary beside a running server, and those that need none.
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr const char* kWithRpc =
    "version: '3'\nrpc: {listen: 'unix://{dir}/rpc.sock'}\nlogs: {mode: none}\n"
    "server: {command: 'php index.php'}\n"
    "http: {address: '127.0.0.1:{port}', pool: {mode: classic, num_workers: 2}}\n";

// spec:05#26 spec:05#43
TEST(Commands, WorkersOfThreadsAreATable) {
  Server server({.config = kWithRpc, .files = {{"index.php", "<?php echo 'hi';"}}});
  EXPECT_TRUE(server.wait_for_log("RoadRunner server started"));
  EXPECT_EQ(server.get("/").body, "hi");
  const Server::Ran table = server.run({"workers", "-c", server.fill("{dir}/.rr.yaml")});
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.output,
              AllOf(HasSubstr("Workers of [http]:\n"), HasSubstr("│ STATUS │ EXECS │"),
                    ContainsRegex("[0-9]+ +│ ready  │ 1 ")));
  const Server::Ran json = server.run({"workers", "--json", "-c", server.fill("{dir}/.rr.yaml")});
  EXPECT_EQ(json.status, 0);
  EXPECT_THAT(json.output, HasSubstr("\"statusStr\": \"ready\""));
  server.stop();
}

TEST(Commands, TheSocketOfRpcIsForItsOwnerAlone) {
  Server server({.config = kWithRpc, .files = {{"index.php", ""}}});
  struct stat file {};
  ASSERT_EQ(::stat(server.fill("{dir}/rpc.sock").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_EQ(file.st_uid, ::getuid());
  server.stop();
  EXPECT_EQ(server.run({"workers", "-c", server.fill("{dir}/.rr.yaml")}).status, 1);
}

TEST(Commands, TheSocketOfRpcBelongsToTheUserOfTheServer) {
  if (::getuid() != 0) GTEST_SKIP() << "needs root";
  Server server({.config = std::string(kWithRpc) + "endure: {grace_period: 5s}\n",
                 .files = {{"index.php", ""}},
                 .arguments = {"serve", "-c", "{dir}/.rr.yaml", "-o", "server.user=nobody", "-o",
                               "rpc.mode=0640"}});
  struct stat file {};
  ASSERT_EQ(::stat(server.fill("{dir}/rpc.sock").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0640u);
  EXPECT_NE(file.st_uid, 0u);
  server.stop();
}

// Each in a configuration of its own: what check says is what serve would end with.
TEST(Commands, CheckFindsWhatOnlyTheSystemKnows) {
  Server none(
      {.config = "version: '3'\n",
       .files = {{"user.yaml", "version: '3'\nserver: {command: php w.php, user: nosuchuser}\n"},
                 {"script.yaml",
                  "version: '3'\nserver: {command: php nosuch.php}\n"
                  "http: {address: ':1', pool: {mode: embed}}\n"},
                 {"port.yaml", "version: '3'\nrpc: {listen: 'tcp://127.0.0.1:x'}\n"},
                 {"group.yaml",
                  "version: '3'\nrpc: {listen: 'unix://r.sock', group: nosuchgroup}\n"},
                 {"on-init.yaml",
                  "version: '3'\nserver:\n  command: php {dir}/w.php\n"
                  "  on_init: {command: 'true', user: nosuchuser}\n"},
                 {"two-users.yaml",
                  "version: '3'\nserver:\n  command: php {dir}/w.php\n  user: nobody\n"
                  "  on_init: {command: 'true', user: daemon}\n"
                  "http: {address: ':1', pool: {mode: embed}}\n"},
                 {"w.php", ""},
                 {"need.yaml", "version: '3'\nhttp: {address: ':1'}\n"}},
       .arguments = {"--version"}},
      Start::do_not_wait);
  const auto check = [&](const std::string& name) {
    return none.run({"check", none.fill("{dir}/" + name + ".yaml")});
  };
  for (const auto& [name, place, text] :
       {std::tuple{"user", ":2:", "error: server.user: user: unknown user nosuchuser\n"},
        {"on-init", ":4:", "error: server.on_init.user: user: unknown user nosuchuser\n"},
        {"script", ":2:", "error: server.command: Could not open input file: "},
        {"port", ":2:", "error: rpc.listen: the port should be a number"},
        {"group", ":2:", "error: rpc.group: unknown group nosuchgroup\n"}}) {
    const Server::Ran ran = check(name);
    EXPECT_EQ(ran.status, 1) << name;
    EXPECT_THAT(ran.output, AllOf(HasSubstr(place), HasSubstr(text)));
  }
  if (::getuid() == 0) {
    const Server::Ran users = check("two-users");
    EXPECT_EQ(users.status, 1);
    EXPECT_THAT(users.output, AllOf(HasSubstr(":5:"), HasSubstr("cannot both be")));
    const Server::Ran served = none.run({"serve", "-c", none.fill("{dir}/two-users.yaml")});
    EXPECT_EQ(served.status, 1);
    EXPECT_THAT(served.output, HasSubstr("on_init.user daemon and server.user nobody cannot"));
  }
  const Server::Ran need = check("need");
  EXPECT_EQ(need.status, 0);
  EXPECT_THAT(need.output, HasSubstr("warning: http: has no effect: it needs a section `server`"));
}

// The mistake that RoadRunner's users search longest for: the key is there, by another name.
TEST(Commands, AStartThatFailsForATypoNamesTheTypo) {
  Server none({.config = "version: '3'\nserver: {command: 'php w.php'}\n"
                         "http: {adress: '127.0.0.1:{port}', pool: {mode: embed}}\n",
               .files = {{"w.php", ""}}},
              Start::do_not_wait);
  EXPECT_EQ(none.wait_exit(), 1);
  EXPECT_THAT(none.log(),
              AllOf(HasSubstr("did you mean \"address\"?"), HasSubstr("set http.address")));
  const Server::Ran check = none.run({"check", none.fill("{dir}/.rr.yaml")});
  EXPECT_EQ(check.status, 1);
  EXPECT_THAT(check.output,
              AllOf(HasSubstr(":3:8: warning: http.adress: unknown key, did you mean"),
                    HasSubstr(":3:7: error: http: has no address to listen on")));
}

TEST(Commands, CheckKnowsTheWordsOfLogs) {
  Server none({.config = "version: '3'\nlogs:\n  mode: prod\n  level: inf\n  encoding: xml\n"},
              Start::do_not_wait);
  EXPECT_EQ(none.wait_exit(), 1);
  EXPECT_THAT(none.log(), HasSubstr("no encoder registered for name \"xml\""));
  const Server::Ran check = none.run({"check", none.fill("{dir}/.rr.yaml")});
  EXPECT_EQ(check.status, 1);
  EXPECT_THAT(check.output, AllOf(HasSubstr(":3:9: warning: logs.mode: unknown mode \"prod\""),
                                  HasSubstr(":4:10: warning: logs.level: unknown level \"inf\""),
                                  HasSubstr(":5:13: error: logs.encoding: no encoder")));
}

}  // namespace
}  // namespace rr::e2e
