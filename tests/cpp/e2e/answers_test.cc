// The same application gives the same answers, whatever kind of worker runs it.
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

std::string crc32_hex(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320U : 0U);
  }
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", crc ^ 0xFFFFFFFF);
  return text.data();
}

// As Probe\pattern().
std::string pattern(std::size_t size) {
  std::string lines;
  std::array<char, 17> line{};
  for (std::size_t i = 0; i * 16 < size; ++i) {
    std::snprintf(line.data(), line.size(), "%015zu\n", i);
    lines.append(line.data(), 16);
  }
  lines.resize(size);
  return lines;
}

std::string part(std::string_view disposition, std::string_view type, std::string_view content) {
  std::string out = "--frontier\r\nContent-Disposition: form-data; ";
  out.append(disposition).append("\r\n");
  if (!type.empty()) out.append("Content-Type: ").append(type).append("\r\n");
  return out.append("\r\n").append(content).append("\r\n");
}

// One server a style, started when first asked for and kept for the suite.
class Answers : public ::testing::TestWithParam<Style> {
 public:
  static void TearDownTestSuite() { servers().clear(); }

 protected:
  void SetUp() override {
    auto& server = servers()[GetParam().name];
    if (!server) server = std::make_unique<Server>(serve(GetParam()));
    server_ = server.get();
  }

  Response fetch(std::string_view method, std::string_view target, std::string_view fields = "",
                 std::string_view body = "") {
    return e2e::fetch(server_->port(), method, target, fields, body);
  }

  Server* server_ = nullptr;

 private:
  static std::map<std::string, std::unique_ptr<Server>>& servers() {
    static std::map<std::string, std::unique_ptr<Server>> running;
    return running;
  }
};

INSTANTIATE_TEST_SUITE_P(Styles, Answers, ::testing::ValuesIn(styles()), style_name);

TEST_P(Answers, GetHasStatusTypeAndBody) {
  const Response reply = fetch("GET", "/");
  EXPECT_EQ(reply.version, "HTTP/1.1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.reason, "OK");
  EXPECT_EQ(reply.header("content-type"), "text/plain;charset=UTF-8");
  EXPECT_EQ(reply.body, "hello");
  EXPECT_TRUE(reply.has("date"));
}

TEST_P(Answers, HeadHasTheHeadersOfGetAndNoBody) {
  Client client = server_->connect();
  client.send(request("HEAD", "/") + request("GET", "/"));
  const Response head = client.read("HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-type"), "text/plain;charset=UTF-8");
  EXPECT_EQ(client.read().body, "hello");
}

TEST_P(Answers, QueryBecomesATree) {
  const Response reply = fetch("GET", "/query?a=1&b[]=2&b[]=3&c[k]=v%20w&d=%C3%A4&e=");
  EXPECT_EQ(
      reply.body,
      R"({"method":"GET","query":{"a":"1","b":["2","3"],"c":{"k":"v w"},"d":"\u00e4","e":""}})");
}

TEST_P(Answers, PostedFormBecomesATree) {
  const Response reply =
      fetch("POST", "/form", "Content-Type: application/x-www-form-urlencoded\r\n",
            "a=1&b%5B%5D=x&b%5B%5D=y&c%5Bk%5D=v+w&d=%C3%A4");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body,
            R"({"method":"POST","form":{"a":"1","b":["x","y"],"c":{"k":"v w"},"d":"\u00e4"}})");
}

TEST_P(Answers, JsonBodyArrivesByteForByteUnderAnyMethod) {
  const std::string body = R"({"a": [1, 2, {"b": null}]})";
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    const Response reply = fetch(method, "/body", "Content-Type: application/json\r\n", body);
    EXPECT_EQ(reply.body,
              R"({"method":")" + method + R"(","type":"application/json","length":26,"crc32":")" +
                  crc32_hex(body) + R"(","start":"eyJhIjogWzEsIDIsIHsiYiI6IG51bGx9XX0="})");
  }
}

