#include <sys/stat.h>

#include "runtime/cli/rpc_client.h"
#include "runtime/core/config/config.h"
#include "runtime/core/config/files.h"
#include "runtime/plugins/rpc/config.h"

namespace rr::cli {

namespace {

constexpr const char* kNoSection =
    "rpc service not specified in the configuration. Tip: add\n rpc:\n\r listen: rr_rpc_address";
constexpr const char* kNoVersion = "rr configuration file should contain a version e.g: version: 3";

config::Config load(const Globals& globals) {
  config::Source source;
  source.file = globals.config;
  source.overrides = globals.overrides;
  source.use = config::Use::client;
  try {
    return config::load(source);
  } catch (ConfigError& e) {
    throw std::move(e).bare();
  }
}

}  // namespace

std::string rpc_address(const Globals& globals) {
  config::Config config = load(globals);
  if (!config.has("rpc")) {
    struct stat ignored;
    if (::stat(globals.config.c_str(), &ignored) != 0)
      config::read_file(globals.config);  // says why
    throw ConfigError({}, config.has("version") ? kNoSection : kNoVersion, {});
  }
  try {
    return config.section<rpc::RpcConfig>("rpc").listen;
  } catch (ConfigError& e) {
    throw std::move(e).bare();
  }
}

}  // namespace rr::cli
