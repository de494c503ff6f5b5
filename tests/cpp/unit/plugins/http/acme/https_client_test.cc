// What an authority, or whoever is in its place, may answer: nothing of it ends the server.
#include "runtime/plugins/http/acme/https_client.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rr::http::acme {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using ::testing::HasSubstr;

// A server that answers every connection with the same bytes and closes.
class HttpsClientTest : public ::testing::Test {
 protected:
  HttpsClientTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("rr-https-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    const std::string in = folder_.string() + "/";
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
        "-nodes -days 2 -subj /CN=x -addext subjectAltName=DNS:localhost "
        "-keyout " +
        in + "key -out " + in + "cert 2>/dev/null";
    if (std::system(make.c_str()) != 0) throw std::runtime_error("openssl failed");
    context_.use_certificate_chain_file(in + "cert");
    context_.use_private_key_file(in + "key", asio::ssl::context::pem);
  }
  ~HttpsClientTest() override { std::filesystem::remove_all(folder_); }

  Result<HttpsClient::Reply> ask(const std::string& answer, const std::string& method = "GET") {
    tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    std::thread server([&] {
      tcp::socket socket(io_);
      acceptor.accept(socket);
      asio::ssl::stream<tcp::socket> stream(std::move(socket), context_);
      error_code ignored;
      stream.handshake(asio::ssl::stream_base::server, ignored);
      char request[4096];
      stream.read_some(asio::buffer(request), ignored);
      asio::write(stream, asio::buffer(answer), ignored);
      stream.shutdown(ignored);
    });
    auto client =
        HttpsClient::make(io_, (folder_ / "cert").string(),
                          {.request = std::chrono::seconds(10), .head = 2000, .body = 5000});
    if (!client) throw std::runtime_error(client.error().message);
    std::string url =
        "https://localhost:" + std::to_string(acceptor.local_endpoint().port()) + "/p";
    Result<HttpsClient::Reply> reply;
    auto done = asio::co_spawn(
        io_, [&]() -> Task<void> { reply = co_await client->ask(method, url, "", ""); },
        asio::use_future);
    io_.restart();
    io_.run();
    server.join();
    done.get();
    return reply;
  }

  const std::filesystem::path folder_;
  asio::io_context io_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
};

TEST_F(HttpsClientTest, TakesAnswersOfEveryFraming) {
  const auto counted = ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\n\r\nhi");
  ASSERT_TRUE(counted) << counted.error().message;
  EXPECT_EQ(counted->status, 200);
  EXPECT_EQ(counted->body, "hi");
  EXPECT_EQ(counted->field("x-a"), "1");
  EXPECT_EQ(ask("HTTP/1.1 201 C\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")->body,
            "hi");
  EXPECT_EQ(ask("HTTP/1.1 404 N\r\n\r\nto the end")->body, "to the end");
  EXPECT_EQ(ask("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", "HEAD")->status, 200);
}

TEST_F(HttpsClientTest, WhatIsNoWholeAnswerIsAnError) {
  for (const std::string& answer :
       {std::string(), std::string("HTTP/1.1"), std::string("HTTP/1.1 200 OK\r\nContent-Le"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        std::string("garbage\r\n\r\n"), std::string("HTTP/1.1 200 OK\r\nbad header\r\n\r\n")}) {
    const auto reply = ask(answer);
    ASSERT_FALSE(reply) << answer;
    EXPECT_THAT(reply.error().message, HasSubstr("its answer")) << answer;
  }
}

TEST_F(HttpsClientTest, AnswersHaveLimits) {
  EXPECT_FALSE(ask("HTTP/1.1 200 OK\r\nX: " + std::string(3000, 'x') + "\r\n\r\n"));
  EXPECT_FALSE(ask("HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\n" + std::string(6000, 'x')));
  EXPECT_FALSE(ask("HTTP/1.1 200 OK\r\n\r\n" + std::string(6000, 'x')));
  EXPECT_TRUE(ask("HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x')));
}

TEST_F(HttpsClientTest, AddressesAreHttpsAndPlain) {
  auto client = HttpsClient::make(io_, "", {});
  ASSERT_TRUE(client);
  for (const std::string& url :
       {std::string("http://localhost/"), std::string("https://"), std::string("https://a b/"),
        std::string("https://user@a/"), std::string("https://a/\r\nX: y"), std::string("ftp://a"),
        "https://a/" + std::string(3000, 'x')}) {
    Result<HttpsClient::Reply> reply;
    auto done = asio::co_spawn(
        io_, [&]() -> Task<void> { reply = co_await client->ask("GET", url, "", ""); },
        asio::use_future);
    io_.restart();
    io_.run();
    done.get();
    ASSERT_FALSE(reply) << url;
    EXPECT_THAT(reply.error().message, HasSubstr("no https address")) << url;
  }
}

}  // namespace
}  // namespace rr::http::acme
