// Scripts, each of which redis runs as one step.
#pragma once

#include <string>
#include <vector>

#include "runtime/net/redis/client.h"

namespace rr::redis {

// In Lua, of one key. A value.
struct Script {
  explicit Script(std::string text);

  std::string text;
  std::string sha;  // by which redis knows it once it has seen it
};

// Any thread; blocks. The reply may be an error of the server's.
Result<Reply> run(Client& client, const Script& script, std::string key,
                  std::vector<std::string> arguments, Repeat repeat);

}  // namespace rr::redis
