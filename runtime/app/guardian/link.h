// The server's end of the channel to whoever started it.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "rr/result.h"
#include "runtime/app/guardian/channel.h"
#include "runtime/core/sd_notify.h"

namespace rr::app::guardian {

// Members are for any thread, unless said otherwise.
//
//   guardian     restarts the server when it dies and keeps its sockets meanwhile; the server does
//                not outlive it
//   predecessor  the server that this one takes over from; may end at any time
class Link {
 public:
  enum class To : std::uint8_t { guardian, predecessor };

  // By the variable that spawn() sets, which is taken out of the environment; null without one.
  // Before any other thread.
  static std::unique_ptr<Link> from_environment();
  // Before any other thread: it changes the environment.
  Link(Channel channel, To to, pid_t starter);
  ~Link();

  bool guarded() const { return to_ == To::guardian; }
  pid_t starter() const { return starter_; }
  // A guarded server dies with its guardian: to be said again after a change of user.
  void die_with_guardian() const;

  // What the other end may want; called by a thread of the link's own.
  struct Orders {
    std::function<void()> leave;      // another server serves
    std::function<void()> make_room;  // another one comes up
    std::function<void()> carry_on;   // it did not
  };
  // Begins to listen, and to tell a guardian of the sockets of KeptSockets. Before anything that
  // follows.
  void start(Orders orders);
  // No order is given any more once it has returned.
  void drop_orders();

  // This server serves. Returns once it is the one that others know.
  void ready();
  void settled();  // everything that names it does so by now
  void failed(std::string_view why);
  void ending();   // a stop is under way
  void restart();  // start another when this one has ended
  // Where systemd believes only the guardian.
  Notified notify(std::string_view state, std::string* error);
  // Blocks until the new program serves. Errors: it does not, or an upgrade is under way.
  Result<void> upgrade();

  int descriptor() const { return channel_.descriptor(); }

 private:
  // What is asked of the other end, and waited for. Of each there is one at a time.
  struct Question {
    Word ask;
    Word reply;
    std::mutex one_at_a_time = {};
    std::optional<std::string> answer = std::nullopt;  // mutex_ guards it
  };
  void listen();
  void obey(std::function<void()> Orders::*order);
  std::optional<std::string> ask(Question& question, std::string_view text = {});
  std::optional<std::string> ask_alone(Question& question, std::string_view text);
  void answered(Word word, std::string text);

  const Channel channel_;
  const To to_;
  const pid_t starter_;

  std::mutex orders_mutex_;
  Orders orders_;  // orders_mutex_ guards it

  std::mutex mutex_;  // guards over_ and the answers
  std::condition_variable changed_;
  bool over_ = false;  // the other end is gone, or this one
  Question ready_{Word::ready, Word::go};
  Question closed_{Word::closed, Word::gone};
  Question notify_{Word::notify, Word::notified};
  Question upgrade_{Word::upgrade, Word::upgraded};
  std::thread listener_;
};

}  // namespace rr::app::guardian
