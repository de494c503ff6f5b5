// Many requests while workers fail at random: no request without an answer, none answered twice,
// nothing leaked. Some thousand requests a style, 100 000 over all styles with `./dev test --long`.
#include "storm.h"

#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shots.h"
#include "styles.h"

namespace rr::e2e {
namespace {

class Storm : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Storm, ::testing::ValuesIn(styles()), style_name);

std::uint64_t requests_a_style() {
  if (long_form()) return 100'000 / styles().size() + 1;
  return !sanitizer().empty() ? 400 : 2000;
}

TEST_P(Storm, LosesNothingAndLeaksNothing) {
  const Style& style = GetParam();
  Server server(serve(style, {.workers = 4,
                              .flags = "-d memory_limit=64M",
                              .pool = ", max_jobs: 200, supervisor: {exec_ttl: 1s}",
                              .more = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"}));
  const auto next = [&](std::mt19937& random, std::uint64_t number) {
    return often_failing(style, random, number, style.thread() ? Killed::no : Killed::yes);
  };
  Tally warm;
  storm(server.port(), 8, requests_a_style() / 4, next, warm);
  const long workers = style.thread() ? server.usage().children : 4;
  const Usage before = settled(server, workers);

  Tally tally;
  {
    const Mischief resets(500ms, 1500ms, [&](std::mt19937&) {
      const auto reset = server.run({"reset", "-c", "{dir}/.rr.yaml"});
      // A worker that is killed while it comes up is a reset that fails, and says so.
      const bool killed =
          !style.thread() && reset.output.find("WorkerAllocate") != std::string::npos;
      if (reset.status != 0 && !killed) tally.wrong("reset: " + reset.output);
    });
    const Mischief kills(50ms, 200ms, [&](std::mt19937& random) {
      if (style.thread()) return;
      const auto workers = server.descendants();
      if (!workers.empty())
        ::kill(workers[random() % workers.size()], random() % 2 == 0 ? SIGKILL : SIGSEGV);
    });
    storm(server.port(), 16, requests_a_style(), next, tally);
  }
  EXPECT_EQ(tally.answered(), requests_a_style());
  EXPECT_GT(tally.good(), requests_a_style() / 2);
  EXPECT_TRUE(tally.clean()) << tally.complaints();

  expect_back(before, settled(server, before.children));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(server.get("/").body, "hello");
}

// ---- opcache: restarts that wipe what other threads read, and files that change

class OpcacheStorm : public ::testing::TestWithParam<Style> {};
std::vector<Style> embed_styles() {
  std::vector<Style> found;
  for (const auto& style : plain_styles()) {
    if (style.thread()) found.push_back(style);
  }
  return found;
}
INSTANTIATE_TEST_SUITE_P(Styles, OpcacheStorm, ::testing::ValuesIn(embed_styles()), style_name);

TEST_P(OpcacheStorm, RestartsOverflowAndChangesOnDiskGiveNoWrongAnswer) {
  if (!sanitizer().empty()) {
    GTEST_SKIP() << "PHP loads opcache with RTLD_DEEPBIND, which sanitizers refuse";
  }
  const Style& style = GetParam();
  Server server(serve(
      style, {.workers = 8,
              .flags = "-d opcache.enable=1 -d opcache.memory_consumption=8 -d "
                       "opcache.interned_strings_buffer=1 "
                       "-d opcache.max_accelerated_files=200 -d opcache.revalidate_freq=0 -d "
                       "opcache.max_wasted_percentage=1",
              // What opcache has no room for stays in the script's memory as long as it loops.
              .pool = ", max_jobs: 500"}));
  const auto folder = server.folder();
  const auto seconds = long_form() ? 60s : 5s;
  const auto end = std::chrono::steady_clock::now() + seconds;
  std::atomic<std::uint64_t> generated{0};
  Tally tally;
  {
    // /include?file=N runs a file that returns its own number: a new name overflows the hash, a big
    // one the memory, a known one changes on disk between two requests.
    const auto next = [&](std::mt19937& random, std::uint64_t number) -> Shot {
      if (number % 200 == 0) return expecting("/opcache-reset", {200});
      const std::string id = std::to_string(random() % 4 == 0 ? ++generated + 1000 : random() % 40);
      return {
          request("GET", "/include?file=" + id + "&dir=" + folder.string() +
                             "&size=" + std::to_string(random() % 8 == 0 ? 40000 : 100)),
          [id](const Response& reply) { return reply.status == 200 && reply.body == "file " + id; },
          "/include " + id};
    };
    while (std::chrono::steady_clock::now() < end && tally.clean())
      storm(server.port(), 120, 6000, next, tally);
  }
  EXPECT_TRUE(tally.clean()) << tally.complaints();
  EXPECT_GT(tally.good(), 1000U);
  EXPECT_TRUE(alive(server.pid()));
}

}  // namespace
}  // namespace rr::e2e
