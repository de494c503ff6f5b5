// Seeing inside of a running server: what workers run, where their PHP is, slow requests, errors.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// What the workers of all styles do, by path: waits in PHP or in a function written in C until the
// test lets it go on.
constexpr const char* kWork = R"(<?php
class Shop {
    public function serve(string $path, string $secret): string { return (fn () => $this->work($path))(); }
    private function work(string $path): string {
        if (str_starts_with($path, '/busy')) { while (!file_exists('{dir}/go')) { clearstatcache(); } }
        if ($path === '/stuck') { file_get_contents('{dir}/fifo'); foreach ([1, 2] as $each) { after($each); } }
        if ($path === '/deep') { yield_all(inside()); }
        if ($path === '/fatal') { (function (string $word) { no_such_function(); })('argument'); }
        return 'done';
    }
}
// A generator that runs another one, in a fiber, in an included file.
function inside(): iterable { yield from (function () { wait_deep(); yield 1; })(); }
function yield_all(iterable $all): void {
    $fiber = new Fiber(function () use ($all) { foreach ($all as $each) {} });
    $fiber->start();
}
function wait_deep(): void { include __DIR__ . '/included.php'; }
function recurse(int $depth): void { if ($depth > 0) { recurse($depth - 1); } else { (new Shop)->serve('/busy', 'x'); } }
function after(int $each): void { usleep(1); }
function path(string $uri): string { return (string) parse_url($uri, PHP_URL_PATH); }
)";
constexpr const char* kNative = R"(<?php
require __DIR__ . '/work.php';
while (rr_embed_handle_request(function () { echo (new Shop)->serve(path($_SERVER['REQUEST_URI']), 'hidden'); })) {}
)";
constexpr const char* kClassic = R"(<?php
require __DIR__ . '/work.php';
echo (new Shop)->serve(path($_SERVER['REQUEST_URI']), 'hidden');
)";
// goridge by hand, the least that works.
constexpr const char* kGoridge = R"(<?php
require __DIR__ . '/work.php';
function take(int $bytes): string {
    for ($data = ''; strlen($data) < $bytes; $data .= $part) {
        if (($part = fread(STDIN, $bytes - strlen($data))) === '' || $part === false) { exit; }
    }
    return $data;
}
function give(string $payload, array $options, int $flags): void {
    $head = chr(16 | 3 + count($options)) . chr($flags) . pack('V', strlen($payload));
    fwrite(STDOUT, $head . pack('V', crc32($head)) . "\0\0" . pack('V*', ...$options) . $payload);
    fflush(STDOUT);
}
for (;;) {
    $head = take(12);
    $options = array_values((array) unpack('V*', take(((ord($head[0]) & 15) - 3) * 4)));
    $payload = take(unpack('V', $head, 2)[1]);
    if (ord($head[1]) & 1) {
        $control = json_decode($payload, true);
        if (isset($control['pid'])) { give(json_encode(['pid' => getmypid()]), [], 1); }
        if (isset($control['stop'])) { exit; }
        continue;
    }
    $context = json_decode(substr($payload, 0, $options[0]), true);
    $body = (new Shop)->serve(path($context['uri']), 'hidden');
    $answer = json_encode(['status' => 200, 'headers' => new stdClass]);
    give($answer . $body, [strlen($answer)], 8);
}
)";

struct Kind {
  const char* name;
  const char* mode;
  const char* script;
  bool thread() const { return std::string_view(mode) != "process"; }
};
std::ostream& operator<<(std::ostream& out, const Kind& kind) {
  return out << kind.name;
}

ServerOptions options_of(const Kind& kind, const std::string& http = "", int workers = 2) {
  ServerOptions options;
  options.config =
      "version: '3'\nrpc: {listen: 'unix://{dir}/rpc.sock'}\n"
      "server: {command: 'php -d opcache.enable_cli=1 -d log_errors=1 -d display_errors=0 "
      "{dir}/script.php'}\n"
      "http:\n  address: '127.0.0.1:{port}'\n  pool: {mode: " +
      std::string(kind.mode) + ", num_workers: " + std::to_string(workers) + "}\n" + http +
      "logs: {level: info, mode: production}\n";
  options.files["work.php"] = kWork;
  options.files["included.php"] = "<?php recurse(5);\n";
  options.files["script.php"] = kind.script;
  return options;
}

