// Listening sockets: addresses as RoadRunner writes them (spec 02 §5.1), and the accept loop on the
// reactor.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rr/log.h"
#include "rr/result.h"
#include "runtime/net/peer.h"
#include "runtime/net/reactor.h"

namespace rr::net {

// A bound, listening, nonblocking, close-on-exec socket. Owns descriptor and unix path, but for
// what KeptSockets says at its end.
class ListenSocket {
 public:
  struct Options {
    bool reuse_port = false;  // several servers may share the address
    bool fast_open = true;
    bool accepts = true;  // false: only bound, clients are refused until accept_clients()
    // Of a unix socket's file; what is not set the umask and this process decide.
    std::optional<mode_t> mode;
    std::optional<uid_t> user;
    std::optional<gid_t> group;
  };
  // "host:port", ":port", "[v6]:port", "tcp://…", "unix://path". A host name may give several
  // sockets; port 0 lets the system choose. One that KeptSockets has is taken from there, where
  // clients may already wait. Errors: malformed address, address in use, no permission.
  static Result<std::vector<ListenSocket>> listen(std::string_view address, Options options);

  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&&) = delete;
  ~ListenSocket();  // closes; removes the unix socket's file

  Result<void> accept_clients();
  void close();  // or keeps, see KeptSockets::AtEnd
  int descriptor() const { return descriptor_; }
  bool is_unix() const { return !path_.empty(); }
  std::uint16_t port() const;   // as bound; 0 of a unix socket
  std::string address() const;  // as bound: "127.0.0.1:8080", "unix:///run/x.sock"

 private:
  ListenSocket(int descriptor, std::string path, std::string name);
  static Result<ListenSocket> listen_unix(const std::string& path, const Options& options);

  int descriptor_;
  std::string path_;
  std::string name_;  // KeptSockets'
};

// Takes over accepted, nonblocking sockets. Any thread that polls.
class Acceptor {
 public:
  virtual void accept(int socket, const Peer& peer) = 0;

 protected:
  ~Acceptor() = default;
};

// Accepts on the reactor. The socket is closed by stop(), or with the object.
class Listener final : public Pollable {
 public:
  struct Options {
    // Sockets get descriptors from here up, so that PHP's select() keeps its numbers below 1024
    // (spec 08 §6.1). 0: as they come.
    int first_descriptor = 0;
  };
  Listener(Reactor& reactor, ListenSocket socket, Acceptor& acceptor, Options options,
           log::Logger log);
  ~Listener();

  Result<void> start();
  // Accepts no more and closes. Blocks for the moment another thread is accepting.
  void stop();
  const ListenSocket& socket() const { return socket_; }

  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint now) override;

 private:
  void accept_all();

  Reactor& reactor_;
  ListenSocket socket_;
  Acceptor& acceptor_;
  const Options options_;
  log::Logger log_;
  Handle handle_;
  bool started_ = false;
  bool out_of_descriptors_ = false;  // said once per shortage
};

}  // namespace rr::net
