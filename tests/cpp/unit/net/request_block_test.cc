#include "runtime/net/http/request_block.h"

#include <cstring>

#include <gtest/gtest.h>

namespace rr::net::http {
namespace {

void put(RequestBlock& block, std::string_view text) {
  std::memcpy(block.room(text.size()), text.data(), text.size());
  block.commit(text.size());
}

TEST(RequestBlock, KeepsItsBytesWhenItGrows) {
  RequestBlock block;
  put(block, "GET / ");
  block.room(100'000);
  EXPECT_GE(block.room_size(), 100'000u);
  EXPECT_EQ(std::string_view(block.data(), block.size()), "GET / ");
}

TEST(RequestBlock, AppendsTextThatIsNotTheClients) {
  RequestBlock block;
  put(block, "GET / HTTP/1.1\r\n\r\n");
  const TextSpan span = block.append("127.0.0.1");
  EXPECT_EQ(std::string_view(block.data() + span.offset, span.length), "127.0.0.1");
  EXPECT_EQ(block.append("").length, 0u);
}

TEST(RequestBlock, KeepsItsMemoryWhenClearedUnlessItGrewLarge) {
  RequestBlock block;
  put(block, "x");
  const char* warm = block.data();
  block.clear();
  EXPECT_EQ(block.size(), 0u);
  EXPECT_EQ(block.room(100), warm);

  block.room(1024 * 1024);
  block.fields.resize(100'000);
  block.clear();
  EXPECT_EQ(block.room_size(), 0u);
  EXPECT_EQ(block.fields.capacity(), 0u);
}

}  // namespace
}  // namespace rr::net::http
