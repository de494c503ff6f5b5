#include "runtime/app/guardian/channel.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace rr::app::guardian {
namespace {

TEST(Channel, CarriesWordTextAndDescriptor) {
  auto ends = Channel::pair();
  ASSERT_TRUE(ends);
  auto& [one, other] = *ends;
  const Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(one.send(Word::opened, "tcp://127.0.0.1:80", null.get()));
  EXPECT_TRUE(one.send(Word::ready));

  Message message;
  ASSERT_EQ(other.receive(message, Channel::Wait::yes), Channel::Got::message);
  EXPECT_EQ(message.word, Word::opened);
  EXPECT_EQ(message.text, "tcp://127.0.0.1:80");
  ASSERT_TRUE(message.descriptor);
  EXPECT_NE(message.descriptor.get(), null.get());
  EXPECT_EQ(::fcntl(message.descriptor.get(), F_GETFD), FD_CLOEXEC);
  struct stat mine {};
  struct stat theirs {};
  ::fstat(null.get(), &mine);
  ::fstat(message.descriptor.get(), &theirs);
  EXPECT_EQ(mine.st_rdev, theirs.st_rdev);

  ASSERT_EQ(other.receive(message, Channel::Wait::yes), Channel::Got::message);
  EXPECT_EQ(message.word, Word::ready);
  EXPECT_EQ(message.text, "");
  EXPECT_FALSE(message.descriptor);
  EXPECT_EQ(other.receive(message, Channel::Wait::no), Channel::Got::nothing);
}

TEST(Channel, EndsWithItsOtherEnd) {
  auto ends = Channel::pair();
  ASSERT_TRUE(ends);
  auto& [one, other] = *ends;
  one.send(Word::failed, "last words");
  one.close();
  Message message;
  EXPECT_EQ(other.receive(message, Channel::Wait::yes), Channel::Got::message);
  EXPECT_EQ(message.text, "last words");
  EXPECT_EQ(other.receive(message, Channel::Wait::yes), Channel::Got::end);
  EXPECT_FALSE(other.send(Word::go));
}

TEST(Channel, CutsATextThatIsTooLong) {
  auto ends = Channel::pair();
  ASSERT_TRUE(ends);
  EXPECT_TRUE(ends->first.send(Word::failed, std::string(1 << 20, 'x')));
  Message message;
  EXPECT_EQ(ends->second.receive(message, Channel::Wait::yes), Channel::Got::message);
  EXPECT_EQ(message.text.size(), Channel::kMaxText);
}

}  // namespace
}  // namespace rr::app::guardian
