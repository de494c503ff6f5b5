// `check`: what is wrong with a configuration, each with its place, without starting anything.
#include "runtime/app/check.h"

#include <algorithm>
#include <filesystem>

#include "runtime/app/sections.h"
#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/prepare.h"
#include "runtime/core/config/review.h"

namespace rr::cli {

namespace {

using config::Problem;

class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  void error(const Problem& problem) {
    ++errors_;
    add("error", problem);
  }
  void warning(const Problem& problem) {
    ++warnings_;
    add("warning", problem);
  }
  // In the order of the file.
  void print_all(bool silent) {
    std::ranges::stable_sort(lines_, {}, [](const Line& line) {
      return std::tuple(line.at.source, line.at.line, line.at.column);
    });
    std::string text;
    for (const Line& line : lines_) text += line.text + "\n";
    if (errors_ + warnings_ == 0) {
      text = file_ + ": ok\n";
    } else {
      text +=
          file_ + ": " + counted(errors_, "error") + ", " + counted(warnings_, "warning") + "\n";
    }
    if (!silent || errors_ > 0) print(text);
  }
  int errors() const { return errors_; }
  int warnings() const { return warnings_; }

 private:
  struct Line {
    config::Position at;
    std::string text;
  };

  static std::string counted(int count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
  }
  void add(const char* kind, const Problem& problem) {
    const std::string at = problem.at.text();
    lines_.push_back({problem.at, (at.empty() ? file_ : at) + ": " + kind + ": " +
                                      (problem.path.empty() ? "" : problem.path + ": ") +
                                      problem.text});
  }

  std::string file_;
  std::vector<Line> lines_;
  int errors_ = 0;
  int warnings_ = 0;
};

// A file that could not be read as a configuration at all.
Problem unreadable(const ConfigError& error) {
  std::string text = error.what();
  const std::string place = " (" + error.where().text() + ")";
  if (text.ends_with(place)) text.erase(text.size() - place.size());
  return {{}, std::move(text), error.where()};
}

void look_at(config::Config config, Report& report) {
  for (const Problem& problem : app::check(config)) report.error(problem);
  for (const Problem& warning : config.take_warnings()) report.warning(warning);
  for (const config::Finding& finding :
       config::review(config.root(), app::known_sections(config))) {
    report.warning(finding);
  }
}

}  // namespace

int run_check(const Invocation& invocation) {
  Globals globals = invocation.globals;
  if (!invocation.arguments.empty()) {
    globals.config = invocation.arguments.front();
    prepare(globals);
  }
  Report report(globals.config);
  config::Source source;
  source.file = globals.config;
  source.overrides = globals.overrides;
  try {
    look_at(config::load(source), report);
  } catch (ConfigError& e) {
    report.error(unreadable(std::move(e).bare()));
  }
  report.print_all(globals.silent);
  return report.errors() > 0 || (invocation.has("strict") && report.warnings() > 0) ? 1 : 0;
}

}  // namespace rr::cli
