#include "runtime/core/version.h"

namespace rr {

namespace {

// Go's names, which scripts compare.
constexpr std::string_view arch() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#else
  return "unknown";
#endif
}

}  // namespace

std::string_view own_version() {
  return RR_OWN_VERSION;
}

std::string_view build_time() {
  return RR_BUILD_TIME;
}

std::string version_line() {
  return "rr version " + std::string(kRoadRunnerVersion) +
         " (build time: " + std::string(build_time()) + ", rr-embed " + std::string(own_version()) +
         "), OS: linux, arch: " + std::string(arch());
}

}  // namespace rr
