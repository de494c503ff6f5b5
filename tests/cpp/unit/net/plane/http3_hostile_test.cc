// Packets that no honest client sends: garbage, old versions, forged and repeated ones.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <random>

#include <gtest/gtest.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "gate.h"
#include "h3_client.h"
#include "jitter.h"
#include "runtime/net/http3/doorkeeper.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
using After = ScriptedOptions::After;
using http3::Mood;

std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(draw(256));
  return bytes;
}

// The beginning of a first packet, as RFC 9000 §17.2.2 has it, with nothing right behind it.
std::string first_packet(std::uint32_t version, std::string_view token = {}) {
  std::string packet = "\xc0";
  for (int shift = 24; shift >= 0; shift -= 8) packet += static_cast<char>(version >> shift & 0xff);
  packet += '\x08' + noise(8);  // destination
  packet += '\x08' + noise(8);  // source
  packet += static_cast<char>(token.size());
  packet += token;
  packet += std::string("\x44\x00", 2);  // length: 1024
  return packet + noise(1200 - packet.size());
}

class Stranger {
 public:
  explicit Stranger(const std::string& address) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    const auto colon = address.rfind(':');
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) ::abort();
  }
  ~Stranger() { ::close(socket_); }
  void say(std::string_view packet) {
    [[maybe_unused]] const auto sent = ::write(socket_, packet.data(), packet.size());
  }
  std::string hear() {
    char bytes[65536];
    const auto size = ::read(socket_, bytes, sizeof bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : "";
  }
  bool hears(std::string& what) {
    return eventually([&] { return !(what = hear()).empty(); });
  }

 private:
  int socket_ = -1;
};

class Http3Hostile : public ::testing::Test {
 protected:
  Http3Hostile() {
    options_.quic.emplace();
    options_.http3.quic.handshake = 500ms;
    options_.crew.script = [](const ScriptContext& context) {
      respond_with(context.exchange, 200, PinnedBytes{context.exchange.request().body});
      return After::next_job;
    };
  }
  TestServer& server() {
    if (!server_) server_ = std::make_unique<TestServer>(options_);
    return *server_;
  }
  void expect_it_serves() {
    H3Client good(server().quic_address());
    ASSERT_TRUE(good.wait(good.request("GET", "/"))) << good.state();
  }

