#include "runtime/pool/process/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rr::pool {
namespace {

using ::testing::Contains;
using ::testing::UnorderedElementsAre;

// spec:01#16
TEST(WorkerEnvironment, LaterSourcesWin) {
  EnvironmentSources sources;
  sources.server_process = {{"PATH", "/bin"}, {"RR_VERSION", "old"}};
  sources.rpc_listen = "tcp://127.0.0.1:6001";
  sources.server_env = {
      {"foo", "a-/root"}, {"rr_mode", "mine"}, {"rr_relay", "odd"}, {"RR_VERSION", "x"}};
  sources.version = "v2025.1.9";
  sources.pool = {{"RR_MODE", "http"}};
  EXPECT_THAT(worker_environment(sources),
              UnorderedElementsAre("PATH=/bin", "RR_RELAY=odd", "RR_RPC=tcp://127.0.0.1:6001",
                                   "FOO=a-/root", "RR_VERSION=2025.1.9", "RR_MODE=http"));
}

// spec:01#16
TEST(WorkerEnvironment, RpcAddressIsAbsentWithoutRpc) {
  EnvironmentSources sources;
  EXPECT_THAT(worker_environment(sources), Contains("RR_RELAY=pipes"));
  for (const auto& entry : worker_environment(sources)) EXPECT_FALSE(entry.starts_with("RR_RPC="));
}

}  // namespace
}  // namespace rr::pool
