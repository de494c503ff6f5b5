// Clients that want to be misread, are broken, or lie: nothing crashes, nothing leaks, each
// connection comes to its end, and no second request is read out of a first one. A million
// connections with `./dev test --long`. RR_SEED repeats a run.
#include "hostile.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nginx.h"
#include "pem.h"
#include "shots.h"

namespace rr::e2e {
namespace {

using Send = std::string (HostileCorpus::*)(const std::string& number);

std::uint64_t connections() {
  if (long_form()) return 200'000;  // of each of the five kinds
  return !sanitizer().empty() ? 1000 : 10'000;
}

std::uint64_t seed() {
  const char* given = std::getenv("RR_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Paths that an answer says were asked for.
std::vector<std::string> seen_in(const std::string& answer) {
  std::vector<std::string> paths;
  for (std::size_t at = 0; (at = answer.find("seen /", at)) != std::string::npos; ++at)
    paths.push_back(answer.substr(at + 5, answer.find('\n', at) - at - 5));
  return paths;
}

ServerOptions listening(const std::vector<std::string>& environment = {}) {
  ServerOptions options;
  options.config =
      "version: '3'\nserver: {command: 'php {apps}/hostile/native.php'}\n"
      "http:\n  address: '127.0.0.1:{port}'\n  addresses: ['unix://{dir}/web.sock']\n"
      "  pool: {mode: embed, num_workers: 2}\n  http2: {h2c: true}\n"
      "  fcgi: {address: 'unix://{dir}/fcgi.sock'}\n"
      "  http3: {address: '127.0.0.1:{port2}', cert: '{dir}/cert.pem', key: '{dir}/key.pem'}\n"
      "logs: {level: error}\n";
  add_pair(options, "first");
  options.environment = environment;
  options.environment.push_back("HOSTILE_FOLDER={dir}");
  return options;
}

void complain(const std::string& what, const std::string& bytes, const std::string& answer) {
  ADD_FAILURE() << what << ": " << ::testing::PrintToString(bytes.substr(0, 2000))
                << "\nanswered with " << ::testing::PrintToString(answer.substr(0, 2000));
}

// `total` connections to a socket in the server's folder, by so many clients at a time. Of those
// that smuggle, each answer is looked at.
void fire(const Server& server, Send send, const std::string& socket, std::uint64_t total,
          unsigned clients = 4) {
  const std::uint64_t first = seed();
  std::cout << "  RR_SEED=" << first << '\n';
  std::atomic<std::uint64_t> understood{0};
  const auto client = [&](unsigned id) {
    HostileCorpus corpus(first + id);
    for (std::uint64_t count = 0; count < total / clients; ++count) {
      const std::string number = std::to_string(id) + "-" + std::to_string(count);
      const std::string bytes = (corpus.*send)(number);
      std::string answer;
      if (!talk(server.folder() / socket, bytes, answer)) complain("came to no end", bytes, answer);
      if (send != &HostileCorpus::smuggling) continue;
      const auto paths = seen_in(answer);
      if (!paths.empty()) ++understood;
      for (const std::string& path : paths) {
        if (path != "/r/" + number && path != "/r/" + number + "/end")
          complain("was read as " + path, bytes, answer);
      }
    }
  };
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < clients; ++id) threads.emplace_back(client, id);
  for (auto& each : threads) each.join();
  if (send != &HostileCorpus::smuggling) return;
  std::cout << "  " << understood << " of " << total << " were answered\n";
  EXPECT_GT(understood, total / 20) << "all that is refused shows nothing";
}

class Hostile : public ::testing::Test {
 protected:
  Hostile() : server(std::make_unique<Server>(listening())) {
    fire(*server, &HostileCorpus::broken_http1, "web.sock", connections() / 10);  // warm
    before = settled(*server, server->usage().children);
  }

  // As it was before, and nothing was read that was not asked.
  void check() {
    expect_back(before, settled(*server, before.children));
    EXPECT_EQ(text_of(server->folder() / "smuggled"), "");
    EXPECT_THAT(server->get("/r/end").body, "seen /r/end\n");
  }

  std::unique_ptr<Server> server;
  Usage before;
};

// spec:02#61 spec:02#62 spec:02#64 spec:02#65 spec:02#67 spec:02#70
TEST_F(Hostile, SmuggledRequestsAreNotRead) {
  fire(*server, &HostileCorpus::smuggling, "web.sock", connections());
  check();
}

TEST_F(Hostile, BrokenRequestsOfHttp1) {
  fire(*server, &HostileCorpus::broken_http1, "web.sock", connections());
  check();
}

TEST_F(Hostile, FramesOfHttp2) {
  fire(*server, &HostileCorpus::http2, "web.sock", connections());
  check();
}

TEST_F(Hostile, RecordsOfFastCgi) {
  fire(*server, &HostileCorpus::fastcgi, "fcgi.sock", connections());
  check();
}

TEST_F(Hostile, DatagramsOfQuic) {
  const std::uint64_t first = seed();
  std::cout << "  RR_SEED=" << first << '\n';
  std::vector<std::thread> clients;
  for (unsigned id = 0; id < 4; ++id) {
    clients.emplace_back([&, id] {
      HostileCorpus corpus(first + id);
      throw_datagrams(server->second_port(), corpus, connections() / 4);
    });
  }
  for (auto& each : clients) each.join();
  check();
}

std::map<std::string, int> counted(std::istream& lines, const std::string& beginning) {
  std::map<std::string, int> counts;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(beginning)) ++counts[line.substr(beginning.size())];
  }
  return counts;
}

// What nginx passes on is what we read: the same requests, each as often.
TEST(HostileBehindNginx, BothSeeTheSameRequests) {
  Server server(listening({"HOSTILE_KEEPS_LIST=1"}));
  Nginx nginx(server, {.listen = "unix:{dir}/front.sock",
                       .upstream = "unix:{dir}/web.sock",
                       .location = "proxy_http_version 1.1; proxy_set_header Connection \"\"; "
                                   "proxy_request_buffering off; proxy_next_upstream off; "
                                   "proxy_ignore_client_abort on; "
                                   "proxy_pass http://app;",
                       .http = "log_format seen '$upstream_status $request_uri'; "
                               "access_log {dir}/nginx-seen seen; ignore_invalid_headers off; "
                               "underscores_in_headers on; lingering_close off;"});
  // nginx waits some seconds for the end of clients that it refuses: many of ours at a time.
  fire(server, &HostileCorpus::smuggling, "front.sock", connections() / 10, 16);
  nginx.stop();
  std::ifstream passed_on(server.folder() / "nginx-seen");
  std::ifstream read(server.folder() / "seen");
  const auto of_nginx = counted(passed_on, "200 ");
  const auto ours = counted(read, "");
  EXPECT_TRUE(of_nginx == ours) << "nginx had " << of_nginx.size() << ", we had " << ours.size();
  EXPECT_EQ(text_of(server.folder() / "smuggled"), "");
}

}  // namespace
}  // namespace rr::e2e
