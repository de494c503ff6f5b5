// Hot path rule 3: no allocation per request once a connection is warm.
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/net/http1/request_parser.h"
#include "runtime/net/http1/response_writer.h"

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // sees one half of the pair inlined

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace rr::net::http1 {
namespace {

TEST(HotPath, AllocatesNothingOnceWarm) {
  const std::string request =
      "POST /p?q=1 HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\nX: y\r\nAccept: "
      "*/*\r\n\r\n";
  const std::string body = "5\r\nhello\r\n0\r\n\r\n";
  const std::vector<HeaderView> headers{{"Content-Type", "text/html"}, {"x-a", "b"}};
  http::RequestBlock block;
  HeadParser parser{Limits{}};
  ChunkedDecoder decoder{Limits{}};
  ResponseWriter writer;
  std::string out;
  auto exchange = [&](int status) {
    block.clear();
    parser.reset();
    decoder.reset();
    std::memcpy(block.room(4096), request.data(), request.size());
    block.commit(request.size());
    ASSERT_EQ(parser.parse(block), HeadResult::complete);
    block.append("127.0.0.1");
    std::string_view input = body;
    std::string_view piece;
    while (decoder.next(input, piece) == ChunkedDecoder::Step::data) {
    }
    out.clear();
    writer.reset({});
    writer.respond(out, {status, {}, headers}, "Hello World");
    writer.reset({});
    writer.start(out, {status, {}, headers});
    writer.piece(out, "Hello World");
    writer.finish(out);
  };
  exchange(404);
  const std::size_t before = allocations;
  exchange(200);
  exchange(404);
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace rr::net::http1