  TestServer::Options options_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(Http3Hostile, NoiseIsIgnored) {
  Stranger stranger(server().quic_address());
  for (int i = 0; i < 5000; ++i) {
    std::string packet = noise(draw(1500));
    // Half of them look more like packets.
    if (!packet.empty() && draw(2) == 0) packet[0] = static_cast<char>(packet[0] | 0x40);
    stranger.say(packet);
  }
  expect_it_serves();
}

TEST_F(Http3Hostile, FirstPacketsOfNobodyHoldNothingForLong) {
  options_.http3.doubted_handshakes = 50;
  Stranger stranger(server().quic_address());
  for (int i = 0; i < 2000; ++i) stranger.say(first_packet(1));
  expect_it_serves();
  EXPECT_LE(server().http3->handshakes(), 51u);
  EXPECT_TRUE(eventually([&] { return server().http3->open_connections() == 0; }));
}

TEST_F(Http3Hostile, PacketsThatWereChangedOrRepeatedChangeNothing) {
  std::vector<std::string> seen;
  H3Client one(server().quic_address(), {.record = &seen});
  ASSERT_TRUE(one.wait(one.request("POST", "/", {}, std::string(20'000, 'x'))));
  Stranger stranger(server().quic_address());
  for (int round = 0; round < 20; ++round) {
    for (std::string packet : seen) {
      stranger.say(packet);
      packet[draw(packet.size())] ^= static_cast<char>(1 << draw(8));
      stranger.say(packet);
      stranger.say(std::string_view(packet).substr(0, draw(packet.size())));
    }
  }
  const auto handled = server().handler.counts().handled.load();
  ASSERT_TRUE(one.wait(one.request("GET", "/"))) << one.state();
  EXPECT_EQ(server().handler.counts().handled.load(), handled + 1);
  expect_it_serves();
}

TEST_F(Http3Hostile, OtherVersionsAreToldOurs) {
  Stranger stranger(server().quic_address());
  stranger.say(first_packet(0x1a2a3a4a));
  std::string reply;
  ASSERT_TRUE(stranger.hears(reply));
  EXPECT_EQ(reply.substr(1, 4), std::string(4, '\0'));  // a version negotiation
  EXPECT_NE(reply.find(std::string("\0\0\0\1", 4)), std::string::npos);
}

// ---- the doorkeeper by itself

class Http3Doorkeeper : public ::testing::Test {
 protected:
  http3::Datagram datagram(std::string_view bytes) {
    http3::Datagram packet;
    packet.local.v4.sin_family = packet.remote.v4.sin_family = AF_INET;
    packet.remote.v4.sin_port = htons(4000);
    packet.local.size = packet.remote.size = sizeof(sockaddr_in);
    packet.bytes = bytes;
    return packet;
  }
  http3::Doorkeeper::Verdict judge(std::string_view bytes, Mood mood) {
    return doorkeeper_.judge(datagram(bytes), mood, now_);
  }

  const http3::Secrets secrets_;
  http3::Doorkeeper doorkeeper_{secrets_};
  TimePoint now_ = TimePoint(std::chrono::hours(1));
};

TEST_F(Http3Doorkeeper, MeetsNewClientsAsItIsTold) {
  const std::string packet = first_packet(1);
  EXPECT_TRUE(judge(packet, Mood::open).opening);
  const auto doubted = judge(packet, Mood::doubt);
  EXPECT_FALSE(doubted.opening);
  EXPECT_EQ(static_cast<unsigned char>(doubted.reply.front()) & 0xf0, 0xf0);  // Retry
  EXPECT_EQ(judge(packet, Mood::wait).reply, "");
  EXPECT_FALSE(judge(packet, Mood::wait).opening);
  EXPECT_NE(judge(packet, Mood::refuse).reply, "");
  // Too small to be answered with more.
  EXPECT_FALSE(judge(std::string_view(packet).substr(0, 1199), Mood::open).opening);
}

TEST_F(Http3Doorkeeper, TakesNoTokenThatItDidNotGive) {
  // 0xb6 is what a Retry's begin with: one that is wrong is refused. Others count as none.
  const auto wrong = judge(first_packet(1, "\xb6" + noise(50)), Mood::open);
  EXPECT_FALSE(wrong.opening);
  EXPECT_NE(wrong.reply, "");
  const auto old = judge(first_packet(1, "\x36" + noise(50)), Mood::open);
  ASSERT_TRUE(old.opening);
  EXPECT_EQ(old.opening->token, "");
}

TEST_F(Http3Doorkeeper, SaysThatAConnectionIsForgotten) {
  std::string packet = noise(60);
  packet[0] = '\x40';
  ngtcp2_cid id;
  ngtcp2_cid_init(&id, reinterpret_cast<const std::uint8_t*>(packet.data()) + 1, http3::Id::kOurs);
  std::string token(16, '\0');
  ngtcp2_crypto_generate_stateless_reset_token(reinterpret_cast<std::uint8_t*>(token.data()),
                                               secrets_.resets.data(), secrets_.resets.size(), &id);
  const std::string reply = judge(packet, Mood::refuse).reply;
  ASSERT_GT(reply.size(), token.size());
  EXPECT_EQ(reply.substr(reply.size() - token.size()), token);
}

TEST_F(Http3Doorkeeper, AnswersLessThanItHearsAndNotForEver) {
  int replies = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string packet = noise(22 + draw(100));
    packet[0] = '\x40';
    const auto verdict = judge(packet, Mood::open);
    EXPECT_LT(verdict.reply.size(), packet.size());
    replies += !verdict.reply.empty();
  }
  EXPECT_EQ(replies, http3::Doorkeeper::kReplies);
  now_ += 100ms;
  std::string packet = noise(60);
  packet[0] = '\x40';
  EXPECT_NE(judge(packet, Mood::open).reply, "");
  // A ping-pong of resets between two servers ends.
  EXPECT_EQ(judge(std::string_view(packet).substr(0, 21), Mood::open).reply, "");
}

}  // namespace
}  // namespace rr::net::testing
