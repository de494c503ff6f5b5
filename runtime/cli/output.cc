#include "runtime/cli/output.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>

#include "runtime/core/log/output.h"

namespace rr::cli {

namespace {

bool coloured() {
  return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace

void print(std::string_view text) {
  log::write_all(STDOUT_FILENO, text);
}

void print_error(std::string_view text) {
  log::write_all(STDERR_FILENO, text);
}

void print_dated(std::string_view text) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  std::array<char, 32> stamp;
  std::strftime(stamp.data(), stamp.size(), "%Y/%m/%d %H:%M:%S ", &parts);
  print_error(std::string(stamp.data()) + std::string(text) + "\n");
}

std::string painted(std::string_view text, Paint paint) {
  if (!coloured()) return std::string(text);
  return "\033[" + std::to_string(static_cast<int>(paint)) + "m" + std::string(text) + "\033[0m";
}

void report(const ConfigError& error) {
  const bool positions =
      ::isatty(STDERR_FILENO) == 1 || std::getenv("RR_EMBED_POSITIONS") != nullptr;
  std::string text = positions ? error.with_positions() : error.what();
  if (coloured()) text = "\033[1;91m" + text + "\033[0m";
  print_error(text + "\n");
}

}  // namespace rr::cli
