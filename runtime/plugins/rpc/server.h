// The RPC listener and its connections.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "rr/log.h"
#include "rr/result.h"
#include "runtime/core/control.h"
#include "runtime/core/task_group.h"
#include "runtime/net/listener.h"
#include "runtime/plugins/rpc/connection.h"
#include "runtime/plugins/rpc/router.h"

namespace rr::rpc {

// Main thread; works on the control plane. Destroyed after Control::stop(), because a method that
// has not come back by the deadline still uses it.
class Server {
 public:
  Server(Control& control, std::vector<RpcService*> services, Logger log);

  // Listens and answers: "tcp://host:port", "unix://path". Once, with the control plane running.
  Result<void> listen(std::string_view address, const net::ListenSocket::Options& options = {});
  // As bound, where port 0 was asked for.
  const std::vector<std::string>& addresses() const { return addresses_; }
  // Closes the listeners; connections go on.
  void refuse();
  // Reads no more calls; those that run are answered until the deadline. Then all connections are
  // closed.
  void stop(TimePoint deadline);
  std::size_t connections() const { return connections_.size(); }

 private:
  Task<void> accept_loop(net::ListenSocket socket, asio::posix::stream_descriptor readiness);
  bool accept_all(const net::ListenSocket& socket);
  void welcome(int fd, const net::ListenSocket& socket);

  Control& control_;  // the application's
  Logger log_;
  const Router router_;
  const std::size_t max_connections_;
  std::vector<std::string> addresses_;
  bool out_of_descriptors_ = false;  // control thread; said once per shortage
  bool too_many_ = false;            // the same
  Surroundings surroundings_;
  TaskGroup calls_;
  TaskGroup connections_;
  TaskGroup listeners_;
};

}  // namespace rr::rpc
