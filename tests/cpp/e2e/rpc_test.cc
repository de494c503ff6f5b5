// RPC and the relay as hostile or many clients meet them: what they cost in memory is bounded, and
// everybody else is served meanwhile.
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"
#include "tests/cpp/unit/plugins/rpc/client.h"

namespace rr::e2e {
namespace {

using Caller = rpc::Client;
using SteadyClock = std::chrono::steady_clock;
namespace flag = goridge::flag;

constexpr long kMiB = 1024;  // in KiB, as usage is

// Both ends of a connection are descriptors of somebody.
void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string call(std::string_view method, std::string_view body, std::uint32_t sequence = 1) {
  return goridge::encode(goridge::RpcMessage{flag::codec_json, sequence, method, body});
}

std::string header(std::uint32_t payload_bytes) {
  goridge::Header head;
  head.flags = flag::codec_json;
  head.option_count = 2;
  head.options[1] = 11;
  head.payload_bytes = payload_bytes;
  char bytes[goridge::kMaxHeaderBytes];
  return std::string(bytes, goridge::encode(head, bytes));
}

// As much as the server takes; false: it has taken nothing for a moment, or closed.
bool push(const Caller& caller, std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd writable{caller.descriptor(), POLLOUT, 0};
    if (::poll(&writable, 1, 300) <= 0) return false;
    const ssize_t sent =
        ::send(caller.descriptor(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// ---------------------------------------------------------------- RPC

struct Place {
  std::string name;
  std::string rpc;
  std::string relay;
};
std::string place_name(const ::testing::TestParamInfo<Place>& info) {
  return info.param.name;
}
const std::vector<Place> kPlaces{
    {"unix", "unix://{dir}/rpc.sock", "unix://{dir}/relay.sock"},
    {"tcp", "tcp://127.0.0.1:{port2}", "tcp://127.0.0.1:{port2}"},
};

class Rpc : public ::testing::TestWithParam<Place> {
 protected:
  Rpc() : server_(options()) { raise_descriptor_limit(); }

  static ServerOptions options() {
    return serve(plain_styles().front(), {.more = "rpc: {listen: '" + GetParam().rpc + "'}\n"});
  }
  std::string address() const {
    const std::string address = server_.fill(GetParam().rpc);
    return address.starts_with("tcp://") ? address.substr(6) : address;
  }
  Caller caller() const { return Caller(address()); }
  // Of the server alone.
  long rss_kib() const { return server_.own_rss_kib(); }
  // Others are served, over RPC on old and new connections and over HTTP, in their usual time. The
  // median: a loaded machine delays single ones.
  void expect_others_are_served(Caller& other) const {
    std::vector<SteadyClock::duration> times;
    for (std::uint32_t i = 0; i < 21; ++i) {
      const auto began = SteadyClock::now();
      ASSERT_EQ(other.call(i, "rpc.Version", "true").substr(0, 2),
                std::to_string(i).substr(0, 2) + (i < 10 ? " " : ""));
      ASSERT_EQ(caller().call(7, "informer.List", "true"), "7 informer.List [\"http\"]");
      times.push_back(SteadyClock::now() - began);
    }
    std::ranges::nth_element(times, times.begin() + 10);
    EXPECT_LT(times[10], patience(100ms));
    EXPECT_EQ(server_.get("/").body, "hello");
  }

  Server server_;
};
INSTANTIATE_TEST_SUITE_P(Places, Rpc, ::testing::ValuesIn(kPlaces), place_name);

// 10 000 in the long form: `./dev test --long`.
TEST_P(Rpc, ManyConnectionsAreHeldAndEachIsAnswered) {
  const std::size_t count = long_form() ? 10'000 : 1'000;
  const long before = rss_kib();
  std::vector<Caller> callers;
  for (std::size_t i = 0; i < count; ++i) {
    callers.push_back(caller());
    ASSERT_TRUE(callers.back().connected()) << i;
  }
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < count; ++i) callers[i].send(i, "rpc.Version", "true");
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_THAT(callers[i].receive(),
                  ::testing::StartsWith(std::to_string(i) + " rpc.Version \""));
    }
  }
  if (sanitizer().empty()) {
    EXPECT_LT((rss_kib() - before) * 1024 / static_cast<long>(count), 8192) << "a connection";
  }
  expect_others_are_served(callers.front());
}

TEST_P(Rpc, AnAnnouncementOf4GiBIsRefusedAndOneOfLessCostsNothing) {
  Caller other = caller();
  const long before = rss_kib();
  Caller giant = caller();
  giant.write(header(0xffffffff));
  EXPECT_EQ(giant.end(), "end");
  std::vector<Caller> liars;
  for (int i = 0; i < 200; ++i) {
    liars.push_back(caller());
    liars.back().write(header(200U << 20) + "rpc.Version");
  }
  expect_others_are_served(other);
  if (sanitizer().empty()) {
    EXPECT_LT(rss_kib() - before, 32 * kMiB);
  }
}

TEST_P(Rpc, ByteByByteIsPatientlyTakenAndHoldsNobodyUp) {
  Caller other = caller();
  std::vector<Caller> slow;
  for (int i = 0; i < 200; ++i) slow.push_back(caller());
  const std::string bytes = call("rpc.Version", "true");
  for (const char byte : bytes.substr(0, bytes.size() - 1)) {
    for (Caller& each : slow) each.write({&byte, 1});
  }
  expect_others_are_served(other);
  for (Caller& each : slow) each.write({&bytes.back(), 1});
  for (Caller& each : slow) {
    EXPECT_THAT(each.receive(), ::testing::StartsWith("1 rpc.Version \""));
  }
}

// Each reply repeats the name of the method twice.
TEST_P(Rpc, AClientThatStopsReadingIsReadNoFurther) {
  Caller other = caller();
  const std::string large = call("nobody." + std::string(1 << 20, 'x'), "true");
  std::vector<Caller> deaf;
  for (int i = 0; i < (sanitizer().empty() ? 12 : 2); ++i) deaf.push_back(caller());
  std::vector<std::thread> senders;
  for (const Caller& each : deaf) {
    senders.emplace_back([&each, &large] {
      for (int i = 0; i < 200 && push(each, large); ++i) {
      }
    });
  }
  expect_others_are_served(other);
  for (std::thread& sender : senders) sender.join();
  expect_others_are_served(other);
  if (sanitizer().empty()) {
    EXPECT_LT(rss_kib(), (512 + 300) * kMiB);
  }
  deaf.clear();
  expect_others_are_served(other);
}

TEST_P(Rpc, FramesWithoutAnEndFillTheServerToItsLimitOnly) {
  if (!sanitizer().empty()) GTEST_SKIP() << "takes gigabytes there";
  Caller other = caller();
  std::vector<Caller> greedy;
  const std::string part(60U << 20, 'x');
  for (int i = 0; i < 12; ++i) greedy.push_back(caller());
  for (Caller& each : greedy) push(each, header(250U << 20) + part);
  EXPECT_TRUE(server_.wait_for_log("it holds the most of what all of them may hold"));
  expect_others_are_served(other);
  EXPECT_LT(rss_kib(), (512 + 200) * kMiB);
  greedy.clear();
  expect_others_are_served(other);
}

TEST_P(Rpc, AFloodOfQuickCallsLeavesTheOthersTheirTurn) {
  Caller other = caller();
  std::string calls;
  for (int i = 0; i < 1000; ++i) calls += call("rpc.Version", "true");
  std::atomic<bool> over{false};
  std::vector<std::thread> floods;
  for (int i = 0; i < 2; ++i) {
    floods.emplace_back([&] {
      Caller flood = caller();
      char replies[65536];
      while (!over) {
        push(flood, calls);
        while (::recv(flood.descriptor(), replies, sizeof replies, MSG_DONTWAIT) > 0) {
        }
      }
    });
  }
  expect_others_are_served(other);
  over = true;
  for (std::thread& flood : floods) flood.join();
}

TEST_P(Rpc, GarbageEndsItsConnectionAlone) {
  Caller other = caller();
  for (const std::string& bytes :
       {std::string(1 << 20, '\xff'), std::string(1 << 20, '\0'),
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(100, 'x'), header(3)}) {
    Caller garbage = caller();
    garbage.write(bytes);
    garbage.end_writing();
    EXPECT_THAT(garbage.end(), ::testing::AnyOf("end", "reset"));
    expect_others_are_served(other);
  }
}

// ---------------------------------------------------------------- relay

class HostileRelay : public ::testing::TestWithParam<Place> {
 protected:
  HostileRelay() : server_(options()) { raise_descriptor_limit(); }

