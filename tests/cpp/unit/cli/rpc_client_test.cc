#include "runtime/cli/rpc_client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/goridge/frame.h"

namespace rr::cli {
namespace {

// A server that answers its calls with a script, each reply given the call's method and body.
class ScriptedServer {
 public:
  using Answer = std::function<std::pair<std::uint8_t, std::string>(std::string_view method,
                                                                    std::string_view body)>;

  explicit ScriptedServer(Answer answer) : answer_(std::move(answer)) {
    std::string name = (std::filesystem::temp_directory_path() / "rr-rpc-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path().c_str());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::listen(listener_, 1);
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ + "/rpc.sock"; }

 private:
  void run() {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    std::string bytes;
    goridge::FrameReader reader(1 << 20);
    char chunk[4096];
    for (ssize_t got; (got = ::read(client, chunk, sizeof chunk)) > 0;) {
      bytes.append(chunk, static_cast<std::size_t>(got));
      while (reader.parse(bytes) == goridge::Parse::complete) {
        const std::string_view payload = reader.payload(bytes);
        goridge::Header header = reader.header();
        const std::string_view method = payload.substr(0, header.options[1]);
        const auto [flags, text] = answer_(method, payload.substr(header.options[1]));
        const std::string reply = std::string(method) + text;
        header.flags = flags;
        header.payload_bytes = static_cast<std::uint32_t>(reply.size());
        char head[goridge::kMaxHeaderBytes];
        std::string frame(head, goridge::encode(header, head));
        frame += reply;
        EXPECT_EQ(::write(client, frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
        bytes.erase(0, reader.frame_size());
      }
    }
    ::close(client);
  }

  Answer answer_;
  std::string folder_;
  int listener_ = -1;
  std::thread thread_;
};

TEST(RpcClient, GetsResultsAndErrorsOfItsCalls) {
  ScriptedServer server([](std::string_view method, std::string_view body) {
    if (method == "resetter.List")
      return std::pair(goridge::flag::codec_json, std::string(R"(["http"])"));
    return std::pair(static_cast<std::uint8_t>(goridge::flag::codec_json | goridge::flag::error),
                     "no such plugin: " + std::string(body));
  });
  RpcClient client("unix://" + server.path());
  EXPECT_EQ(client.call("resetter.List", true), nlohmann::json::array({"http"}));
  const std::uint32_t sequence = client.send("resetter.Reset", "x");
  const RpcClient::Reply reply = client.receive();
  EXPECT_EQ(reply.sequence, sequence);
  EXPECT_EQ(reply.error, "no such plugin: \"x\"");
}

// spec:05#25
TEST(Reset, PrintsTwoLinesForEachPlugin) {
  ScriptedServer server([](std::string_view method, std::string_view) {
    return std::pair(goridge::flag::codec_json,
                     std::string(method == "resetter.List" ? R"(["http"])" : "true"));
  });
  Invocation invocation;
  invocation.globals.config = "/no/such/file.yaml";
  invocation.globals.overrides = {"rpc.listen=unix://" + server.path()};
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_reset(invocation), 0);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find(" resetting plugin: [http] \n"), std::string::npos) << text;
  EXPECT_NE(text.find(" plugin reset: [http]\n"), std::string::npos) << text;
}

// spec:05#24
TEST(Reset, IsSilentWhenAskedTo) {
  ScriptedServer server([](std::string_view, std::string_view) {
    return std::pair(goridge::flag::codec_json, std::string("true"));
  });
  Invocation invocation;
  invocation.globals.config = "/no/such/file.yaml";
  invocation.globals.silent = true;
  invocation.globals.overrides = {"rpc.listen=unix://" + server.path()};
  invocation.arguments = {"http"};
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_reset(invocation), 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Reset, FailsWhenAPluginWasNotReset) {
  ScriptedServer server([](std::string_view, std::string_view) {
    return std::pair(static_cast<std::uint8_t>(goridge::flag::codec_json | goridge::flag::error),
                     std::string("no such plugin"));
  });
  Invocation invocation;
  invocation.globals.config = "/no/such/file.yaml";
  invocation.globals.silent = true;
  invocation.globals.overrides = {"rpc.listen=unix://" + server.path()};
  invocation.arguments = {"nosuch"};
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_reset(invocation), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "plugin [nosuch] was not reset: no such plugin\n");
}

}  // namespace
}  // namespace rr::cli
