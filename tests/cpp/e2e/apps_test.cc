// Real applications, unchanged: Symfony (Composer) and Laravel (the distribution's package), in
// classic mode, and the Symfony one as a loop on a thread.
#include <iostream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct App {
  std::string name;
  std::string mode;
  std::string script;
  std::string api;          // prefix of what needs no token
  std::string token_field;  // of a form
};
std::ostream& operator<<(std::ostream& out, const App& app) {
  return out << app.name;
}

bool installed(const std::string& app) {
  return ::system(((apps_folder() / "install").string() + " " + app + " >/dev/null").c_str()) == 0;
}

std::vector<App> apps() {
  std::vector<App> found;
  if (installed("symfony")) {
    found.push_back(
        {"symfony_classic", "classic", "symfony/public/index.php", "", "entry[_token]"});
    found.push_back({"symfony_loop", "embed", "symfony/worker.php", "", "entry[_token]"});
  }
  if (std::filesystem::exists("/usr/share/php/Illuminate/autoload.php")) {
    found.push_back({"laravel_classic", "classic", "laravel/public/index.php", "/api", "_token"});
  } else {
    std::cerr << "e2e: Laravel is left out: the package php-laravel-framework is not installed\n";
  }
  return found;
}

// A visitor with cookies.
class Browser {
 public:
  explicit Browser(const Server& server) : server_(server), link_(server.connect()) {}

  Response go(std::string_view method, std::string_view target, std::string_view fields = "",
              std::string_view body = "") {
    std::string all(fields);
    std::string jar;
    for (const auto& [name, value] : cookies_)
      jar += (jar.empty() ? "" : "; ") + name + "=" + value;
    if (!jar.empty()) all += "Cookie: " + jar + "\r\n";
    link_.send(request(method, target, all, body));
    Response reply = link_.read(method);
    for (const auto& [name, value] : reply.headers) {
      if (name != "set-cookie") continue;
      const auto equals = value.find('=');
      cookies_[value.substr(0, equals)] = value.substr(equals + 1, value.find(';') - equals - 1);
    }
    if (reply.header("connection") == "close") link_ = server_.connect();
    return reply;
  }

  Response post_form(std::string_view target, std::string_view body) {
    return go("POST", target, "Content-Type: application/x-www-form-urlencoded\r\n", body);
  }

 private:
  const Server& server_;  // outlives its visitors
  Client link_;
  std::map<std::string, std::string> cookies_;
};

// The value of a form's field of that name, percent-encoded.
std::string token_in(const std::string& page, const std::string& field) {
  const auto at = page.find("name=\"" + field + "\"");
  const auto from = page.find("value=\"", at) + 7;
  std::string encoded;
  for (const char c : page.substr(from, page.find('"', from) - from)) {
    encoded += std::isalnum(static_cast<unsigned char>(c)) != 0
                   ? std::string(1, c)
                   : "%" + std::string{"0123456789ABCDEF"[c >> 4 & 15], "0123456789ABCDEF"[c & 15]};
  }
  return encoded;
}

class Apps : public ::testing::TestWithParam<App> {
 public:
  static void TearDownTestSuite() { servers().clear(); }

 protected:
  void SetUp() override {
    auto& server = servers()[GetParam().name];
    if (!server) server = start(GetParam());
    server_ = server.get();
  }

  static std::unique_ptr<Server> start(const App& app) {
    ServerOptions options;
    options.config =
        "version: '3'\nserver: {command: 'php -d display_errors=0 -d log_errors=1 {apps}/" +
        app.script + "'}\nhttp:\n  address: '127.0.0.1:{port}'\n  pool: {mode: " + app.mode +
        ", num_workers: 2}\nlogs: {level: info, mode: production}\n";
    options.environment = {"APP_VAR_DIR={dir}/var"};
    options.files["var/sessions/.keep"] = "";
    return std::make_unique<Server>(options);
  }

  std::string form(std::string_view author, std::string_view text, const std::string& token) const {
    const bool nested = GetParam().token_field != "_token";
    const auto field = [&](std::string_view name) {
      return nested ? "entry%5B" + std::string(name) + "%5D" : std::string(name);
    };
    return field("author") + "=" + std::string(author) + "&" + field("text") + "=" +
           std::string(text) + "&" + field("_token") + "=" + token;
  }

  Server* server_ = nullptr;

