// Connections and what clients do with them; the same over every kind of worker.
#include <sys/resource.h>

#include <algorithm>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using SteadyClock = std::chrono::steady_clock;

class Connections : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Connections, ::testing::ValuesIn(plain_styles()), style_name);

std::string identity(int number) {
  return request("GET", "/identity?id=" + std::to_string(number));
}

std::string identity_answer(int number) {
  return std::to_string(number) + "  00000000";
}

TEST_P(Connections, OneConnectionServesManyRequestsUntilClose) {
  Server server(serve(GetParam()));
  Client client = server.connect();
  for (int i = 0; i < 100; ++i) {
    client.send(identity(i));
    EXPECT_EQ(client.read().body, identity_answer(i));
  }
  client.send(request("GET", "/", "Connection: close\r\n"));
  const Response last = client.read();
  EXPECT_EQ(last.body, "hello");
  EXPECT_EQ(last.header("connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(Connections, PipelinedRequestsAreAnsweredInOrder) {
  Server server(serve(GetParam()));
  Client client = server.connect();
  std::string all = request("GET", "/sleep?ms=100");
  for (int i = 0; i < 30; ++i) all += identity(i);
  client.send(all);
  EXPECT_EQ(client.read().body, "slept");
  for (int i = 0; i < 30; ++i) EXPECT_EQ(client.read().body, identity_answer(i));
}

TEST_P(Connections, NothingAfterConnectionCloseIsAnswered) {
  Server server(serve(GetParam()));
  Client client = server.connect();
  client.send(request("GET", "/", "Connection: close\r\n") + identity(1));
  EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(Connections, RequestMayComeByteByByte) {
  Server server(serve(GetParam()));
  Client slow = server.connect();
  const std::string bytes = request("POST", "/body", "Content-Type: text/plain\r\n", "slowly");
  for (const char byte : bytes) {
    slow.send({&byte, 1});
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_THAT(slow.read().body, HasSubstr(R"("length":6)"));
}

TEST_P(Connections, HalfSentRequestsHoldNoWorker) {
  Server server(serve(GetParam(), {.workers = 1}));
  std::vector<Client> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(server.connect());
    slow.back().send("POST /identity?id=" + std::to_string(i) +
                     " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(server.get("/").body, "hello");
  for (auto& client : slow) client.send("cd");
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(slow[static_cast<std::size_t>(i)].read().body, StartsWith(std::to_string(i) + " "));
  }
}

TEST_P(Connections, ClientThatLeavesBeforeTheAnswerHarmsNobody) {
  Server server(serve(GetParam()));
  for (int i = 0; i < 20; ++i) {
    Client leaver = server.connect();
    leaver.send(request("GET", "/sleep?ms=20"));
    if (i % 2 == 0) leaver.reset();
  }
  for (int i = 0; i < 20; ++i) {
    Client client = server.connect();
    client.send(identity(i));
    EXPECT_EQ(client.read().body, identity_answer(i));
  }
}

TEST_P(Connections, ClientThatLeavesAStreamHarmsNobody) {
  Server server(serve(GetParam(), {.workers = 1}));
  for (int i = 0; i < 3; ++i) {
    Client leaver = server.connect();
    leaver.send(request("GET", "/stream?n=10&wait=30"));
    EXPECT_EQ(leaver.read_head().status, 200);
    EXPECT_EQ(leaver.read_chunk(), "chunk 1\n");
    leaver.reset();
    EXPECT_EQ(server.get("/").body, "hello");
  }
}

TEST_P(Connections, ClientThatDoesNotReadHoldsNoWorker) {
  Server server(serve(GetParam(), {.workers = 1}));
  std::vector<Client> deaf;
  for (int i = 0; i < 3; ++i) {
    deaf.push_back(server.connect());
    deaf.back().shrink_receive_buffer();
    deaf.back().send(request("GET", "/large?size=16000000"));
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(server.get("/").body, "hello");
  EXPECT_EQ(deaf.front().read().body.size(), 16000000U);
}

TEST_P(Connections, SlowReaderOfAStreamLosesNothing) {
  Server server(serve(GetParam()));
  Client slow = server.connect();
  slow.shrink_receive_buffer();
  slow.send(request("GET", "/stream?n=60&size=50000"));
  EXPECT_EQ(slow.read_head().status, 200);
  std::size_t total = 0;
  for (std::string chunk = slow.read_chunk(); !chunk.empty(); chunk = slow.read_chunk()) {
    total += chunk.size();
    if (total < 1000000) std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(total, 60U * 50000U);
}

TEST_P(Connections, HalfClosedClientGetsItsAnswer) {
  Server server(serve(GetParam()));
  Client client = server.connect();
  client.send(request("GET", "/sleep?ms=100"));
  client.shutdown_write();
  EXPECT_EQ(client.read().body, "slept");
}

TEST_P(Connections, MoreClientsThanWorkersAllGetAnswers) {
  Server server(serve(GetParam()));
  std::vector<Client> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(server.connect());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i].send(identity(static_cast<int>(i)));
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_EQ(clients[i].read().body, identity_answer(static_cast<int>(i)));
    }
  }
}

TEST_P(Connections, BusyWorkersDoNotStopWhatNeedsNone) {
  Server server(serve(GetParam()));
  std::vector<Client> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(server.connect());
    busy.back().send(request("GET", "/sleep?ms=1500"));
  }
  std::this_thread::sleep_for(100ms);
  const auto began = SteadyClock::now();
  Client client = server.connect();
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.read_to_end(),
              StartsWith("HTTP/1.1 400 Bad Request: missing required Host header\r\n"));
  Client other = server.connect();
  other.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(other.read().status, 200);
  EXPECT_LT(SteadyClock::now() - began, patience(150ms));
  for (auto& client : busy) EXPECT_EQ(client.read().body, "slept");
}

TEST_P(Connections, SlowScriptsDoNotHoldUpFastOnes) {
  Server server(serve(GetParam(), {.workers = 3}));
  std::vector<Client> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(server.connect());
    busy.back().send(request("GET", "/sleep?ms=1000"));
  }
  std::this_thread::sleep_for(50ms);
  const auto began = SteadyClock::now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(server.get("/").body, "hello");
  EXPECT_LT(SteadyClock::now() - began, patience(700ms));
}