  static ServerOptions options() {
    const Style style{"relay", "process", "probe/objects.php", Speaks::objects, {}};
    ServerOptions options = serve(style, {.more = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"});
    const std::string_view before = "server: {";
    options.config.insert(options.config.find(before) + before.size(),
                          "relay: '" + GetParam().relay + "', ");
    return options;
  }
  Caller stranger() const {
    const std::string address = server_.fill(GetParam().relay);
    return Caller(address.starts_with("tcp://") ? address.substr(6) : address);
  }
  // Workers that run serve, and new ones find their way in.
  void expect_workers_come_and_serve() const {
    const auto began = SteadyClock::now();
    EXPECT_EQ(server_.get("/").body, "hello");
    EXPECT_EQ(server_.run({"reset", "-c", "{dir}/.rr.yaml"}).status, 0);
    EXPECT_EQ(server_.get("/").body, "hello");
    EXPECT_LT(SteadyClock::now() - began, patience(20s));
  }

  Server server_;
};
INSTANTIATE_TEST_SUITE_P(Places, HostileRelay, ::testing::ValuesIn(kPlaces), place_name);

// spec:01#17
TEST_P(HostileRelay, StrangersWhoNeverCompleteTheHandshake) {
  const long before = server_.own_rss_kib();
  std::vector<Caller> strangers;
  const std::size_t count = long_form() ? 5000 : 1500;  // 1024 of them are let wait
  for (std::size_t i = 0; i < count; ++i) strangers.push_back(stranger());
  expect_workers_come_and_serve();
  if (sanitizer().empty()) {
    EXPECT_LT(server_.own_rss_kib() - before, 16 * kMiB);
  }
}

// spec:01#17
TEST_P(HostileRelay, StrangersWhoSendABitAnnounceMuchOrTalkOn) {
  const long before = server_.own_rss_kib();
  std::vector<Caller> strangers;
  for (int i = 0; i < 100; ++i) {
    strangers.push_back(stranger());
    strangers.back().write("\x13");
  }
  Caller giant = stranger();
  giant.write(header(0xffffffff));
  Caller talker = stranger();
  push(talker, std::string(4 << 20, 'x'));
  Caller replies_and_talks_on = stranger();
  push(replies_and_talks_on, header(5) + std::string(4 << 20, 'y'));
  expect_workers_come_and_serve();
  if (sanitizer().empty()) {
    EXPECT_LT(server_.own_rss_kib() - before, 16 * kMiB);
  }
}

// ---------------------------------------------------------------- 500 workers

class FiveHundredWorkers : public ::testing::Test {
 protected:
  static ServerOptions options(const std::string& pool = "") {
    ServerOptions options;
    options.config = "version: '3'\nserver: {command: '" RR_SCRIPTED_WORKER
                     "'}\nrpc: {listen: 'unix://{dir}/rpc.sock'}\nhttp:\n  address: "
                     "'127.0.0.1:{port}'\n  pool: {mode: process, num_workers: 500" +
                     pool + "}\nlogs: {level: error}\n";
    return options;
  }
  // While it does nothing but what it does by itself.
  static SteadyClock::duration cpu_of_two_seconds(const Server& server) {
    const auto before = server.own_cpu();
    std::this_thread::sleep_for(2s);
    return server.own_cpu() - before;
  }
};

TEST_F(FiveHundredWorkers, StartForThreeSecondsOfCpuAndAreListedInFiftyMilliseconds) {
  raise_descriptor_limit();
  Server server(options());
  if (sanitizer().empty()) {
    EXPECT_LT(server.own_cpu(), 3s);
  }
  Caller caller(server.fill("unix://{dir}/rpc.sock"));
  auto best = SteadyClock::duration::max();
  for (int i = 0; i < 20; ++i) {
    const auto began = SteadyClock::now();
    const std::string list = caller.call(1, "informer.Workers", "\"http\"");
    best = std::min(best, SteadyClock::now() - began);
    std::size_t count = 0;
    for (auto at = list.find("\"pid\""); at != std::string::npos; at = list.find("\"pid\"", at + 1))
      ++count;
    ASSERT_EQ(count, 500u);
  }
  EXPECT_LT(best, patience(50ms));
  // Nobody looks at workers that have no limit.
  if (sanitizer().empty()) {
    EXPECT_LT(cpu_of_two_seconds(server), 40ms);
  }
}

// 20 ticks. 1.5 ms each is what one may take; a test on a loaded machine grants it more.
TEST_F(FiveHundredWorkers, ATickOfTheSupervisorIsCheap) {
  if (!sanitizer().empty()) GTEST_SKIP() << "measures time";
  Server server(options(
      ", supervisor: {watch_tick: 100ms, ttl: 10h, idle_ttl: 10h, max_worker_memory: 100000}"));
  EXPECT_LT(cpu_of_two_seconds(server), 20 * 6ms);
}

}  // namespace
}  // namespace rr::e2e
