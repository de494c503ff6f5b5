// Real redis and memcached servers of a test's own: free ports, a folder that goes away.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace rr::keyvalue {

inline std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any);
  socklen_t size = sizeof any;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&any), &size);
  ::close(fd);
  return ntohs(any.sin_port);
}

inline bool accepts(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool good = ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  ::close(fd);
  return good;
}

inline bool is_installed(const char* program) {
  return std::system(("command -v " + std::string(program) + " >/dev/null").c_str()) == 0;
}

// A program in a folder of its own, as long as this lives.
class Program {
 public:
  // `words`: with "{dir}" for the folder. Returns once `port` accepts, and what was kept is loaded.
  Program(std::vector<std::string> words, std::uint16_t port)
      : words_(std::move(words)), port_(port) {
    std::string name = testing::TempDir() + "/rr-program-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    start();
  }
  ~Program() {
    stop(SIGKILL);
    std::filesystem::remove_all(folder_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void start() {
    std::vector<std::string> words = words_;
    std::vector<char*> raw;
    for (std::string& word : words) {
      if (const auto at = word.find("{dir}"); at != word.npos)
        word.replace(at, 5, folder_.string());
      raw.push_back(word.data());
    }
    raw.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      if (::chdir(folder_.c_str()) != 0) ::_exit(126);
      const int out = ::open("output", O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(out, 1);
      ::dup2(out, 2);
      ::execvp(raw[0], raw.data());
      ::_exit(127);
    }
    ++starts_;
    for (int i = 0; !accepts(port_) || !loaded(); ++i) {
      if (i > 3000) {
        ADD_FAILURE() << words_[0] << " does not come up";
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  void stop(int signal = SIGTERM) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  // Redis accepts before it has read what it had written, and answers LOADING until then.
  bool loaded() const {
    if (words_[0] != "redis-server" || words_.back() == "--sentinel") return true;
    std::ifstream output(folder_ / "output");
    int ready = 0;
    for (std::string line; std::getline(output, line);) {
      ready += line.find("Ready to accept connections") != line.npos ? 1 : 0;
    }
    return ready >= starts_;
  }

  std::vector<std::string> words_;
  int starts_ = 0;
  const std::uint16_t port_;
  std::filesystem::path folder_;
  pid_t pid_ = -1;
};

// Keeps what it has over a restart.
inline std::vector<std::string> redis_words(std::uint16_t port,
                                            std::vector<std::string> more = {}) {
  std::vector<std::string> words{"redis-server",
                                 "--port",
                                 std::to_string(port),
                                 "--bind",
                                 "127.0.0.1",
                                 "--dir",
                                 "{dir}",
                                 "--appendonly",
                                 "yes",
                                 "--save",
                                 ""};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

inline std::vector<std::string> memcached_words(std::uint16_t port) {
  std::vector<std::string> words{
      "memcached", "-p", std::to_string(port), "-U", "0", "-l", "127.0.0.1", "-m", "64"};
  if (::geteuid() == 0) words.insert(words.end(), {"-u", "root"});
  return words;
}

}  // namespace rr::keyvalue