void release(const Server& server) {
  server.shell("touch {dir}/go");
}

class Inside : public testing::TestWithParam<Kind> {
 protected:
  static json run_json(const Server& server, std::vector<std::string> words) {
    words.insert(words.end(), {"--json", "-c", (server.folder() / ".rr.yaml").string()});
    const auto ran = server.run(words);
    EXPECT_EQ(ran.status, 0) << ran.output;
    return json::parse(ran.output);
  }
  static json picture(const Server& server) { return run_json(server, {"top"}); }
  // Those that have that path in hand.
  static json stack_of(const Server& server, const std::string& path) {
    json found;
    for (const json& each : run_json(server, {"stack"})) {
      if (each["running"].is_object() && each["running"]["path"] == path) found = each;
    }
    return found;
  }
  static std::string lines(const json& frames) {
    std::string text;
    for (const json& each : frames) text += each.get<std::string>() + "\n";
    return text;
  }
  static void release_stuck(const Server& server) { server.shell("echo > {dir}/fifo"); }
};

TEST_P(Inside, ShowsWhatEachWorkerRunsWithoutItsQuery) {
  Server server(options_of(GetParam()));
  Client busy = server.connect();
  busy.send(request("GET", "/busy?password=secret"));
  json running;
  ASSERT_TRUE(eventually([&] {
    const json now = picture(server);
    for (const json& each : now["pools"][0]["workers"])
      if (each["running"].is_object()) running = each;
    return !running.is_null();
  }));
  EXPECT_EQ(running["state"], "working");
  EXPECT_EQ(running["running"]["method"], "GET");
  EXPECT_EQ(running["running"]["path"], "/busy");
  EXPECT_GE(running["running"]["ms"], 0);
  const auto ran = server.run({"top", "-c", (server.folder() / ".rr.yaml").string()});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, AllOf(HasSubstr("busy 1 of 2"), HasSubstr("GET /busy"),
                                HasSubstr("req/s"), Not(HasSubstr("secret"))));
  release(server);
  EXPECT_EQ(busy.read().body, "done");
  EXPECT_TRUE(eventually([&] { return picture(server)["pools"][0]["working"] == 0; }));
  server.stop();
}

TEST_P(Inside, TimesExchangesWhileSomebodyLooks) {
  Server server(options_of(GetParam()));
  EXPECT_EQ(server.get("/").status, 200);
  EXPECT_TRUE(picture(server)["pools"][0]["ran_us"].empty());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(server.get("/").status, 200);
  json pool;
  EXPECT_TRUE(eventually([&] {
    pool = picture(server)["pools"][0];
    int count = 0;
    for (const json& bucket : pool["ran_us"]) count += bucket[1].get<int>();
    return count == 10;
  }));
  int waited = 0;
  for (const json& bucket : pool["waited_us"]) waited += bucket[1].get<int>();
  EXPECT_EQ(waited, 10);
  EXPECT_EQ(pool["executions"], 11);
  EXPECT_EQ(pool["kind"], GetParam().thread() ? "threads" : "processes");
  server.stop();
}

TEST_P(Inside, StackIsThatOfTheRunningScript) {
  Server server(options_of(GetParam()));
  Client busy = server.connect();
  busy.send(request("GET", "/busy"));
  json stack;
  ASSERT_TRUE(eventually([&] {
    stack = stack_of(server, "/busy");
    // The worker has the request a moment before its script is in the function.
    return !stack.is_null() && (!GetParam().thread() ||
                                lines(stack["frames"]).find("Shop::work()") != std::string::npos);
  }));
  if (GetParam().thread()) {
    const std::string text = lines(stack["frames"]);
    EXPECT_THAT(text,
                AllOf(HasSubstr("Shop::work() at " + (server.folder() / "work.php:5").string()),
                      HasSubstr("Shop::{closure}() at "), HasSubstr("Shop::serve() at "),
                      HasSubstr("{main} at " + (server.folder() / "script.php").string()),
                      Not(HasSubstr("hidden"))));
    EXPECT_LT(text.find("Shop::work()"), text.find("Shop::serve()"));
    EXPECT_EQ(stack["note"], "");
  } else {
    EXPECT_TRUE(stack["frames"].empty());
    EXPECT_THAT(stack["note"].get<std::string>(), HasSubstr("only workers on threads"));
  }
  // One worker, by its number; the other waits.
  const json one = run_json(server, {"stack", std::to_string(stack["pid"].get<int>())});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0]["pid"], stack["pid"]);
  const std::string config = (server.folder() / ".rr.yaml").string();
  EXPECT_THAT(server.run({"stack", "-c", config}).output, HasSubstr("GET /busy for "));
  const auto unknown = server.run({"stack", "1", "-c", config});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.output, HasSubstr("no worker has the PID or thread number 1"));
  EXPECT_EQ(server.run({"stack", "x", "-c", config}).status, 1);
  release(server);
  EXPECT_EQ(busy.read().body, "done");
  server.stop();
}

