#include <exception>

#include "runtime/cli/command.h"
#include "runtime/cli/complete.h"
#include "runtime/cli/help.h"
#include "runtime/cli/output.h"
#include "runtime/cli/parse.h"
#include "runtime/cli/prepare.h"
#include "runtime/core/version.h"

namespace rr::cli {

int run(int argc, char** argv) {
  try {
    Program program = Program::started(argc, argv);
    if (argc > 1 &&
        (argv[1] == std::string_view(kComplete) || argv[1] == std::string_view(kCompleteWords))) {
      return print_candidates({argv, argv + argc});
    }
    Parsed parsed = parse(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    if (parsed.help || (parsed.command == nullptr && !parsed.version)) {
      print(help_page(parsed.command));
      return 0;
    }
    if (parsed.version) {
      print(version_line() + "\n");
      return 0;
    }
    Invocation invocation{std::move(parsed.globals), std::move(parsed.arguments),
                          std::move(parsed.flags), std::move(program)};
    if (parsed.command->needs_folder) prepare(invocation.globals);
    return parsed.command->run(invocation);
  } catch (const ConfigError& e) {
    report(e);
  } catch (const std::exception& e) {
    report(ConfigError({}, e.what(), {}));
  }
  return 1;
}

}  // namespace rr::cli
