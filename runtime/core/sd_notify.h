// Messages to systemd (sd_notify(3)): READY=1, RELOADING=1, STOPPING=1, WATCHDOG=1, MAINPID=…;
// lines of one message are joined by newlines.
#pragma once

#include <functional>
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

// systemd believes the main process of a service only. In another one of it sd_notify() hands on to
// who has the main one's ear; empty: speaks for itself again. While no other thread notifies.
using Notifier = std::function<Notified(std::string_view state, std::string* error)>;
void notify_through(Notifier notifier);

}  // namespace rr