// spec:02#95
TEST_P(Connections, ThousandsThatAreIdleHoldNoWorker) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &raised);
  const std::size_t count = std::min<std::size_t>(raised.rlim_cur / 2, 10'000);
  Server server(serve(GetParam()));
  std::vector<Client> idle;
  idle.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    idle.push_back(server.connect());
    idle.back().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_EQ(idle.back().read().status, 200) << i;
  }
  Client active = server.connect();
  for (int i = 0; i < 100; ++i) {
    active.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(active.read().body, "hello");
  }
  // They are as good as they were.
  for (const std::size_t which : {std::size_t{0}, count / 2, count - 1}) {
    idle[which].send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(idle[which].read().body, "hello");
  }
  idle.clear();
  setrlimit(RLIMIT_NOFILE, &limit);
}

// spec:02#58
TEST_P(Connections, AnAddressOfIpv6IsServed) {
  ServerOptions options = serve(GetParam());
  const std::string address = "127.0.0.1:{port}";
  const auto at = options.config.find(address);
  ASSERT_NE(at, std::string::npos);
  options.config.replace(at, address.size(), "[::1]:{port}");
  Server server(std::move(options), Start::do_not_wait);
  EXPECT_TRUE(eventually(
      [&] { return server.shell("curl -sS -g 'http://[::1]:{port}/' 2>&1").output == "hello"; },
      15s))
      << server.log();
}

TEST_P(Connections, UnixSocketServesAndIsUnlinked) {
  ServerOptions options = serve(GetParam());
  const std::string tcp = "'127.0.0.1:{port}'";
  options.config.replace(options.config.find(tcp), tcp.size(), "'unix://{dir}/http.sock'");
  Server server(options);
  Client client = Client::unix_socket(server.folder() / "http.sock");
  for (int i = 0; i < 5; ++i) {
    client.send(identity(i));
    EXPECT_EQ(client.read().body, identity_answer(i));
  }
}

// ---- requests that are refused before a worker sees them

struct Refused {
  const char* name;
  const char* bytes;
  const char* status_line;
};

class Refusals : public ::testing::TestWithParam<Refused> {
 public:
  static void SetUpTestSuite() {
    server_ = std::make_unique<Server>(
        serve(plain_styles()[0], {.workers = 1, .http = "  max_request_size: 1\n"}));
  }
  static void TearDownTestSuite() { server_.reset(); }

 protected:
  static inline std::unique_ptr<Server> server_;
};

