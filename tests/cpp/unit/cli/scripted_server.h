// An RPC server for the tests of client commands.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/goridge/frame.h"

namespace rr::cli {

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

}  // namespace rr::cli
