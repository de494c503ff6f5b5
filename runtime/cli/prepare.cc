#include "runtime/cli/prepare.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "runtime/core/config/dotenv.h"
#include "runtime/core/config/files.h"

namespace rr::cli {

namespace {

void change_folder(const std::string& folder) {
  if (::chdir(folder.c_str()) == 0) return;
  throw ConfigError({}, "chdir " + folder + ": " + config::system_text(errno), {});
}

}  // namespace

void prepare(Globals& globals) {
  namespace fs = std::filesystem;
  if (!globals.work_dir.empty()) {
    const fs::path folder = fs::absolute(globals.work_dir).lexically_normal();
    change_folder(globals.work_dir);
    globals.work_dir = folder.string();
  }
  const fs::path config = fs::absolute(globals.config).lexically_normal();
  if (globals.work_dir.empty()) change_folder(config.parent_path().string());
  globals.config = config.string();
  const char* variable = std::getenv("DOTENV_PATH");
  if (variable != nullptr) globals.dotenv = variable;
  if (!globals.dotenv.empty()) config::load_dotenv(globals.dotenv);
}

}  // namespace rr::cli
