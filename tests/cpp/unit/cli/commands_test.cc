#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "runtime/cli/command.h"
#include "tests/cpp/unit/cli/scripted_serve.h"

namespace rr::cli {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

// Runs the program in a folder of its own; {dir} in texts is that folder.
class Program : public testing::Test {
 protected:
  Program() : before_(fs::current_path()) {
    std::string name = (fs::temp_directory_path() / "rr-cli-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::current_path(folder_);
    served.reset();
  }
  ~Program() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  void file(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }

  Outcome run(std::vector<std::string> words) {
    fs::current_path(folder_);
    words.insert(words.begin(), "rr-embed");
    std::vector<char*> argv;
    argv.reserve(words.size());
    for (std::string& word : words) argv.push_back(word.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = cli::run(static_cast<int>(argv.size()), argv.data());
    Outcome outcome{code, testing::internal::GetCapturedStdout(),
                    testing::internal::GetCapturedStderr()};
    for (std::string* text : {&outcome.out, &outcome.err}) {
      for (std::size_t at; (at = text->find(folder_.string())) != std::string::npos;)
        text->replace(at, folder_.string().size(), "{dir}");
    }
    return outcome;
  }

  fs::path folder_;

 private:
  const fs::path before_;
};

// spec:05#3
TEST_F(Program, WorksInTheFolderOfItsConfiguration) {
  file("sub/.rr.yaml", "version: '3'\nlogs: {mode: none}\ninclude: [more.yaml]\n");
  file("sub/more.yaml", "version: '3'\nzz: {from: sub}\n");
  EXPECT_EQ(run({"serve", "-c", "sub/.rr.yaml", "-p", "-s"}).code, 0);
  ASSERT_TRUE(served);
  EXPECT_EQ(served->config.root().find("zz.from")->text(), "sub");
  EXPECT_TRUE(served->pid_file);
  EXPECT_EQ(fs::current_path(), folder_ / "sub");
  served.reset();
  EXPECT_EQ(run({"serve", "-w", "sub"}).code, 0);
  EXPECT_TRUE(served);
}

TEST_F(Program, EndsWithOneAndATextWhenThereIsNothingToServe) {
  EXPECT_EQ(run({"serve", "-c", "none.yaml"}).err,
            "handle_serve_command: open {dir}/none.yaml: no such file or directory\n");
  EXPECT_EQ(run({"serve", "-c", "no/such/.rr.yaml"}).err,
            "chdir {dir}/no/such: no such file or directory\n");
  EXPECT_EQ(run({"serve", "-w", "nowhere"}).err, "chdir nowhere: no such file or directory\n");
  EXPECT_EQ(run({"serve", "nowhere"}).code, 1);
}

// spec:05#47
TEST_F(Program, NamesWrongValuesOfEndure) {
  file(".rr.yaml", "version: '3'\nendure: {watchdog_sec: x}\n");
  EXPECT_EQ(run({"serve"}).err,
            "handle_serve_command: decoding failed due to the following error(s):\n\n"
            "'watchdog_sec' cannot parse value as 'int': strconv.ParseInt: invalid syntax\n");
  file(".rr.yaml", "version: '3'\nendure: text\n");
  EXPECT_EQ(run({"serve"}).err,
            "handle_serve_command: '' expected a map or struct, got \"string\"\n");
  file(".rr.yaml",
       "version: '3'\nlogs: {mode: none}\nendure: {log_level: loud, grace_period: "
       "'${RR_T_U:-5s}'}\n");
  EXPECT_EQ(run({"serve"}).out,
            "[WARN] Failed to parse log level, using default (error): unknown log level \"loud\" "
            "(allowed: debug, info, warn, error)\n");
  EXPECT_EQ(served->endure.grace_period, std::chrono::seconds(5));
}

TEST_F(Program, LogsEachKeyThatHasNoEffect) {
  file(".rr.yaml",
       "version: '3'\nlogs: {mode: raw, output: w.log}\nserver: {command: php w.php}\n"
       "http: {address: ':1'}\njobs: {}\nhtpp: {}\nreload: {}\n");
  EXPECT_EQ(run({"serve"}).code, 0);
  const std::string log = content("w.log");
  EXPECT_NE(log.find("known to RoadRunner, not built yet in rr-embed: it has no effect\t{\"key\": "
                     "\"jobs\", \"at\": \""),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("unknown key, did you mean \"http\"?\t{\"key\": \"htpp\""), std::string::npos)
      << log;
  EXPECT_EQ(log.find("reload"), std::string::npos) << log;
}

TEST_F(Program, StrictRefusesUnknownKeys) {
  file(".rr.yaml", "version: '3'\nlogs: {mode: none}\nhtpp:\n  address: x\njobs: {}\n");
  const Outcome outcome = run({"serve", "--strict"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "handle_serve_command: the configuration has unknown keys:\n\n"
            "'htpp' unknown key, did you mean \"http\"? ({dir}/.rr.yaml:3:1)\n");
  file(".rr.yaml", "version: '3'\nlogs: {mode: none}\njobs: {}\nreload: {}\n");
  EXPECT_EQ(run({"serve", "--strict"}).code, 0);
}

TEST_F(Program, CheckNamesEachMistakeWithItsPlace) {
  file("a.yaml",
       "version: '3'\nhttp:\n  address: ':1'\n  pol: {}\n  pool:\n    num_workers: many\n"
       "    supervisor: {exec_ttl: 5 parsecs}\nreload: {}\n");
  const Outcome outcome = run({"check", "a.yaml"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out,
            "{dir}/a.yaml:4:3: warning: http.pol: unknown key, did you mean \"pool\"?\n"
            "{dir}/a.yaml:6:18: error: http.pool.num_workers: cannot parse value as 'uint64': "
            "strconv.ParseUint: invalid syntax\n"
            "{dir}/a.yaml:7:28: error: http.pool.supervisor.exec_ttl: time: unknown unit\n"
            "{dir}/a.yaml: 2 errors, 1 warning\n");
}

TEST_F(Program, CheckOfAGoodFileSaysSo) {
  file(".rr.yaml", "version: '3'\nhttp: {address: ':1'}\n");
  EXPECT_EQ(run({"check"}).out, "{dir}/.rr.yaml: ok\n");
  EXPECT_EQ(run({"check", "-s"}).out, "");
  EXPECT_EQ(run({"check"}).code, 0);
  EXPECT_EQ(run({"check", "--strict", "-o", "htpp=1"}).code, 1);
  EXPECT_EQ(run({"check", "-o", "htpp=1"}).code, 0);
}

TEST_F(Program, CheckOfWhatIsNoConfigurationSaysWhereItEnds) {
  file("tab.yaml", "version: '3'\nhttp:\n\taddress: x\n");
  const Outcome tab = run({"check", "tab.yaml"});
  EXPECT_EQ(tab.code, 1);
  EXPECT_EQ(tab.out.find("{dir}/tab.yaml:3:"), 0U) << tab.out;
  EXPECT_NE(tab.out.find("a tab, where YAML indents by spaces"), std::string::npos) << tab.out;
  file("a.json", "{\"version\": \"3\",\n \"http\": }\n");
  EXPECT_EQ(run({"check", "a.json"}).out.find("{dir}/a.json:2:10: error: While parsing config: "),
            0U);
  file("v.yaml", "a: 1\nversion: 3\n");
  EXPECT_EQ(run({"check", "v.yaml"}).out,
            "{dir}/v.yaml:2:10: error: version should be a string: `version: \"3\"`, actual type "
            "is: int\n{dir}/v.yaml: 1 error, 0 warnings\n");
  EXPECT_EQ(run({"check", "none.yaml"}).out,
            "{dir}/none.yaml: error: open {dir}/none.yaml: no such file or directory\n"
            "{dir}/none.yaml: 1 error, 0 warnings\n");
}

// `./dev reference` writes both.
TEST_F(Program, TheReferenceAndTheSchemaAreUpToDate) {
  const auto committed = [](const char* name) {
    std::ostringstream text;
    text << std::ifstream(fs::path(RR_SOURCE_DIR) / "docs" / name).rdbuf();
    return text.str();
  };
  EXPECT_EQ(run({"__reference"}).out, committed("reference.md"));
  EXPECT_EQ(run({"__reference", "--schema"}).out, committed("rr-embed.schema.json"));
}

TEST_F(Program, CompletionIsAScriptForTheShell) {
  for (const char* shell : {"bash", "zsh", "fish", "powershell"}) {
    const Outcome outcome = run({"completion", shell});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.out.find("__complete"), std::string::npos) << shell;
    EXPECT_EQ(run({"completion", shell, "--no-descriptions"}).out.find("__complete "),
              std::string::npos);
  }
  EXPECT_NE(run({"completion"}).out.find("Usage:\n  rr completion"), std::string::npos);
  EXPECT_EQ(run({"__complete", "wo"}).out,
            "workers\tShow information about active RoadRunner workers\n");
  EXPECT_EQ(run({"__complete_words", "wo"}).out, "workers\n");
}

TEST_F(Program, ServesAFolderWithoutAConfiguration) {
  file("site/public/index.php", "<?php echo 1;");
  const Outcome outcome = run({"serve", "site"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("serving public/index.php in mode classic on http://127.0.0.1:8080"),
            std::string::npos)
      << outcome.out;
  EXPECT_EQ(served->static_root, (folder_ / "site/public").string());
  EXPECT_EQ(served->config.root().find("http.pool.mode")->text(), "classic");
  EXPECT_EQ(fs::current_path(), folder_ / "site");
}

TEST_F(Program, ServesAWorkerScriptOnThreads) {
  file("w.php", "<?php\nwhile (rr_embed_handle_request(fn () => 1));");
  EXPECT_EQ(run({"serve", "w.php", "-o", "http.address=:9000"}).code, 0);
  EXPECT_EQ(served->config.root().find("http.pool.mode")->text(), "embed");
  EXPECT_EQ(served->config.root().find("http.address")->text(), ":9000");
  EXPECT_TRUE(served->static_root.empty());
}

TEST_F(Program, InitWritesAConfigurationOnce) {
  EXPECT_EQ(run({"init"}).code, 1);
  file("public/index.php", "<?php echo 1;");
  const Outcome outcome = run({"init"});
  EXPECT_EQ(outcome.out,
            "Found public/index.php.\nWrote .rr.yaml: public/index.php is run for each request "
            "(mode classic).\n"
            "Next: rr-embed serve, then open http://127.0.0.1:8080\n");
  EXPECT_EQ(run({"serve", "-o", "logs.mode=none"}).code, 0);
  EXPECT_EQ(run({"init"}).err, "{dir}/.rr.yaml exists already, use --force to replace it\n");
  EXPECT_EQ(run({"init", "--force"}).code, 0);
}

// spec:05#21
TEST_F(Program, StopSignalsTheProcessOfThePidFile) {
  EXPECT_EQ(run({"stop"}).err,
            "open .pid: no such file or directory, to create a .pid file, you must run RR with the "
            "following options: './rr serve -p'\n");
  file(".pid", "12\n");
  EXPECT_EQ(run({"stop"}).err.find("rr_stop: "), 0U);
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  file(".pid", std::to_string(child));
  const Outcome outcome = run({"stop"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.err.find(" stopping process with PID: " + std::to_string(child) + "\n"),
            std::string::npos);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
  EXPECT_NE(run({"stop"}).err.find("rr_stop: os: process already finished\n"), std::string::npos);
}

TEST_F(Program, ServeLoadsAgainFromTheSameSourcesWithTheSameFlags) {
  file("app/.rr.yaml", "version: '3'\nzz: {from: \"${RR_T_AGAIN}\"}\nhttp: {address: ':1'}\n");
  file("app/the.env", "RR_T_AGAIN=first\n");
  EXPECT_EQ(run({"serve", "-c", "app/.rr.yaml", "--dotenv", "the.env", "-o",
                 "http.address=127.0.0.1:2", "--strict", "-s"})
                .code,
            1)
      << "zz is unknown";
  EXPECT_EQ(
      run({"serve", "-c", "app/.rr.yaml", "--dotenv", "the.env", "-o", "http.address=127.0.0.1:2"})
          .code,
      0);
  EXPECT_EQ(served->config.root().find("zz.from")->text(), "first");
  file("app/.rr.yaml", "version: '3'\nzz: {from: \"${RR_T_AGAIN}\"}\nhttp: {address: ':3'}\n");
  file("app/the.env", "RR_T_AGAIN=second\nRR_T_MORE=1\n");
  fs::current_path("/");
  const app::Loaded again = served->load();
  EXPECT_EQ(again.config.root().find("zz.from")->text(), "second");
  EXPECT_EQ(again.config.root().find("http.address")->text(), "127.0.0.1:2");
  EXPECT_EQ(fs::current_path(), folder_ / "app");
  EXPECT_TRUE(std::ranges::any_of(
      again.environment, [](const auto& variable) { return variable.first == "RR_T_MORE"; }));
  file("app/.rr.yaml", "version: '3'\nhttp: [\n");
  EXPECT_THROW(served->load(), ConfigError);
  ::unsetenv("RR_T_AGAIN");
}

// spec:05#50
TEST_F(Program, ClientsSayWhyTheyFindNoServer) {
  EXPECT_EQ(run({"reset", "-c", "none.yaml"}).err,
            "open {dir}/none.yaml: no such file or directory\n");
  file(".rr.yaml", "version: '3'\n");
  EXPECT_EQ(run({"reset"}).err,
            "rpc service not specified in the configuration. Tip: add\n rpc:\n\r listen: "
            "rr_rpc_address\n");
  file(".rr.yaml", "version: '3'\nrpc: {listen: 'localhost'}\n");
  EXPECT_EQ(run({"reset"}).err, "invalid socket DSN (tcp://:6001, unix://file.sock)\n");
  file(".rr.yaml", "version: 3\nrpc: {listen: 'tcp://127.0.0.1:1'}\n");
  EXPECT_EQ(run({"reset"}).err,
            "version should be a string: `version: \"3\"`, actual type is: int\n");
  file(".rr.yaml", "version: '3'\nrpc: {listen: 'tcp://127.0.0.1:${RR_T_U:-1}'}\n");
  EXPECT_EQ(run({"reset"}).err, "dial tcp 127.0.0.1:1: connect: connection refused\n");
  EXPECT_EQ(run({"reset", "-s", "-c", "none.yaml", "-o", "rpc.listen=unix://no.sock"}).err,
            "dial unix no.sock: connect: no such file or directory\n");
  file(".rr.yaml", "version: '3'\ninclude: [x.yaml]\nrpc: {}\n");
  EXPECT_EQ(run({"reset"}).err,
            "failed to handle includes: open x.yaml: no such file or directory\n");
}

}  // namespace
}  // namespace rr::cli
