// What parsing a request and serialising a response head cost, in nanoseconds.
//   bench_http1 [rounds]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/http/response.h"
#include "runtime/net/http1/request_parser.h"
#include "runtime/net/http1/response_writer.h"

namespace {

using namespace rr;
using namespace rr::net;

constexpr std::string_view kWrk = "GET /?hello=world HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
constexpr std::string_view kBrowser =
    "GET /products/4711?color=blue&size=xl HTTP/1.1\r\n"
    "Host: shop.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://shop.example.org/products?page=3\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=1\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Priority: u=0, i\r\n\r\n";

// The best of several rounds: the machine is shared.
template <class Run>
void measure(const char* name, int rounds, Run&& run) {
  constexpr int kCalls = 200'000;
  double best = 1e9;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) run();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / kCalls);
  }
  std::printf("%-28s %7.1f ns\n", name, best);
}

template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

void measure_parse(const char* name, int rounds, std::string_view request) {
  http::RequestBlock block;
  http1::HeadParser parser{http1::Limits{}};
  measure(name, rounds, [&] {
    block.clear();
    parser.reset();
    std::memcpy(block.room(4096), request.data(), request.size());  // as read() would
    block.commit(request.size());
    if (parser.parse(block) != http1::HeadResult::complete) std::abort();
    keep(block);
  });
}

void measure_respond(const char* name, int rounds, const std::vector<HeaderView>& headers,
                     std::string_view body) {
  http1::ResponseWriter writer;
  std::string out;
  HttpResponseHead head;
  head.headers = headers;
  measure(name, rounds, [&] {
    out.clear();
    writer.reset({});
    writer.respond(out, head, body);
    keep(out);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
  measure_parse("parse, wrk", rounds, kWrk);
  measure_parse("parse, browser", rounds, kBrowser);
  measure_respond("respond, no fields, sniffed", rounds, {}, "Hello World\n");
  measure_respond("respond, one field", rounds, {{"Content-Type", "text/plain"}}, "Hello World\n");
  measure_respond("respond, eight fields", rounds,
                  {{"Content-Type", "text/html; charset=UTF-8"},
                   {"Cache-Control", "no-cache, private"},
                   {"Set-Cookie", "XSRF-TOKEN=eyJpdiI6; path=/; samesite=lax"},
                   {"Set-Cookie", "session=eyJpdiI6; path=/; httponly; samesite=lax"},
                   {"x-powered-by", "PHP/8.4"},
                   {"vary", "Accept-Encoding"},
                   {"X-Request-Id", "0191d3c2-7d1e-7cc0-9f3a-bd3f7a1d9f10"},
                   {"Etag", "\"5f3a-bd3f7a1d9f10\""}},
                  std::string(2000, 'x'));

  const std::string chunks = [] {
    std::string text;
    for (int i = 0; i < 64; ++i) text += "400\r\n" + std::string(1024, 'x') + "\r\n";
    return text + "0\r\n\r\n";
  }();
  http1::ChunkedDecoder decoder{http1::Limits{}};
  measure("decode 64 chunks of 1 KiB", std::max(1, rounds / 5), [&] {
    decoder.reset();
    std::string_view input = chunks;
    std::string_view piece;
    std::size_t bytes = 0;
    while (decoder.next(input, piece) == http1::ChunkedDecoder::Step::data) bytes += piece.size();
    if (bytes != 65536) std::abort();
  });
  return 0;
}
