#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "runtime/core/config/config.h"
#include "runtime/core/config/json.h"

namespace rr::config {
namespace {

namespace fs = std::filesystem;

// A folder that is the working directory while the test runs.
class Loading : public testing::Test {
 protected:
  Loading() : before_(fs::current_path()) {
    std::string name = (fs::temp_directory_path() / "rr-load-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::current_path(folder_);
  }
  ~Loading() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  void file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }

  Config loaded(std::vector<std::string> overrides = {}, const std::string& name = ".rr.yaml") {
    Source source;
    source.file = (folder_ / name).string();
    source.overrides = std::move(overrides);
    return load(source);
  }
  std::string failure(std::vector<std::string> overrides = {},
                      const std::string& name = ".rr.yaml") {
    try {
      loaded(std::move(overrides), name);
    } catch (ConfigError& e) {
      std::string text = std::move(e).in("H").what();
      for (std::size_t at; (at = text.find(folder_.string())) != std::string::npos;)
        text.replace(at, folder_.string().size(), "{dir}");
      return text;
    }
    return "no error";
  }

  fs::path folder_;

 private:
  const fs::path before_;
};

// spec:05#1
TEST_F(Loading, AnEmptyFileGetsItsVersionFromAnOverride) {
  file(".rr.yaml", "");
  EXPECT_EQ(failure(), "H: rr configuration file should contain a version e.g: version: 3");
  Config config = loaded({"version=3", "http.address=:8080"});
  EXPECT_EQ(config.version(), "3");
  EXPECT_EQ(config.root().find("http.address")->text(), ":8080");
}

// spec:05#2
TEST_F(Loading, TheVersionIsAText) {
  file(".rr.yaml", "version: 3");
  EXPECT_EQ(failure(),
            "H:\n\tconfig_plugin_init: version should be a string: `version: \"3\"`, actual type "
            "is: int");
  file(".rr.yaml", "version: '4'");
  EXPECT_EQ(loaded().take_warnings().size(), 1U);
  file(".rr.yaml", "version: '2.7'");
  EXPECT_EQ(loaded().notices().size(), 1U);
}

TEST_F(Loading, MissingFilesAndUnknownFormatsAreNamed) {
  EXPECT_EQ(failure(), "H: open {dir}/.rr.yaml: no such file or directory");
  EXPECT_EQ(failure({}, "rr.conf"), "H: Unsupported Config Type \"conf\"");
  EXPECT_EQ(failure({}, "rr"), "H: Unsupported Config Type \"\"");
}

// spec:05#9
TEST_F(Loading, OverridesThatAreNoneAreRefused) {
  file(".rr.yaml", "version: '3'");
  EXPECT_EQ(failure({"noeq"}), "H:\n\tconfig_plugin_init:\n\tparse_flag: invalid flag `noeq`");
  EXPECT_EQ(failure({"=b"}), "H:\n\tconfig_plugin_init: key should not be empty");
}

TEST_F(Loading, OverridesReplaceWhateverIsThere) {
  file(".rr.yaml", "version: '3'\nzz: {m: {a: 1, b: 2}, s: text, l: [1, 2], keep: 1}");
  Config config = loaded({"zz.m=x", "zz.s.a=y", "zz.l.0=z", "zz.c=1", "zz.c=${RR_T_U:-2}"});
  EXPECT_EQ(to_json(config.merged())["zz"],
            nlohmann::json::parse(R"({"l":{"0":"z"},"m":"x","s":{"a":"y"},"keep":1,"c":"2"})"));
}

// spec:05#12
TEST_F(Loading, AnIncludedSectionReplacesTheRootsAndBeatsOverrides) {
  file(".rr.yaml",
       "version: '3'\ninclude: [a.yaml, b.yaml]\nzz: {root: 1, both: root}\nzx: {root: 1}");
  file("a.yaml", "version: '3'\ninclude: [c.yaml]\nzz: {a: '${RR_T_U:-1}', both: a}\nzy: {a: 1}");
  file("b.yaml", "version: '3'\nzy: {b: 1}");
  Config config = loaded({"zz.both=flag"});
  EXPECT_EQ(to_json(config.root())["zz"], nlohmann::json::parse(R"({"a":"1","both":"a"})"));
  EXPECT_EQ(to_json(config.merged())["zz"],
            nlohmann::json::parse(R"({"a":"1","both":"a","root":1})"));
  EXPECT_EQ(to_json(config.root())["zy"], nlohmann::json::parse(R"({"b":1})"));
  EXPECT_EQ(to_json(config.merged())["zy"], nlohmann::json::parse(R"({"b":1})"));
  const std::vector<Problem> warnings = config.take_warnings();
  ASSERT_FALSE(warnings.empty());
  EXPECT_EQ(warnings[0].path, "zz.root");
}

// spec:05#12
TEST_F(Loading, IncludesThatCannotBeAreNamed) {
  file(".rr.yaml", "version: '3'");
  file("nover.yaml", "zz: 1");
  file("int.yaml", "version: 3");
  file("other.yaml", "version: '2.7'");
  EXPECT_EQ(failure({"include=none.yaml"}),
            "H:\n\tconfig_plugin_init: open none.yaml: no such file or directory");
  EXPECT_EQ(
      failure({"include=nover.yaml"}),
      "H:\n\tconfig_plugin_init: rr configuration file should contain a version e.g: version: 2.7");
  EXPECT_EQ(failure({"include=int.yaml"}),
            "H:\n\tconfig_plugin_init: type of version should be string, actual: int");
  EXPECT_EQ(failure({"include=other.yaml"}),
            "H:\n\tconfig_plugin_init: version in included file must be the same as in root");
  EXPECT_EQ(failure({"include=x.conf"}),
            "H:\n\tconfig_plugin_init: Unsupported Config Type \"conf\"");
}

TEST_F(Loading, ErrorsSayWhichFileTheyAreAbout) {
  const auto told = [this](const std::string& include) {
    try {
      loaded({"include=" + include});
    } catch (const ConfigError& e) {
      return e.with_positions();
    }
    return std::string("no error");
  };
  file(".rr.yaml", "version: '3'\nenvfile: x.env");
  file("x.env", "A=1\nno pair\n");
  EXPECT_EQ(failure(),
            "H:\n\tconfig_plugin_init:\n\t{dir}/x.env: dotenv: line 2: a name without `=`: `no "
            "pair`");
  file("x.env", "");
  file("nover.yaml", "zz: 1");
  file("other.yaml", "zz: 1\nversion: '2.7'");
  EXPECT_TRUE(told("nover.yaml").ends_with("e.g: version: 2.7 (nover.yaml)"));
  EXPECT_TRUE(told("other.yaml").ends_with("must be the same as in root (other.yaml:2:10)"));
  EXPECT_EQ(failure({}, "."), "H: read {dir}/.: is a directory");
}

TEST_F(Loading, TheEnvfileComesBeforeTheExpansion) {
  file(".rr.yaml", "version: '3'\nenvfile: x.env\nzz: {a: '${RR_T_ENVFILE:-none}'}");
  file("x.env", "RR_T_ENVFILE=file\n");
  EXPECT_EQ(loaded().root().find("zz.a")->text(), "file");
  ::unsetenv("RR_T_ENVFILE");
}

// spec:05#11
TEST_F(Loading, ASectionIsThereWhenItHasAValue) {
  file(".rr.yaml", "version: '3'\nkv:\nmetrics: {}");
  Config config = loaded();
  EXPECT_FALSE(config.has("kv"));
  EXPECT_TRUE(config.has("metrics"));
}

}  // namespace
}  // namespace rr::config
