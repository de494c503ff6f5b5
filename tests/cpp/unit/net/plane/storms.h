// What storms have in common.
#pragma once

#include <memory>

#include <gtest/gtest.h>

#include "gate.h"
#include "jitter.h"
#include "rr/http.h"

namespace rr::net::testing {

// Lets a script wait that has written more than the client reads. False: it was forgotten.
inline bool wait_while_congested(HttpExchange& exchange) {
  using Shared = std::shared_ptr<Gate>;  // of the script and of the connection, in any order
  const auto mine = std::make_shared<Gate>();
  auto* theirs = new Shared(mine);
  const auto resume = [](void* context) {
    std::unique_ptr<Shared> gate(static_cast<Shared*>(context));
    (*gate)->open();
  };
  if (!exchange.congested(resume, theirs)) {
    delete theirs;
    return true;
  }
  const bool resumed = mine->wait();
  EXPECT_TRUE(resumed) << "a paused writer was forgotten";
  return resumed;
}

// Once; in a long run so many times, until one fails.
template <class Storm>
void in_rounds(int of_a_long_run, Storm storm) {
  const int rounds = runs_long() ? of_a_long_run : 1;
  for (int round = 0; round < rounds && !::testing::Test::HasFailure(); ++round) storm();
}

}  // namespace rr::net::testing
