// Hot path rule 3: no allocation per request once a connection is warm.
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/net/http1/request_parser.h"
#include "runtime/net/http1/response_writer.h"
#include "tests/cpp/unit/counted_allocations.h"

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
  const std::size_t before = rr::testing::counted_allocations();
  exchange(200);
  exchange(404);
  EXPECT_EQ(rr::testing::counted_allocations(), before);
}

}  // namespace
}  // namespace rr::net::http1