TEST_P(Answers, ChunkedBodyIsJoined) {
  Client client = server_->connect();
  client.send(
      "POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
      "chunked\r\n\r\n");
  client.send("5\r\nhello\r\n1;ext=1\r\n \r\n5\r\nworld\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().body, R"({"method":"POST","type":"text/plain","length":11,"crc32":")" +
                                    crc32_hex("hello world") + R"(","start":"aGVsbG8gd29ybGQ="})");
}

TEST_P(Answers, MultipartHasFieldsAndFiles) {
  const std::string binary("\0\r\n--front\xff\r\n", 13);
  const std::string body =
      part("name=\"tags[]\"", "", "one") + part("name=\"tags[]\"", "", "two") +
      part("name=\"title\"", "", "a title") +
      part("name=\"doc\"; filename=\"notes.txt\"", "text/plain", "some text") +
      part("name=\"more[x]\"; filename=\"b.bin\"", "application/octet-stream", binary) +
      "--frontier--\r\n";
  const Response reply =
      fetch("POST", "/upload", "Content-Type: multipart/form-data; boundary=frontier\r\n", body);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(
      reply.body,
      R"({"form":{"tags":["one","two"],"title":"a title"},"files":[)"
      R"({"field":"doc","name":"notes.txt","type":"text/plain","size":9,"error":0,"crc32":")" +
          crc32_hex("some text") +
          R"("},{"field":"more[x]","name":"b.bin","type":"application/octet-stream","size":13,"error":0,"crc32":")" +
          crc32_hex(binary) + R"("}]})");
}

TEST_P(Answers, LargeUploadArrivesWhole) {
  const std::string content = pattern(3 << 20);
  const Response reply =
      fetch("POST", "/upload", "Content-Type: multipart/form-data; boundary=frontier\r\n",
            part("name=\"big\"; filename=\"big.txt\"", "text/plain", content) + "--frontier--\r\n");
  EXPECT_THAT(reply.body,
              ::testing::HasSubstr(R"("size":3145728,"error":0,"crc32":")" + crc32_hex(content)));
}

TEST_P(Answers, CookiesGoBothWays) {
  const Response reply = fetch("GET", "/cookies", "Cookie: a=1; b=two%20words\r\n");
  EXPECT_EQ(reply.body, R"({"a":"1","b":"two words"})");
  Fields set;
  for (const auto& field : reply.headers) {
    if (field.first == "set-cookie") set.push_back(field);
  }
  EXPECT_THAT(
      set, ElementsAre(
               std::pair<std::string, std::string>{"set-cookie", "session=abc; path=/; HttpOnly"},
               std::pair<std::string, std::string>{"set-cookie", "theme=dark; path=/"}));
}

TEST_P(Answers, HeadersGoBothWays) {
  const Response reply = fetch("GET", "/headers", "X-Test: some value\r\nUser-Agent: e2e/1.0\r\n");
  EXPECT_EQ(reply.body, R"({"x-test":"some value","user-agent":"e2e/1.0"})");
  EXPECT_EQ(reply.header("x-multi"), "one, two");
  EXPECT_EQ(reply.header("x-plain"), "value; with, punctuation");
}

TEST_P(Answers, StreamedAnswerArrivesPieceByPiece) {
  Client client = server_->connect();
  client.send(request("GET", "/stream?n=3&wait=300"));
  const Response head = client.read_head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("transfer-encoding"), "chunked");
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(client.read_chunk(), "chunk 1\n");
  EXPECT_LT(std::chrono::steady_clock::now() - began, 250ms) << "the first piece waited for others";
  EXPECT_EQ(client.read_chunk(), "chunk 2\n");
  EXPECT_EQ(client.read_chunk(), "chunk 3\n");
  EXPECT_EQ(client.read_chunk(), "");
}

TEST_P(Answers, TrailersFollowAStream) {
  const Response reply = fetch("GET", "/trailers");
  EXPECT_EQ(reply.body, "chunk 1\nchunk 2\n");
  if (GetParam().speaks != Speaks::objects) return;  // others have no call for it
  const Fields expected{{"x-sum", "abc"}, {"x-twice", "1"}, {"x-twice", "2"}};
  EXPECT_EQ(reply.trailers, expected);
}

TEST_P(Answers, LargeStreamArrivesWhole) {
  const Response reply = fetch("GET", "/stream?n=40&size=100000");
  std::string expected;
  for (int i = 0; i < 40; ++i) expected += pattern(100000);
  EXPECT_EQ(reply.body.size(), expected.size());
  EXPECT_TRUE(reply.body == expected);
}

