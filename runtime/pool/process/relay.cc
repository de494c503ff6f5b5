#include "runtime/pool/process/relay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace rr::pool {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::uint32_t kMaxReply = 1024;  // `{"pid":…}` and no more
constexpr Duration kAcceptPause = 100ms;   // without descriptors

std::optional<Error> hand_to(const std::string& path, const std::optional<RunAs>& owner) {
  const bool given = !owner || chown(path.c_str(), owner->user, owner->group) == 0;
  if (given && chmod(path.c_str(), S_IRUSR | S_IWUSR) == 0) return std::nullopt;
  return Error(Errc::io, "", "chown " + path + ": " + std::strerror(errno));
}

}  // namespace

// A listening socket. The stream has a descriptor of its own.
struct Relay::Door {
  Door(asio::io_context& control, net::ListenSocket socket)
      : socket(std::move(socket)), stream(control), pause(control) {}
  net::ListenSocket socket;
  Stream stream;
  asio::steady_timer pause;
};

struct Relay::Guest {
  Guest(asio::io_context& control, int socket) : stream(control, socket) {}
  Stream stream;
  Handshake handshake{kMaxReply};
  TimePoint deadline;
};

Result<std::unique_ptr<Relay>> Relay::open(asio::io_context& control, const std::string& address,
                                           const std::optional<RunAs>& owner, Logger log) {
  const bool is_unix = address.starts_with("unix://");
  if (!is_unix && !address.starts_with("tcp://")) {
    return Error(Errc::network, "",
                 "invalid Protocol ([tcp://]:6001, unix://file.sock), address: " + address);
  }
  auto sockets = net::ListenSocket::listen(address, {});
  if (!sockets) return std::move(sockets).error();
  if (is_unix) {
    if (auto error = hand_to(address.substr(std::strlen("unix://")), owner)) return *error;
  }
  return std::unique_ptr<Relay>(new Relay(control, std::move(sockets).value(), log));
}

Relay::Relay(asio::io_context& control, std::vector<net::ListenSocket> sockets, Logger log)
    : control_(control), log_(log), timer_(control) {
  for (auto& socket : sockets) {
    doors_.push_back(std::make_unique<Door>(control, std::move(socket)));
  }
}

Relay::~Relay() = default;

void Relay::expect(pid_t pid, Duration limit, Arrived arrived) {
  limit_ = std::max(limit_, limit);
  expected_[pid] = std::move(arrived);
  if (std::exchange(open_, true)) return;
  for (auto& door : doors_) {
    door->stream.assign(::dup(door->socket.descriptor()));
    if (!makes_room_) accept(*door);
  }
}

void Relay::make_room() {
  if (std::exchange(makes_room_, true)) return;
  for (auto& door : doors_) {
    door->stream.cancel();
    door->pause.cancel();
  }
}

void Relay::carry_on() {
  if (!std::exchange(makes_room_, false) || !open_) return;
  for (auto& door : doors_) accept(*door);
}

void Relay::accept(Door& door) {
  door.stream.async_wait(Stream::wait_read, [this, &door](boost::system::error_code error) {
    if (error || makes_room_) return;
    for (;;) {
      const int socket =
          ::accept4(door.socket.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0) {
        welcome(Descriptor(socket));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        log_.warn("server.relay cannot accept", kv("error", std::strerror(errno)));
        return accept_later(door);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return accept(door);
      }
      // Anything else is about that one connection.
    }
  });
}

void Relay::accept_later(Door& door) {
  door.pause.expires_after(kAcceptPause);
  door.pause.async_wait([this, &door](boost::system::error_code error) {
    if (!error) accept(door);
  });
}

void Relay::welcome(Descriptor socket) {
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // Fits into the empty buffer. When the guest is gone already, reading will say so.
  const std::string request = pid_request(getpid());
  [[maybe_unused]] const auto sent =
      ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);

  if (guests_.size() == kMaxGuests) show_out(guests_.begin(), "too many others wait");
  guests_.push_back(std::make_unique<Guest>(control_, socket.release()));
  guests_.back()->deadline = Clock::now() + limit_;
  listen_to(std::prev(guests_.end()));
  watch_time();
}

void Relay::listen_to(Place place) {
  // The guest is gone when the wait was cancelled: nothing of it may be touched then.
  (*place)->stream.async_wait(Stream::wait_read, [this, place](boost::system::error_code error) {
    if (!error) read(place);
  });
}

void Relay::read(Place place) {
  Guest& guest = **place;
  char bytes[kMaxReply];
  ssize_t got;
  do {
    got = ::read(guest.stream.native_handle(), bytes, sizeof bytes);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return listen_to(place);
  if (got <= 0) return show_out(place, "it closed the connection");
  switch (guest.handshake.feed({bytes, static_cast<std::size_t>(got)})) {
    case Handshake::State::waiting:
      return listen_to(place);
    case Handshake::State::ready:
      break;
    case Handshake::State::draining:
    case Handshake::State::failed:
      return show_out(place, "it does not answer the pid request");
  }
  const auto expected = expected_.find(guest.handshake.pid());
  if (expected == expected_.end()) return show_out(place, "its pid is not that of a worker");
  const Arrived arrived = std::move(expected->second);
  expected_.erase(expected);
  Descriptor socket(guest.stream.release());
  guests_.erase(place);
  arrived(std::move(socket));
}

void Relay::show_out(Place place, const char* why) {
  log_.debug("a connection to server.relay is closed", kv("reason", why));
  guests_.erase(place);
}

// Every guest has the same time, so the oldest is the first whose time is over.
void Relay::watch_time() {
  if (timer_runs_ || guests_.empty()) return;
  timer_runs_ = true;
  timer_.expires_at(guests_.front()->deadline);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    timer_runs_ = false;
    const TimePoint now = Clock::now();
    while (!guests_.empty() && guests_.front()->deadline <= now) {
      show_out(guests_.begin(), "it said nothing in time");
    }
    watch_time();
  });
}

}  // namespace rr::pool
