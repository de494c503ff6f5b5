// The server as process 1, as in a container. spec:05#44
#include <stdlib.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server.h"

namespace rr::e2e {
namespace {

using ::testing::HasSubstr;

struct Ran {
  int status = 0;
  std::string output;
};

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> bytes{};
  for (std::size_t got = 0; (got = ::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;)
    ran.output.append(bytes.data(), got);
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

const std::string kContainer = "unshare --pid --fork --mount-proc --kill-child ";

// Without its guardian, who is told of each orphan and leaves nothing to be seen
// (guardian_test.cc).
TEST(Container, AsProcessOneItRemovesWhatOthersLeaveBehindAndHeedsSigterm) {
  if (run(kContainer + "true").status != 0)
    GTEST_SKIP() << "no right to make a namespace of processes";
  std::string folder = std::filesystem::temp_directory_path() / "rr-container-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string port = std::to_string(free_port()), server = server_binary();
  std::ofstream(folder + "/boot.php")
      << "<?php\n"
         "exec('sh -c \"(sleep 0.1; exit 0) >/dev/null 2>&1 </dev/null &\"');\n"
         "exec('sh -c \"(setsid sleep 0.1; exit 0) >/dev/null 2>&1 </dev/null &\"');\n"
         "require '"
      << apps_folder().string() << "/frames/worker.php';\n";
  std::ofstream(folder + "/.rr.yaml")
      << "version: '3'\nserver: {guardian: false, command: 'php " << folder
      << "/boot.php'}\nhttp: {address: '127.0.0.1:" << port << "', pool: {num_workers: 2}}\n";
  // The look at the processes comes from within. A guardian removes zombies before they are seen.
  std::ofstream(folder + "/inside.sh")
      << "zombies() { cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z '; }\n"
         "(until grep -qs 'server started' "
      << folder << "/out; do sleep 0.1; done\n for i in $(seq 20); do\n"
      << "  [ \"$(zombies)\" -gt 0 ] && echo zombies seen && break; sleep 0.1; done\n"
         " for i in $(seq 300); do [ \"$(zombies)\" = 0 ] && echo all removed && break; sleep 0.1; "
         "done\n kill -TERM 1) &\n"
         "exec "
      << server << " serve -c " << folder << "/.rr.yaml >" << folder << "/out 2>&1\n";
  const Ran ran = run(kContainer + "sh " + folder + "/inside.sh");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, HasSubstr("all removed\n"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace rr::e2e
