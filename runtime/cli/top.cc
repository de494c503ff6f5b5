// `top`: what the server does, redrawn each second.
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/rpc_client.h"
#include "runtime/cli/top_view.h"

namespace rr::cli {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr auto kRound = 1s;
constexpr auto kPatience = 3s;  // of the server's answer
constexpr std::string_view kEnter = "\033[?1049h\033[?25l";
constexpr std::string_view kLeave = "\033[?25h\033[?1049l";

// The terminal as `top` wants it, for as long as this lives: a screen of its own, keys without
// Enter. A signal that ends the program puts it back, too.
class Screen {
 public:
  Screen() {
    keys_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      ::signal(number, [](int) {
        put_back();
        ::_exit(0);
      });
    }
    struct sigaction resized {};
    resized.sa_handler = [](int) {};  // ends the wait: drawn anew
    ::sigaction(SIGWINCH, &resized, nullptr);
    if (keys_) {
      termios quiet = before_;
      quiet.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      quiet.c_cc[VSUSP] = _POSIX_VDISABLE;  // it would leave the shell with this screen
      ::tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
    }
    print(kEnter);
  }
  ~Screen() { put_back(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  TopView::Screen size() const {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {80, 24};
    return {size.ws_col, size.ws_row};
  }
  void draw(const std::string& text) const {
    std::string out = "\033[H";
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      out.append(text, at, end - at);
      out += "\033[K";
      at = end + 1;
      if (at < text.size()) out += "\r\n";
    }
    print(out + "\033[J");
  }
  // Until then, or the terminal has another size. True: q was pressed, or nobody can.
  bool wait_for_quit(Clock::time_point until) const {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      if (left <= 0ms) return false;
      pollfd keys{.fd = keys_ ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0};
      const int ready = ::poll(&keys, 1, static_cast<int>(left.count()));
      if (ready <= 0) return false;
      char key = 0;
      if (::read(STDIN_FILENO, &key, 1) <= 0) return true;
      if (key == 'q' || key == 'Q') return true;
    }
  }

 private:
  // Of a signal handler, too.
  static void put_back() {
    if (keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    (void)!::write(STDOUT_FILENO, kLeave.data(), kLeave.size());
  }

  static inline bool keys_ = false;
  static inline termios before_{};
};

// The server, however often it goes and comes back.
class Source {
 public:
  explicit Source(std::string address) : address_(std::move(address)) {}

  // Throws ConfigError.
  Json picture() {
    try {
      if (!server_) {
        server_.emplace(address_);
        server_->give_up_after(kPatience);
      }
      return server_->call("inside.State", nullptr);
    } catch (const ConfigError&) {
      server_.reset();
      throw;
    }
  }

 private:
  const std::string address_;
  std::optional<RpcClient> server_;
};

void look(Source& source, TopView& view) {
  try {
    view.take(source.picture());
  } catch (const ConfigError& error) {
    view.lost(error.what());
  }
}

void watch(Source& source, TopView view) {
  view.take(source.picture());  // a mistake in the address ends it here
  const Screen screen;
  for (auto next = Clock::now() + kRound;; next += kRound) {
    screen.draw(view.text(screen.size()));
    while (Clock::now() < next) {
      if (screen.wait_for_quit(next)) return;
      screen.draw(view.text(screen.size()));
    }
    look(source, view);
    next = std::max(next, Clock::now());
  }
}

// Two pictures, so that there is a rate to show.
void show_once(Source& source, TopView view) {
  view.take(source.picture());
  std::this_thread::sleep_for(kRound);
  view.take(source.picture());
  print(view.text({.columns = 1000, .rows = 0}));
}

}  // namespace

int run_top(const Invocation& invocation) {
  Source source(rpc_address(invocation.globals));
  if (invocation.has("json")) {
    print(source.picture().dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (invocation.has("once") || ::isatty(STDOUT_FILENO) != 1) {
    show_once(source, TopView(invocation.arguments));
  } else {
    watch(source, TopView(invocation.arguments));
  }
  return 0;
}

}  // namespace rr::cli