TEST_P(Answers, EarlyHintsComeBeforeTheAnswer) {
  const Response reply = fetch("GET", "/hints");
  ASSERT_EQ(reply.interim.size(), 2U);
  EXPECT_EQ(reply.interim[0].status, 103);
  EXPECT_EQ(reply.interim[0].header("link"), "</style.css>; rel=preload; as=style");
  EXPECT_EQ(reply.interim[1].header("link"), "</app.js>; rel=preload; as=script");
  EXPECT_EQ(reply.status, 200);
  EXPECT_FALSE(reply.has("link"));
  EXPECT_EQ(reply.body, "after the hints");
}

TEST_P(Answers, StatusCodesKeepTheirReasonAndBody) {
  for (const auto& [status, reason] : std::map<int, std::string>{{201, "Created"},
                                                                 {404, "Not Found"},
                                                                 {418, "I'm a teapot"},
                                                                 {422, "Unprocessable Entity"},
                                                                 {503, "Service Unavailable"}}) {
    const Response reply = fetch("GET", "/status/" + std::to_string(status));
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.reason, reason);
    EXPECT_EQ(reply.body, "status " + std::to_string(status));
  }
}

TEST_P(Answers, RedirectAndEmptyAnswer) {
  const Response redirect = fetch("GET", "/redirect");
  EXPECT_EQ(redirect.status, 302);
  EXPECT_EQ(redirect.header("location"), "/elsewhere?a=1");
  EXPECT_EQ(redirect.body, "");
  const Response empty = fetch("GET", "/empty");
  EXPECT_EQ(empty.status, 204);
  EXPECT_FALSE(empty.has("content-length"));
  EXPECT_FALSE(empty.has("transfer-encoding"));
}

TEST_P(Answers, ExceptionIs500AndTheWorkerServesOn) {
  for (int round = 0; round < 4; ++round) {
    EXPECT_EQ(fetch("GET", "/throw").status, 500);
    EXPECT_EQ(fetch("GET", "/fatal").status, 500);
    EXPECT_EQ(fetch("GET", "/").body, "hello");
  }
}

TEST_P(Answers, LargeBodiesGoBothWays) {
  const std::string body = pattern(8 << 20);
  const Response up = fetch("POST", "/body", "Content-Type: application/octet-stream\r\n", body);
  EXPECT_THAT(up.body, ::testing::HasSubstr(R"("length":8388608,"crc32":")" + crc32_hex(body)));
  const Response down = fetch("GET", "/large?size=8388608");
  EXPECT_EQ(down.body.size(), body.size());
  EXPECT_TRUE(down.body == body);
}

TEST_P(Answers, SizesAroundBuffersArriveWhole) {
  for (const std::size_t size : {1, 4095, 4096, 4097, 16384, 65535, 65536, 65537, 262144}) {
    EXPECT_TRUE(fetch("GET", "/large?size=" + std::to_string(size)).body == pattern(size)) << size;
    const Response up = fetch("POST", "/body", "Content-Type: text/plain\r\n", pattern(size));
    EXPECT_THAT(up.body, ::testing::HasSubstr(crc32_hex(pattern(size)))) << size;
  }
}

TEST_P(Answers, Http10IsAnsweredAndClosed) {
  Client client = server_->connect();
  client.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
  const std::string reply = client.read_to_end();
  EXPECT_THAT(reply, StartsWith("HTTP/1."));
  EXPECT_THAT(reply, ::testing::EndsWith("\r\n\r\nhello"));
}

TEST_P(Answers, ManyClientsEachGetTheirOwn) {
  std::vector<std::thread> clients;
  for (int client = 0; client < 8; ++client) {
    clients.emplace_back([this, client] {
      Client link = server_->connect();
      for (int i = 0; i < 60; ++i) {
        const std::string id = std::to_string(client) + "-" + std::to_string(i);
        const std::string body(static_cast<std::size_t>(i * 37), static_cast<char>('a' + client));
        link.send(request("POST", "/identity?id=" + id,
                          "Content-Type: text/plain\r\nX-Id: h" + id + "\r\n", body));
        EXPECT_EQ(link.read().body, id + " h" + id + " " + crc32_hex(body));
      }
    });
  }
  for (auto& client : clients) client.join();
}

}  // namespace
}  // namespace rr::e2e
