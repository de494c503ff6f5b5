#include "styles.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "pem.h"

namespace rr::e2e {
namespace {

// What `tests/apps/install` printed; empty when it failed, which it has then said.
std::string installed(const std::string& app) {
  const std::string command = (apps_folder() / "install").string() + " " + app;
  FILE* run = ::popen(command.c_str(), "r");
  if (run == nullptr) return {};
  std::string printed;
  std::array<char, 4096> part{};
  while (std::fgets(part.data(), part.size(), run) != nullptr) printed += part.data();
  if (::pclose(run) != 0) return {};
  printed.erase(printed.find_last_not_of('\n') + 1);
  return printed;
}

std::vector<Style> find_styles() {
  std::vector<Style> found = plain_styles();
  const bool package = std::filesystem::exists(apps_folder() / "../../php/autoload.php");
  if (package) {
    found.push_back({"process_objects", "process", "probe/objects.php", Speaks::objects, {}});
    found.push_back({"embed_objects", "embed", "probe/objects.php", Speaks::objects, {}});
    const std::vector<std::string> select{"PROBE_SELECT=1"};
    found.push_back({"process_select", "process", "probe/objects.php", Speaks::objects, select});
    found.push_back({"embed_select", "embed", "probe/objects.php", Speaks::objects, select});
  } else {
    std::cerr << "e2e: our PHP package is left out: php/autoload.php is not there\n";
  }
  if (const std::string autoload = package ? installed("probe") : ""; !autoload.empty()) {
    const std::vector<std::string> environment{"PROBE_SDK=ours", "PROBE_AUTOLOAD=" + autoload};
    found.push_back({"process_psr7", "process", "probe/psr7.php", Speaks::psr7, environment});
    found.push_back({"embed_psr7", "embed", "probe/psr7.php", Speaks::psr7, environment});
  }
  if (const std::string autoload = official_autoloader(); !autoload.empty()) {
    const std::vector<std::string> environment{"PROBE_SDK=official", "PROBE_AUTOLOAD=" + autoload};
    found.push_back(
        {"process_official", "process", "probe/psr7.php", Speaks::official, environment});
    found.push_back({"embed_official", "embed", "probe/psr7.php", Speaks::official, environment});
  } else {
    std::cerr << "e2e: the official packages are left out: name a vendor folder that holds them "
                 "in RR_EMBED_TEST_VENDOR\n";
  }
  return found;
}

}  // namespace

std::string official_autoloader() {
  const char* vendor = std::getenv("RR_EMBED_TEST_VENDOR");
  if (vendor != nullptr && *vendor != '\0') {
    if (std::filesystem::exists(std::string(vendor) + "/spiral/roadrunner-http")) {
      return std::string(vendor) + "/autoload.php";
    }
    std::cerr << "e2e: RR_EMBED_TEST_VENDOR (" << vendor << ") has no spiral/roadrunner-http\n";
    return {};
  }
  return installed("official");
}

std::ostream& operator<<(std::ostream& out, const Style& style) {
  return out << style.name;
}

std::vector<Style> plain_styles() {
  return {{"process_frames", "process", "frames/worker.php", Speaks::frames, {}},
          {"embed_native", "embed", "probe/native.php", Speaks::superglobals, {}},
          {"embed_goridge", "embed", "frames/worker.php", Speaks::frames, {}},
          {"classic", "classic", "probe/public/index.php", Speaks::superglobals, {}}};
}

const std::vector<Style>& styles() {
  static const std::vector<Style> found = find_styles();
  return found;
}

std::string style_name(const ::testing::TestParamInfo<Style>& info) {
  return info.param.name;
}

ServerOptions serve(const Style& style, const Serving& how) {
  ServerOptions options;
  options.config =
      "version: '3'\nserver: {command: 'php -d opcache.enable_cli=1 -d display_errors=0 -d "
      "log_errors=1 "
      "-d upload_max_filesize=64M -d post_max_size=64M" +
      (how.flags.empty() ? "" : " " + how.flags) + " {apps}/" + style.script +
      "'}\nhttp:\n  address: '127.0.0.1:{port}'\n  pool: {mode: " + style.mode +
      ", num_workers: " + std::to_string(how.workers) + how.pool + "}\n" + how.http +
      "logs: {level: debug, mode: production}\n" + how.more;
  options.environment = style.environment;
  return options;
}

ServerOptions serve_secured(const std::string& door, const Style& style, Serving how) {
  how.http += "  " + door +
              ": {address: '127.0.0.1:{port2}', cert: '{dir}/cert.pem', key: '{dir}/key.pem'}\n";
  ServerOptions options = serve(style, how);
  add_pair(options, "first");
  return options;
}

}  // namespace rr::e2e