INSTANTIATE_TEST_SUITE_P(
    Requests, Refusals,
    ::testing::ValuesIn(std::vector<Refused>{
        {"NoHost", "GET / HTTP/1.1\r\nX: 1\r\n\r\n",
         "400 Bad Request: missing required Host header"},
        {"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400 Bad Request"},
        {"HostWithSpace", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
         "400 Bad Request: malformed Host header"},
        {"HostWithSlash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 Bad Request"},
        {"TwoLengths",
         "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
         "400 Bad Request"},
        {"ListOfLengths", "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: 5, 6\r\n\r\nabcdef",
         "400 Bad Request"},
        {"SignedLength", "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: +5\r\n\r\nabcde",
         "400 Bad Request"},
        {"NegativeLength", "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: -1\r\n\r\n",
         "400 Bad Request"},
        {"HexLength", "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: 0x5\r\n\r\nabcde",
         "400 Bad Request"},
        {"LengthWithSpace", "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: 5 5\r\n\r\nabcde",
         "400 Bad Request"},
        {"EmptyLength", "POST / HTTP/1.1\r\nHost: e\r\nContent-Length:\r\n\r\n", "400 Bad Request"},
        {"LengthOverInt64",
         "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: 9223372036854775808\r\n\r\n",
         "400 Bad Request"},
        {"NoVersion", "GET /\r\nHost: e\r\n\r\n", "400 Bad Request"},
        {"Garbage", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "400 Bad Request"},
        {"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost: e\r\nX : 1\r\n\r\n", "400 Bad Request"},
        {"Version20", "GET / HTTP/2.0\r\nHost: e\r\n\r\n", "505 HTTP Version Not Supported"},
        {"UnknownCoding", "POST / HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: gzip\r\n\r\n",
         "501 Not Implemented"},
        {"BadChunk",
         "POST / HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
         "400 Bad Request"},
        {"BodyOverTheLimit", "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: 1048577\r\n\r\n",
         "413 Request Entity Too Large"},
        {"UnknownExpectation",
         "POST / HTTP/1.1\r\nHost: e\r\nExpect: magic\r\nContent-Length: 0\r\n\r\n",
         "417 Expectation Failed"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(Refusals, AreAnsweredOnceAndClosed) {
  Client client = server_->connect();
  client.send(GetParam().bytes);
  const std::string reply = client.read_to_end();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 " + std::string(GetParam().status_line)));
  EXPECT_EQ(reply.find("HTTP/1.1 ", 1), std::string::npos) << reply;
  EXPECT_EQ(server_->get("/").body, "hello");
}

struct Accepted {
  const char* name;
  const char* bytes;
};

class Accepts : public ::testing::TestWithParam<Accepted> {
 public:
  static void SetUpTestSuite() {
    server_ = std::make_unique<Server>(serve(plain_styles()[0], {.workers = 1}));
  }
  static void TearDownTestSuite() { server_.reset(); }

 protected:
  static inline std::unique_ptr<Server> server_;
};

INSTANTIATE_TEST_SUITE_P(
    Requests, Accepts,
    ::testing::ValuesIn(std::vector<Accepted>{
        {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
        {"HostWithPort", "GET / HTTP/1.1\r\nHost: e:80\r\n\r\n"},
        {"Ipv6Host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
        {"SameLengthTwice",
         "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"},
        {"LengthWithZero", "POST / HTTP/1.1\r\nHost: e\r\nContent-Length: 03\r\n\r\nabc"},
        {"LongTarget",
         "GET /?x=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\nHost: "
         "e\r\n\r\n"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(Accepts, ReachAWorkerAndTheConnectionGoesOn) {
  Client client = server_->connect();
  client.send(GetParam().bytes);
  EXPECT_EQ(client.read().body, "hello");
  client.send(request("GET", "/"));
  EXPECT_EQ(client.read().body, "hello");
}

TEST(Limits, HeaderBlockOfMoreThanAMebibyteGets431) {
  Server server(serve(plain_styles()[0]));
  Client client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: e\r\n");
  try {
    for (int i = 0; i < 1200; ++i)
      client.send("X-Header-" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n");
    client.send("\r\n");
  } catch (const ConnectionClosed&) {  // It need not take in all of it.
  }
  try {
    EXPECT_THAT(client.read_to_end(),
                StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
  } catch (const ConnectionClosed&) {  // The reset may overtake the answer.
  }
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST(Limits, ContinueIsSentWhenTheBodyIsWanted) {
  Server server(serve(plain_styles()[0]));
  Client client = server.connect();
  client.send(
      "POST /body HTTP/1.1\r\nHost: e\r\nContent-Type: text/plain\r\nExpect: "
      "100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.read_head().status, 100);
  client.send("body");
  EXPECT_THAT(client.read().body, HasSubstr(R"("length":4)"));
}

}  // namespace
}  // namespace rr::e2e