TEST_P(Inside, StackGoesThroughGeneratorsFibersAndIncludedFiles) {
  if (!GetParam().thread()) GTEST_SKIP() << "processes tell no stack";
  Server server(options_of(GetParam()));
  Client deep = server.connect();
  deep.send(request("GET", "/deep"));
  json stack;
  std::string text;
  ASSERT_TRUE(eventually([&] {
    stack = stack_of(server, "/deep");
    if (stack.is_null()) return false;
    text = lines(stack["frames"]);
    return text.find("recurse()") != std::string::npos;
  }));
  std::size_t at = 0;
  for (const char* part :
       {"Shop::work() at ", "recurse() at ", "{included file} at ", "wait_deep() at ",
        "{closure}() at ", "inside() at ", "{fiber}", "Fiber::start()", "yield_all() at ",
        "Shop::serve() at ", "{main} at "}) {
    const std::size_t found = text.find(part, at);
    EXPECT_NE(found, std::string::npos) << part << " in\n" << text;
    if (found != std::string::npos) at = found;
  }
  release(server);
  EXPECT_EQ(deep.read().body, "done");
  server.stop();
}

// A function written in C is not interrupted, and not waited for.
TEST_P(Inside, StackSaysThatAScriptIsInACCall) {
  Server server(options_of(GetParam()));
  ASSERT_EQ(server.shell("mkfifo {dir}/fifo").status, 0);
  Client stuck = server.connect();
  stuck.send(request("GET", "/stuck"));
  json stack;
  const std::string in_the_call = "in a C call: file_get_contents(), not at a safe point for 1 s";
  // Before it is there it tells its stack, or that it has not begun.
  EXPECT_TRUE(eventually([&] {
    stack = stack_of(server, "/stuck");
    return !stack.is_null() && (!GetParam().thread() || stack["note"] == in_the_call);
  })) << stack;
  EXPECT_TRUE(stack["frames"].empty());
  release_stuck(server);
  EXPECT_EQ(stuck.read().body, "done");
  server.stop();
}

TEST_P(Inside, SlowRequestsAreLoggedOnceWithTheirStack) {
  Server server(options_of(GetParam(), "  slow_request: 100ms\n"));
  ASSERT_EQ(server.shell("mkfifo {dir}/fifo").status, 0);
  EXPECT_EQ(server.get("/").status, 200);
  Client busy = server.connect();
  busy.send(request("POST", "/busy?password=secret"));
  Client stuck = server.connect();
  stuck.send(request("GET", "/stuck"));
  ASSERT_TRUE(server.wait_for_log(R"("slow request","method":"POST","path":"/busy")"));
  if (GetParam().thread()) {
    ASSERT_TRUE(eventually([&] {
      const json stack = stack_of(server, "/stuck");
      return !stack.is_null() && stack["note"].get<std::string>().starts_with("in a C call");
    }));
  }
  release(server);
  release_stuck(server);
  EXPECT_EQ(busy.read().body, "done");
  EXPECT_EQ(stuck.read().body, "done");
  ASSERT_TRUE(server.wait_for_log(R"("slow request","method":"GET","path":"/stuck")"));
  const std::string log = server.log();
  EXPECT_THAT(log, Not(HasSubstr("\"slow request\",\"method\":\"GET\",\"path\":\"/\"")));
  std::map<std::string, json> records;
  int count = 0;
  for (std::size_t at = 0, end; at < log.size(); at = end + 1) {
    end = std::min(log.find('\n', at), log.size());
    const std::string line = log.substr(at, end - at);
    if (line.find("slow request") == std::string::npos) continue;
    const json record = json::parse(line);
    records[record["path"]] = record;
    ++count;
  }
  EXPECT_EQ(count, 2);
  EXPECT_GE(records["/busy"]["elapsed"], 100);
  EXPECT_GT(records["/busy"]["pid"], 0);
  if (GetParam().thread()) {
    EXPECT_THAT(lines(records["/busy"]["stack"]), HasSubstr("Shop::work() at "));
    EXPECT_THAT(records["/stuck"]["note"].get<std::string>(),
                HasSubstr("in a C call: file_get_contents()"));
  } else {
    EXPECT_FALSE(records["/busy"].contains("stack"));
    EXPECT_THAT(records["/busy"]["note"].get<std::string>(), HasSubstr("a worker process"));
  }
  server.stop();
}

