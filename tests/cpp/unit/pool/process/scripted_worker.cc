// A worker process that does what it is told. With RR_RELAY=unix://PATH it speaks on that socket.
//
// Arguments are commands for its start: `pid-flags N`, `pid-payload TEXT`, `greet-nothing`, and
// those below. The context of a request holds commands, one a line:
//   echo                   answers with the request's own context and body
//   answer CONTEXT BODY    `-` is empty
//   frame FLAGS B10 OPTIONS PAYLOAD   numbers; OPTIONS `-` or comma separated
//   twice                  answers with two frames in one write
//   raw HEX | sleep MS | exit CODE | signal N | stderr TEXT | stderr-bytes N | close-stdout
//   pid                    answers with its process id
//   next                   reads a frame and remembers it
//   seen                   answers with what it remembers: "flags,b10,options,payload" a frame
//   ignore-stop            from now on
//   ask-once FILE          asks to be stopped if FILE is not there yet, creates it, and ignores the
//   rest
//   fail-if-there FILE         exits with 7 if there is such a file
//   fork-holder                leaves a child behind that keeps its pipes open
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/goridge/frame.h"

namespace {

using namespace rr::goridge;

struct Frame {
  Header header;
  std::string payload;
};

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0) _exit(3);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool read_exactly(char* into, std::size_t bytes) {
  while (bytes > 0) {
    const ssize_t got = read(0, into, bytes);
    if (got <= 0) return false;
    into += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool read_frame(Frame& frame) {
  char head[kMaxHeaderBytes];
  if (!read_exactly(head, kHeaderBytes)) return false;
  FrameReader reader(UINT32_MAX);
  if (reader.parse({head, kHeaderBytes}) == Parse::malformed) _exit(4);
  const std::size_t options = (static_cast<unsigned>(head[0]) & 15) - 3;
  if (!read_exactly(head + kHeaderBytes, 4 * options)) return false;
  reader.parse({head, kHeaderBytes + 4 * options});
  frame.header = reader.header();
  frame.payload.resize(frame.header.payload_bytes);
  return read_exactly(frame.payload.data(), frame.payload.size());
}

std::string encoded(unsigned flags, unsigned stream, const std::vector<std::uint32_t>& options,
                    std::string_view payload) {
  Header header;
  header.flags = static_cast<std::uint8_t>(flags);
  header.stream = static_cast<std::uint8_t>(stream);
  header.option_count = static_cast<std::uint8_t>(options.size());
  for (std::size_t i = 0; i < options.size(); ++i) header.options[i] = options[i];
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  char head[kMaxHeaderBytes];
  return std::string(head, encode(header, head)).append(payload);
}

std::string answer(std::string_view context, std::string_view body) {
  return encoded(0, 0, {static_cast<std::uint32_t>(context.size())},
                 std::string(context).append(body));
}

std::string next_word(std::string_view& text) {
  const auto space = text.find(' ');
  std::string word(text.substr(0, space));
  text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
  return word == "-" ? "" : word;
}

std::vector<std::uint32_t> numbers(std::string text) {
  std::vector<std::uint32_t> all;
  for (char* at = text.data(); *at != '\0';) {
    all.push_back(static_cast<std::uint32_t>(std::strtoul(at, &at, 10)));
    if (*at == ',') ++at;
  }
  return all;
}

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

class Worker {
 public:
  void boot(std::string_view command) {
    const std::string word = next_word(command);
    if (word == "pid-flags") {
      pid_flags_ = static_cast<unsigned>(std::stoul(std::string(command)));
    } else if (word == "pid-payload") {
      pid_payload_ = command;
    } else if (word == "greet-nothing") {
      greets_ = false;
    } else {
      obey(word, command, {}, {});
    }
  }

  void run() {
    connect_relay();
    Frame frame;
    while (read_frame(frame)) {
      if ((frame.header.flags & flag::control) != 0) {
        if (frame.payload == R"({"stop":true})") {
          if (ignores_stop_) continue;
          _exit(0);
        }
        if (greets_) write_all(1, encoded(pid_flags_, 0, {}, pid_payload_));
        continue;
      }
      if (frame.header.option_count != 1) continue;  // a stream bit that came late
      const std::string_view payload = frame.payload;
      const auto context = payload.substr(0, frame.header.options[0]);
      const auto body = payload.substr(frame.header.options[0]);
      std::string_view rest = context;
      while (!rest.empty()) {
        const auto end = rest.find('\n');
        std::string_view command = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        const std::string word = next_word(command);
        if (word == "ask-once") {
          const int file = open(std::string(command).c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
          if (file < 0) continue;
          close(file);
          write_all(1, answer(R"({"stop":true})", ""));
          break;
        }
        obey(word, command, context, body);
      }
    }
    _exit(5);
  }

 private:
  void obey(const std::string& word, std::string_view rest, std::string_view context,
            std::string_view body) {
    if (word == "echo") {
      write_all(1, answer(context, body));
    } else if (word == "answer") {
      const std::string answer_context = next_word(rest);
      write_all(1, answer(answer_context, rest == "-" ? "" : rest));
    } else if (word == "twice") {
      write_all(1, answer("first", "") + answer("second", ""));
    } else if (word == "frame") {
      const auto flags = std::stoul(next_word(rest));
      const auto stream = std::stoul(next_word(rest));
      const auto options = numbers(next_word(rest));
      write_all(1, encoded(static_cast<unsigned>(flags), static_cast<unsigned>(stream), options,
                           rest == "-" ? "" : rest));
    } else if (word == "raw") {
      write_all(1, unhex(rest));
    } else if (word == "sleep") {
      usleep(1000 * static_cast<unsigned>(std::stoul(std::string(rest))));
    } else if (word == "exit") {
      _exit(std::stoi(std::string(rest)));
    } else if (word == "signal") {
      kill(getpid(), std::stoi(std::string(rest)));
      pause();
    } else if (word == "stderr") {
      write_all(2, rest);
    } else if (word == "stderr-bytes") {
      write_all(2, std::string(std::stoul(std::string(rest)), 'e'));
    } else if (word == "close-stdout") {
      close(1);
    } else if (word == "pid") {
      write_all(1, answer("", std::to_string(getpid())));
    } else if (word == "next") {
      Frame frame;
      if (!read_frame(frame)) _exit(5);
      seen_ += std::to_string(frame.header.flags) + "," + std::to_string(frame.header.stream) +
               "," + std::to_string(frame.header.option_count) + "," + frame.payload + ";";
    } else if (word == "seen") {
      write_all(1, answer("", seen_));
      seen_.clear();
    } else if (word == "ignore-stop") {
      ignores_stop_ = true;
    } else if (word == "fork-holder") {
      if (fork() == 0) {
        sleep(30);
        _exit(0);
      }
    } else if (word == "fail-if-there") {
      if (access(std::string(rest).c_str(), F_OK) == 0) _exit(7);
    } else if (word == "env") {
      const char* value = getenv(std::string(rest).c_str());
      write_all(1, answer("", value ? value : "(unset)"));
    } else {
      std::fprintf(stderr, "unknown command: %s\n", word.c_str());
      _exit(9);
    }
  }

  // Frames go through 0 and 1 all the same.
  void connect_relay() {
    const char* relay = getenv("RR_RELAY");
    const std::string_view scheme = "unix://";
    if (!relay || !std::string_view(relay).starts_with(scheme)) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string_view(relay)
        .substr(scheme.size())
        .copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) _exit(6);
    dup2(fd, 0);
    dup2(fd, 1);
    close(fd);
    if (pid_payload_ == kSomePid) pid_payload_ = "{\"pid\":" + std::to_string(getpid()) + "}";
  }

  static constexpr const char* kSomePid = R"({"pid":4711})";
  unsigned pid_flags_ = flag::control;
  std::string pid_payload_ = kSomePid;
  bool greets_ = true;
  bool ignores_stop_ = false;
  std::string seen_;
};

}  // namespace

int main(int argc, char** argv) {
  Worker worker;
  for (int i = 1; i < argc; ++i) worker.boot(argv[i]);
  worker.run();
}
