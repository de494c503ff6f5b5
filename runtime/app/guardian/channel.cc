#include "runtime/app/guardian/channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace rr::app::guardian {
namespace {

// A descriptor beside the bytes of a message.
union Attachment {
  cmsghdr align;
  std::array<char, CMSG_SPACE(sizeof(int))> bytes;
};

}  // namespace

Result<std::pair<Channel, Channel>> Channel::pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Error(Errc::io, "", std::string("socketpair: ") + std::strerror(errno));
  }
  return std::pair(Channel(Descriptor(ends[0])), Channel(Descriptor(ends[1])));
}

bool Channel::send(Word word, std::string_view text, int descriptor) const {
  text = text.substr(0, kMaxText);
  std::array<iovec, 2> parts{{{&word, 1}, {const_cast<char*>(text.data()), text.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  Attachment attachment{};
  if (descriptor >= 0) {
    message.msg_control = attachment.bytes.data();
    message.msg_controllen = attachment.bytes.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  ssize_t sent;
  do {
    sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

Channel::Got Channel::receive(Message& message, Wait wait) const {
  std::string text(kMaxText + 1, '\0');
  iovec part{text.data(), text.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  Attachment attachment{};
  header.msg_control = attachment.bytes.data();
  header.msg_controllen = attachment.bytes.size();
  ssize_t got;
  do {
    got =
        ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | (wait == Wait::no ? MSG_DONTWAIT : 0));
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return Got::nothing;
  if (got <= 0) return Got::end;
  message.word = static_cast<Word>(text[0]);
  message.text.assign(text, 1, static_cast<std::size_t>(got) - 1);
  message.descriptor.reset();
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(each), sizeof descriptor);
    message.descriptor.reset(descriptor);
  }
  return Got::message;
}

}  // namespace rr::app::guardian
