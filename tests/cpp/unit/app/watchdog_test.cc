#include "runtime/app/watchdog.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>

#include <gtest/gtest.h>

namespace rr::app {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A plane and a control thread that move, and systemd's end of the socket.
class Watchdogs : public testing::Test {
 protected:
  Watchdogs() : plane_(2) {
    std::string pattern = fs::temp_directory_path() / "rr-watchdog-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    const std::string path = folder_ / "s";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    control_.start();
    plane_.start_pollers(1);
    plane_.start_guard();
  }
  ~Watchdogs() override {
    plane_.stop();
    control_.stop();
    ::unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
    fs::remove_all(folder_);
  }

  bool fed(std::chrono::milliseconds within) const {
    const timeval time{within / 1s, (within % 1s) / 1us};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    char bytes[64];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    return got == 10 && std::memcmp(bytes, "WATCHDOG=1", 10) == 0;
  }
  // Nothing for many intervals, after what was sent before something got stuck.
  bool falls_silent() const {
    for (int sent = 0; sent < 100; ++sent) {
      if (!fed(15 * kInterval)) return true;
    }
    return false;
  }

  static constexpr auto kInterval = 60ms;
  static constexpr auto kPatience = 20s;
  fs::path folder_;
  int socket_ = -1;
  net::DataPlane plane_;
  Control control_;
};

// spec:05#28
TEST_F(Watchdogs, IsFedWhileTheServerMoves) {
  const Watchdog watchdog(kInterval, control_, plane_, Logger());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fed(kPatience));
}

TEST_F(Watchdogs, IsNotFedWhileTheControlThreadIsStuck) {
  const Watchdog watchdog(kInterval, control_, plane_, Logger());
  ASSERT_TRUE(fed(kPatience));
  std::promise<void> release;
  asio::post(control_.io(), [wait = release.get_future().share()] { wait.wait(); });
  EXPECT_TRUE(falls_silent());
  release.set_value();
  EXPECT_TRUE(fed(kPatience));
}

class StuckPool final : public net::Timed {
 public:
  explicit StuckPool(std::shared_future<void> until) : until_(std::move(until)) {}
  TimePoint expire(TimePoint) override {
    until_.wait();
    return TimePoint::max();
  }

 private:
  std::shared_future<void> until_;
};

TEST_F(Watchdogs, IsNotFedWhileTheGuardIsStuck) {
  const Watchdog watchdog(kInterval, control_, plane_, Logger());
  ASSERT_TRUE(fed(kPatience));
  std::promise<void> release;
  StuckPool pool(release.get_future().share());
  plane_.add_timed(pool);
  EXPECT_TRUE(falls_silent());
  release.set_value();
  EXPECT_TRUE(fed(kPatience));
  plane_.remove_timed(pool);
}

// Variables that last as long as this.
struct Environment {
  Environment(const char* usec, const std::string& pid) {
    ::setenv("WATCHDOG_USEC", usec, 1);
    if (!pid.empty()) ::setenv("WATCHDOG_PID", pid.c_str(), 1);
  }
  ~Environment() {
    ::unsetenv("WATCHDOG_USEC");
    ::unsetenv("WATCHDOG_PID");
  }
};

// spec:05#28
TEST(WatchdogInterval, IsTheShorterOfTheKeyAndHalfOfWhatSystemdAllows) {
  EXPECT_EQ(Watchdog::interval(0), Duration::zero());
  EXPECT_EQ(Watchdog::interval(-1), Duration::zero());
  EXPECT_EQ(Watchdog::interval(5), 5s);
  {
    const Environment allowed("4000000", "");
    EXPECT_EQ(Watchdog::interval(0), 2s);
    EXPECT_EQ(Watchdog::interval(1), 1s);
    EXPECT_EQ(Watchdog::interval(30), 2s);
  }
  {
    const Environment own("4000000", std::to_string(getpid()));
    EXPECT_EQ(Watchdog::interval(0), 2s);
  }
  {
    const Environment other("4000000", std::to_string(getpid() + 1));
    EXPECT_EQ(Watchdog::interval(0), Duration::zero());
    EXPECT_EQ(Watchdog::interval(7), 7s);
  }
  const Environment nonsense("soon", "");
  EXPECT_EQ(Watchdog::interval(0), Duration::zero());
}

}  // namespace
}  // namespace rr::app
