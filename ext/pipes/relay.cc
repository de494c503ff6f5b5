#include "ext/pipes/relay.h"

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ext/dial.h"

namespace rr::ext {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kConnectSeconds = 5;

}  // namespace

bool Relay::lose(std::string why) {
  fault_ = std::move(why);
  return false;
}

bool Relay::open(std::string_view address) {
  if (address == "pipes" || address == "pipes://stdin:stdout") {
    in_ = STDIN_FILENO;
    out_ = STDOUT_FILENO;
    return true;
  }
  Address where;
  if (!Address::parse(address, &where)) {
    return lose("RR_RELAY: unsupported connection format: " + std::string(address));
  }
  std::string why;
  const int socket = dial(where, kConnectSeconds, &why);
  if (socket < 0) return lose("cannot connect to " + where.text() + ": " + why);
  in_ = out_ = socket;
  return true;
}

Relay::Got Relay::wait(Clock::time_point deadline, bool forever) {
  for (;;) {
    int timeout = -1;
    if (!forever) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      timeout = static_cast<int>(std::clamp<decltype(left + 0)>(left, 0, 60'000));
    }
    pollfd entry{in_, POLLIN, 0};
    const int ready = ::poll(&entry, 1, timeout);
    if (ready > 0) return Got::frame;
    if (ready < 0 && errno != EINTR) {
      lose(std::strerror(errno));
      return Got::lost;
    }
    if (!forever && Clock::now() >= deadline) return Got::timed_out;
  }
}

Relay::Got Relay::receive(double seconds, goridge::Header* header, std::string_view* payload) {
  const bool forever = seconds < 0 || seconds > 1e7;
  const auto deadline = forever ? Clock::time_point::max()
                                : Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                     std::chrono::duration<double>(seconds));
  bool begun = false;
  for (;;) {
    switch (input_.next(header, payload)) {
      case Frames::Next::frame:
        return Got::frame;
      case Frames::Next::garbage:
        lose(std::string("the server sent what is no frame: ") + input_.fault());
        return Got::lost;
      case Frames::Next::none:
        break;
    }
    // A frame that has begun to come is on its way: it is waited for.
    if (!forever && !begun) {
      if (const Got got = wait(deadline, false); got != Got::frame) return got;
    }
    std::size_t size = 0;
    char* room = input_.room(&size);
    const ssize_t got = ::read(in_, room, size);
    if (got > 0) {
      begun = true;
      input_.came(static_cast<std::size_t>(got));
    } else if (got == 0) {
      if (!begun) return Got::ended;
      lose("the server closed the connection within a frame");
      return Got::lost;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Somebody made the descriptor, which others may share, not block.
      if (wait({}, true) == Got::lost) return Got::lost;
    } else if (errno != EINTR) {
      lose(std::strerror(errno));
      return Got::lost;
    }
  }
}

void Relay::keep() {
  input_.swap(kept_);
  // What was there is over; input_ goes on with what came behind the frame.
  input_.reset();
  kept_.move_rest(input_);
}

bool Relay::send(goridge::Header header, std::string_view context, std::string_view body) {
  header.payload_bytes = static_cast<std::uint32_t>(context.size() + body.size());
  char head[goridge::kMaxHeaderBytes];
  iovec pieces[3] = {{head, goridge::encode(header, head)},
                     {const_cast<char*>(context.data()), context.size()},
                     {const_cast<char*>(body.data()), body.size()}};
  iovec* piece = pieces;
  int count = 3;
  while (count > 0) {
    const ssize_t sent = ::writev(out_, piece, count);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return lose(std::strerror(errno));
      pollfd entry{out_, POLLOUT, 0};
      ::poll(&entry, 1, -1);
      continue;
    }
    auto rest = static_cast<std::size_t>(sent);
    while (count > 0 && rest >= piece->iov_len) {
      rest -= piece->iov_len;
      ++piece;
      --count;
    }
    if (count > 0) {
      piece->iov_base = static_cast<char*>(piece->iov_base) + rest;
      piece->iov_len -= rest;
    }
  }
  return true;
}

}  // namespace rr::ext
