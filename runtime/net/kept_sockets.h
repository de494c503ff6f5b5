// Listening sockets that outlive the server that listens on them: handed on to the next program of
// this process (SIGUSR2), to a new server (upgrade, the guardian's restart), or given by systemd.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rr::net {

// Of the process, as its descriptors are; whoever listens asks it before it binds and tells it
// what it opened and closed. Thread-safe.
//
// A socket is known by what was asked for: "tcp://127.0.0.1:8080", "tcp://[::]:0",
// "udp://127.0.0.1:443", "unix:///run/x.sock" (numeric host, absolute path). One from systemd is
// known by what it is bound to.
class KeptSockets {
 public:
  static KeptSockets& of_process();

  struct Socket {
    std::string name;
    int descriptor = -1;
    bool foreign = false;  // systemd's, which listens on it after us: a unix socket's file stays
  };

  // Takes what the environment names, and removes the variables: RR_EMBED_SOCKETS (lines
  // "descriptor=name", "descriptor~name" for foreign ones, as hand_over() writes them) and
  // systemd's LISTEN_FDS, when LISTEN_PID is this process. Descriptors become nonblocking and
  // close-on-exec. What is neither a listening stream socket nor one for datagrams is left alone
  // and named in the result, a text for each.
  std::vector<std::string> adopt_from_environment();
  void adopt(Socket socket);

  // The descriptor of a socket of this name that nobody listens on yet, or -1. It is the caller's.
  // A request for an IPv4 wildcard also gets systemd's "[::]" of the same port, which takes both.
  int take(const std::string& name);
  // Closes those that nobody asked for since they were adopted or kept; returns their names. The
  // file of a unix socket goes, unless it is foreign.
  std::vector<std::string> close_unclaimed();

  // What becomes of a socket whose ListenSocket closes.
  //   close  it is closed, a unix socket's file removed unless it is foreign
  //   keep   its descriptor and file stay: another program of this process goes on with it
  //   leave  its descriptor is closed, the file stays: another process listens on it
  enum class AtEnd { close, keep, leave };
  void at_end(AtEnd what);
  AtEnd what_at_end() const;

  // All sockets that are listened on or kept, in the order they were opened.
  std::vector<Socket> all() const;
  // The value of RR_EMBED_SOCKETS for these.
  static std::string hand_over(const std::vector<Socket>& sockets);
  static constexpr const char* kVariable = "RR_EMBED_SOCKETS";

  // Called, under the lock, with each socket that is opened and each that is closed (descriptor
  // -1): the guardian keeps copies. Told at once of those that are open.
  void watch(std::function<void(const Socket&)> watcher);

  // ---- for ListenSocket and http3::UdpSocket
  void opened(Socket socket);
  // The caller gives up the descriptor. True: the file of a unix socket is to be removed.
  bool closed(const Socket& socket);

 private:
  mutable std::mutex mutex_;  // guards all below
  AtEnd at_end_ = AtEnd::close;
  std::set<std::string> foreign_;  // names
  std::vector<Socket> unclaimed_;
  std::vector<Socket> open_;
  std::function<void(const Socket&)> watcher_;
};

}  // namespace rr::net
