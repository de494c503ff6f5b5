#include "runtime/cli/complete.h"

#include <gtest/gtest.h>

namespace rr::cli {
namespace {

using Words = std::vector<std::string>;

Words candidates(const Words& words) {
  Words out;
  for (const Candidate& each : complete(words)) out.push_back(each.word);
  return out;
}

TEST(Completion, OffersCommandsFlagsAndShells) {
  EXPECT_EQ(candidates({"se"}), Words{"serve"});
  EXPECT_EQ(candidates({"-c", "x.yaml", "re"}), (Words{"reload", "reset"}));
  EXPECT_EQ(candidates({"workers", "--in"}), Words{"--interactive"});
  EXPECT_EQ(candidates({"jobs", "--p"}), (Words{"--pause", "--pid"}));
  EXPECT_EQ(candidates({"completion", ""}), (Words{"bash", "fish", "powershell", "zsh"}));
  EXPECT_EQ(candidates({"help", "st"}), (Words{"stack", "stop"}));
  EXPECT_EQ(candidates({"--ver"}), Words{"--version"});
  EXPECT_EQ(candidates({"serve", "--ver"}), Words{});
}

TEST(Completion, LeavesFilesAndValuesToTheShell) {
  EXPECT_EQ(candidates({"-c", ""}), Words{});
  EXPECT_EQ(candidates({"serve", "--dotenv", "s"}), Words{});
  EXPECT_EQ(candidates({"serve", "pub"}), Words{});
}

TEST(Completion, HidesWhatIsNotForPeople) {
  EXPECT_EQ(candidates({"__"}), Words{});
}

}  // namespace
}  // namespace rr::cli