 private:
  static std::map<std::string, std::unique_ptr<Server>>& servers() {
    static std::map<std::string, std::unique_ptr<Server>> running;
    return running;
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Apps);
INSTANTIATE_TEST_SUITE_P(Applications, Apps, ::testing::ValuesIn(apps()),
                         [](const auto& info) { return info.param.name; });

TEST_P(Apps, ServesPages) {
  Browser visitor(*server_);
  const Response home = visitor.go("GET", "/?name=%3Cb%3Eyou%3C/b%3E");
  EXPECT_EQ(home.status, 200);
  EXPECT_EQ(home.header("content-type"), "text/html; charset=UTF-8");
  EXPECT_THAT(home.body, HasSubstr("<h1>Hello &lt;b&gt;you&lt;/b&gt;</h1>"));
  EXPECT_THAT(home.body, HasSubstr("href=\"http://example.org/guestbook\""));
  const Response hello = visitor.go("GET", "/hello/W%C3%A4lt");
  EXPECT_THAT(hello.body, HasSubstr("<h1>Hello W\xC3\xA4lt</h1>"));
  EXPECT_THAT(hello.header("set-cookie"), HasSubstr("visited="));
}

TEST_P(Apps, FormsAreValidatedAndRemembered) {
  Browser visitor(*server_);
  const Response page = visitor.go("GET", "/guestbook");
  ASSERT_EQ(page.status, 200);
  const std::string token = token_in(page.body, GetParam().token_field);
  const Response sent = visitor.post_form("/guestbook", form("Ann", "Nice+place", token));
  EXPECT_THAT(sent.status, ::testing::AnyOf(302, 303));
  EXPECT_THAT(sent.header("location"), ::testing::EndsWith("/guestbook"));
  const Response after = visitor.go("GET", "/guestbook");
  EXPECT_THAT(after.body,
              AllOf(HasSubstr("Thank you, Ann"), HasSubstr("<li>Ann: Nice place</li>")));
  EXPECT_THAT(visitor.go("GET", "/guestbook").body,
              AllOf(Not(HasSubstr("Thank you")), HasSubstr("<li>Ann: Nice place</li>")));
}

TEST_P(Apps, FormsWithoutTokenOrWithBadFieldsAreRefused) {
  Browser visitor(*server_);
  const std::string token = token_in(visitor.go("GET", "/guestbook").body, GetParam().token_field);
  EXPECT_THAT(visitor.post_form("/guestbook", form("Ann", "No+token", "wrong")).status,
              ::testing::AnyOf(419, 422));
  EXPECT_THAT(visitor.post_form("/guestbook", form("Ann", "x", token)).status,
              ::testing::AnyOf(302, 422));
  EXPECT_THAT(visitor.go("GET", "/guestbook").body, Not(HasSubstr("<li>")));
}

TEST_P(Apps, SessionsBelongToTheirVisitor) {
  Browser one(*server_), other(*server_);
  for (int i = 1; i <= 6; ++i) {
    EXPECT_EQ(one.go("GET", "/visits").body, "visit " + std::to_string(i) + "\n");
    if (i <= 3) {
      EXPECT_EQ(other.go("GET", "/visits").body, "visit " + std::to_string(i) + "\n");
    }
  }
}

TEST_P(Apps, TakesUploads) {
  Browser visitor(*server_);
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA title\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"document\"; "
      "filename=\"notes.txt\"\r\nContent-Type: text/plain\r\n\r\nsome notes\r\n--b--\r\n";
  const Response reply = visitor.go("POST", GetParam().api + "/upload",
                                    "Content-Type: multipart/form-data; boundary=b\r\n", body);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(
      reply.body,
      R"({"title":"A title","name":"notes.txt","mime":"text\/plain","size":10,"content":"some notes"})");
}

TEST_P(Apps, TakesJson) {
  Browser visitor(*server_);
  const Response reply = visitor.go("PUT", GetParam().api + "/json",
                                    "Content-Type: application/json\r\n", R"({"a":[1,2]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_EQ(reply.body, R"({"method":"PUT","got":{"a":[1,2]}})");
}

TEST_P(Apps, StreamsAndSendsFiles) {
  Browser visitor(*server_);
  EXPECT_EQ(visitor.go("GET", "/stream").body, "part 1\npart 2\npart 3\n");
  const Response file = visitor.go("GET", "/file");
  EXPECT_EQ(file.body, "body { font-family: sans-serif; }\n");
  EXPECT_EQ(file.header("content-length"), "34");
  EXPECT_THAT(file.header("content-type"), HasSubstr("text/css"));
}

TEST_P(Apps, ShowsItsOwnErrorPages) {
  Browser visitor(*server_);
  for (int i = 0; i < 3; ++i) {
    const Response missing = visitor.go("GET", "/nothing/here");
    EXPECT_EQ(missing.status, 404);
    EXPECT_THAT(missing.body, HasSubstr("Our own page for what is not there"));
    const Response broken = visitor.go("GET", "/boom");
    EXPECT_EQ(broken.status, 500);
    EXPECT_THAT(broken.body, HasSubstr("Our own error page: 500"));
    EXPECT_EQ(visitor.go("GET", "/").status, 200);
  }
  EXPECT_TRUE(server_->wait_for_log("the application is broken here"));
}

TEST_P(Apps, MemoryStaysAfterTheFirstFiveHundredRequests) {
  if (!sanitizer().empty()) GTEST_SKIP() << "sanitizers keep what was freed";
  const auto server = start(GetParam());
  const auto serve_some = [&](int requests) {
    for (int i = 0; i < requests; ++i) {
      // Twice in a row: two workers take turns, and one that meets a page for the first time after
      // the first measurement would count as growth.
      const int page = i / 2 % 10;
      const char* target = page == 0       ? "/guestbook"
                           : page == 1     ? "/nothing"
                           : page % 2 == 0 ? "/"
                                           : "/hello/you";
      Browser visitor(*server);
      EXPECT_NE(visitor.go("GET", target).status, 500);
    }
  };
  serve_some(500);
  const long early = server->usage().rss_kib;
  serve_some(1500);
  EXPECT_LE(server->usage().rss_kib, early + early / 50)
      << "RSS in KiB after 500 requests: " << early;
}

TEST(ServeFolder, NeedsNoConfigurationAndServesFilesToo) {
  Server server({.files = {{"site/index.php", "<?php echo 'front ', $_SERVER['REQUEST_URI'];"},
                           {"site/css/site.css", "body {}"}},
                 .arguments = {"serve", "{dir}/site", "-o", "http.address=127.0.0.1:{port}"}});
  EXPECT_EQ(server.get("/any/where?x=1").body, "front /any/where?x=1");
  const Response style = server.get("/css/site.css");
  EXPECT_EQ(style.body, "body {}");
  EXPECT_THAT(style.header("content-type"), HasSubstr("text/css"));
}

}  // namespace
}  // namespace rr::e2e
