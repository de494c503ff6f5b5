// A socket for datagrams: many read at a time, many sent at a time (GRO, GSO), with the addresses
// of both ends and the marks of congested routers (ECN).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rr/result.h"

namespace rr::net::http3 {

struct Address {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = 0;

  Address() : v6{} {}
  bool operator==(const Address& other) const;
};

struct Datagram {
  Address local;
  Address remote;
  std::uint8_t ecn = 0;
  std::string_view bytes;
};

// Bound, nonblocking, close-on-exec. Any thread may send; one at a time receives.
class UdpSocket final {
 public:
  // "host:port", ":port", "[v6]:port". One that KeptSockets has is taken from there. Errors as
  // ListenSocket::listen.
  static Result<std::vector<UdpSocket>> bind(std::string_view address, bool reuse_port);
  UdpSocket(UdpSocket&& other) noexcept;
  UdpSocket& operator=(UdpSocket&&) = delete;
  ~UdpSocket();

  void close();  // or keeps, see KeptSockets::AtEnd
  int descriptor() const { return descriptor_; }
  const Address& bound() const { return bound_; }  // may be a wildcard
  std::string address() const;                     // "127.0.0.1:443"

  // A socket of its own for the packets of one client: `local`, connected to `remote`. While it
  // exists the kernel gives it what that client sends, whoever reads this one. Needs the right to
  // bind the port.
  Result<UdpSocket> for_client(const Address& local, const Address& remote) const;

  // Where datagrams are received into. Large; one per thread that receives.
  class Inbox;
  // The next datagrams, at most some dozens; views into `inbox`. False: there were none.
  bool receive(Inbox& inbox, std::vector<Datagram>& into) const;

  // `bytes` are datagrams of `segment` bytes each, but for the last, which may be shorter.
  //   blocked  the socket takes nothing now, and nothing was sent
  //   lost     it will not take these; for QUIC as good as lost on the way
  enum class Sent : std::uint8_t { done, blocked, lost };
  Sent send(const Address& local, const Address& remote, std::uint8_t ecn, std::string_view bytes,
            std::size_t segment) const;
  static constexpr std::size_t kMostSegments = 64;     // of one send
  static constexpr std::size_t kMostSent = 60 * 1024;  // bytes of one send

 private:
  UdpSocket(int descriptor, std::string name);
  void set_up(int family) const;
  Sent send_each(msghdr message, std::string_view bytes, std::size_t segment) const;

  int descriptor_;
  std::string name_;  // KeptSockets'; empty: none of its
  Address bound_;
};

class UdpSocket::Inbox {
 public:
  Inbox();
  ~Inbox();

 private:
  friend class UdpSocket;
  struct Slots;
  std::unique_ptr<Slots> slots_;
};

}  // namespace rr::net::http3
