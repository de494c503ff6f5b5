// SIGUSR2: the same process with a new program and the same sockets; nobody notices but those who
// look. And what hands sockets over from outside: systemd.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Restart : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Restart, ::testing::ValuesIn(plain_styles()), style_name);

int times(const std::string& text, std::string_view part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++found;
  return found;
}

bool has_started(const Server& server, int starts) {
  return eventually([&] { return times(server.log(), "RoadRunner server started") >= starts; },
                    30s);
}

// Threads that send requests without a pause, each on a connection of its own or all of a thread's
// on one, and what became of them.
class Load {
 public:
  Load(std::uint16_t port, int fresh, int kept) {
    for (int i = 0; i < fresh; ++i) threads_.emplace_back([this, port] { ask_fresh(port); });
    for (int i = 0; i < kept; ++i) threads_.emplace_back([this, port] { ask_kept(port); });
  }
  ~Load() { end(); }
  void end() {
    ended_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int served() const { return served_; }
  std::string failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  void ask_fresh(std::uint16_t port) {
    while (!ended_) {
      try {
        note(get(port, "/sleep?ms=2"));
      } catch (const std::exception& error) {
        failed(error.what());
      }
    }
  }
  // A connection that has had its answer may be closed before the next request.
  void ask_kept(std::uint16_t port) {
    while (!ended_) {
      try {
        Client client = Client::tcp(port);
        for (bool first = true, open = true; open && !ended_; first = false) {
          try {
            client.send(request("GET", "/sleep?ms=2"));
            const Response response = client.read();
            note(response);
            open = response.header("connection") != "close";
          } catch (const ConnectionClosed&) {
            if (first) throw;
            open = false;
          }
        }
      } catch (const std::exception& error) {
        failed(error.what());
      }
    }
  }
  void note(const Response& response) {
    if (response.status == 200 && response.body == "slept") {
      ++served_;
    } else {
      failed(std::to_string(response.status) + " " + response.body);
    }
  }
  void failed(const std::string& why) {
    const std::lock_guard lock(mutex_);
    if (failures_.size() < 1000) failures_ += why + "\n";
  }

  std::atomic<bool> ended_{false};
  std::atomic<int> served_{0};
  mutable std::mutex mutex_;  // guards failures_
  std::string failures_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

// spec:05#23
TEST_P(Restart, NobodyIsRefusedAndNobodyLeftWithoutAnAnswer) {
  Server server(serve(GetParam()));
  Load load(server.port(), 3, 2);
  for (int starts = 2; starts <= 4; ++starts) {
    const int before = load.served();
    ASSERT_TRUE(eventually([&] { return load.served() > before + 20; }));
    server.signal(SIGUSR2);
    ASSERT_TRUE(has_started(server, starts)) << server.log();
  }
  const int before = load.served();
  EXPECT_TRUE(eventually([&] { return load.served() > before + 20; }));
  load.end();
  EXPECT_EQ(load.failures(), "");
  EXPECT_TRUE(alive(server.pid()));
}

TEST_P(Restart, LeavesNoDescriptorAndNoProcessBehind) {
  Server server(serve(GetParam(), {.more = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"}));
  EXPECT_EQ(server.get("/").body, "hello");
  server.signal(SIGUSR2);
  ASSERT_TRUE(has_started(server, 2)) << server.log();
  EXPECT_EQ(server.get("/").body, "hello");
  const Usage before = server.usage();
  for (int starts = 3; starts <= 4; ++starts) {
    server.signal(SIGUSR2);
    ASSERT_TRUE(has_started(server, starts)) << server.log();
    EXPECT_EQ(server.get("/").body, "hello");
  }
  EXPECT_TRUE(eventually([&] { return server.usage().children <= before.children; }));
  // One more may be a script's own by now; two restarts that lost one each would make two.
  EXPECT_TRUE(eventually([&] { return server.usage().descriptors <= before.descriptors + 1; }))
      << server.usage().descriptors << " after " << before.descriptors;
  EXPECT_EQ(server.run({"workers", "-c", "{dir}/.rr.yaml"}).status, 0) << "RPC is there again";
}

// spec:05#23
TEST_P(Restart, ReadsTheConfigurationAnew) {
  Server server(serve(GetParam(), {.more = "endure: {grace_period: 21s}\n"}));
  std::string config =
      server.fill(serve(GetParam(), {.more = "endure: {grace_period: 12s}\n"}).config);
  std::ofstream(server.folder() / ".rr.yaml") << config;
  server.signal(SIGUSR2);
  ASSERT_TRUE(has_started(server, 2)) << server.log();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_exit(), 0);
  EXPECT_THAT(server.log(), HasSubstr("grace timeout is: 12 seconds"));
}

// ---- the program

ServerOptions plain(std::string more = "") {
  return serve(plain_styles().front(), {.more = std::move(more)});
}

// A server that was called by the name "rr" in a folder of its own, where that can be replaced.
struct Called {
  std::filesystem::path folder, program;
  Called() {
    std::string pattern = std::filesystem::temp_directory_path() / "rr-called-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    program = folder / "rr";
  }
  ~Called() { std::filesystem::remove_all(folder); }
  // Links point to it, so that its libraries are found.
  void is(const std::filesystem::path& file) const {
    std::filesystem::remove(program);
    std::filesystem::create_symlink(file, program);
  }
  void is_script(const std::string& text) const {
    std::filesystem::remove(program);
    std::ofstream(program) << text;
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  }
};

void replace(std::string& text, std::string_view from, const std::string& to) {
  const auto at = text.find(from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, from.size(), to);
}

// One that only root may bind.
std::uint16_t free_low_port() {
  for (std::uint16_t port = 1023; port > 600; --port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    if (free) return port;
  }
  throw std::runtime_error("no free port below 1024");
}

// With the libphp of this build, which may lie where only root looks.
void open_for_all(const std::filesystem::path& folder) {
  using std::filesystem::perms;
  std::filesystem::create_directory(folder / "lib");
  std::filesystem::copy_file(RR_PHP_LIBRARY, folder / "lib/libphp.so");
  for (const char* name : {"", "lib", "lib/libphp.so"}) {
    std::filesystem::permissions(folder / name, perms::owner_all | perms::group_read |
                                                    perms::group_exec | perms::others_read |
                                                    perms::others_exec);
  }
}

TEST(RestartOfAProgram, StartsWhatLiesUnderItsNameByThen) {
  const Called called;
  called.is(server_binary());
  ServerOptions options = plain();
  options.program = called.program;
  Server server(options);
  called.is_script("#!/bin/sh\necho \"new program $*\"\nexec " + server_binary() + " \"$@\"\n");
  server.signal(SIGUSR2);
  ASSERT_TRUE(has_started(server, 2)) << server.log();
  EXPECT_THAT(server.log(), HasSubstr("new program serve"));
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST(RestartOfAProgram, GoesOnWithTheRunningOneWhenTheFileIsGone) {
  const Called called;
  called.is(server_binary());
  ServerOptions options = plain();
  options.program = called.program;
  Server server(options);
  std::filesystem::remove(called.program);
  server.signal(SIGUSR2);
  ASSERT_TRUE(has_started(server, 2)) << server.log();
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST(RestartOfAProgram, OneThatCannotRunIsFoundOutBeforeAnythingStops) {
  const Called called;
  called.is(server_binary());
  ServerOptions options = plain();
  options.program = called.program;
  Server server(options);
  Client kept = server.connect();
  kept.send(request("GET", "/"));
  EXPECT_EQ(kept.read().body, "hello");
  called.is_script("#!/bin/sh\necho libphp is not for you >&2\nexit 127\n");
  server.signal(SIGUSR2);
  ASSERT_TRUE(server.wait_for_log("restart failed"));
  EXPECT_THAT(server.log(), HasSubstr("rr: exit status 127: libphp is not for you"));
  kept.send(request("GET", "/"));
  EXPECT_EQ(kept.read().body, "hello");
  called.is(server_binary());
  server.signal(SIGUSR2);
  ASSERT_TRUE(has_started(server, 2)) << server.log();
}

TEST(RestartOfAProgram, RelativePathsMeanWhatTheyMeantAtTheStart) {
  ServerOptions options = plain();
  options.files["sub/.rr.yaml"] = options.config;
  options.arguments = {"serve", "-c", "sub/.rr.yaml"};
  Server server(options);
  server.signal(SIGUSR2);
  ASSERT_TRUE(has_started(server, 2)) << server.log();
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST(RestartOfAProgram, AStopSignalMeanwhileIsNotLost) {
  Server server(plain());
  Client busy = server.connect();
  busy.send(request("GET", "/sleep?ms=500"));
  ASSERT_TRUE(eventually([&] { return times(server.log(), "server started") == 1; }));
  server.signal(SIGUSR2);
  ASSERT_TRUE(server.wait_for_log("restart signal"));
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_exit(), 0);
  EXPECT_EQ(busy.read().body, "slept");
}

TEST(RestartOfAProgram, AMistakeInTheConfigurationIsFoundOutBeforeAnythingStops) {
  Server server(plain());
  std::ofstream(server.folder() / ".rr.yaml", std::ios::app) << "endure: {grace_period: soon}\n";
  server.signal(SIGUSR2);
  ASSERT_TRUE(server.wait_for_log("restart failed"));
  EXPECT_THAT(server.log(), HasSubstr("grace_period"));
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST(RestartOfAProgram, OneThatKnowsNoProbeIsAskedForItsVersion) {
  const Called called;
  called.is(server_binary());
  ServerOptions options = plain();
  options.program = called.program;
  Server server(options);
  called.is_script(
      "#!/bin/sh\ncase \"$*\" in\n*--probe) echo 'unknown flag: --probe' >&2; exit 1;;\n"
      "-v) exit 0;;\nesac\nexec " +
      server_binary() + " \"$@\"\n");
  server.signal(SIGUSR2);
  ASSERT_TRUE(has_started(server, 2)) << server.log();
}

// Workers on threads: the whole server becomes server.user, and starts anew as that.
TEST(RestartOfAProgram, AServerThatHasBecomeItsUserStillHasItsPort) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ServerOptions options = serve(plain_styles().at(1));
  replace(options.config, "server: {", "server: {user: nobody, ");
  replace(options.config, "{port}", "{low}");
  options.environment.emplace_back("LD_LIBRARY_PATH={dir}/lib");
  const std::uint16_t port = free_low_port();
  replace(options.config, "{low}", std::to_string(port));
  Server server(options);
  const std::filesystem::path folder = server.folder();

  // Only root may look into the folder, and so into the configuration.
  server.signal(SIGUSR2);
  ASSERT_TRUE(server.wait_for_log("restart failed"));
  EXPECT_THAT(server.log(), HasSubstr("ermission denied"));
  EXPECT_EQ(get(port, "/").body, "hello");

  open_for_all(folder);
  server.signal(SIGUSR2);
  ASSERT_TRUE(has_started(server, 2)) << server.log();
  EXPECT_EQ(get(port, "/").body, "hello");
}

}  // namespace
}  // namespace rr::e2e
