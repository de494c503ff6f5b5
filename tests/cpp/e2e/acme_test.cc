// `http.ssl.acme` against an authority of its own: Pebble, which validates for real, at our ports,
// names looked up by its companion. Without the package the tests are skipped.
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

extern char** environ;

namespace rr::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A program of the tests: RR_PEBBLE_FOLDER, or where the package puts it. Empty: not there.
std::string program(const std::string& name) {
  const char* folder = std::getenv("RR_PEBBLE_FOLDER");
  const std::string path = std::string(folder ? folder : "/usr/bin") + "/" + name;
  return ::access(path.c_str(), X_OK) == 0 ? path : "";
}

bool listens(std::uint16_t port) {
  try {
    Client::tcp(port);
    return true;
  } catch (const ConnectionClosed&) {
    return false;
  }
}

class Child {
 public:
  Child(std::vector<std::string> words, std::vector<std::string> more_environment,
        const std::filesystem::path& log) {
    std::vector<char*> argv, envp;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    for (std::string& each : more_environment) envp.push_back(each.data());
    for (char** each = environ; *each; ++each) envp.push_back(*each);
    envp.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), envp.data()) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;

 private:
  pid_t pid_ = -1;
};

struct Ports {
  std::uint16_t http = free_port();  // where the authority asks for files
  std::uint16_t tls = free_port();   // where it shakes hands
};

