// The server over real sockets, with services that wait when told.
#include "runtime/plugins/rpc/server.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/core/version.h"
#include "runtime/plugins/rpc/plugin.h"
#include "tests/cpp/unit/plugins/rpc/client.h"
#include "tests/cpp/unit/plugins/rpc/echo_service.h"

namespace rr::rpc {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
namespace flag = goridge::flag;

class RpcServer : public testing::Test {
 protected:
  explicit RpcServer(const std::string& address = "tcp://127.0.0.1:0") {
    control_.start();
    const auto listening = server_.listen(address);
    EXPECT_TRUE(listening) << (listening ? "" : listening.error().text());
    address_ = server_.addresses().front();
  }
  ~RpcServer() override {
    echo_.open();
    server_.stop(Clock::now() + 30s);
    control_.stop();
  }
  Client client() { return Client(address_); }
  // Until the server has let all connections go.
  bool all_closed() {
    for (int i = 0; i < 3000 && server_.connections() > 0; ++i) std::this_thread::sleep_for(10ms);
    return server_.connections() == 0;
  }

  EchoService echo_;
  Control control_;
  Server server_{control_, {&echo_}, Logger()};
  std::string address_;
};

std::string header(std::uint8_t flags, std::vector<std::uint32_t> options, std::uint32_t payload) {
  goridge::Header out;
  out.flags = flags;
  out.option_count = static_cast<std::uint8_t>(options.size());
  std::copy(options.begin(), options.end(), out.options.begin());
  out.payload_bytes = payload;
  char bytes[goridge::kMaxHeaderBytes];
  return std::string(bytes, goridge::encode(out, bytes));
}

TEST_F(RpcServer, AnswersCallAfterCall) {
  Client one = client();
  EXPECT_EQ(one.call(1, "echo.Text", "\"a\""), "1 echo.Text \"a\"");
  EXPECT_EQ(one.call(2, "foo.Bar", "true"), "2 foo.Bar !rpc: can't find service foo.Bar");
  EXPECT_EQ(one.call(2, "echo.Text", "{"), "2 echo.Text !json: invalid value");
  EXPECT_EQ(one.call(3, "echo.Text", ""), "3 echo.Text \"\"");
}

// spec:01#45
TEST_F(RpcServer, EchoesAnySequenceNumber) {
  Client one = client();
  for (const std::uint32_t sequence : {0xffffffffu, 0u, 7u, 7u}) {
    EXPECT_EQ(one.call(sequence, "echo.Flag", "true"),
              std::to_string(sequence) + " echo.Flag true");
  }
}

// spec:01#43
TEST_F(RpcServer, AFastCallOvertakesASlowOne) {
  Client one = client();
  one.send(1, "echo.Wait", "true");
  echo_.until_waiting(1);
  one.send(2, "echo.Text", "\"fast\"");
  EXPECT_EQ(one.receive(), "2 echo.Text \"fast\"");
  EXPECT_EQ(one.call(3, "echo.Open", "true").substr(0, 1).find_first_of("13"), 0u);
  EXPECT_EQ(one.receive().find_first_of("13"), 0u);
}

TEST_F(RpcServer, QuickCallsAreAnsweredBesideOnesThatWait) {
  Client one = client();
  one.send(1, "echo.Wait", "true");
  echo_.until_waiting(1);
  for (std::uint32_t i = 2; i < 100; ++i) {
    EXPECT_EQ(one.call(i, "echo.Quick", "true"), std::to_string(i) + " echo.Quick true");
  }
  echo_.open();
  EXPECT_EQ(one.receive(), "1 echo.Wait \"waited\"");
}

// spec:01#43
TEST_F(RpcServer, RepliesComeWholeHoweverManyRunAtOnce) {
  Client one = client();
  const std::string big = "\"" + std::string(300'000, 'x') + "\"";
  std::thread caller([&] {
    for (std::uint32_t i = 0; i < 200; ++i) one.send(i, "echo.Text", i % 2 ? big : "\"s\"");
  });
  std::vector<int> seen(200);
  for (int i = 0; i < 200; ++i) {
    const std::string reply = one.receive();
    const std::uint32_t sequence = std::stoul(reply);
    ASSERT_LT(sequence, 200u);
    ++seen[sequence];
    ASSERT_EQ(reply, std::to_string(sequence) + " echo.Text " + (sequence % 2 ? big : "\"s\""));
  }
  caller.join();
  EXPECT_EQ(seen, std::vector<int>(200, 1));
}

// Over the turn that one client has, and over what one read takes.
TEST_F(RpcServer, QuickCallsInOneWriteAreAllAnsweredInOrder) {
  Client one = client();
  constexpr std::uint32_t kCalls = 5000;
  std::string calls;
  for (std::uint32_t i = 0; i < kCalls; ++i) {
    calls += goridge::encode(goridge::RpcMessage{flag::codec_json, i, "echo.Quick", "true"});
  }
  std::thread caller([&] { one.write(calls); });
  for (std::uint32_t i = 0; i < kCalls; ++i) {
    ASSERT_EQ(one.receive(), std::to_string(i) + " echo.Quick true");
  }
  caller.join();
}

TEST_F(RpcServer, QuickCallsOfAClientThatReadsLateAreAllAnswered) {
  Client one = client();
  constexpr std::uint32_t kCalls = 40'000;  // replies of more bytes than the socket keeps
  std::thread caller([&] {
    for (std::uint32_t i = 0; i < kCalls; ++i) one.send(i, "echo.Quick", "true");
    one.end_writing();
  });
  caller.join();
  for (std::uint32_t i = 0; i < kCalls; ++i) {
    ASSERT_EQ(one.receive(), std::to_string(i) + " echo.Quick true");
  }
  EXPECT_EQ(one.end(), "end");
}

TEST_F(RpcServer, LargeArgumentsOfQuickMethodsAreDecodedElsewhere) {
  Client one = client();
  const std::string spaces(1 << 20, ' ');
  EXPECT_EQ(one.call(1, "echo.Quick", spaces + "true"), "1 echo.Quick true");
  EXPECT_EQ(one.call(2, "echo.Quick", "true"), "2 echo.Quick true");
}

TEST_F(RpcServer, EqualLiveSequenceNumbersAreBothAnswered) {
  Client one = client();
  one.send(5, "echo.Wait", "true");
  one.send(5, "echo.Wait", "true");
  echo_.until_waiting(2);
  echo_.open();
  EXPECT_EQ(one.receive(), "5 echo.Wait \"waited\"");
  EXPECT_EQ(one.receive(), "5 echo.Wait \"waited\"");
}

// spec:01#4
TEST_F(RpcServer, TakesFramesInPiecesAndInOneWrite) {
  Client one = client();
  const std::string call =
      goridge::encode(goridge::RpcMessage{flag::codec_json, 1, "echo.Flag", "true"});
  for (const char byte : call) one.write(std::string_view(&byte, 1));
  EXPECT_EQ(one.receive(), "1 echo.Flag true");
  one.write(call + call + call.substr(0, 30));
  EXPECT_EQ(one.receive(), "1 echo.Flag true");
  EXPECT_EQ(one.receive(), "1 echo.Flag true");
  one.write(call.substr(30));
  EXPECT_EQ(one.receive(), "1 echo.Flag true");
}

// spec:01#10
TEST_F(RpcServer, EchoesLargePayloads) {
  Client one = client();
  for (const std::size_t size : {4095u, 4096u, 65536u, (1u << 20) + 1, (10u << 20) + 1}) {
    std::string body(size, 'b');
    std::thread caller([&] { one.send(9, "echo.Bytes", body, flag::codec_proto); });
    EXPECT_EQ(one.receive(), "9 echo.Bytes " + body) << size;
    caller.join();
  }
}

// spec:01#44
TEST_F(RpcServer, ClosesTheConnectionOfWhatIsNoCallAndNoOther) {
  Client other = client();
  const std::string payload = "echo.Flagtrue";
  const std::uint32_t size = 13;
  const std::string good = header(flag::codec_json, {1, 9}, size) + payload;
  const auto with = [&](std::size_t at, char byte) {
    std::string bytes = good;
    bytes[at] = byte;
    return bytes;
  };
  const std::pair<const char*, std::string> cases[] = {
      {"no option", header(flag::codec_json, {}, size) + payload},
      {"one option", header(flag::codec_json, {1}, size) + payload},
      {"three options", header(flag::codec_json, {1, 9, 5}, size) + payload},
      {"method beyond the payload", header(flag::codec_json, {1, 500}, size) + payload},
      {"method far beyond the payload", header(flag::codec_json, {1, 0xffffffff}, size) + payload},
      {"wrong checksum", with(6, good[6] ^ 1)},
      {"zero checksum", "\x15\x08\x0f\0\0\0\0\0\0\0\0\0\1\0\0\0\x0b\0\0\0rpc.Versiontrue"s},
      {"2 words", "\x12\x08\x0b\0\0\0\xf3\xce\xad\x18\0\0rpc.Version"s},
      {"15 words", "\x1f\x08\x0b\0\0\0\x2d\xdd\x33\xa4\0\0rpc.Version"s + std::string(48, '\0')},
      {"over the cap", header(flag::codec_json, {1, 9}, 0xffffffff)},
      {"http", "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: something-long-enough/1.0\r\n\r\n"},
  };
  for (const auto& [name, bytes] : cases) {
    Client one = client();
    one.write(bytes);
    EXPECT_EQ(one.end(), "end") << name;
    EXPECT_EQ(other.call(1, "echo.Flag", "true"), "1 echo.Flag true") << name;
  }
}

// spec:01#44
TEST_F(RpcServer, CallsBeforeBadInputAreAnswered) {
  Client one = client();
  one.send(1, "echo.Wait", "true");
  one.write("this is no frame and long enough for one");
  echo_.until_waiting(1);
  echo_.open();
  EXPECT_EQ(one.receive(), "1 echo.Wait \"waited\"");
  EXPECT_EQ(one.end(), "end");
}

// spec:01#5
TEST_F(RpcServer, AClientThatLeavesInsideAFrameIsForgotten) {
  const std::string call =
      goridge::encode(goridge::RpcMessage{flag::codec_json, 1, "echo.Flag", "true"});
  for (const std::size_t size : {0, 1, 11, 12, 15, 20, 25}) {
    Client one = client();
    one.write(call.substr(0, size));
    one.end_writing();
    EXPECT_EQ(one.end(), "end") << size;
  }
  EXPECT_TRUE(all_closed());
}

// spec:01#46
TEST_F(RpcServer, AHalfClosedClientGetsItsReply) {
  Client one = client();
  one.send(1, "echo.Wait", "true");
  one.end_writing();
  echo_.until_waiting(1);
  echo_.open();
  EXPECT_EQ(one.receive(), "1 echo.Wait \"waited\"");
  EXPECT_EQ(one.end(), "end");
}

TEST_F(RpcServer, AClientGoneBeforeTheReplyHurtsNobody) {
  for (int i = 0; i < 20; ++i) {
    Client one = client();
    one.send(1, "echo.Wait", "true");
    echo_.until_waiting(i + 1);
    const linger hard{1, 0};
    ::setsockopt(one.descriptor(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  echo_.open();
  EXPECT_TRUE(all_closed());
  EXPECT_EQ(client().call(1, "echo.Flag", "true"), "1 echo.Flag true");
}

// spec:01#47
TEST_F(RpcServer, FiftyConnectionsWithOnePendingCallEach) {
  std::vector<Client> all;
  for (std::uint32_t i = 0; i < 50; ++i) {
    all.push_back(client());
    all.back().send(i, "echo.Wait", "true");
  }
  echo_.until_waiting(50);
  EXPECT_EQ(client().call(1, "echo.Open", "true"), "1 echo.Open true");
  for (std::uint32_t i = 0; i < 50; ++i) {
    EXPECT_EQ(all[i].receive(), std::to_string(i) + " echo.Wait \"waited\"");
  }
}

TEST_F(RpcServer, ReadsNoFurtherWhileAClientTakesNoReplies) {
  Client one = client();
  const std::string body(1 << 20, 'b');
  std::atomic<int> sent = 0;
  constexpr int kCalls = 300;
  std::thread caller([&] {
    for (int i = 0; i < kCalls; ++i, ++sent) one.send(1, "echo.Bytes", body, flag::codec_proto);
  });
  int before = -1;
  while (before != sent) {
    before = sent;
    std::this_thread::sleep_for(300ms);
  }
  EXPECT_LT(sent, kCalls);
  for (int i = 0; i < kCalls; ++i) ASSERT_EQ(one.receive().size(), body.size() + 13);
  caller.join();
}

TEST_F(RpcServer, ThousandsOfIdleConnections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  // Both ends are in this process. 10 000 where the system lets it.
  const std::size_t count = std::min<std::size_t>(10'000, (limit.rlim_cur - 1200) / 2);
  std::vector<Client> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(client());
    ASSERT_TRUE(all.back().connected()) << i;
  }
  for (std::size_t i = 0; i < count; i += 97) {
    ASSERT_EQ(all[i].call(1, "echo.Flag", "true"), "1 echo.Flag true") << i;
  }
  EXPECT_EQ(server_.connections(), count);
  all.clear();
  EXPECT_TRUE(all_closed());
}

// The limit is read when the server is made.
TEST_F(RpcServer, ConnectionsOverThreeQuartersOfTheDescriptorsAreClosed) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit small{40, limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &small);
  Server server(control_, {&echo_}, Logger());
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ASSERT_TRUE(server.listen("tcp://127.0.0.1:0"));
  std::vector<Client> all;
  for (int i = 0; i < 30; ++i) {
    all.emplace_back(server.addresses().front());
    ASSERT_EQ(all.back().call(1, "echo.Flag", "true"), "1 echo.Flag true") << i;
  }
  EXPECT_EQ(Client(server.addresses().front()).end(), "end");
  all.pop_back();
  // As soon as the server has seen that one go.
  std::string answer = "end";
  for (int i = 0; i < 3000 && answer != "1 echo.Flag true"; ++i) {
    answer = Client(server.addresses().front()).call(1, "echo.Flag", "true");
  }
  EXPECT_EQ(answer, "1 echo.Flag true");
  server.stop(Clock::now() + 30s);
}

TEST_F(RpcServer, RefuseClosesTheListenerAndConnectionsGoOn) {
  Client one = client();
  EXPECT_EQ(one.call(1, "echo.Flag", "true"), "1 echo.Flag true");
  server_.refuse();
  EXPECT_FALSE(client().connected());
  EXPECT_EQ(one.call(2, "echo.Flag", "true"), "2 echo.Flag true");
}

TEST_F(RpcServer, StopLetsCallsEndAndClosesIdleConnectionsAtOnce) {
  Client idle = client();
  EXPECT_EQ(idle.call(1, "echo.Flag", "true"), "1 echo.Flag true");
  Client busy = client();
  busy.send(1, "echo.Wait", "true");
  echo_.until_waiting(1);
  std::thread stopper([&] { server_.stop(Clock::now() + 30s); });
  EXPECT_EQ(idle.end(), "end");
  echo_.open();
  EXPECT_EQ(busy.receive(), "1 echo.Wait \"waited\"");
  EXPECT_EQ(busy.end(), "end");
  stopper.join();
}

TEST_F(RpcServer, StopGivesUpOnACallAtTheDeadline) {
  Client busy = client();
  busy.send(1, "echo.Wait", "true");
  echo_.until_waiting(1);
  server_.stop(Clock::now() + 20ms);
  echo_.open();
}

TEST_F(RpcServer, AnAddressInUseIsAnError) {
  Server second(control_, {}, Logger());
  const auto listening = second.listen("tcp://" + address_);
  ASSERT_FALSE(listening);
  EXPECT_NE(listening.error().text().find("ddress already in use"), std::string::npos);
}

class RpcServerOnUnixSocket : public RpcServer {
 protected:
  static std::string path() {
    return (std::filesystem::temp_directory_path() /
            ("rr-rpc-" + std::to_string(::getpid()) + ".sock"))
        .string();
  }
  RpcServerOnUnixSocket() : RpcServer("unix://" + path()) {}
};

// spec:01#55
TEST_F(RpcServerOnUnixSocket, AnswersAndRemovesItsFile) {
  EXPECT_EQ(client().call(1, "echo.Flag", "true"), "1 echo.Flag true");
  EXPECT_TRUE(std::filesystem::exists(path()));
  server_.stop(Clock::now() + 30s);
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(RpcServerOnUnixSocket, TheFileHasTheModeAndOwnerItIsGiven) {
  const std::string other = path() + ".2";
  net::ListenSocket::Options options;
  options.mode = 0666;
  options.user = ::getuid();
  options.group = ::getgid();
  const mode_t before = ::umask(0077);
  EXPECT_TRUE(server_.listen("unix://" + other, options));
  ::umask(before);
  struct stat file {};
  ASSERT_EQ(::stat(other.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0666u);
  options.mode = 0600;
  const std::string third = path() + ".3";
  EXPECT_TRUE(server_.listen("unix://" + third, options));
  ASSERT_EQ(::stat(third.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
}

// spec:01#55
TEST_F(RpcServer, OtherSchemesAndUnusablePathsAreErrors) {
  Server other(control_, {}, Logger());
  EXPECT_EQ(other.listen("http://127.0.0.1:1").error().text(),
            "invalid Protocol ([tcp://]:6001, unix://file.sock), address: http://127.0.0.1:1");
  EXPECT_FALSE(other.listen("unix:///nonexistent/folder/x.sock"));
}

}  // namespace
}  // namespace rr::rpc
