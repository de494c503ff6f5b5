#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>

namespace rr::e2e {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

std::string lines_with(const std::string& text, const std::string& part) {
  std::istringstream lines(text);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(part) != std::string::npos) found += line + "\n";
  }
  return found;
}

std::string end_of(const std::string& text, std::size_t most) {
  return text.size() > most ? text.substr(text.size() - most) : text;
}

// Fields of /proc/PID/stat from the state on; empty when the process has gone.
std::vector<std::string> stat_fields(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto end = line.rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream rest(line.substr(end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

std::vector<pid_t> descendants_of(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    if (!std::isdigit(static_cast<unsigned char>(name[0]))) continue;
    const auto fields = stat_fields(std::stoi(name));
    if (fields.size() > 1 && fields[0] != "Z")
      children.emplace(std::stoi(fields[1]), std::stoi(name));
  }
  std::vector<pid_t> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [first, last] = children.equal_range(found[i]);
    for (auto child = first; child != last; ++child) found.push_back(child->second);
  }
  found.erase(found.begin());
  return found;
}

long count_entries(const fs::path& folder) {
  std::error_code gone;
  return std::distance(fs::directory_iterator(folder, gone), fs::directory_iterator());
}

long rss_kib(pid_t pid) {
  const auto fields = stat_fields(pid);
  return fields.size() > 21 ? std::stol(fields[21]) * (::sysconf(_SC_PAGESIZE) / 1024) : 0;
}

// Between fork and exec: nothing here may allocate.
[[noreturn]] void become(char* const* arguments, char* const* variables, const char* folder,
                         int out, int err) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::chdir(folder) != 0) ::_exit(126);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::execvpe(arguments[0], arguments, variables);
  ::_exit(127);
}

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& variables,
            const fs::path& folder, const fs::path& out_file, const fs::path& err_file) {
  std::vector<char*> argv, envp;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  for (char** variable = environ; *variable != nullptr; ++variable) envp.push_back(*variable);
  for (const auto& variable : variables) envp.push_back(const_cast<char*>(variable.c_str()));
  envp.push_back(nullptr);
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  const int out = ::open(out_file.c_str(), flags, 0644),
            err = ::open(err_file.c_str(), flags, 0644);
  const pid_t pid = ::fork();
  if (pid == 0) become(argv.data(), envp.data(), folder.c_str(), out, err);
  ::close(out);
  ::close(err);
  if (pid < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  return pid;
}

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::string server_binary() {
  if (const char* named = environment("RR_BIN")) return fs::absolute(named);
  return RR_BINARY;
}

fs::path apps_folder() {
  return RR_APPS_FOLDER;
}

std::string sanitizer() {
  const char* name = environment("RR_SANITIZER");
  return name ? name : "";
}

std::chrono::milliseconds patience(std::chrono::milliseconds time) {
  return sanitizer().empty() ? time : time * 8;
}

bool long_form() {
  const char* set = environment("RR_LONG");
  return set != nullptr && std::string_view(set) != "0";
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no free port");
  }
  ::close(fd);
  return ntohs(address.sin_port);
}

bool alive(pid_t pid) {
  const auto fields = stat_fields(pid);
  return !fields.empty() && fields[0] != "Z" && fields[0] != "X";
}

Server::Server(ServerOptions options, Start start) : options_(std::move(options)) {
  std::string pattern = fs::temp_directory_path() / "rr-e2e-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  port_ = free_port();
  second_port_ = free_port();
  for (const auto& [name, text] : options_.files) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << fill(text);
  }
  if (!options_.config.empty()) std::ofstream(folder_ / ".rr.yaml") << fill(options_.config);
  launch();
  if (start == Start::wait_until_ready) wait_until_ready();
}

