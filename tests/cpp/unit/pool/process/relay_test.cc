// Workers that connect to the server, and strangers who do.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include <gmock/gmock.h>

#include "process_fixture.h"

namespace rr::pool {
namespace {

using ::testing::HasSubstr;

class Stranger {
 public:
  explicit Stranger(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  void say(std::string_view bytes) {
    (void)!::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // Reads until the server has closed the connection.
  void wait_for_end() {
    char bytes[256];
    while (::read(fd_.get(), bytes, sizeof bytes) > 0) {
    }
  }

 private:
  Descriptor fd_;
};

// spec:01#17
TEST(ProcessRelay, WorkersAreReachedOverTheSocket) {
  ProcessPool pool;
  pool.use_relay();
  pool.options.workers = 3;
  pool.must_start();
  const std::string body(1'000'000, 'b');
  auto reply = pool.submit("echo", body);
  EXPECT_EQ(reply->wait().chunks(), (std::vector<Reply::Chunk>{{0, false, "echo", body}}));
  EXPECT_EQ(pool.submit("frame 64 0 - boom")->wait().error(),
            "sync_worker_receive_frame: SoftJobError: boom");
  EXPECT_EQ(pool.relay_guests(), 0u);
  struct stat info {};
  ASSERT_EQ(stat(pool.relay_path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

// spec:01#17
TEST(ProcessRelay, AFileInItsPlaceIsReplaced) {
  ProcessPool pool;
  std::ofstream(testing::TempDir() + "relay." + std::to_string(getpid()) + ".sock") << "stale";
  pool.use_relay();
  pool.must_start();
  EXPECT_EQ(pool.submit("answer - ok")->wait().body(), "ok");
}

// spec:01#17
TEST(ProcessRelay, AForeignPidIsNotTheWorker) {
  ProcessPool pool({"pid-payload {\"pid\":1}"});
  pool.use_relay();
  auto started = pool.start();
  ASSERT_FALSE(started);
  // It ends because its connection is closed.
  EXPECT_THAT(started.error().text(), HasSubstr("ended before it had connected"));
}

TEST(ProcessRelay, AWorkerThatNeverConnectsHasAllocateTimeout) {
  ProcessPool pool({"sleep 20000"});
  pool.use_relay();
  pool.options.allocate_timeout = 200ms;
  auto started = pool.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().text(), HasSubstr("error-codes/allocate-timeout"));
}

TEST(ProcessRelay, AWorkerThatEndsBeforeItConnectsFailsAtOnce) {
  ProcessPool pool({"stderr no such database", "exit 3"});
  pool.use_relay();
  auto started = pool.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().text(), HasSubstr("ended before it had connected"));
  EXPECT_THAT(started.error().text(), HasSubstr("no such database"));
}

// spec:01#17
TEST(ProcessRelay, DeathFailsOneRequestAndTheWorkerIsReplaced) {
  ProcessPool pool;
  pool.use_relay();
  pool.must_start();
  const std::string pid = pool.pid();
  EXPECT_EQ(pool.submit("exit 1")->wait().code(), Errc::network);
  EXPECT_NE(pool.pid(), pid);
  EXPECT_EQ(pool.submit("signal 9")->wait().code(), Errc::network);
  EXPECT_EQ(pool.submit("answer - next")->wait().body(), "next");
}

// spec:01#17
TEST(ProcessRelay, StrangersHoldNobodyUp) {
  ProcessPool pool;
  pool.use_relay();
  pool.must_start();
  Stranger silent(pool.relay_path());
  Stranger garbage(pool.relay_path());
  garbage.say("hello, is anybody there? I do not speak goridge at all\r\n");
  garbage.wait_for_end();
  Stranger slow(pool.relay_path());
  slow.say("\x13");
  EXPECT_EQ(pool.submit("exit 0")->wait().code(), Errc::network);
  EXPECT_EQ(pool.submit("answer - ok")->wait(5s).body(), "ok");
}

TEST(ProcessRelay, SoManyStrangersTheOldestHaveToGo) {
  ProcessPool pool;
  pool.use_relay();
  pool.must_start();
  Stranger first(pool.relay_path());
  std::vector<std::unique_ptr<Stranger>> others;
  for (std::size_t i = 0; i < Relay::kMaxGuests; ++i) {
    others.push_back(std::make_unique<Stranger>(pool.relay_path()));
  }
  first.wait_for_end();
  EXPECT_EQ(pool.relay_guests(), Relay::kMaxGuests);
  EXPECT_EQ(pool.submit("exit 0")->wait().code(), Errc::network);
  EXPECT_EQ(pool.submit("answer - ok")->wait(5s).body(), "ok");
}

TEST(RelayAddress, OtherSchemesAreRefused) {
  boost::asio::io_context control;
  auto relay = Relay::open(control, "udp://127.0.0.1:1", std::nullopt, Logger());
  ASSERT_FALSE(relay);
  EXPECT_EQ(relay.error().message,
            "invalid Protocol ([tcp://]:6001, unix://file.sock), address: udp://127.0.0.1:1");
}

}  // namespace
}  // namespace rr::pool
