// `serve`: loads the configuration, or makes one for a folder or script, and runs the server.
#include "runtime/app/serve.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "runtime/app/check.h"
#include "runtime/app/sections.h"
#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/templates.h"
#include "runtime/core/config/files.h"
#include "runtime/core/config/review.h"

namespace rr::cli {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::string text) {
  throw ConfigError({}, std::move(text), {});
}

Application application_at(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) fail("open " + path.string() + ": no such file or directory");
  if (!fs::is_directory(path, ignored)) return detect_script(path);
  auto found = detect(path);
  if (!found) {
    fail("nothing to serve in " + path.string() +
         ": looked for Laravel, Symfony, a worker script, public/index.php and index.php");
  }
  return *std::move(found);
}

// Makes the source of `serve FOLDER|SCRIPT`, and says on stdout what it is.
config::Source source_for(const std::string& argument, const Globals& globals,
                          app::ServeOptions& options) {
  const fs::path path = fs::absolute(argument).lexically_normal();
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  const fs::path home = folder ? path : path.parent_path();
  config::Source source;
  if (folder && fs::exists(path / ".rr.yaml", ignored)) {
    source.file = (path / ".rr.yaml").string();
    if (!globals.silent) print("Serving by " + source.file + "\n");
  } else {
    const Application application = application_at(path);
    source.text = synthetic_config(application);
    if (folder && application.kind != Kind::worker)
      options.static_root = application.script.parent_path().string();
    if (!globals.silent) {
      print("No configuration: serving " + application.evidence + " in mode " +
            mode_for(application.kind) + " on http://" + kDefaultAddress +
            (options.static_root.empty() ? "" : ", files beside it too") +
            ". `rr-embed init` writes one.\n");
    }
  }
  if (globals.work_dir.empty() && ::chdir(home.c_str()) != 0) {
    fail("chdir " + home.string() + ": " + config::system_text(errno));
  }
  return source;
}

config::Source source_of(const Invocation& invocation, app::ServeOptions& options) {
  const Globals& globals = invocation.globals;
  config::Source source;
  if (!invocation.arguments.empty() && !globals.config_given) {
    source = source_for(invocation.arguments.front(), globals, options);
  } else {
    source.file = globals.config;
  }
  source.overrides = globals.overrides;
  return source;
}

bool is_level(const std::string& word) {
  return word == "debug" || word == "info" || word == "warn" || word == "error";
}

app::EndureConfig endure_of(config::Config& config) {
  auto endure = config.section<app::EndureConfig>("endure", {});
  if (!is_level(endure.log_level)) {
    print("[WARN] Failed to parse log level, using default (error): unknown log level \"" +
          endure.log_level + "\" (allowed: debug, info, warn, error)\n");
    endure.log_level = "error";
  }
  return endure;
}

// `--strict`: unknown keys end the start.
void refuse_unknown(const std::vector<config::Finding>& findings) {
  std::string text;
  for (const config::Finding& finding : findings) {
    if (finding.kind != config::Finding::Kind::unknown) continue;
    text += "\n'" + finding.path + "' " + finding.text + " (" + finding.at.text() + ")";
  }
  if (!text.empty()) fail("the configuration has unknown keys:\n" + text);
}

app::ServeOptions options_of(const Invocation& invocation) {
  const Globals& globals = invocation.globals;
  app::ServeOptions options;
  options.config = config::load(source_of(invocation, options));
  for (const std::string& notice : options.config.notices()) print_error(notice + "\n");
  options.endure = endure_of(options.config);
  auto findings = config::review(options.config.root(), app::known_sections(options.config));
  if (invocation.has("strict")) refuse_unknown(findings);
  for (config::Finding& finding : findings) options.config.warn(std::move(finding));
  options.silent = globals.silent;
  options.pid_file = globals.pid;
  options.debug = globals.debug;
  options.experimental = globals.experimental;
  options.program = invocation.program;
  return options;
}

// `--probe`: what a start would say of the configuration.
int probe(app::ServeOptions options) {
  const auto problems = app::check(options.config);
  for (const config::Problem& problem : problems) {
    const std::string at = problem.at.text();
    print((at.empty() ? "" : at + ": ") + (problem.path.empty() ? "" : problem.path + ": ") +
          problem.text + "\n");
  }
  return problems.empty() ? 0 : 1;
}

}  // namespace

int run_serve(const Invocation& invocation) {
  try {
    app::ServeOptions options = options_of(invocation);
    if (invocation.has("probe")) return probe(std::move(options));
    return app::serve(std::move(options));
  } catch (ConfigError& e) {
    app::start_failed(e.what());
    report(std::move(e).in("handle_serve_command"));
    return 1;
  }
}

}  // namespace rr::cli
