// Messages to systemd (sd_notify(3)): READY=1, RELOADING=1, STOPPING=1, WATCHDOG=1, MAINPID=…;
// lines of one message are joined by newlines.
#pragma once

#include <string>
#include <string_view>

namespace rr {

enum class Notified {
  no,      // NOTIFY_SOCKET is not set
  yes,     // delivered
  failed,  // the socket cannot be reached
};

// One datagram to $NOTIFY_SOCKET (an abstract socket begins with `@`). On failure `error` says why.
Notified sd_notify(std::string_view state, std::string* error = nullptr);

// RELOADING=1 with the clock, which Type=notify-reload wants with it. READY=1 ends what it begins.
std::string sd_reloading();

}  // namespace rr
