// What a server and whoever started it (its guardian, or the server it takes over from) tell each
// other: messages of a word and a text, some with a descriptor, over a pair of local sockets.
//
// The two may be programs of different versions: unknown words are ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "rr/result.h"
#include "runtime/pool/process/descriptor.h"

namespace rr::app::guardian {

using pool::Descriptor;

enum class Word : char {
  // ---- from the server
  opened = 'o',   // a listening socket, by its name; with its descriptor
  closed = 'c',   // it listens on it no more; answered by `gone`
  ready = 'r',    // serves; answered by `go`
  settled = 's',  // and has written its pid file
  failed = 'f',   // does not come up: why
  ending = 'e',   // a stop is under way: its end is no accident
  restart = 'x',  // ends, and another is to be started (SIGUSR2)
  notify = 'n',   // a text for systemd; answered by `notified`
  upgrade = 'u',  // start the new program beside this; answered by `upgraded`
  crash = 'd',    // last words of a signal handler: thread, script, request; a line each
  // ---- to the server
  go = 'g',         // it is the one that serves now
  gone = 'G',       // nobody listens there any more
  leave = 'l',      // another serves: end what has begun
  notified = 'N',   // empty, "-" (nobody to notify), or what went wrong
  upgraded = 'U',   // empty, or what went wrong
  make_room = 'm',  // another server comes up beside this
  carry_on = 'k',   // it did not
};

struct Message {
  Word word = Word::ready;
  std::string text;
  Descriptor descriptor;
};

// One end. send() is for any thread, receive() for one at a time.
class Channel {
 public:
  static constexpr std::size_t kMaxText = 60'000;

  Channel() = default;
  explicit Channel(Descriptor socket) : socket_(std::move(socket)) {}
  // Two ends, close-on-exec.
  static Result<std::pair<Channel, Channel>> pair();

  // Does not wait; false: the other end is gone, or does not read. Longer texts are cut.
  bool send(Word word, std::string_view text = {}, int descriptor = -1) const;

  enum class Wait : std::uint8_t { no, yes };
  enum class Got : std::uint8_t { message, nothing, end };
  Got receive(Message& message, Wait wait) const;

  int descriptor() const { return socket_.get(); }
  explicit operator bool() const { return static_cast<bool>(socket_); }
  void close() { socket_.reset(); }

 private:
  Descriptor socket_;
};

}  // namespace rr::app::guardian
