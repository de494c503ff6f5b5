#include "jitter.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string_view>
#include <thread>

namespace rr::net::testing {
namespace {

std::atomic<unsigned> chances{0};
std::atomic<std::uint64_t> threads{1};

}  // namespace

std::mt19937_64& random_numbers() {
  thread_local std::mt19937_64 numbers(threads.fetch_add(1, std::memory_order_relaxed));
  return numbers;
}

void seed_thread(std::uint64_t seed, std::uint64_t thread) {
  std::seed_seq sequence{seed, thread};
  random_numbers().seed(sequence);
}

std::uint64_t draw(std::uint64_t below) {
  return random_numbers()() % below;
}

std::uint64_t run_seed() {
  if (const char* text = std::getenv("RR_SEED")) return std::strtoull(text, nullptr, 10);
  return std::random_device()();
}

bool runs_long() {
  const char* wanted = std::getenv("RR_LONG");
  return wanted != nullptr && std::string_view(wanted) == "1";
}

void set_jitter(unsigned one_in_calls) {
  chances.store(one_in_calls, std::memory_order_relaxed);
}

bool jitters() {
  return chances.load(std::memory_order_relaxed) != 0;
}

void jitter() {
  const unsigned one = chances.load(std::memory_order_relaxed);
  if (one == 0 || draw(one) != 0) return;
  switch (draw(8)) {
    case 0:
      std::this_thread::sleep_for(std::chrono::microseconds(draw(400)));
      break;
    case 1:
    case 2:
      std::this_thread::sleep_for(std::chrono::microseconds(draw(40)));
      break;
    default:
      std::this_thread::yield();
  }
}

}  // namespace rr::net::testing

using rr::net::testing::draw;
using rr::net::testing::jitter;

extern "C" {

ssize_t __real_recv(int, void*, size_t, int);
ssize_t __wrap_recv(int socket, void* into, size_t room, int flags) {
  jitter();
  const ssize_t got = __real_recv(socket, into, room, flags);
  const int error = errno;
  jitter();
  errno = error;
  return got;
}

ssize_t __real_sendmsg(int, const msghdr*, int);
ssize_t __wrap_sendmsg(int socket, const msghdr* message, int flags) {
  jitter();
  if (message->msg_name != nullptr) {
    // Datagrams: they may be lost.
    if (rr::net::testing::jitters() && draw(50) == 0) return 1;
    return __real_sendmsg(socket, message, flags);
  }
  msghdr shorter = *message;
  iovec part{};
  if (rr::net::testing::jitters() && message->msg_iovlen > 0 && draw(8) == 0) {
    // A socket may take less than it has room for.
    for (size_t i = 0; i < message->msg_iovlen && part.iov_len == 0; ++i)
      part = message->msg_iov[i];
    if (part.iov_len > 1) part.iov_len = 1 + draw(part.iov_len - 1);
    shorter.msg_iov = &part;
    shorter.msg_iovlen = 1;
  }
  const ssize_t sent = __real_sendmsg(socket, &shorter, flags);
  const int error = errno;
  jitter();
  errno = error;
  return sent;
}

ssize_t __real_send(int, const void*, size_t, int);
ssize_t __wrap_send(int socket, const void* bytes, size_t count, int flags) {
  jitter();
  if (rr::net::testing::jitters() && count > 1 && draw(8) == 0) count = 1 + draw(count - 1);
  const ssize_t sent = __real_send(socket, bytes, count, flags);
  const int error = errno;
  jitter();
  errno = error;
  return sent;
}

int __real_recvmmsg(int, mmsghdr*, unsigned, int, timespec*);
int __wrap_recvmmsg(int socket, mmsghdr* messages, unsigned most, int flags, timespec* limit) {
  jitter();
  // Fewer than there are.
  if (rr::net::testing::jitters() && most > 1 && draw(4) == 0) most = 1;
  const int got = __real_recvmmsg(socket, messages, most, flags, limit);
  const int error = errno;
  jitter();
  errno = error;
  return got;
}

int __real_epoll_pwait(int, epoll_event*, int, int, const sigset_t*);
int __wrap_epoll_pwait(int epoll, epoll_event* events, int most, int timeout,
                       const sigset_t* mask) {
  jitter();
  const int count = __real_epoll_pwait(epoll, events, most, timeout, mask);
  const int error = errno;
  jitter();
  errno = error;
  return count;
}

int __real_epoll_ctl(int, int, int, epoll_event*);
int __wrap_epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) {
  jitter();
  const int result = __real_epoll_ctl(epoll, operation, descriptor, event);
  const int error = errno;
  jitter();
  errno = error;
  return result;
}

int __real_accept4(int, sockaddr*, socklen_t*, int);
int __wrap_accept4(int socket, sockaddr* address, socklen_t* length, int flags) {
  jitter();
  return __real_accept4(socket, address, length, flags);
}

// Futexes. A word may have changed, a wake-up may have passed: just like a real delay.
long __real_syscall(long, long, long, long, long, long, long);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f) {
  jitter();
  const long result = __real_syscall(number, a, b, c, d, e, f);
  const int error = errno;
  jitter();
  errno = error;
  return result;
}

}  // extern "C"
