#include "runtime/net/http3/udp_socket.h"

#include <netinet/udp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "runtime/net/address_name.h"
#include "runtime/net/kept_sockets.h"
#include "runtime/net/resolve.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace rr::net::http3 {
namespace {

constexpr std::size_t kMessages = 8;              // of one recvmmsg(2)
constexpr std::size_t kMessageBytes = 64 * 1024;  // the kernel puts up to 64 datagrams into each
constexpr int kSocketBuffer = 4 * 1024 * 1024;    // as far as the system allows

// The network card, or something on the way to it, does not know segments.
std::atomic<bool> segments_work{true};

void enable(int descriptor, int level, int name, int value = 1) {
  setsockopt(descriptor, level, name, &value, sizeof value);
}

Error system_error(std::string_view what, std::string_view address) {
  return Error(
      Errc::io, "",
      "listen udp " + std::string(address) + ": " + std::string(what) + ": " + system_text(errno));
}

Result<int> bind_to(const sockaddr* address, socklen_t size, std::string_view text,
                    bool reuse_port) {
  const int descriptor = socket(address->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_error("socket", text);
  if (address->sa_family == AF_INET6) enable(descriptor, IPPROTO_IPV6, IPV6_V6ONLY);
  if (reuse_port) enable(descriptor, SOL_SOCKET, SO_REUSEPORT);
  if (::bind(descriptor, address, size) != 0) {
    Error error = system_error("bind", text);
    ::close(descriptor);
    return error;
  }
  return descriptor;
}

template <class T>
T control_value(const cmsghdr* control) {
  T value{};
  std::memcpy(&value, CMSG_DATA(control), sizeof value);
  return value;
}

template <class T>
cmsghdr* put_control(msghdr& message, cmsghdr* at, int level, int type, const T& value) {
  at->cmsg_level = level;
  at->cmsg_type = type;
  at->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(at), &value, sizeof value);
  message.msg_controllen += CMSG_SPACE(sizeof value);
  return reinterpret_cast<cmsghdr*>(reinterpret_cast<char*>(at) + CMSG_SPACE(sizeof value));
}

// What the kernel says beside a message: where it was sent to, its mark, how it is cut.
void read_controls(msghdr& message, Datagram& datagram, std::size_t& segment) {
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_PKTINFO) {
      datagram.local.v4.sin_addr = control_value<in_pktinfo>(each).ipi_addr;
    } else if (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_PKTINFO) {
      datagram.local.v6.sin6_addr = control_value<in6_pktinfo>(each).ipi6_addr;
    } else if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_TOS) {
      datagram.ecn = control_value<std::uint8_t>(each) & 3;
    } else if (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_TCLASS) {
      datagram.ecn = static_cast<std::uint8_t>(control_value<int>(each) & 3);
    } else if (each->cmsg_level == SOL_UDP && each->cmsg_type == UDP_GRO) {
      segment = static_cast<std::size_t>(control_value<int>(each));
    }
  }
}

}  // namespace

bool Address::operator==(const Address& other) const {
  if (any.sa_family != other.any.sa_family) return false;
  if (any.sa_family == AF_INET) {
    return v4.sin_port == other.v4.sin_port && v4.sin_addr.s_addr == other.v4.sin_addr.s_addr;
  }
  return v6.sin6_port == other.v6.sin6_port &&
         std::memcmp(&v6.sin6_addr, &other.v6.sin6_addr, sizeof v6.sin6_addr) == 0;
}

