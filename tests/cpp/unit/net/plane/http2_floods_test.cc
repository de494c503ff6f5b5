// What HTTP/2 clients send to keep a server busy for nothing (spec 02 §7.2, case 93).
#include <chrono>
#include <memory>

#include <gtest/gtest.h>

#include "gate.h"
#include "h2_client.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using After = ScriptedOptions::After;
constexpr int kEnhanceYourCalm = 11;

std::string frame(int type, int flags, int stream, const std::string& payload) {
  const auto size = payload.size();
  std::string out;
  for (const int shift : {16, 8, 0}) out += static_cast<char>(size >> shift);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift);
  return out + payload;
}

class Http2Floods : public ::testing::Test {
 protected:
  Http2Floods() {
    TestServer::Options options;
    options.crew.script = [](const ScriptContext& context) {
      respond_with(context.exchange, 200, {});
      return After::next_job;
    };
    options.http2.linger = std::chrono::milliseconds(100);
    server_ = std::make_unique<TestServer>(options);
    client_ = std::make_unique<H2Client>(server_->address());
    client_->wait(client_->request("GET", "/"));
  }
  // The server ends a connection that goes on so, and tells why where it can.
  void expect_calm() {
    client_->run_to_end();
    EXPECT_FALSE(client_->socket().timed_out());
    if (client_->goaway() >= 0) EXPECT_EQ(client_->goaway(), kEnhanceYourCalm);
    EXPECT_TRUE(eventually([&] { return server_->http2->open_connections() == 0; }));
  }

  std::unique_ptr<TestServer> server_;
  std::unique_ptr<H2Client> client_;
};

TEST_F(Http2Floods, RapidReset) {
  std::string bytes;
  for (int stream = 101; stream < 4101; stream += 2) {
    bytes += frame(1, 5, stream, "\x82\x86\x84\x41\1x");
    bytes += frame(3, 0, stream, std::string("\0\0\0\x8", 4));
  }
  client_->send_raw(bytes);
  expect_calm();
  EXPECT_LT(server_->handler.counts().made.load(), 400u);
}

TEST_F(Http2Floods, Settings) {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes += frame(4, 0, 0, "");
  client_->send_raw(bytes);
  expect_calm();
}

TEST_F(Http2Floods, Pings) {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) bytes += frame(6, 0, 0, "12345678");
  client_->send_raw(bytes);
  expect_calm();
}

TEST_F(Http2Floods, EmptyData) {
  std::string bytes = frame(1, 4, 101, "\x83\x86\x84\x41\1x");
  for (int i = 0; i < 20'000; ++i) bytes += frame(0, 0, 101, "");
  client_->send_raw(bytes);
  expect_calm();
}

TEST_F(Http2Floods, Priorities) {
  std::string bytes;
  for (int i = 0; i < 20'000; ++i)
    bytes += frame(2, 0, 101 + 2 * i, std::string("\0\0\0\0\x10", 5));
  client_->send_raw(bytes);
  expect_calm();
}

TEST_F(Http2Floods, Continuations) {
  std::string bytes = frame(1, 0, 101, "\x82\x86\x84\x41\1x");
  for (int i = 0; i < 5000; ++i) bytes += frame(9, 0, 101, "");
  client_->send_raw(bytes);
  expect_calm();
  EXPECT_EQ(server_->handler.counts().handled.load(), 1u);
}

// An indexed field of 2900 bytes costs one byte each time.
TEST_F(Http2Floods, HpackBomb) {
  H2Client::Fields fields{
      {":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/"}};
  fields.insert(fields.end(), 1000, {"a", std::string(2900, 'b')});
  const H2Answer* answer = client_->wait(client_->raw_request(fields));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 431);
  EXPECT_EQ(server_->handler.counts().handled.load(), 1u);
  EXPECT_TRUE(client_->wait(client_->request("GET", "/"))->complete);
}

TEST_F(Http2Floods, NoFramesAtAll) {
  client_->send_raw(std::string(100'000, '\xff'));
  client_->run_to_end();
  EXPECT_FALSE(client_->socket().timed_out());
}

}  // namespace
}  // namespace rr::net::testing