// An authority whose every domain is this machine.
class Pebble {
 public:
  explicit Pebble(Ports ports, int seconds = 0, const std::string& blocked = "")
      : folder_(std::filesystem::temp_directory_path() /
                ("rr-pebble-" + std::to_string(::getpid()) + "-" + std::to_string(count_++))) {
    std::filesystem::create_directories(folder_);
    const std::string in = folder_.string() + "/";
    const std::string make =
        "cd " + in +
        " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key "
        "-out ca.pem -subj /CN=ca -days 2 2>/dev/null && openssl req -newkey ec -pkeyopt "
        "ec_paramgen_curve:P-256 -nodes -keyout key.pem -out req.pem -subj /CN=localhost "
        "2>/dev/null && printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > san && openssl x509 "
        "-req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out "
        "cert.pem 2>/dev/null";
    if (std::system(make.c_str()) != 0) throw std::runtime_error("openssl failed");
    const std::uint16_t dns = free_port(), management = free_port();
    names_.emplace(
        std::vector<std::string>{program("pebble-challtestsrv"), "-defaultIPv6", "", "-defaultIPv4",
                                 "127.0.0.1", "-dns01", "127.0.0.1:" + std::to_string(dns),
                                 "-http01", "", "-https01", "", "-tlsalpn01", "", "-management",
                                 "127.0.0.1:" + std::to_string(management)},
        std::vector<std::string>{}, folder_ / "names.log");
    std::ofstream(folder_ / "config.json")
        << R"({"pebble":{"listenAddress":"0.0.0.0:)" << port_ << R"(","certificate":")" << in
        << R"(cert.pem","privateKey":")" << in << R"(key.pem","httpPort":)" << ports.http
        << R"(,"tlsPort":)" << ports.tls << (seconds > 0 ? ",\"certificateValidityPeriod\":" : "")
        << (seconds > 0 ? std::to_string(seconds) : "")
        << (blocked.empty() ? "" : ",\"domainBlocklist\":[\"" + blocked + "\"]") << "}}";
    authority_.emplace(
        std::vector<std::string>{program("pebble"), "-config", in + "config.json", "-dnsserver",
                                 "127.0.0.1:" + std::to_string(dns), "-strict"},
        // Nonces are refused now and then, orders take their time: as in life.
        std::vector<std::string>{"PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=20",
                                 "PEBBLE_AUTHZREUSE=0"},
        folder_ / "authority.log");
    eventually([&] { return listens(port_) && listens(management); }, 20s);
  }
  ~Pebble() {
    authority_.reset();
    names_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string url() const { return "https://localhost:" + std::to_string(port_) + "/dir"; }
  std::string trusted() const { return (folder_ / "ca.pem").string(); }
  std::string log() const {
    std::ifstream in(folder_ / "authority.log");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void stop() { authority_.reset(); }

 private:
  inline static int count_ = 0;
  const std::filesystem::path folder_;
  const std::uint16_t port_ = free_port();
  std::optional<Child> names_, authority_;
};

class Acme : public ::testing::Test {
 protected:
  void SetUp() override {
    if (program("pebble").empty() || program("pebble-challtestsrv").empty())
      GTEST_SKIP() << "the package pebble is not installed (RR_PEBBLE_FOLDER may name its folder)";
  }
};

struct Wanted {
  std::string domains = "[a.example.org]";
  std::string more{};  // of acme: "challenge_type: tlsalpn-01"
  std::string ssl{};   // beside acme
  std::string address = "'127.0.0.1:{port}'";
  std::string secured = "127.0.0.1:{port2}";
};

ServerOptions secured(const Pebble& pebble, const Ports& ports, const Wanted& how) {
  ServerOptions options = serve(plain_styles()[0]);
  const std::string ssl =
      "  ssl:\n    address: '" + how.secured + "'\n" + how.ssl +
      "    acme:\n      email: admin@example.org\n      domains: " + how.domains +
      "\n      cache_dir: '{dir}/cache'\n      directory_url: '" + pebble.url() +
      "'\n      root_ca: '" + pebble.trusted() +
      "'\n      alt_http_port: " + std::to_string(ports.http) +
      "\n      alt_tlsalpn_port: " + std::to_string(ports.tls) + "\n" +
      (how.more.empty() ? "" : "      " + how.more + "\n");
  const std::string address = "  address: '127.0.0.1:{port}'\n";
  const auto at = options.config.find(address);
  options.config.replace(at, address.size(), "  address: " + how.address + "\n" + ssl);
  return options;
}

// What the server shows a client that names a host: openssl's text of the certificate.
std::string shown(const Server& server, const std::string& host, const std::string& what) {
  return server
      .shell("openssl s_client -connect 127.0.0.1:{port2} -servername " + host +
             " </dev/null 2>/dev/null | openssl x509 -noout " + what + " 2>&1")
      .output;
}

std::string fetched(const Server& server, const std::string& host) {
  return server
      .shell("curl -sk --max-time 10 --resolve " + host + ":{port2}:127.0.0.1 https://" + host +
             ":{port2}/")
      .output;
}

TEST_F(Acme, CertificatesAreObtainedBeforeTheServerListensAndKept) {
  const Ports ports;
  Pebble pebble(ports);
  ServerOptions options = secured(pebble, ports, {.domains = "[a.example.org, B.example.org]"});
  {
    Server server(options);
    EXPECT_THAT(shown(server, "a.example.org", "-ext subjectAltName"), HasSubstr("a.example.org"));
    EXPECT_THAT(shown(server, "b.example.org", "-ext subjectAltName"), HasSubstr("b.example.org"));
    EXPECT_THAT(shown(server, "a.example.org", "-issuer"), HasSubstr("Pebble"));
    EXPECT_EQ(fetched(server, "a.example.org"), "hello");
    EXPECT_EQ(server.get("/").body, "hello");
    EXPECT_FALSE(listens(ports.http)) << "open for challenges only";
    // RoadRunner's layout.
    const auto folder = server.folder() / "cache/certificates";
    int certificates = 0;
    for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) {
      if (each.path().extension() != ".crt") continue;
      ++certificates;
      EXPECT_EQ(each.path().parent_path().filename(), each.path().stem());
      EXPECT_EQ(std::filesystem::status(each.path()).permissions(),
                std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    EXPECT_EQ(certificates, 2);
    // A second server with that folder needs no authority.
    pebble.stop();
    ServerOptions again = options;
    const std::string cache = "'{dir}/cache'";
    again.config.replace(again.config.find(cache), cache.size(),
                         "'" + (server.folder() / "cache").string() + "'");
    Server second(again);
    EXPECT_EQ(fetched(second, "b.example.org"), "hello");
    EXPECT_THAT(second.log(), Not(HasSubstr("certificate was obtained")));
  }
}

TEST_F(Acme, HandshakesAnswerWhereFilesCannot) {
  const Ports ports;
  Pebble pebble(ports);
  Server server(secured(pebble, ports, {.more = "challenge_type: tlsalpn-01"}));
  EXPECT_THAT(shown(server, "a.example.org", "-ext subjectAltName"), HasSubstr("a.example.org"));
  EXPECT_EQ(fetched(server, "a.example.org"), "hello");
}

// Renewals: the port is the server's own by now, and it does not restart.
TEST_F(Acme, ShortLivedCertificatesAreRenewedWhileTheServerRuns) {
  struct Case {
    std::string name;
    std::string more, ssl;
    bool http_door = false, tls_door = false;
  };
  for (const Case& each :
       {Case{"file, port of its own", "", "", false, false},
        Case{"file, http.address", "", "", true, false},
        Case{"file, behind the redirect", "", "    redirect: true\n", true, false},
        Case{"handshake, port of its own", "challenge_type: tlsalpn-01", "", false, false},
        Case{"handshake, ssl.address", "challenge_type: tlsalpn-01", "", false, true}}) {
    SCOPED_TRACE(each.name);
    Ports ports;
    ServerOptions options;
    // The ports of the server are the authority's, where its doors answer.
    const Pebble pebble(ports, 12);
    Wanted how{.more = each.more, .ssl = each.ssl};
    if (each.http_door)
      how.address =
          "['127.0.0.1:{port}']\n  addresses: ['127.0.0.1:" + std::to_string(ports.http) + "']";
    if (each.http_door)
      how.address =
          "'127.0.0.1:{port}'\n  addresses: ['127.0.0.1:" + std::to_string(ports.http) + "']";
    if (each.tls_door) how.secured = "127.0.0.1:" + std::to_string(ports.tls);
    Server server(secured(pebble, ports, how));
    const std::string port = each.tls_door ? std::to_string(ports.tls) : "{port2}";
    const auto serial = [&] {
      return server
          .shell("openssl s_client -connect 127.0.0.1:" + port +
                 " -servername a.example.org </dev/null 2>/dev/null | openssl x509 -noout -serial "
                 "2>&1")
          .output;
    };
    const std::string first = serial();
    EXPECT_THAT(first, HasSubstr("serial="));
    EXPECT_TRUE(eventually(
        [&] {
          const std::string now = serial();
          return now != first && now.find("serial=") != std::string::npos;
        },
        60s))
        << server.log() << pebble.log();
    EXPECT_TRUE(server.wait_for_log("certificates were read again"));
  }
}

TEST_F(Acme, WhatGoesWrongAtTheStartIsOneSentence) {
  const Ports ports;
  Pebble pebble(ports, 0, "blocked.example.org");
  const auto says = [&](ServerOptions options) {
    Server server(std::move(options), Start::do_not_wait);
    EXPECT_EQ(server.wait_exit(60s), 1);
    return server.log();
  };
  EXPECT_THAT(says(secured(pebble, ports, {.domains = "[blocked.example.org]"})),
              AllOf(HasSubstr("no certificate for blocked.example.org"),
                    HasSubstr("the authority refuses")));
  // Somebody else has the port.
  ServerOptions taken = secured(pebble, ports, {});
  {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(ports.http);
    ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket, 1), 0);
    EXPECT_THAT(says(taken), AllOf(HasSubstr("port " + std::to_string(ports.http)),
                                   HasSubstr("another program has it")));
    ::close(socket);
  }
  // A folder that is none.
  ServerOptions folder = secured(pebble, ports, {});
  folder.files["cache"] = "a file";
  EXPECT_THAT(says(folder), AllOf(HasSubstr("cache"), HasSubstr("cache_dir must be a folder")));
  // An authority that nobody vouches for.
  ServerOptions untrusted = secured(pebble, ports, {});
  const std::string root = "      root_ca: '" + pebble.trusted() + "'\n";
  untrusted.config.erase(untrusted.config.find(root), root.size());
  EXPECT_THAT(says(untrusted), HasSubstr("its certificate is not trusted"));
  ServerOptions another = secured(pebble, ports, {});
  another.config.replace(another.config.find("https://localhost"), 17, "https://127.0.0.2");
  EXPECT_THAT(says(another), HasSubstr("mismatch"));
  pebble.stop();
  EXPECT_THAT(says(secured(pebble, ports, {})), HasSubstr("no connection"));
}

