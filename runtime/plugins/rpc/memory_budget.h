// The memory that all RPC connections together may take: when they hold more, the one that holds
// the most has to go. Clients that behave hold little, so it is never one of them while somebody
// tries to fill the server.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_set>
#include <utility>

namespace rr::rpc {

// Control thread only.
class MemoryBudget {
 public:
  class Account;

  explicit MemoryBudget(std::size_t most) : most_(most) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  std::size_t held() const { return held_; }

 private:
  void enforce();

  const std::size_t most_;
  std::size_t held_ = 0;
  std::unordered_set<Account*> accounts_;
};

// What one connection holds. Derived from; gives its bytes back with its end.
class MemoryBudget::Account {
 public:
  explicit Account(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)) {
    budget_->accounts_.insert(this);
  }
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

 protected:
  ~Account() {
    budget_->held_ -= held_;
    budget_->accounts_.erase(this);
  }
  // From now on it is this many. May evict() whoever holds most, this one too, before it returns.
  void holds(std::size_t bytes) {
    const bool more = bytes > held_;
    budget_->held_ += bytes - held_;
    held_ = bytes;
    if (more && budget_->held_ > budget_->most_) budget_->enforce();
  }
  bool evicted() const { return evicted_; }

 private:
  friend class MemoryBudget;
  // Called once: lets go of what it can, says so with holds(), and takes in nothing more.
  virtual void evict() = 0;

  // The server's and every account's: a call that does not end outlives the server.
  std::shared_ptr<MemoryBudget> budget_;
  std::size_t held_ = 0;
  bool evicted_ = false;
};

inline void MemoryBudget::enforce() {
  while (held_ > most_) {
    Account* most = nullptr;
    for (Account* each : accounts_) {
      if (!each->evicted_ && (!most || each->held_ > most->held_)) most = each;
    }
    if (!most) return;
    most->evicted_ = true;
    most->evict();
  }
}

}  // namespace rr::rpc
