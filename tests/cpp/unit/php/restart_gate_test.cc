#include "runtime/php/restart_gate.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/php/php_host.h"

namespace rr::php::testing {
namespace {

// Lets a restart happen that the last request of a test left pending.
void settle() {
  Folder folder;
  ScriptRun run;
  run.config.classic = true;
  run.config.script = folder.write("index.php", "<?php");
  run.source.add("GET", "/");
  run();
}

// Every script answers with its own number; some reset opcache; all are replaced again and again.
TEST(RestartGate, ResetsUnderLoadNeitherCrashNorGiveWrongAnswers) {
  need_engine();
  if (!restart_gate_on_for_test()) GTEST_SKIP() << "no opcache";
  Folder folder;
  constexpr int kScripts = 40, kThreads = 6, kRequests = 1500;
  const auto content = [](int number) {
    std::string text = "<?php class C" + std::to_string(number) + " { const N = 'script ' . " +
                       std::to_string(number) +
                       "; function get() { return self::N; } } if (mt_rand(1, 100) === 1 && "
                       "function_exists('opcache_reset')) opcache_reset(); echo (new C" +
                       std::to_string(number) + ")->get();";
    return text;
  };
  for (int i = 0; i < kScripts; ++i) folder.write("s" + std::to_string(i) + ".php", content(i));
  folder.write("index.php", "<?php echo 'front';");
  const std::uint64_t before = restart_gate_count_for_test();

  std::atomic<bool> over{false};
  std::atomic<int> wrong{0}, right{0};
  std::thread writer([&] {
    for (int n = 0; !over; ++n) {
      const std::string name = folder.path + "/s" + std::to_string(n % kScripts) + ".php";
      folder.write("new", content(n % kScripts));
      std::filesystem::rename(folder.path + "/new", name);
      timespec pause{0, 500'000};
      nanosleep(&pause, nullptr);
    }
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ScriptRun run;
      run.config.classic = true;
      run.config.document_root = folder.path;
      run.config.script = folder.path + "/index.php";
      run.config.ini = {{"display_errors", "1"}};
      for (int i = 0; i < kRequests; ++i)
        run.source.add("GET", "/s" + std::to_string((i * 7 + t) % kScripts) + ".php");
      run();
      for (int i = 0; i < kRequests; ++i) {
        const FakeExchange& exchange = *run.source.all[i];
        const bool ok = exchange.body == "script " + std::to_string((i * 7 + t) % kScripts);
        (ok ? right : wrong)++;
        if (!ok) std::fprintf(stderr, "%s\n", exchange.body.c_str());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  over = true;
  writer.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(right, kThreads * kRequests);
  EXPECT_GT(restart_gate_count_for_test(), before);
  settle();
}

// Worker scripts count as running for their whole life: they leave when a restart is wanted.
TEST(RestartGate, WorkerScriptsLeaveForARestart) {
  need_engine();
  if (!restart_gate_on_for_test()) GTEST_SKIP() << "no opcache";
  Folder folder;
  ScriptRun run;
  run.config.script = folder.write("worker.php",
                                   "<?php $h = function () { echo 'x'; if (isset($_GET['r'])) "
                                   "opcache_reset(); }; while (rr_embed_handle_request($h));");
  run.source.add("GET", "/");
  FakeExchange& reset = run.source.add("GET", "/?r");
  run.source.add("GET", "/");
  const std::uint64_t before = restart_gate_count_for_test();
  run();
  EXPECT_EQ(reset.body, "x");
  EXPECT_EQ(run.source.handed_out, 2u);
  EXPECT_EQ(run.report.end, ScriptEnd::stopped);
  settle();
  EXPECT_EQ(restart_gate_count_for_test(), before + 1);
}

}  // namespace
}  // namespace rr::php::testing