TEST_P(Inside, RecentErrorsHaveWhatWentWrong) {
  if (std::string_view(GetParam().name) == "process") GTEST_SKIP() << "the next test";
  Server server(options_of(GetParam()));
  EXPECT_EQ(server.get("/fatal?password=secret").status, 500);
  json errors;
  ASSERT_TRUE(eventually([&] { return !(errors = picture(server)["errors"]).empty(); }));
  const std::string text = errors[0]["message"];
  EXPECT_THAT(text, AllOf(HasSubstr("no_such_function"), Not(HasSubstr("secret")),
                          Not(HasSubstr("'argument'"))));
  EXPECT_EQ(errors[0]["plugin"], "http");
  EXPECT_EQ(server.get("/").status, 200);
  server.stop();
}

// Requests, looks and resets at the same time: nothing is lost, nothing hangs (and TSan watches).
TEST_P(Inside, LookingDisturbsNobody) {
  Server server(options_of(GetParam(), "  slow_request: 1ms\n", 3));
  std::atomic<bool> over{false};
  std::atomic<int> good{0}, bad{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      Client client = server.connect();
      while (!over) {
        client.send(request("GET", "/fast?x=1"));
        ++(client.read().status == 200 ? good : bad);
      }
    });
  }
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(picture(server)["pools"][0]["workers"].size(), 3u);
    EXPECT_EQ(run_json(server, {"stack"}).size(), 3u);
    if (round == 5) server.run({"reset", "-c", (server.folder() / ".rr.yaml").string()});
  }
  over = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(bad, 0);
  EXPECT_GT(good, 0);
  server.stop();
}

INSTANTIATE_TEST_SUITE_P(Styles, Inside,
                         testing::Values(Kind{"process", "process", kGoridge},
                                         Kind{"native", "embed", kNative},
                                         Kind{"goridge", "embed", kGoridge},
                                         Kind{"classic", "classic", kClassic}),
                         [](const auto& info) { return std::string(info.param.name); });

// `top` on a terminal of its own.
class Terminal {
 public:
  explicit Terminal(const Server& server) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_EQ(::grantpt(master_), 0);
    EXPECT_EQ(::unlockpt(master_), 0);
    const std::string name = ::ptsname(master_);
    const std::string config = (server.folder() / ".rr.yaml").string();
    const std::string binary = server_binary();
    // Stays open: its settings can be looked at afterwards.
    slave_ = ::open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    const winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    EXPECT_EQ(::ioctl(slave_, TIOCSWINSZ, &size), 0);
    before_ = settings();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setsid();
      for (int number = 0; number < 3; ++number) ::dup2(slave_, number);
      ::ioctl(0, TIOCSCTTY, 0);
      ::execl(binary.c_str(), binary.c_str(), "top", "-c", config.c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~Terminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(master_);
    ::close(slave_);
  }
  bool shows(const std::string& text) {
    return eventually([&] {
      pollfd ready{.fd = master_, .events = POLLIN, .revents = 0};
      while (::poll(&ready, 1, 0) > 0) {
        char bytes[4096];
        const ssize_t got = ::read(master_, bytes, sizeof bytes);
        if (got <= 0) break;
        seen_.append(bytes, static_cast<std::size_t>(got));
      }
      return seen_.find(text) != std::string::npos;
    });
  }
  void forget() { seen_.clear(); }
  void press(char key) { EXPECT_EQ(::write(master_, &key, 1), 1); }
  int wait_exit() {
    int status = 0;
    EXPECT_TRUE(eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }));
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool as_before() const {
    const termios now = settings();
    return now.c_lflag == before_.c_lflag && now.c_cc[VSUSP] == before_.c_cc[VSUSP];
  }

 private:
  termios settings() const {
    termios out{};
    EXPECT_EQ(::tcgetattr(slave_, &out), 0);
    return out;
  }
  int master_ = -1, slave_ = -1;
  pid_t pid_ = -1;
  termios before_{};
  std::string seen_;
};

