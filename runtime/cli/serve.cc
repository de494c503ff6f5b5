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

// What the command line says about the configuration: for the start, and for each reload.
struct Asked {
  config::Source source;
  std::string folder;  // the working directory
  std::string dotenv;
  bool strict = false;
};

void enter(const std::string& folder) {
  if (::chdir(folder.c_str()) == 0) return;
  fail("chdir " + folder + ": " + config::system_text(errno));
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
void ask_for(const std::string& argument, const Globals& globals, app::ServeOptions& options,
             Asked& asked) {
  const fs::path path = fs::absolute(argument).lexically_normal();
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  const fs::path home = folder ? path : path.parent_path();
  config::Source& source = asked.source;
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
  if (globals.work_dir.empty()) enter(asked.folder = home.string());
}

Asked asked_by(const Invocation& invocation, app::ServeOptions& options) {
  const Globals& globals = invocation.globals;
  Asked asked;
  asked.folder =
      globals.work_dir.empty() ? fs::path(globals.config).parent_path().string() : globals.work_dir;
  if (!invocation.arguments.empty() && !globals.config_given) {
    ask_for(invocation.arguments.front(), globals, options, asked);
  } else {
    asked.source.file = globals.config;
  }
  asked.source.overrides = globals.overrides;
  asked.dotenv = globals.dotenv;
  asked.strict = invocation.has("strict");
  return asked;
}

bool is_level(const std::string& word) {
  return word == "debug" || word == "info" || word == "warn" || word == "error";
}

enum class Say : std::uint8_t { no, yes };

app::EndureConfig endure_of(config::Config& config, Say say) {
  auto endure = config.section<app::EndureConfig>("endure", {});
  if (!is_level(endure.log_level)) {
    if (say == Say::yes)
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

void look_for_unknown(config::Config& config, bool strict) {
  auto findings = config::review(config.root(), app::known_sections(config));
  if (strict) refuse_unknown(findings);
  for (config::Finding& finding : findings) config.warn(std::move(finding));
}

app::Loaded load_again(const Asked& asked) {
  enter(asked.folder);
  config::FreshEnvironment environment;
  if (!asked.dotenv.empty()) environment.load(asked.dotenv);
  config::Source source = asked.source;
  source.environment = [&](const std::string& name) { return environment.find(name); };
  source.dotenv = [&](const std::string& path) { environment.load(path); };
  app::Loaded loaded;
  loaded.config = config::load(source);
  loaded.endure = endure_of(loaded.config, Say::no);
  look_for_unknown(loaded.config, asked.strict);
  loaded.environment = environment.all();
  return loaded;
}

app::ServeOptions options_of(const Invocation& invocation) {
  const Globals& globals = invocation.globals;
  app::ServeOptions options;
  const Asked asked = asked_by(invocation, options);
  options.config = config::load(asked.source);
  for (const std::string& notice : options.config.notices()) print_error(notice + "\n");
  options.endure = endure_of(options.config, Say::yes);
  look_for_unknown(options.config, asked.strict);
  options.load = [asked] { return load_again(asked); };
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
  } catch (const app::PluginFailed& e) {
    app::start_failed(e.what());
    report(e);
    return 1;
  } catch (ConfigError& e) {
    app::start_failed(e.what());
    report(std::move(e).in("handle_serve_command"));
    return 1;
  }
}

}  // namespace rr::cli