Server::~Server() {
  if (status_ < 0) {
    try {
      stop();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  if (::testing::Test::HasFailure()) {
    const std::string printed = log();
    std::cerr << "--- errors the server logged (end)\n"
              << end_of(lines_with(printed, R"("level":"error")"), 6000)
              << "--- output of the server (end)\n"
              << end_of(printed, 3000) << "---\n";
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string Server::fill(std::string text) const {
  replace_all(text, "{port}", std::to_string(port_));
  replace_all(text, "{port2}", std::to_string(second_port_));
  replace_all(text, "{dir}", folder_.string());
  replace_all(text, "{apps}", apps_folder().string());
  return text;
}

void Server::launch() {
  std::vector<std::string> arguments = options_.wrapper;
  arguments.push_back(options_.program.empty() ? server_binary() : fill(options_.program));
  if (options_.arguments.empty()) {
    arguments.insert(arguments.end(), {"serve", "-c", folder_ / ".rr.yaml"});
  }
  for (const auto& argument : options_.arguments) arguments.push_back(fill(argument));
  // The sanitizers' builds do without PHP's allocator by default, and memory_limit with it.
  std::vector<std::string> variables{"USE_ZEND_ALLOC=1"};
  for (const auto& variable : options_.environment) variables.push_back(fill(variable));
  pid_ = spawn(arguments, variables, folder_, folder_ / "stdout", folder_ / "stderr");
}

void Server::wait_until_ready() {
  const bool ready = eventually(
      [&] {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
          status_ = exit_status(status);
          return true;
        }
        return output().find("RoadRunner server started") != std::string::npos;
      },
      30s);
  if (!ready || status_ >= 0) {
    const std::string why = status_ >= 0 ? "ended with " + std::to_string(status_) : "is not ready";
    if (status_ < 0) {
      ::kill(-pid_, SIGKILL);
      wait_exit();
    }
    const std::string printed = log();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    throw std::runtime_error("the server " + why + ":\n" + printed);
  }
}

std::string Server::output() const {
  return contents(folder_ / "stdout");
}

std::string Server::log() const {
  return output() + contents(folder_ / "stderr");
}

bool Server::wait_for_log(std::string_view text, std::chrono::milliseconds within) const {
  return eventually([&] { return log().find(text) != std::string::npos; }, within);
}

void Server::signal(int number) const {
  ::kill(pid_, number);
}

int Server::wait_exit(std::chrono::milliseconds within) {
  if (status_ >= 0) return status_;
  eventually(
      [&] {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
        status_ = exit_status(status);
        return true;
      },
      within);
  return status_;
}

void Server::stop(int expected_status) {
  const auto family = descendants();
  signal(SIGTERM);
  if (wait_exit(30s) < 0) {
    ADD_FAILURE() << "the server does not end 30 s after SIGTERM:\n" << fill(options_.config);
    ::kill(-pid_, SIGABRT);
    wait_exit();
  } else {
    EXPECT_EQ(status_, expected_status) << "exit status after SIGTERM";
  }
  check_nothing_is_left(family);
  ::kill(-pid_, SIGKILL);
}

void Server::check_nothing_is_left(const std::vector<pid_t>& family) const {
  for (const pid_t pid : family) {
    const bool gone = eventually([&] { return !alive(pid); }, 2s);
    EXPECT_TRUE(gone) << "the server left process " << pid
                      << " behind: " << contents("/proc/" + std::to_string(pid) + "/cmdline");
    if (!gone) ::kill(pid, SIGKILL);
  }
}

std::vector<pid_t> Server::descendants() const {
  return descendants_of(pid_);
}

pid_t Server::serving() const {
  const auto words = [](pid_t pid) {
    return contents("/proc/" + std::to_string(pid) + "/cmdline");
  };
  const std::string own = words(pid_);
  pid_t found = pid_;
  for (const pid_t pid : descendants()) {
    const auto fields = stat_fields(pid);
    const bool helper =
        contents("/proc/" + std::to_string(pid) + "/comm").starts_with("rr-opcache");
    if (fields.size() > 1 && std::stoi(fields[1]) == pid_ && !helper && words(pid) == own)
      found = pid;
  }
  return found;
}

void Server::follow(pid_t pid) {
  pid_ = pid;
  status_ = -1;
}

Usage Server::usage() const {
  Usage usage{0, 0, 0, rss_kib(pid_)};
  for (const pid_t pid : std::set{pid_, serving()}) {
    const fs::path own = "/proc/" + std::to_string(pid);
    usage.descriptors += count_entries(own / "fd");
    usage.threads += count_entries(own / "task");
  }
  for (const pid_t pid : descendants()) {
    ++usage.children;
    usage.rss_kib += rss_kib(pid);
  }
  return usage;
}

long Server::own_rss_kib() const {
  return rss_kib(pid_);
}

std::chrono::nanoseconds Server::own_cpu() const {
  std::chrono::nanoseconds all{};
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid_) + "/task")) {
    std::ifstream file(task.path() / "schedstat");
    std::int64_t ran = 0;
    file >> ran;
    all += std::chrono::nanoseconds(ran);
  }
  return all;
}

Server::Ran Server::run(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all{server_binary()};
  for (const auto& argument : arguments) all.push_back(fill(argument));
  return run_words(all);
}

Server::Ran Server::shell(const std::string& command) const {
  return run_words({"/bin/sh", "-c", fill(command)});
}

Server::Ran Server::run_words(const std::vector<std::string>& all) const {
  const fs::path file = folder_ / "ran";
  fs::remove(file);
  const pid_t pid = spawn(all, {}, folder_, file, file);
  int status = 0;
  const bool ended = eventually([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }, 20s);
  if (!ended) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
  }
  return {exit_status(status), contents(file)};
}

}  // namespace rr::e2e