TEST(Top, DrawsUntilAKeyEndsItAndPutsTheTerminalBack) {
  Server server(options_of({"native", "embed", kNative}));
  for (const char key : {'q', '\x03'}) {
    Terminal terminal(server);
    EXPECT_TRUE(terminal.shows("req/s"));
    EXPECT_FALSE(terminal.as_before());
    terminal.press('x');  // means nothing
    terminal.forget();
    EXPECT_TRUE(terminal.shows("req/s"));
    terminal.press(key);
    EXPECT_EQ(terminal.wait_exit(), 0);
    EXPECT_TRUE(terminal.as_before());
    EXPECT_TRUE(terminal.shows("\033[?1049l"));
  }
  server.stop();
}

TEST(Top, GoesOnWhenTheServerIsRestarted) {
  Server server(options_of({"native", "embed", kNative}));
  Terminal terminal(server);
  EXPECT_TRUE(terminal.shows("busy 0 of 2"));
  ::kill(server.serving(), SIGKILL);  // its guardian starts another one
  EXPECT_TRUE(terminal.shows("it was restarted"));
  terminal.forget();
  EXPECT_TRUE(terminal.shows("busy 0 of 2"));
  terminal.press('q');
  EXPECT_EQ(terminal.wait_exit(), 0);
  server.stop();
}

TEST(Dashboard, IsOffUnlessItIsConfigured) {
  ServerOptions options = options_of({"native", "embed", kNative});
  options.config += "status: {address: '127.0.0.1:{port2}'}\n";
  Server server(options);
  EXPECT_EQ(fetch(server.second_port(), "GET", "/dashboard").status, 404);
  EXPECT_EQ(fetch(server.second_port(), "GET", "/dashboard/state").status, 404);
  server.stop();
}

Response ask(const Server& server, const std::string& path, const std::string& host,
             const std::string& fields = "") {
  Client client = Client::tcp(server.second_port());
  client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n");
  return client.read();
}

