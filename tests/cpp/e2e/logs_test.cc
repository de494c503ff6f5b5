// Log files while the server runs: nothing is lost when somebody else renames them and sends
// SIGUSR1, nor when the server rotates and compresses them itself.
#include <signal.h>
#include <zlib.h>

#include <atomic>
#include <fstream>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

namespace fs = std::filesystem;

class Logs : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Logs, ::testing::ValuesIn(plain_styles()), style_name);

constexpr int kClients = 3, kRequests = 400;

// Each client's requests have numbers of their own; the log line of a request has its URI.
std::string target(int client, int number, const std::string& padding) {
  return "/?id=" + std::to_string(client) + "-" + std::to_string(number) + "-" + padding;
}

// Sends everything, and calls `meanwhile` until that is done.
template <class Meanwhile>
void ask_everything(const Server& server, const std::string& padding, Meanwhile&& meanwhile) {
  std::atomic<int> busy{kClients};
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&, i] {
      Client client = server.connect();
      for (int n = 0; n < kRequests; ++n) {
        client.send(request("GET", target(i, n, padding)));
        EXPECT_EQ(client.read().status, 200);
      }
      --busy;
    });
  }
  while (busy > 0) meanwhile();
  for (std::thread& client : clients) client.join();
}

// The lines of a file, plain or compressed.
std::vector<std::string> lines_of(const fs::path& path) {
  std::string text;
  const gzFile file = gzopen(path.c_str(), "rb");  // reads plain files as they are
  char bytes[64 * 1024];
  for (int got; (got = gzread(file, bytes, sizeof bytes)) > 0;)
    text.append(bytes, static_cast<std::size_t>(got));
  gzclose(file);
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void expect_each_request_once(const fs::path& folder, const std::string& padding) {
  std::map<std::string, int> seen;
  for (const auto& entry : fs::directory_iterator(folder)) {
    for (const std::string& line : lines_of(entry.path())) {
      ASSERT_TRUE(line.starts_with("{\"level\":") && line.ends_with("}"))
          << "no whole record: " << line.substr(0, 200);
      const auto at = line.find("\"URI\":\"");
      if (at != std::string::npos) ++seen[line.substr(at + 7, line.find('"', at + 7) - at - 7)];
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kClients * kRequests));
  for (int client = 0; client < kClients; ++client) {
    for (int n = 0; n < kRequests; ++n) {
      ASSERT_EQ(seen[target(client, n, padding)], 1) << target(client, n, "");
    }
  }
}

ServerOptions with_logs(const Style& style, const std::string& logs) {
  ServerOptions options = serve(style);
  const auto at = options.config.find("logs: {");
  options.config.erase(at, options.config.find('\n', at) + 1 - at);
  options.config += "logs: {mode: production, level: info, " + logs + "}\n";
  return options;
}

// spec:05#37
TEST_P(Logs, RenamedFilesAndSIGUSR1LoseNoLine) {
  ServerOptions options = with_logs(GetParam(), "output: ['{dir}/logs/app.log']");
  options.files["logs/app.log"] = "";
  Server server(options);
  const fs::path file = server.folder() / "logs/app.log";
  int renamed = 0;
  ask_everything(server, "", [&] {
    // The server makes the file anew once it has heard of it: as logrotate without `create`.
    if (!fs::exists(file)) return std::this_thread::yield();
    fs::rename(file, file.string() + "." + std::to_string(++renamed));
    server.signal(SIGUSR1);
  });
  server.stop();
  EXPECT_GT(renamed, 0);
  expect_each_request_once(server.folder() / "logs", "");
}

// spec:05#37 spec:05#46
TEST_P(Logs, RotationAndCompressionLoseNoLine) {
  ServerOptions options =
      with_logs(GetParam(),
                "file_logger_options: {log_output: '{dir}/logs/app.log', max_size: 1, "
                "max_backups: 100, compress: true}");
  Server server(options);
  const std::string padding(3000, 'x');  // several megabytes in all
  ask_everything(server, padding, [] { std::this_thread::yield(); });
  const auto compressed = [&] {
    int found = 0;
    for (const auto& entry : fs::directory_iterator(server.folder() / "logs"))
      found += entry.path().extension() == ".gz" ? 1 : 0;
    return found;
  };
  EXPECT_TRUE(eventually([&] { return compressed() >= 3; })) << compressed();
  server.stop();
  expect_each_request_once(server.folder() / "logs", padding);
}

}  // namespace
}  // namespace rr::e2e
