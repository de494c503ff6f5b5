#include "runtime/core/crash_report.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace rr::crash {
namespace {

constexpr std::size_t kStack = 64 * 1024;
constexpr std::size_t kMostOfPart = 1024;

int watcher = -1;
char first_byte = 0;

// Text without the means of the library. What comes from outside loses its control characters, so
// that a request cannot write lines of its own.
class Line {
 public:
  void add(std::string_view text) {
    const std::size_t size = std::min(text.size(), bytes_.size() - size_);
    std::memcpy(bytes_.data() + size_, text.data(), size);
    size_ += size;
  }
  void add_foreign(const char* text, std::size_t size) {
    if (text == nullptr) return;
    for (std::size_t i = 0; i < std::min(size, kMostOfPart) && size_ < bytes_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      bytes_[size_++] = byte < 0x20 || byte == 0x7F ? '?' : text[i];
    }
  }
  void add_number(unsigned long number) {
    std::array<char, 20> digits;
    std::size_t at = digits.size();
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    add({digits.data() + at, digits.size() - at});
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 4 * kMostOfPart> bytes_;
  std::size_t size_ = 0;
};

std::string_view name_of(int number) {
  switch (number) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "SIGABRT";
  }
}

void add_thread(Line& line) {
  if (work.thread[0] != '\0') return line.add({work.thread, ::strnlen(work.thread, 24)});
  const long id = ::syscall(SYS_gettid);
  if (id == ::getpid()) return line.add("the main thread");
  line.add("thread ");
  line.add_number(static_cast<unsigned long>(id));
}

void add_request(Line& line) {
  line.add_foreign(work.method, work.method_size);
  line.add(" ");
  line.add_foreign(work.target, work.target_size);
}

void say(int number) {
  Line line;
  line.add("rr-embed: signal ");
  line.add_number(static_cast<unsigned long>(number));
  line.add(" (");
  line.add(name_of(number));
  line.add(") in ");
  add_thread(line);
  if (work.script_size != 0) {
    line.add(", script ");
    line.add_foreign(work.script, work.script_size);
  }
  if (work.method_size != 0) {
    line.add(", ");
    add_request(line);
  }
  line.add("\n");
  [[maybe_unused]] const auto written =
      ::write(STDERR_FILENO, line.view().data(), line.view().size());
}

void tell_watcher() {
  if (watcher < 0) return;
  Line line;
  line.add({&first_byte, 1});
  add_thread(line);
  line.add("\n");
  line.add_foreign(work.script, work.script_size);
  line.add("\n");
  if (work.method_size != 0) add_request(line);
  [[maybe_unused]] const auto sent =
      ::send(watcher, line.view().data(), line.view().size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Reset to the default action on entry (SA_RESETHAND): an instruction that faulted faults again
// when this returns, and the core shows where.
extern "C" void report(int number, siginfo_t* info, void*) {
  const int error = errno;
  say(number);
  tell_watcher();
  errno = error;
  if (info->si_code <= 0) ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), number);
}

}  // namespace

void install(int socket, char first) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static_cast<void>(socket);
  static_cast<void>(first);
#else
  watcher = socket;
  first_byte = first;
  struct sigaction action {};
  action.sa_sigaction = report;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  sigfillset(&action.sa_mask);
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    ::sigaction(number, &action, nullptr);
#endif
}

Thread::Thread(std::string_view name) {
  const std::size_t size = std::min(name.size(), sizeof work.thread - 1);
  std::memcpy(work.thread, name.data(), size);
  work.thread[size] = '\0';
  void* memory =
      ::mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;  // then reports are for what does not overflow the stack
  stack_ = memory;
  stack_t stack{};
  stack.ss_sp = stack_;
  stack.ss_size = kStack;
  ::sigaltstack(&stack, nullptr);
}

Thread::~Thread() {
  work.thread[0] = '\0';
  if (stack_ == nullptr) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
  ::munmap(stack_, kStack);
}

}  // namespace rr::crash
