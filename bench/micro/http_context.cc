// What forming costs per request: context encoding of a browser's request, decoding of a usual
// answer.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "runtime/plugins/http/body.h"
#include "runtime/plugins/http/context.h"
#include "runtime/plugins/http/response_context.h"
#include "tests/cpp/unit/plugins/http/sample_request.h"

namespace {

using namespace rr::http;

// Prints the best of several rounds: what it costs when nobody disturbs.
template <class Run>
void measure(const char* name, Run run) {
  constexpr int kRuns = 50000;
  double best = 1e9;
  std::size_t bytes = 0;
  for (int round = 0; round < 9; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kRuns; ++i) bytes += run();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / kRuns);
  }
  std::printf("%-40s %8.0f ns  %zu bytes\n", name, best, bytes / (9 * kRuns));
}

const char kBrowser[] =
    "GET /catalog/items?page=2&sort=price HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.org/catalog\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: PHPSESSID=3c7b1f0e9a2d4c5b8e6f; theme=dark%20blue; _ga=GA1.2.1234567890.1700000000\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "\r\n";

}  // namespace

int main() {
  SampleRequest browser(kBrowser);
  SampleRequest small("GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n");
  ContextEncoder encoder;
  std::string out;
  const auto encode = [&](ContextCodec codec, SampleRequest& request) {
    encoder.encode(codec, ContextInput(*request), out);
    return out.size();
  };
  measure("encode JSON, browser", [&] { return encode(ContextCodec::json, browser); });
  measure("encode JSON, smallest", [&] { return encode(ContextCodec::json, small); });
  measure("encode protobuf, browser", [&] { return encode(ContextCodec::proto, browser); });

  ResponseContext answer;
  const std::string json =
      R"({"status":200,"headers":{"Content-Type":["text\/html; charset=UTF-8"],)"
      R"("Cache-Control":["no-cache, private"],"Date":["Tue, 25 Nov 2025 10:00:00 GMT"],)"
      R"("Set-Cookie":["XSRF-TOKEN=eyJpdiI6Ik; path=\/; samesite=lax","session=abc; path=\/; httponly"]}})";
  const std::string proto(
      "\x08\xc8\x01\x12\x22\x0a\x0c"
      "Content-Type\x12\x12\x0a\x10text/html; utf-8\x12\x08\x0a\x01X\x12\x03\x0a\x01"
      "1",
      49);
  measure("decode JSON, usual answer",
          [&] { return answer.decode(0x08, json) ? answer.headers().size() : 0; });
  measure("decode JSON, {\"status\":200}", [&] {
    return answer.decode(0x08, R"({"status":200,"headers":{}})") ? 1 + answer.headers().size() : 0;
  });
  measure("decode protobuf, two headers",
          [&] { return answer.decode(0x80, proto) ? answer.headers().size() : 0; });

  const UploadRules uploads{UploadsConfig{}};
  const BodyRules rules{.uploads = &uploads};
  SampleRequest form(
      "POST / HTTP/1.1\r\nHost: e\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
      "_token=abcdef0123456789&name=Jane+Doe&mail=jane%40example.org&tags[]=a&tags[]=b&a[x][y]=1");
  FormedBody body;
  measure("form urlencoded body, 6 pairs", [&] {
    form_body(*form, rules, body);
    return body.bytes.size();
  });
  return 0;
}
