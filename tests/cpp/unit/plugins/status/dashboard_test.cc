// Who may see the dashboard, and what it answers.
#include "runtime/plugins/status/dashboard.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rr/base64.h"

namespace rr::status {
namespace {

constexpr const char* kToken = "0123456789abcdef";

// A request that is made up.
class Made {
 public:
  Made(std::string peer, std::string host,
       std::vector<std::pair<std::string, std::string>> fields = {}) {
    request_.head.remote_address = add(peer);
    request_.head.host = add(host);
    for (const auto& [name, value] : fields) {
      const TextSpan name_at = add(name);
      fields_.push_back({name_at, add(value)});
    }
    request_.text = text_.data();
    request_.fields = fields_;
  }
  const HttpRequest& operator*() const { return request_; }

 private:
  TextSpan add(const std::string& text) {
    text_ += text;
    return {static_cast<std::uint32_t>(text_.size() - text.size()),
            static_cast<std::uint32_t>(text.size())};
  }
  std::string text_;
  std::vector<HttpField> fields_;
  HttpRequest request_;
};

Admission open_to(const std::string& peer, const std::string& host,
                  std::vector<std::pair<std::string, std::string>> fields = {}) {
  return admission({}, *Made(peer, host, std::move(fields)));
}

Admission with_token(const std::string& authorization, const std::string& peer = "127.0.0.1") {
  DashboardConfig config;
  config.token = kToken;
  return admission(config, *Made(peer, "localhost", {{"authorization", authorization}}));
}

TEST(DashboardAdmission, WithoutATokenThisMachineOnly) {
  for (const char* peer : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "@"})
    EXPECT_EQ(open_to(peer, "127.0.0.1:2114"), Admission::granted) << peer;
  for (const char* peer : {"10.0.0.1", "192.168.1.127", "::2", "::ffff:10.0.0.1", "", "1::1"})
    EXPECT_EQ(open_to(peer, "127.0.0.1:2114"), Admission::local_only) << peer;
}

TEST(DashboardAdmission, WhatAProxyPassesOnIsNotOfThisMachine) {
  for (const char* field : {"X-Forwarded-For", "x-forwarded-for", "FORWARDED", "X-Real-IP", "Via"})
    EXPECT_EQ(open_to("127.0.0.1", "localhost", {{field, "127.0.0.1"}}), Admission::local_only)
        << field;
  EXPECT_EQ(open_to("10.0.0.1", "localhost", {{"X-Forwarded-For", "127.0.0.1"}}),
            Admission::local_only);
}

// A page of anybody's, by a name that leads to this machine.
TEST(DashboardAdmission, AnotherHostThanThisMachineIsRefused) {
  for (const char* host : {"localhost", "localhost:80", "127.0.0.1", "[::1]", "[::1]:2114"})
    EXPECT_EQ(open_to("127.0.0.1", host), Admission::granted) << host;
  for (const char* host : {"evil.example", "127.evil.example", "127.0.0.1.evil.example", "",
                           "[::2]", "localhost.evil.example", "[::1", "10.0.0.1"})
    EXPECT_EQ(open_to("127.0.0.1", host), Admission::local_only) << host;
}

TEST(DashboardAdmission, WithATokenWhoeverKnowsIt) {
  const std::string token = kToken;
  const auto basic = [](const std::string& both) { return "Basic " + base64_encode(both); };
  EXPECT_EQ(with_token("Bearer " + token), Admission::granted);
  EXPECT_EQ(with_token("bearer " + token, "10.0.0.1"), Admission::granted);
  EXPECT_EQ(with_token(basic("anybody:" + token), "10.0.0.1"), Admission::granted);
  EXPECT_EQ(with_token(basic(":" + token)), Admission::granted);
  for (const std::string& wrong :
       {std::string(), std::string("Bearer "), std::string("Bearer"), "Bearer x" + token,
        "Bearer " + token + "x", "Bearer " + token.substr(1), "Digest " + token, token,
        basic(token), basic(token + ":"), basic("a:" + token + token), std::string("Basic !!")})
    EXPECT_EQ(with_token(wrong), Admission::wants_token) << wrong;
}

TEST(DashboardAdmission, SecretsAreComparedWhole) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abcabc"));
  EXPECT_FALSE(same_secret("abc", "ab"));
  EXPECT_FALSE(same_secret("abc", ""));
  EXPECT_FALSE(same_secret("", ""));
}

TEST(DashboardPage, NamesNoOtherHostAndNothingBuildsHtmlFromText) {
  const std::string page(dashboard_html());
  EXPECT_NE(page.find("</html>"), std::string::npos);
  std::string rest = page;
  for (const char* allowed : {"http://www.w3.org/2000/svg"})
    rest.replace(rest.find(allowed), std::string(allowed).size(), "");
  for (const char* text : {"http:", "https:", "//cdn", "innerHTML", "outerHTML",
                           "insertAdjacentHTML", "document.write", "eval(", "onclick", "style=\""})
    EXPECT_EQ(rest.find(text), std::string::npos) << text;
}

}  // namespace
}  // namespace rr::status
