// One connection to one redis server: blocking, with deadlines. Format and parser are hiredis', the
// socket is ours.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rr/exchange.h"
#include "rr/result.h"
#include "runtime/net/redis/reply.h"
#include "runtime/net/redis/settings.h"
#include "runtime/net/redis/tls.h"

struct redisReader;

namespace rr::redis {

// One thread at a time.
class Connection {
 public:
  // What a connection says of itself before it is used.
  struct Login {
    std::string username;
    std::string password;
    std::int64_t db = 0;
    bool read_only = false;  // of a replica in a cluster
  };

  // "host:port", or the path of a unix socket. Errors are Errc::network and worded as Go does
  // ("dial tcp 127.0.0.1:1: connect: connection refused"), or what the server said to the login.
  static Result<std::unique_ptr<Connection>> dial(const std::string& address,
                                                  const Settings& settings, TlsContext* tls,
                                                  const Login& login);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends all of them, then reads as many replies. After an error (Errc::network) it is not known
  // which of them were done, and the connection is good for nothing.
  Result<std::vector<Reply>> run(std::span<const Command> commands);
  Result<Reply> run(const Command& command);

  // Whether the server has closed it, or says something nobody asked for.
  bool is_stale();
  TimePoint created() const { return created_; }
  TimePoint last_used() const { return last_used_; }

 private:
  Connection(int fd, std::string name, const Settings& settings);
  Result<void> log_in(const Login& login);
  Result<void> send(std::string_view bytes);
  Result<Reply> receive(TimePoint deadline);
  Result<void> wait(short events, TimePoint deadline, std::string_view what) const;
  Error failed(std::string_view what, std::string_view why) const;

  const int fd_;
  const std::string name_;  // "tcp 127.0.0.1:6379"
  const Duration read_timeout_;
  const Duration write_timeout_;
  std::unique_ptr<TlsSession> tls_;  // null: none
  redisReader* reader_;
  const TimePoint created_ = Clock::now();
  TimePoint last_used_ = created_;
};

}  // namespace rr::redis
