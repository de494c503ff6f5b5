// Who has to go when all connections together hold too much.
#include "runtime/plugins/rpc/memory_budget.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace rr::rpc {
namespace {

class Holder final : public MemoryBudget::Account {
 public:
  using Account::Account;
  using Account::evicted;
  using Account::holds;
  std::size_t stays = 0;  // what it cannot let go of

 private:
  void evict() override { holds(stays); }
};

class RpcMemoryBudget : public testing::Test {
 protected:
  std::shared_ptr<MemoryBudget> budget_ = std::make_shared<MemoryBudget>(100);
  Holder small_{budget_}, large_{budget_};
};

TEST_F(RpcMemoryBudget, NobodyGoesWhileThereIsRoom) {
  small_.holds(10);
  large_.holds(90);
  large_.holds(80);
  small_.holds(20);
  EXPECT_EQ(budget_->held(), 100u);
  EXPECT_FALSE(small_.evicted() || large_.evicted());
}

TEST_F(RpcMemoryBudget, WhoHoldsMostGoesWhoeverAskedLast) {
  large_.holds(95);
  small_.holds(6);
  EXPECT_TRUE(large_.evicted());
  EXPECT_FALSE(small_.evicted());
  EXPECT_EQ(budget_->held(), 6u);
  small_.holds(101);
  EXPECT_TRUE(small_.evicted());
  EXPECT_EQ(budget_->held(), 0u);
}

TEST_F(RpcMemoryBudget, WhatDoesNotGoAtOnceCountsUntilItGoes) {
  {
    Holder stuck(budget_);
    stuck.stays = 60;
    stuck.holds(101);
    EXPECT_TRUE(stuck.evicted());
    EXPECT_EQ(budget_->held(), 60u);
    small_.holds(20);
    large_.holds(30);
    EXPECT_TRUE(large_.evicted());
    EXPECT_FALSE(small_.evicted());
    EXPECT_EQ(budget_->held(), 80u);
  }
  EXPECT_EQ(budget_->held(), 20u);
}

}  // namespace
}  // namespace rr::rpc