Result<std::vector<UdpSocket>> UdpSocket::bind(std::string_view address, bool reuse_port) {
  auto found = resolve_listen_address(address, SOCK_DGRAM);
  if (!found) return std::move(found).error();
  std::vector<UdpSocket> sockets;
  std::optional<Error> failure;
  for (const addrinfo* each = found->get(); each; each = each->ai_next) {
    std::string name = address_name(*each->ai_addr, each->ai_addrlen, Transport::udp);
    if (const int kept = KeptSockets::of_process().take(name); kept >= 0) {
      sockets.push_back(UdpSocket(kept, std::move(name)));
      continue;
    }
    auto descriptor = bind_to(each->ai_addr, each->ai_addrlen, address, reuse_port);
    if (descriptor) {
      sockets.push_back(UdpSocket(*descriptor, std::move(name)));
    } else if (!failure) {
      failure = std::move(descriptor).error();
    }
  }
  // A host name may stand for families this machine does not have: one socket is enough.
  if (sockets.empty()) return *std::move(failure);
  if (failure && failure->message.find(system_text(EADDRINUSE)) != std::string::npos) {
    return *std::move(failure);
  }
  return sockets;
}

UdpSocket::UdpSocket(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {
  bound_.size = sizeof bound_.v6;
  getsockname(descriptor_, &bound_.any, &bound_.size);
  set_up(bound_.any.sa_family);
  if (!name_.empty()) KeptSockets::of_process().opened({name_, descriptor_});
}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      bound_(other.bound_) {}

UdpSocket::~UdpSocket() {
  close();
}

void UdpSocket::close() {
  if (descriptor_ < 0) return;
  const int descriptor = std::exchange(descriptor_, -1);
  if (name_.empty()) {
    ::close(descriptor);
  } else {
    KeptSockets::of_process().closed({name_, descriptor});
  }
}

void UdpSocket::set_up(int family) const {
  const bool v6 = family == AF_INET6;
  enable(descriptor_, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVPKTINFO : IP_PKTINFO);
  enable(descriptor_, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVTCLASS : IP_RECVTOS);
  // QUIC finds out by itself what a path takes; nobody cuts its datagrams.
  enable(descriptor_, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
         v6 ? IPV6_PMTUDISC_PROBE : IP_PMTUDISC_PROBE);
  enable(descriptor_, SOL_UDP, UDP_GRO);
  enable(descriptor_, SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
  enable(descriptor_, SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
}

std::string UdpSocket::address() const {
  return address_name(bound_.any, bound_.size, Transport::udp).substr(sizeof("udp://") - 1);
}

// The kernel lets two sockets have one address only when both allow it, at the moment the second is
// bound. At any other moment nobody else shall share ours.
Result<UdpSocket> UdpSocket::for_client(const Address& local, const Address& remote) const {
  const int descriptor = socket(local.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_error("socket", address());
  enable(descriptor, SOL_SOCKET, SO_REUSEADDR);
  enable(descriptor_, SOL_SOCKET, SO_REUSEADDR);
  const bool bound = ::bind(descriptor, &local.any, local.size) == 0;
  const bool connected = bound && ::connect(descriptor, &remote.any, remote.size) == 0;
  const int error = errno;
  enable(descriptor_, SOL_SOCKET, SO_REUSEADDR, 0);
  enable(descriptor, SOL_SOCKET, SO_REUSEADDR, 0);
  if (!connected) {
    ::close(descriptor);
    errno = error;
    return system_error(bound ? "connect" : "bind", address());
  }
  return UdpSocket(descriptor, "");
}

// ---- receiving

struct UdpSocket::Inbox::Slots {
  struct Message {
    alignas(cmsghdr) char control[256];
    sockaddr_in6 from;
    iovec part;
  };
  std::array<Message, kMessages> messages;
  std::array<mmsghdr, kMessages> headers{};
  std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kMessages * kMessageBytes);
};

UdpSocket::Inbox::Inbox() : slots_(std::make_unique<Slots>()) {}
UdpSocket::Inbox::~Inbox() = default;

bool UdpSocket::receive(Inbox& inbox, std::vector<Datagram>& into) const {
  Inbox::Slots& slots = *inbox.slots_;
  for (std::size_t i = 0; i < kMessages; ++i) {
    auto& message = slots.messages[i];
    message.part = {slots.bytes.get() + i * kMessageBytes, kMessageBytes};
    msghdr& header = slots.headers[i].msg_hdr;
    header = {};
    header.msg_name = &message.from;
    header.msg_namelen = sizeof message.from;
    header.msg_iov = &message.part;
    header.msg_iovlen = 1;
    header.msg_control = message.control;
    header.msg_controllen = sizeof message.control;
  }
  int count = -1;
  // An error may be what the network reported about something sent earlier: reading goes on.
  for (int tries = 0; count < 0 && tries < 8; ++tries) {
    count = recvmmsg(descriptor_, slots.headers.data(), kMessages, MSG_DONTWAIT, nullptr);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
  }
  if (count <= 0) return false;
  for (int i = 0; i < count; ++i) {
    auto& message = slots.messages[static_cast<std::size_t>(i)];
    mmsghdr& header = slots.headers[static_cast<std::size_t>(i)];
    if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0 || header.msg_len == 0) continue;
    Datagram datagram;
    datagram.local = bound_;
    datagram.remote.size = header.msg_hdr.msg_namelen;
    std::memcpy(&datagram.remote.v6, &message.from,
                std::min<std::size_t>(sizeof message.from, datagram.remote.size));
    std::size_t segment = header.msg_len;
    read_controls(header.msg_hdr, datagram, segment);
    if (segment == 0) segment = header.msg_len;
    std::string_view all(static_cast<const char*>(message.part.iov_base), header.msg_len);
    while (!all.empty()) {
      datagram.bytes = all.substr(0, segment);
      all.remove_prefix(datagram.bytes.size());
      into.push_back(datagram);
    }
  }
  return true;
}

// ---- sending

UdpSocket::Sent UdpSocket::send(const Address& local, const Address& remote, std::uint8_t ecn,
                                std::string_view bytes, std::size_t segment) const {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int)) +
                                CMSG_SPACE(sizeof(std::uint16_t))] = {};
  Address to = remote;
  msghdr message{};
  message.msg_name = &to.any;
  message.msg_namelen = to.size;
  message.msg_control = control;
  auto* at = reinterpret_cast<cmsghdr*>(control);
  if (remote.any.sa_family == AF_INET) {
    in_pktinfo from{};
    from.ipi_spec_dst = local.v4.sin_addr;
    at = put_control(message, at, IPPROTO_IP, IP_PKTINFO, from);
    if (ecn != 0) at = put_control(message, at, IPPROTO_IP, IP_TOS, int{ecn});
  } else {
    in6_pktinfo from{};
    from.ipi6_addr = local.v6.sin6_addr;
    at = put_control(message, at, IPPROTO_IPV6, IPV6_PKTINFO, from);
    if (ecn != 0) at = put_control(message, at, IPPROTO_IPV6, IPV6_TCLASS, int{ecn});
  }
  const bool cut = bytes.size() > segment;
  if (cut && !segments_work.load(std::memory_order_relaxed)) {
    return send_each(message, bytes, segment);
  }
  const std::size_t before = message.msg_controllen;
  if (cut) put_control(message, at, SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment));
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  while (sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return Sent::blocked;
    // EIO: no checksums in hardware; EINVAL: a kernel without segments.
    if (!cut || (errno != EIO && errno != EINVAL)) return Sent::lost;
    segments_work.store(false, std::memory_order_relaxed);
    message.msg_controllen = before;
    return send_each(message, bytes, segment);
  }
  return Sent::done;
}

UdpSocket::Sent UdpSocket::send_each(msghdr message, std::string_view bytes,
                                     std::size_t segment) const {
  std::array<mmsghdr, kMostSegments> messages{};
  std::array<iovec, kMostSegments> parts{};
  unsigned count = 0;
  for (; !bytes.empty() && count < kMostSegments; ++count) {
    const std::string_view one = bytes.substr(0, segment);
    bytes.remove_prefix(one.size());
    parts[count] = {const_cast<char*>(one.data()), one.size()};
    message.msg_iov = &parts[count];
    message.msg_iovlen = 1;
    messages[count].msg_hdr = message;
  }
  const int sent = sendmmsg(descriptor_, messages.data(), count, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) return Sent::done;  // of the rest QUIC hears as of any loss
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? Sent::blocked : Sent::lost;
}

}  // namespace rr::net::http3
