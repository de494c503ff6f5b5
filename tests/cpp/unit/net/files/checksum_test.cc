// spec:02#41, §4.3, §4.11: the polynomials of RoadRunner's entity tags.
#include "runtime/net/files/checksum.h"

#include <string>

#include <gtest/gtest.h>

namespace rr::net::files {
namespace {

constinit const Crc32::Tables kStatic = Crc32::make_tables(0x48D90782);
constinit const Crc32::Tables kFileserver = Crc32::make_tables(0xD5828281);

std::uint32_t crc(const Crc32::Tables& tables, std::string_view bytes) {
  Crc32 sum(tables);
  sum.add(bytes);
  return sum.value();
}

TEST(Checksum, HasTheValuesOfRoadRunner) {
  EXPECT_EQ(crc(kStatic, "123456789"), 3639822934U);
  EXPECT_EQ(crc(kStatic, "sample\n"), 3258528983U);
  EXPECT_EQ(crc(kStatic, "hello world"), 4225329227U);
  EXPECT_EQ(crc(kStatic, "sample.txt"), 2651801651U);
  EXPECT_EQ(crc(kFileserver, "sample\n"), 3541468865U);
}

TEST(Checksum, DoesNotDependOnThePieces) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 7);
  for (std::size_t piece : {1U, 3U, 8U, 13U, 500U}) {
    Crc32 sum(kStatic);
    for (std::size_t at = 0; at < text.size(); at += piece)
      sum.add(std::string_view(text).substr(at, piece));
    EXPECT_EQ(sum.value(), crc(kStatic, text)) << piece;
  }
}

}  // namespace
}  // namespace rr::net::files