// The challenge is answered by nobody where the authority asks.
TEST_F(Acme, AValidationThatFailsIsSaidInTheAuthoritysWords) {
  const Ports ports, elsewhere;
  Pebble pebble(elsewhere);
  Server server(secured(pebble, ports, {}), Start::do_not_wait);
  EXPECT_EQ(server.wait_exit(60s), 1);
  EXPECT_THAT(server.log(),
              AllOf(HasSubstr("no certificate for a.example.org"),
                    HasSubstr("validation of a.example.org"), HasSubstr("connection")));
}

TEST_F(Acme, AnExpiredCertificateIsServedWhenTheAuthorityIsGone) {
  const Ports ports;
  Pebble pebble(ports, 3);
  ServerOptions options = secured(pebble, ports, {});
  std::filesystem::path kept;
  Server first(options);
  pebble.stop();
  std::this_thread::sleep_for(4s);  // its life
  ServerOptions again = options;
  const std::string cache = "'{dir}/cache'";
  again.config.replace(again.config.find(cache), cache.size(),
                       "'" + (first.folder() / "cache").string() + "'");
  Server second(again);
  EXPECT_THAT(second.log(), HasSubstr("has expired and could not be renewed"));
  EXPECT_EQ(fetched(second, "a.example.org"), "hello");
}

TEST_F(Acme, TheConfigurationIsChecked) {
  for (const auto& [acme, says] : std::vector<std::pair<std::string, std::string>>{
           {"{domains: [a.org]}", "email could not be empty"},
           {"{email: a@b.org}", "should be at least 1 domain"},
           {"{email: a@b.org, domains: ['*.a.org']}", "wildcards"},
           {"{email: a@b.org, domains: ['a_b']}", "no name of a host"},
           {"{email: a@b.org, domains: [a.org], challenge_type: dns-01}", "tlsalpn-01"},
           {"{email: a@b.org, domains: [a.org], directory_url: 'http://x'}", "https://"}}) {
    ServerOptions options = serve(plain_styles()[0], {.http = "  ssl: {acme: " + acme + "}\n"});
    Server server(options, Start::do_not_wait);
    EXPECT_EQ(server.wait_exit(), 1) << acme;
    EXPECT_THAT(server.log(), HasSubstr(says)) << acme;
  }
}

}  // namespace
}  // namespace rr::e2e
