#include "runtime/pool/process/output_pipe.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace rr::pool {
namespace {

constexpr std::size_t kParts = 8;  // of one system call
constexpr int kBigPipe = 1 << 20;  // asked for once a frame did not fit; unprivileged users' limit

// -1: errno says why.
ssize_t write_parts(int descriptor, const std::string_view* parts, std::size_t count) {
  std::array<iovec, kParts> vector;
  count = std::min(count, kParts);
  for (std::size_t i = 0; i < count; ++i) {
    vector[i].iov_base = const_cast<char*>(parts[i].data());
    vector[i].iov_len = parts[i].size();
  }
  ssize_t written;
  do {
    written = ::writev(descriptor, vector.data(), static_cast<int>(count));
  } while (written < 0 && errno == EINTR);
  return written;
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

void OutputPipe::open(int descriptor, Stay stay) {
  std::lock_guard lock(mutex_);
  descriptor_ = descriptor;
  stay_ = stay;
  waiting_.clear();
  first_ = 0;
  pending_.store(false, std::memory_order_release);
  handle_ = reactor_.add(descriptor, *this);
  reactor_.want_writable(handle_, true);
  open_ = true;
}

void OutputPipe::close() {
  std::lock_guard lock(mutex_);
  if (!open_) return;
  open_ = false;
  waiting_.clear();
  first_ = 0;
  pending_.store(false, std::memory_order_release);
  reactor_.close(handle_);
  descriptor_ = -1;
}

void OutputPipe::drop() {
  std::lock_guard lock(mutex_);
  waiting_.clear();
  first_ = 0;
  pending_.store(false, std::memory_order_release);
}

bool OutputPipe::write(std::string_view part) {
  std::size_t written = 0;
  return write(&part, 1, written);
}

bool OutputPipe::write(const std::string_view* parts, std::size_t count, std::size_t& written) {
  written = 0;
  if (pending()) {
    std::lock_guard lock(mutex_);
    if (pending()) {
      waiting_.insert(waiting_.end(), parts, parts + count);
      return true;
    }
  }
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) total += parts[i].size();
  const ssize_t taken = write_parts(descriptor_, parts, count);
  if (taken < 0 && !would_block()) return false;
  written = taken < 0 ? 0 : static_cast<std::size_t>(taken);
  if (written == total) return true;

  // A larger pipe saves a wake-up for every 64 KiB. Best effort: users have a limit on pipe memory.
  fcntl(descriptor_, F_SETPIPE_SZ, kBigPipe);
  std::lock_guard lock(mutex_);
  waiting_.clear();
  first_ = 0;
  std::size_t skip = written;
  for (std::size_t i = 0; i < count; ++i) {
    const auto begin = std::min(skip, parts[i].size());
    skip -= begin;
    if (begin < parts[i].size()) waiting_.push_back(parts[i].substr(begin));
  }
  pending_.store(true, std::memory_order_release);
  // Once more, because the room may have come, and been reported, before anything waited for it.
  return flush() != Flush::failed;
}

// Under the lock.
OutputPipe::Flush OutputPipe::flush() {
  while (first_ < waiting_.size()) {
    const ssize_t taken = write_parts(descriptor_, &waiting_[first_], waiting_.size() - first_);
    if (taken < 0) return would_block() ? Flush::blocked : Flush::failed;
    auto rest = static_cast<std::size_t>(taken);
    while (first_ < waiting_.size() && rest >= waiting_[first_].size()) {
      rest -= waiting_[first_].size();
      ++first_;
    }
    if (first_ < waiting_.size()) waiting_[first_].remove_prefix(rest);
  }
  waiting_.clear();
  first_ = 0;
  pending_.store(false, std::memory_order_release);
  return Flush::done;
}

void OutputPipe::on_writable_unowned(std::uint32_t generation) {
  Stay stay;
  {
    std::lock_guard lock(mutex_);
    if (!open_ || handle_.generation != generation || !pending()) return;
    if (flush() != Flush::failed) return;
    waiting_.clear();
    first_ = 0;
    stay = stay_;
  }
  // pending_ stays: the request was cut off, and the worker cannot be used again.
  listener_.output_failed(stay);
}

}  // namespace rr::pool
