// `stack`: where the PHP of running workers is.
#include <charconv>
#include <chrono>
#include <map>

#include "runtime/cli/command.h"
#include "runtime/cli/human.h"
#include "runtime/cli/output.h"
#include "runtime/cli/rpc_client.h"

namespace rr::cli {

namespace {

using Json = nlohmann::json;

std::int64_t worker_in(const std::vector<std::string>& arguments) {
  std::int64_t pid = 0;
  if (arguments.empty()) return pid;
  const std::string& text = arguments.front();
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, pid);
  if (error != std::errc() || stop != end || pid <= 0 || arguments.size() > 1) {
    throw ConfigError(
        {}, "write the PID or thread number of one worker, as `workers` shows it: " + text, {});
  }
  return pid;
}

std::string request_of(const Json& worker) {
  const Json running = worker.value("running", Json());
  if (!running.is_object()) return "";
  const std::string request =
      harmless(running.value("method", "") + " " + running.value("path", ""));
  const std::chrono::milliseconds time(running.value("ms", std::int64_t{0}));
  return ", " + (request == " " ? "at work" : request) + " for " + duration_text(time);
}

std::string text_of(const Json& worker) {
  std::string text = "worker " + std::to_string(worker.value("pid", std::int64_t{0})) + " of [" +
                     painted(harmless(worker.value("pool", "")), Paint::bright_yellow) +
                     "]: " + worker.value("state", "") + request_of(worker) + "\n";
  for (const Json& frame : worker.value("frames", Json::array()))
    text += "    " + harmless(frame.get<std::string>()) + "\n";
  if (const std::string note = worker.value("note", ""); !note.empty())
    text += "    " + painted(harmless(note), Paint::cyan) + "\n";
  return text;
}

bool idle(const Json& worker) {
  return worker.value("frames", Json::array()).empty() &&
         worker.value("running", Json()).is_null() && worker.value("state", "") == "ready";
}

// Those without work in one line a pool, unless one was asked for.
std::string text_of(const Json& workers, bool one) {
  std::string text;
  std::map<std::string, std::size_t> waiting;
  for (const Json& worker : workers) {
    if (!one && idle(worker)) {
      ++waiting[worker.value("pool", "")];
    } else {
      text += text_of(worker);
    }
  }
  for (const auto& [pool, count] : waiting) {
    text += std::to_string(count) + (count == 1 ? " worker of [" : " workers of [") +
            painted(harmless(pool), Paint::bright_yellow) +
            (count == 1 ? "] waits for work\n" : "] wait for work\n");
  }
  return text;
}

}  // namespace

int run_stack(const Invocation& invocation) {
  const std::int64_t pid = worker_in(invocation.arguments);
  RpcClient server(rpc_address(invocation.globals));
  const Json reply = server.call("inside.Stacks", Json{{"pid", pid}});
  const Json workers = reply.value("workers", Json::array());
  if (invocation.has("json")) {
    print(workers.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    print(workers.empty() ? "there are no workers\n" : text_of(workers, pid != 0));
  }
  return 0;
}

}  // namespace rr::cli