TEST(Dashboard, ShowsThisMachineWhatRuns) {
  ServerOptions options = options_of({"native", "embed", kNative});
  options.config += "status: {address: '127.0.0.1:{port2}', dashboard: {}}\n";
  Server server(options);
  const Response page = ask(server, "/dashboard", "localhost");
  EXPECT_EQ(page.status, 200);
  const std::string policy = page.header("content-security-policy");
  EXPECT_THAT(policy, AllOf(HasSubstr("default-src 'none'"), HasSubstr("connect-src 'self'"),
                            HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe"))));
  const auto at = policy.find("'nonce-") + 7;
  const std::string nonce = policy.substr(at, policy.find('\'', at) - at);
  EXPECT_THAT(page.body,
              AllOf(HasSubstr("<script nonce=\"" + nonce + "\">"),
                    HasSubstr("<style nonce=\"" + nonce + "\">"), Not(HasSubstr("{{nonce}}"))));
  EXPECT_NE(ask(server, "/dashboard", "localhost").header("content-security-policy"), policy);
  EXPECT_EQ(ask(server, "/dashboard/state", "evil.example").status, 403);
  EXPECT_EQ(ask(server, "/dashboard/state", "localhost", "X-Forwarded-For: 127.0.0.1\r\n").status,
            403);

  Client busy = server.connect();
  busy.send("GET /busy?password=secret HTTP/1.1\r\nHost: x\r\n\r\n");
  Client odd = server.connect();
  odd.send("GET /<script>\"\xff HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(odd.read().status, 200);
  std::string state;
  EXPECT_TRUE(eventually([&] {
    state = ask(server, "/dashboard/state", "127.0.0.1").body;
    return state.find("\"/busy\"") != std::string::npos;
  }));
  EXPECT_THAT(state, Not(HasSubstr("secret")));
  EXPECT_EQ(json::parse(state)["pools"][0]["working"], 1);
  release(server);
  EXPECT_EQ(busy.read().status, 200);
  // The pages beside it are what they were.
  EXPECT_EQ(fetch(server.second_port(), "GET", "/health").status, 200);
  EXPECT_EQ(fetch(server.second_port(), "POST", "/dashboard", "").status, 403);
  server.stop();
}

// Its script runs under its own policy, and what clients send is text.
TEST(Dashboard, IsDrawnByABrowser) {
  ServerOptions options = options_of({"native", "embed", kNative});
  options.config += "status: {address: '127.0.0.1:{port2}', dashboard: {}}\n";
  Server server(options);
  if (server.shell("command -v chromium").status != 0)
    GTEST_SKIP() << "there is no browser here: install the package chromium";
  Client busy = server.connect();
  busy.send("GET /busy<script>alert(1)</script>\"'?password=secret HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] {
    return ask(server, "/dashboard/state", "localhost").body.find("/busy") != std::string::npos;
  }));
  const auto ran = server.shell(
      "timeout 100 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
      "--user-data-dir={dir}/chromium --virtual-time-budget=5000 --dump-dom "
      "http://127.0.0.1:{port2}/dashboard 2>{dir}/chromium.log; rm -rf {dir}/chromium");
  EXPECT_THAT(ran.output, AllOf(HasSubstr("/busy&lt;script&gt;alert(1)&lt;/script&gt;\"'</code>"),
                                HasSubstr("of 2"), HasSubstr("role=\"status\" hidden"),
                                Not(HasSubstr("secret"))))
      << server.shell("tail -5 {dir}/chromium.log").output;
  release(server);
  EXPECT_EQ(busy.read().status, 200);
  server.stop();
}

TEST(Dashboard, WantsItsToken) {
  ServerOptions options = options_of({"native", "embed", kNative});
  options.config +=
      "status: {address: '127.0.0.1:{port2}', dashboard: {path: /inside, token: 'sixteen "
      "letters!'}}\n";
  Server server(options);
  const auto ask = [&](const std::string& path, const std::string& fields) {
    return fetch(server.second_port(), "GET", path, fields);
  };
  const Response none = ask("/inside", "");
  EXPECT_EQ(none.status, 401);
  EXPECT_THAT(none.header("www-authenticate"), HasSubstr("Basic realm="));
  EXPECT_THAT(none.body, Not(HasSubstr("sixteen")));
  EXPECT_EQ(ask("/inside/state", "").status, 401);
  EXPECT_EQ(ask("/inside/state", "Authorization: Basic eDpzaXh0ZWVuIGxldHRlcnMh\r\n").status, 200);
  EXPECT_EQ(ask("/inside/state", "Authorization: Basic eDpzaXh0ZWVuIGxldHRlcnM/\r\n").status, 401);
  EXPECT_EQ(ask("/dashboard", "").status, 404);
  server.stop();
}

TEST(Dashboard, MistakesAreNamed) {
  Server server(options_of({"native", "embed", kNative}));
  for (const auto& [dashboard, text] : std::map<std::string, std::string>{
           {"{token: short}", "status.dashboard.token: should have 16 characters or more"},
           {"{path: dashboard}", "status.dashboard.path: should be a path such as /dashboard"},
           {"{path: /health}",
            "status.dashboard.path: the address answers something else there"}}) {
    server.shell("printf 'version: \"3\"\nstatus: {address: \"127.0.0.1:1\", dashboard: " +
                 dashboard + "}\n' > {dir}/wrong.yaml");
    const auto checked = server.run({"check", (server.folder() / "wrong.yaml").string()});
    EXPECT_EQ(checked.status, 1);
    EXPECT_THAT(checked.output, HasSubstr(text));
  }
  server.stop();
}

TEST(InsideErrors, OfProcessesAreTheirEvents) {
  Server server(options_of({"process", "process", kGoridge}));
  EXPECT_EQ(server.get("/fatal").status, 500);
  const auto ran = server.run({"top", "--json", "-c", (server.folder() / ".rr.yaml").string()});
  const json picture = json::parse(ran.output);
  ASSERT_FALSE(picture["errors"].empty());
  EXPECT_EQ(picture["errors"][0]["type"], "EventWorkerError");
  server.stop();
}

}  // namespace
}  // namespace rr::e2e
