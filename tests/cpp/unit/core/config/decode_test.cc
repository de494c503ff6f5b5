#include <gtest/gtest.h>

#include "runtime/app/server_config.h"
#include "runtime/core/config/config.h"
#include "runtime/core/config/yaml.h"
#include "runtime/plugins/http/config.h"

namespace rr::config {
namespace {

using namespace std::chrono_literals;

Config configured(const std::string& text, std::vector<std::string> overrides = {}) {
  Source source;
  source.text = text;
  source.overrides = std::move(overrides);
  return load(source);
}

http::HttpConfig http_of(const std::string& section) {
  return configured("http: " + section).section<http::HttpConfig>("http");
}

std::string failure(const std::string& section) {
  try {
    http_of(section);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "no error";
}

constexpr const char* kPreamble =
    "http_plugin_init:\n\tconfig_plugin_unmarshal_key: decoding failed due to the following "
    "error(s):\n\n";

TEST(Decoding, KeepsTheDefaultsOfAbsentKeys) {
  const http::HttpConfig http = http_of("{}");
  EXPECT_EQ(http.internal_error_code, 500U);
  EXPECT_EQ(http.max_request_size.bytes(), 1000ULL << 20);
  EXPECT_EQ(http.pool.allocate_timeout, 60s);
  EXPECT_EQ(http.pool.mode, pool::Mode::process);
  EXPECT_FALSE(http.pool.supervisor);
}

TEST(Decoding, ReadsEveryKindOfField) {
  const http::HttpConfig http = http_of(
      "{address: ':8080', access_logs: 1, max_request_size: 64MB, middleware: 'a, b', codec: proto,"
      " uploads: {forbid: [.php]}, pool: {mode: embed, num_workers: '0x2', max_jobs: 2.7, "
      "supervisor: {exec_ttl: 1h30m, max_worker_memory: 1GB}, dynamic_allocator: {}}}");
  EXPECT_EQ(http.address, ":8080");
  EXPECT_TRUE(http.access_logs);
  EXPECT_EQ(http.max_request_size.count, 64U);
  EXPECT_EQ(http.middleware, (std::vector<std::string>{"a", " b"}));
  EXPECT_EQ(http.codec, http::Codec::proto);
  EXPECT_EQ(http.uploads.forbid, std::vector<std::string>{".php"});
  EXPECT_EQ(http.pool.mode, pool::Mode::embed);
  EXPECT_EQ(http.pool.num_workers, 2U);
  EXPECT_EQ(http.pool.max_jobs, 2U);
  EXPECT_EQ(http.pool.supervisor->exec_ttl, 90min);
  EXPECT_EQ(http.pool.supervisor->max_worker_memory.count, 1024U);
  EXPECT_EQ(http.pool.dynamic_allocator->max_workers, 10U);
}

// spec:05#6
TEST(Decoding, TakesAnEmptyTextForZero) {
  EXPECT_EQ(http_of("{pool: {num_workers: ''}}").pool.num_workers, 0U);
}

// spec:05#10
TEST(Decoding, HasRoadRunnersWordsForValuesThatDoNotFit) {
  EXPECT_EQ(failure("{access_logs: yes}"),
            std::string(kPreamble) +
                "'access_logs' cannot parse value as 'bool': strconv.ParseBool: invalid syntax");
  EXPECT_EQ(
      failure("{pool: {num_workers: many}}"),
      std::string(kPreamble) +
          "'pool.num_workers' cannot parse value as 'uint64': strconv.ParseUint: invalid syntax");
  EXPECT_EQ(
      failure("{max_request_size: 64KB}"),
      std::string(kPreamble) +
          "'max_request_size' cannot parse value as 'uint64': strconv.ParseUint: invalid syntax");
  EXPECT_EQ(failure("{max_request_size: {a: 1}}"),
            std::string(kPreamble) +
                "'max_request_size' expected type 'uint64', got unconvertible type "
                "'map[string]interface {}'");
  EXPECT_EQ(failure("{pool: {allocate_timeout: '60'}}"),
            std::string(kPreamble) + "'pool.allocate_timeout' time: missing unit in duration");
  EXPECT_EQ(failure("{pool: {supervisor: {ttl: 5 parsecs}}}"),
            std::string(kPreamble) + "'pool.supervisor.ttl' time: unknown unit");
  EXPECT_EQ(failure("{pool: x}"),
            std::string(kPreamble) + "'pool' expected a map or struct, got \"string\"");
  EXPECT_EQ(failure("{pool: {mode: thread}}"),
            std::string(kPreamble) +
                "'pool.mode' should be one of process, embed, classic, got \"thread\"");
  EXPECT_EQ(failure("text"),
            "http_plugin_init:\n\tconfig_plugin_unmarshal_key: '' expected a map or struct, got "
            "\"string\"");
}

TEST(Decoding, RefusesANegativeCount) {
  EXPECT_EQ(failure("{pool: {num_workers: -1}}"),
            std::string(kPreamble) +
                "'pool.num_workers' cannot parse value as 'uint64': -1 is out of range");
}

TEST(Decoding, ReportsAllErrorsOfASectionWithTheirPlaces) {
  try {
    http_of("{access_logs: maybe, max_request_size: big}");
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_EQ(
        std::string(e.what()),
        std::string(kPreamble) +
            "'access_logs' cannot parse value as 'bool': strconv.ParseBool: invalid syntax\n"
            "'max_request_size' cannot parse value as 'uint64': strconv.ParseUint: invalid syntax");
    EXPECT_NE(
        e.with_positions().find("invalid syntax (the configuration made for this run:1:21)\n"),
        std::string::npos)
        << e.with_positions();
  }
}

TEST(Decoding, NamesTheOverrideThatDoesNotFit) {
  Config config = configured("{}", {"http.pool=x"});
  try {
    config.section<http::HttpConfig>("http");
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_NE(e.with_positions().find("got \"string\" (-o http.pool=x)"), std::string::npos)
        << e.with_positions();
  }
}

// spec:01#29
TEST(Decoding, ChecksASectionOnceEverythingFits) {
  EXPECT_EQ(failure("{pool: {num_workers: 501}}"),
            "http_plugin_init: number of workers can't be more than 500");
  EXPECT_EQ(
      failure("{address: localhost}"),
      "http_plugin_init: malformed http server address \"localhost\": write host:port, such as "
      "127.0.0.1:8080 or :8080");
}

TEST(Decoding, WarnsAboutADurationThatCountsNanoseconds) {
  Config config = configured("http: {pool: {allocate_timeout: 60}}");
  EXPECT_EQ(config.section<http::HttpConfig>("http").pool.allocate_timeout, 60ns);
  const std::vector<Problem> warnings = config.take_warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].path, "http.pool.allocate_timeout");
}

// spec:05#10 spec:05#14
TEST(ServerSection, GivesEnvironmentVariablesUpperCaseNames) {
  ::setenv("RR_T_Z", "z", 1);
  Config config = configured(
      "server: {command: php, env: {a: true, rr_T_b: 1.5, c: '${RR_T_X:-y}', d: 10, e: ''}}");
  EXPECT_EQ(config.section<app::ServerConfig>("server").env.variables,
            (std::map<std::string, std::string>{
                {"A", "1"}, {"RR_T_B", "1.5"}, {"C", "y"}, {"D", "10"}, {"E", ""}}));
  Config listed = configured(
      "server: {command: php, env: [{rr_t_a: 'v'}, {RR_T_B: 'x${RR_T_Z}y$RR_T_Z${RR_T_X:-!}'}, "
      "{rr_t_d: 2}]}");
  EXPECT_EQ(
      listed.section<app::ServerConfig>("server").env.variables,
      (std::map<std::string, std::string>{{"RR_T_A", "v"}, {"RR_T_B", "xzyz!"}, {"RR_T_D", "2"}}));
}

TEST(ServerSection, HasRoadRunnersKindsOfErrors) {
  const auto failing = [](const std::string& section) -> std::string {
    Config config = configured("server: " + section);
    try {
      config.section<app::ServerConfig>("server");
    } catch (ConfigError& e) {
      return std::move(e).in("handle_serve_command").what();
    }
    return "no error";
  };
  EXPECT_EQ(failing("{}"),
            "handle_serve_command: Init error:\n\tserver_plugin_init: command should not be empty");
  EXPECT_EQ(failing("{command: php, relay: pipe}"),
            "handle_serve_command: Network:\n\tserver_plugin_init:\n\tserver_plugin_init_factory: "
            "invalid DSN (tcp://:6001, unix://file.sock)");
  EXPECT_EQ(failing("{command: php, on_init: {}}"),
            "handle_serve_command: Init error:\n\tserver_plugin_init: on_init command should not "
            "be empty");
}

using Words = std::vector<std::string>;

// spec:05#8
TEST(Commands, AreSplitOnCommasElseOnSingleSpaces) {
  EXPECT_EQ(Command::split("/p q/php,/w"), (Words{"/p q/php", "/w"}));
  EXPECT_EQ(Command::split("sh,-c,exec php w.php 'a b' c"),
            (Words{"sh", "-c", "exec php w.php 'a b' c"}));
  EXPECT_EQ(Command::split("php w.php a  b \"c d\""),
            (Words{"php", "w.php", "a", "", "b", "\"c", "d\""}));
  EXPECT_EQ(Command::split(""), Words{});
}

TEST(Commands, KeepCommasOfAnOption) {
  EXPECT_EQ(Command::split("sh -d a=1,2 w.php"), (Words{"sh", "-d", "a=1,2", "w.php"}));
}

TEST(Commands, AreTakenAsTheyAreFromAList) {
  Config config = configured("server: {command: [sh, '-c', 'exec php \"a b\" c,d']}");
  EXPECT_EQ(config.section<app::ServerConfig>("server").command.words,
            (Words{"sh", "-c", "exec php \"a b\" c,d"}));
  Config one = configured("server: {command: ['php w.php']}");
  EXPECT_EQ(one.section<app::ServerConfig>("server").command.words, (Words{"php", "w.php"}));
}

TEST(Decode, FileModesAreOctal) {
  const auto mode_of = [](const std::string& yaml) -> int {
    const Node root = parse_yaml("m: " + yaml, "x");
    FileMode mode;
    Errors errors;
    mode.decode(*root.find("m"), errors);
    return errors.count() == 0 ? static_cast<int>(mode.bits) : -1;
  };
  EXPECT_EQ(mode_of("0660"), 0660);
  EXPECT_EQ(mode_of("0o640"), 0640);
  EXPECT_EQ(mode_of("'0660'"), 0660);
  EXPECT_EQ(mode_of("'660'"), 0660);
  for (const char* wrong : {"660", "'rw'", "'0888'", "'1777'", "''", "-1", "[]", "{a: 1}"}) {
    EXPECT_EQ(mode_of(wrong), -1) << wrong;
  }
  EXPECT_EQ(FileMode{0600}.show(), "0600");
}

}  // namespace
}  // namespace rr::config
