// A client of redis, whatever there is: a server, a master of sentinels, a cluster. Finds the
// server, connects again, tries again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rr/log.h"
#include "rr/result.h"
#include "runtime/net/redis/reply.h"
#include "runtime/net/redis/settings.h"
#include "runtime/net/redis/tls.h"
#include "runtime/net/redis/topology.h"

namespace rr::redis {

// Whether a command may be sent again when the connection broke before its reply came.
enum class Repeat : std::uint8_t { no, yes };

// A command with the place its key lies at.
struct Call {
  Command command;
  std::string key;
  Access access = Access::write;
  Repeat repeat = Repeat::yes;
};

// Any thread; calls block.
class Client {
 public:
  // Connects to nothing yet. An error is one of the files of TLS.
  static Result<std::unique_ptr<Client>> make(const Settings& settings, Logger log);

  // One reply for each call, errors of the server among them. Errc::io: some could not be
  // done, however often it was tried; of those that were sent it is not known whether they were.
  Result<std::vector<Reply>> run(const std::vector<Call>& calls);
  // On every server that has keys of its own. The first error of one.
  Result<void> run_everywhere(const Command& command);

  bool is_cluster() const { return topology_->is_cluster(); }
  void tidy() { topology_->tidy(); }
  PoolStats stats() const;

 private:
  Client(const Settings& settings, std::unique_ptr<TlsContext> tls, Logger log);
  struct Round;
  void run_round(const std::vector<Call>& calls, Round& round);
  void run_on(Pool& pool, const std::vector<Call>& calls, const std::vector<std::size_t>& which,
              Round& round);
  Result<Reply> ask(const std::string& address, const Command& command);
  void pause(std::int64_t attempt) const;

  const Settings settings_;
  const std::unique_ptr<TlsContext> tls_;  // null: none
  const std::unique_ptr<Topology> topology_;
};

}  // namespace rr::redis
