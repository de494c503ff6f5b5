// The server's end, with the test in the place of the guardian.
#include "runtime/app/guardian/link.h"

#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/net/kept_sockets.h"
#include "runtime/net/listener.h"

namespace rr::app::guardian {
namespace {

// A predecessor's: a link to a guardian would end this process with it.
class LinkTest : public ::testing::Test {
 protected:
  LinkTest() {
    auto ends = Channel::pair();
    other_ = std::move(ends->first);
    link_.emplace(std::move(ends->second), Link::To::predecessor, ::getppid());
  }
  Message next() {
    Message message;
    EXPECT_EQ(other_.receive(message, Channel::Wait::yes), Channel::Got::message);
    return message;
  }

  Channel other_;
  std::optional<Link> link_;
};

TEST_F(LinkTest, ReadyWaitsForTheWord) {
  link_->start({});
  auto ready = std::async(std::launch::async, [&] { link_->ready(); });
  EXPECT_EQ(next().word, Word::ready);
  EXPECT_EQ(ready.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  other_.send(Word::go);
  ready.get();
}

TEST_F(LinkTest, ReadyWaitsForNobodyWhoIsGone) {
  link_->start({});
  other_.close();
  link_->ready();
}

TEST_F(LinkTest, AnswersFindTheirQuestions) {
  link_->start({});
  std::string error;
  auto upgrade = std::async(std::launch::async, [&] { return link_->upgrade(); });
  EXPECT_EQ(next().word, Word::upgrade);
  EXPECT_FALSE(link_->upgrade()) << "one at a time";
  auto notified = std::async(std::launch::async, [&] { return link_->notify("READY=1", &error); });
  EXPECT_EQ(next().text, "READY=1");
  other_.send(Word::notified, "no such file");
  EXPECT_EQ(notified.get(), Notified::failed);
  EXPECT_EQ(error, "no such file");
  other_.send(Word::upgraded, "it does not come up");
  const auto done = upgrade.get();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "it does not come up");
}

TEST_F(LinkTest, OrdersAreObeyedUntilTheyAreDropped) {
  std::atomic<int> leaves{0};
  link_->start({.leave = [&] { ++leaves; }, .make_room = {}, .carry_on = {}});
  other_.send(Word::make_room);
  other_.send(static_cast<Word>('?'));  // of a later version
  other_.send(Word::leave);
  while (leaves == 0) std::this_thread::yield();
  link_->drop_orders();
  other_.send(Word::leave);
  link_.reset();
  EXPECT_EQ(leaves, 1);
}

TEST(LinkFromEnvironment, TakesNoDescriptorThatIsNoChannel) {
  ::setenv("RR_EMBED_GUARDIAN", "0", 1);
  EXPECT_EQ(Link::from_environment(), nullptr);
  EXPECT_EQ(::getenv("RR_EMBED_GUARDIAN"), nullptr);
  ::setenv("RR_EMBED_PREDECESSOR", "nonsense", 1);
  EXPECT_EQ(Link::from_environment(), nullptr);
  EXPECT_EQ(::getenv("RR_EMBED_PREDECESSOR"), nullptr);
}

}  // namespace
}  // namespace rr::app::guardian
