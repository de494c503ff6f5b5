#include "runtime/pool/process/line_splitter.h"

#include <vector>

#include <gmock/gmock.h>

namespace rr::pool {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Lines : public testing::Test {
 protected:
  std::vector<std::string> feed(std::string_view bytes) {
    std::vector<std::string> lines;
    splitter_.feed(bytes, [&](std::string_view line) { lines.emplace_back(line); });
    return lines;
  }
  std::vector<std::string> flush() {
    std::vector<std::string> lines;
    splitter_.flush([&](std::string_view line) { lines.emplace_back(line); });
    return lines;
  }
  LineSplitter splitter_;
};

// spec:05#52
TEST_F(Lines, KeepTheirNewlines) {
  EXPECT_THAT(feed("one\ntwo\n\n"), ElementsAre("one\n", "two\n", "\n"));
  EXPECT_FALSE(splitter_.unfinished());
  EXPECT_THAT(flush(), IsEmpty());
}

TEST_F(Lines, AreWholeHoweverTheyWereWritten) {
  EXPECT_THAT(feed("on"), IsEmpty());
  EXPECT_TRUE(splitter_.unfinished());
  EXPECT_THAT(feed("e\ntw"), ElementsAre("one\n"));
  EXPECT_THAT(flush(), ElementsAre("tw"));
  EXPECT_THAT(feed("o\n"), ElementsAre("o\n"));
}

TEST_F(Lines, AreCutWhenTheyDoNotEnd) {
  const std::string endless(LineSplitter::kLongest + 5, 'x');
  EXPECT_THAT(feed(endless), ElementsAre(std::string(LineSplitter::kLongest, 'x')));
  EXPECT_THAT(feed("\n"), ElementsAre("xxxxx\n"));
}

}  // namespace
}  // namespace rr::pool
