#include "runtime/core/events/bus.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <utility>

#include "runtime/core/events/pattern.h"

namespace rr::events {

// What one subscriber wants, and what has come for it. Thread-safe.
class Mailbox {
 public:
  explicit Mailbox(Events::Inbox inbox) : inbox_(std::move(inbox)) {}

  void add(Pattern pattern) {
    const std::lock_guard lock(mutex_);
    patterns_.push_back(std::move(pattern));
  }
  void remove(const Pattern& pattern) {
    const std::lock_guard lock(mutex_);
    std::erase(patterns_, pattern);
  }

  void offer(const Event& event) {
    const std::lock_guard lock(mutex_);
    if (closed_ || !wanted(event)) return;
    if (events_.size() >= inbox_.capacity) {
      ++dropped_;
      return;
    }
    events_.push_back(event);
    come_.notify_one();
    // Under the lock, so that close() is the end of it.
    if (events_.size() == 1 && inbox_.notify) inbox_.notify();
  }

  std::optional<Event> next(TimePoint deadline) {
    std::unique_lock lock(mutex_);
    come_.wait_until(lock, deadline, [this] { return closed_ || !events_.empty(); });
    if (closed_ || events_.empty()) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    come_.notify_all();
  }
  std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  bool wanted(const Event& event) const {
    return std::ranges::any_of(
        patterns_, [&](const Pattern& each) { return each.matches(event.plugin, event.type); });
  }

  const Events::Inbox inbox_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable come_;
  std::vector<Pattern> patterns_;
  std::deque<Event> events_;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

class Bus::Subscription final : public EventSubscription {
 public:
  Subscription(Bus& bus, std::shared_ptr<Mailbox> mailbox)
      : bus_(bus), mailbox_(std::move(mailbox)) {}
  ~Subscription() override {
    mailbox_->close();
    const std::lock_guard lock(bus_.mutex_);
    std::erase(bus_.mailboxes_, mailbox_);
    bus_.subscribers_.store(bus_.mailboxes_.size(), std::memory_order_relaxed);
  }

  Result<void> add(std::string_view pattern) override {
    auto parsed = Pattern::parse(pattern);
    if (!parsed) return std::move(parsed).error();
    mailbox_->add(std::move(parsed).value());
    return {};
  }
  void remove(std::string_view pattern) override {
    if (auto parsed = Pattern::parse(pattern)) mailbox_->remove(*parsed);
  }
  std::optional<Event> next(TimePoint deadline) override { return mailbox_->next(deadline); }
  void close() override { mailbox_->close(); }
  std::uint64_t dropped() const override { return mailbox_->dropped(); }

 private:
  Bus& bus_;  // outlives us
  const std::shared_ptr<Mailbox> mailbox_;
};

Result<std::unique_ptr<EventSubscription>> Bus::subscribe(std::string_view pattern, Inbox inbox) {
  auto mailbox = std::make_shared<Mailbox>(std::move(inbox));
  auto subscription = std::make_unique<Subscription>(*this, mailbox);
  if (auto added = subscription->add(pattern); !added) return std::move(added).error();
  const std::lock_guard lock(mutex_);
  mailboxes_.push_back(std::move(mailbox));
  subscribers_.store(mailboxes_.size(), std::memory_order_relaxed);
  return std::unique_ptr<EventSubscription>(std::move(subscription));
}

void Bus::send(Event event) {
  std::vector<std::shared_ptr<Mailbox>> all;
  {
    const std::lock_guard lock(mutex_);
    all = mailboxes_;
  }
  for (const auto& mailbox : all) mailbox->offer(event);
}

}  // namespace rr::events
