// What tests of HTTP/2 and of HTTP/3 share: a server whose pages are functions, and clients of one
// protocol.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gate.h"
#include "h2_client.h"
#include "h3_client.h"
#include "test_server.h"

namespace rr::net::testing {

// Where the protocols differ, as tests of both see it. Codes are those of a reset.
struct Http2Protocol {
  using Client = H2Client;
  static constexpr const char* kName = "HTTP/2.0";
  static constexpr const char* kScheme = "http";
  static constexpr int kMalformed = 1;
  static constexpr int kCancelled = 8;
  static constexpr int kInternalError = 2;

  static void prepare(TestServer::Options&) {}
  static http2::ConnectionLimits& limits(TestServer::Options& options) { return options.http2; }
  static std::string address(const TestServer& server) { return server.address(); }
  static bool secured() { return over_tls(); }
  // Of 64 KiB, and not opened again.
  static Client::Options small_window() { return {.update_windows = false}; }
  static void stop_reading(Client& client, int request) { client.reset(request); }
};

struct Http3Protocol {
  using Client = H3Client;
  static constexpr const char* kName = "HTTP/3.0";
  static constexpr const char* kScheme = "https";
  static constexpr int kMalformed = 0x10e;
  static constexpr int kCancelled = 0x10c;
  static constexpr int kInternalError = 0x102;

  static void prepare(TestServer::Options& options) { options.quic.emplace(); }
  static http3::ConnectionLimits& limits(TestServer::Options& options) { return options.http3; }
  static std::string address(const TestServer& server) { return server.quic_address(); }
  static bool secured() { return true; }
  static Client::Options small_window() { return {.window = 65536, .update_windows = false}; }
  static void stop_reading(Client& client, int request) { client.stop_reading(request); }
};

// Options and pages may be set until the first client or the first look at the server. A path
// without a page gets its body back.
template <class P>
class StreamsFixture : public ::testing::Test {
 protected:
  using Protocol = P;

  StreamsFixture() { P::prepare(options_); }
  TestServer& server() {
    if (!server_) {
      options_.crew.script = [this](const ScriptContext& context) {
        const HttpRequest& request = context.exchange.request();
        std::string path(request(request.head.path));
        if (const auto found = pages_.find(path); found != pages_.end()) {
          found->second(context.exchange);
        } else {
          respond_with(context.exchange, 200, PinnedBytes{request.body});
        }
        return ScriptedOptions::After::next_job;
      };
      server_ = std::make_unique<TestServer>(options_);
    }
    return *server_;
  }
  auto& client(typename P::Client::Options options = {}) {
    clients_.push_back(std::make_unique<typename P::Client>(P::address(server()), options));
    return *clients_.back();
  }
  auto& limits() { return P::limits(options_); }

  TestServer::Options options_;
  std::map<std::string, std::function<void(HttpExchange&)>> pages_;
  std::unique_ptr<TestServer> server_;
  std::vector<std::unique_ptr<typename P::Client>> clients_;
};

}  // namespace rr::net::testing
