// The events of this process and who wants to hear of them.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "rr/events.h"

namespace rr::events {

class Mailbox;

// Outlives its subscriptions.
class Bus final : public Events {
 public:
  using Events::subscribe;
  Result<std::unique_ptr<EventSubscription>> subscribe(std::string_view pattern,
                                                       Inbox inbox) override;
  void send(Event event) override;

 private:
  class Subscription;

  std::mutex mutex_;  // guards mailboxes_
  // Of the bus and of the subscription: a sender may be in one whose subscription goes.
  std::vector<std::shared_ptr<Mailbox>> mailboxes_;
};

}  // namespace rr::events
