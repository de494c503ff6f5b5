// `init`: writes a small commented configuration for the application in the current folder.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/templates.h"
#include "runtime/core/config/files.h"
#include "runtime/core/log/output.h"

namespace rr::cli {

namespace {

[[noreturn]] void fail(std::string text) {
  throw ConfigError({}, std::move(text), {});
}

void write_file(const std::string& path, const std::string& text, bool overwrite) {
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (overwrite ? O_TRUNC : O_EXCL), 0644);
  if (file < 0 && errno == EEXIST) fail(path + " exists already, use --force to replace it");
  if (file < 0) fail("open " + path + ": " + config::system_text(errno));
  const int error = log::write_all(file, text);
  ::close(file);
  if (error != 0) fail("write " + path + ": " + config::system_text(error));
}

std::string explained(const Application& application, const std::string& script) {
  if (application.kind == Kind::worker) {
    return script + " loops on requests, one loop per thread (mode embed)";
  }
  return script + " is run for each request (mode classic)";
}

}  // namespace

int run_init(const Invocation& invocation) {
  const std::string& path = invocation.globals.config;
  const std::filesystem::path folder = std::filesystem::current_path();
  const auto application = detect(folder);
  if (!application) {
    fail("no PHP application found in " + folder.string() +
         ": looked for Laravel, Symfony, a worker script, public/index.php and index.php");
  }
  write_file(path, commented_config(*application, folder), invocation.globals.force);
  const std::string script = application->script.lexically_relative(folder).string();
  if (invocation.globals.silent) return 0;
  const std::string name = std::filesystem::path(path).filename().string();
  print("Found " + application->evidence + ".\nWrote " + name + ": " +
        explained(*application, script) + ".\nNext: rr-embed serve" +
        (name == ".rr.yaml" ? "" : " -c " + name) + ", then open http://" + kDefaultAddress + "\n");
  return 0;
}

}  // namespace rr::cli
