// The real binary under test: started with a configuration of its own in a folder of its own,
// watched, stopped, and looked after: exit code, processes it leaves behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client.h"

namespace rr::e2e {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// What a server holds, with its descendants.
struct Usage {
  long descriptors = 0;  // of the server and its guardian
  long threads = 0;      // of these
  long children = 0;     // descendants
  long rss_kib = 0;      // of all of them
};

struct ServerOptions {
  std::string config{};  // text of .rr.yaml; {port}, {port2}, {dir}, {apps} are filled in
  std::map<std::string, std::string> files{};  // name → content, in {dir}; filled in as well
  std::vector<std::string> environment{};      // "NAME=value", beside the test's own
  std::vector<std::string> arguments{};        // instead of "serve -c {dir}/.rr.yaml"
  std::string program{};                       // what is started instead of the binary; filled in
  std::vector<std::string> wrapper{};          // words before it: "unshare", "--pid"
};

enum class Start : std::uint8_t { wait_until_ready, do_not_wait };

// Main thread of a test only; port() and log() may be read by any.
class Server {
 public:
  // Starts; with wait_until_ready a server that does not come up throws std::runtime_error with
  // what it printed.
  explicit Server(ServerOptions options, Start start = Start::wait_until_ready);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Stops a server that still runs and reports (as a test failure) what it should not have left.
  ~Server();

  std::uint16_t port() const { return port_; }
  std::uint16_t second_port() const { return second_port_; }
  pid_t pid() const { return pid_; }
  // The process that serves: below the guardian the youngest server, without one pid().
  pid_t serving() const;
  // Another process is the server from here on: a child of this one, or an orphan of it where the
  // test has made itself a subreaper.
  void follow(pid_t pid);
  const std::filesystem::path& folder() const { return folder_; }
  std::string fill(std::string text) const;

  Client connect() const { return Client::tcp(port_); }
  Response get(std::string_view target) const { return e2e::get(port_, target); }

  // What it printed so far: stdout and stderr.
  std::string output() const;
  std::string log() const;  // both
  bool wait_for_log(std::string_view text, std::chrono::milliseconds within = 10s) const;
  void signal(int number) const;
  // Exit status (128+n for a signal), or -1 when it still runs after that time.
  int wait_exit(std::chrono::milliseconds within = 20s);
  // SIGTERM, exit status, and no process left: call once, the destructor does otherwise.
  void stop(int expected_status = 0);
  std::vector<pid_t> descendants() const;
  Usage usage() const;
  // Of the server's process alone, as long as no thread of it has ended.
  long own_rss_kib() const;
  std::chrono::nanoseconds own_cpu() const;
  // Runs the binary with other arguments beside the server: exit status and what it printed.
  struct Ran {
    int status = 0;
    std::string output;
  };
  Ran run(const std::vector<std::string>& arguments) const;
  // The same of a shell command; {port} and the like are filled in.
  Ran shell(const std::string& command) const;

 private:
  Ran run_words(const std::vector<std::string>& words) const;
  void launch();
  void wait_until_ready();
  void check_nothing_is_left(const std::vector<pid_t>& family) const;

  ServerOptions options_;
  std::filesystem::path folder_;
  std::uint16_t port_ = 0, second_port_ = 0;
  pid_t pid_ = -1;
  int status_ = -1;  // once it has ended
};

// The binary (RR_BIN, else that of this build) and the folder tests/apps.
std::string server_binary();
std::filesystem::path apps_folder();
// "asan", "tsan", or empty: how the server was built (RR_SANITIZER, set by ./dev sanitize).
std::string sanitizer();
// Longer under a sanitizer, where everything takes its time.
std::chrono::milliseconds patience(std::chrono::milliseconds time);
// `./dev test --long`.
bool long_form();
std::uint16_t free_port();
// A process that is there and not a zombie.
bool alive(pid_t pid);
// Waits until the condition holds; whether it came to hold.
template <class Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds within = 10s);

}  // namespace rr::e2e

#include <thread>

template <class Condition>
bool rr::e2e::eventually(Condition&& condition, std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + patience(within);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}
