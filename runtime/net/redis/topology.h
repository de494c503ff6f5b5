// Which server a command goes to: one, the master that sentinels name, the owner of a slot of a
// cluster.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rr/log.h"
#include "rr/result.h"
#include "runtime/net/redis/pool.h"

namespace rr::redis {

enum class Access : std::uint8_t { read, write };

// Any thread. Pools live as long as the topology.
class Topology {
 public:
  virtual ~Topology() = default;

  // The server that has the key. Errors are Errc::network, or what a server said.
  virtual Result<Pool*> pick(std::string_view key, Access access) = 0;
  // Those that have all keys between them, for commands without one.
  virtual Result<std::vector<Pool*>> masters() = 0;
  // The server at an address, which another one has named (MOVED, ASK).
  virtual Pool& at(const std::string& address) = 0;
  // Something that was said of late is wrong; ask anew before the next pick().
  virtual void doubt() = 0;
  virtual void tidy() = 0;
  virtual std::vector<Pool*> pools() = 0;
  // Whether several keys of one command may lie on different servers.
  virtual bool is_cluster() const = 0;
};

// Says which by the settings, as go-redis does. The settings and the context outlive it.
std::unique_ptr<Topology> make_topology(const Settings& settings, TlsContext* tls, Logger log);
std::unique_ptr<Topology> make_sentinels(const Settings& settings, TlsContext* tls, Logger log);
std::unique_ptr<Topology> make_cluster(const Settings& settings, TlsContext* tls);

// The slot of a key in a cluster, 0 to 16383.
unsigned slot_of(std::string_view key);

}  // namespace rr::redis
