// The worker's end of the pipes or the socket that goridge frames come by (RR_RELAY).
#ifndef RR_EMBED_PIPES_RELAY_H
#define RR_EMBED_PIPES_RELAY_H

#include <chrono>
#include <string>
#include <string_view>

#include "ext/frames.h"

namespace rr::ext {

// One thread's. Where it says lost, fault() says why, and nothing works any more.
class Relay {
 public:
  enum class Got { frame, timed_out, ended, lost };

  // "pipes", "pipes://stdin:stdout", "tcp://host:port", "unix://path". False: fault() says why.
  bool open(std::string_view address);
  bool is_open() const { return in_ >= 0; }
  int descriptor() const { return in_; }
  const std::string& fault() const { return fault_; }

  // Waits for a frame: `seconds` < 0 for as long as it takes. Its payload lives until the next
  // call.
  Got receive(double seconds, goridge::Header* header, std::string_view* payload);
  // The payload that receive() gave lives on, until the next keep().
  void keep();

  // A whole frame. False: lost.
  bool send(goridge::Header header, std::string_view context, std::string_view body);

  // A payload of more is taken for garbage; what a server forwards is far below.
  static constexpr std::uint32_t kMaxPayload = 1U << 30;

 private:
  bool lose(std::string why);
  Got wait(std::chrono::steady_clock::time_point deadline, bool forever);

  int in_ = -1;
  int out_ = -1;
  Frames input_{kMaxPayload};
  Frames kept_{kMaxPayload};
  std::string fault_;
};

}  // namespace rr::ext

#endif
