// `workers`: what the workers of the running server do, as tables, live or as JSON.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

#include "runtime/cli/command.h"
#include "runtime/cli/human.h"
#include "runtime/cli/output.h"
#include "runtime/cli/rpc_client.h"
#include "runtime/cli/table.h"

namespace rr::cli {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kService = "service";

std::vector<std::string> plugins_of(RpcClient& server, const std::vector<std::string>& wanted) {
  if (!wanted.empty()) return wanted;
  std::vector<std::string> names;
  const Json list = server.call("informer.List", true);
  for (const Json& name : list) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  std::ranges::sort(names);
  return names;
}

std::string status_text(const std::string& status) {
  if (status == "inactive" || status == "invalid") return painted(status, Paint::yellow);
  if (status == "ready") return painted(status, Paint::cyan);
  if (status == "working") return painted(status, Paint::green);
  if (status == "stopped" || status == "errored") return painted(status, Paint::red);
  return status;
}

std::string cpu_text(const Json& worker) {
  std::array<char, 32> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%.2f", worker.value("CPUPercent", 0.0));
  return buffer.data();
}

std::string created_text(const Json& worker) {
  const std::chrono::nanoseconds created(worker.value("created", std::int64_t{0}));
  return age_text(std::chrono::system_clock::now().time_since_epoch() - created);
}

std::string worker_table(const std::string& plugin, Json workers) {
  std::sort(workers.begin(), workers.end(), [](const Json& a, const Json& b) {
    return a.value("pid", std::int64_t{0}) < b.value("pid", std::int64_t{0});
  });
  const bool service = plugin == kService;
  Table table(
      service ? std::vector<std::string>{"PID", "MEMORY", "CPU %", "COMMAND"}
              : std::vector<std::string>{"PID", "STATUS", "EXECS", "MEMORY", "CPU %", "CREATED"});
  for (const Json& worker : workers) {
    const std::string pid = std::to_string(worker.value("pid", std::int64_t{0}));
    const std::string memory = bytes_text(worker.value("memoryUsage", std::uint64_t{0}));
    if (service) {
      table.add({pid, memory, cpu_text(worker), worker.value("command", "")});
    } else {
      table.add({pid, status_text(worker.value("statusStr", "")),
                 with_commas(worker.value("numExecs", std::int64_t{0})), memory, cpu_text(worker),
                 created_text(worker)});
    }
  }
  return table.text();
}

std::string failure_table(const std::string& plugin, const std::string& error) {
  Table table({"PID", "STATUS", "EXECS", "MEMORY", "CPU %", "CREATED"});
  const std::string text = "failed to receive information about " + plugin + " plugin: " + error;
  table.add({"0", text, "ERROR", "ERROR", "ERROR", "ERROR"});
  return table.text();
}

std::string jobs_table(Json pipelines) {
  std::sort(pipelines.begin(), pipelines.end(), [](const Json& a, const Json& b) {
    return a.value("Pipeline", "") < b.value("Pipeline", "");
  });
  Table table({"STATUS", "PIPELINE", "DRIVER", "QUEUE", "ACTIVE", "DELAYED", "RESERVED"});
  for (const Json& state : pipelines) {
    const auto count = [&](const char* key) {
      return std::to_string(state.value(key, std::int64_t{0}));
    };
    table.add({state.value("Ready", false) ? painted("READY", Paint::green)
                                           : painted("PAUSED/STOPPED", Paint::yellow),
               state.value("Pipeline", ""), state.value("Driver", ""), state.value("Queue", ""),
               count("Active"), count("Delayed"), count("Reserved")});
  }
  return table.text();
}

std::string heading(std::string_view what, const std::string& plugin) {
  return std::string(what) + " of [" + painted(plugin, Paint::bright_yellow) + "]:\n";
}

// Null when the plugin has none.
Json workers_of(RpcClient& server, const std::string& plugin) {
  const Json reply = server.call("informer.Workers", plugin);
  return reply.is_object() ? reply.value("workers", Json()) : Json();
}

std::string tables(RpcClient& server, const std::vector<std::string>& plugins) {
  std::string text;
  for (const std::string& plugin : plugins) {
    try {
      const Json workers = workers_of(server, plugin);
      if (!workers.empty()) text += heading("Workers", plugin) + worker_table(plugin, workers);
    } catch (const ConfigError& e) {
      text += heading("Workers", plugin) + failure_table(plugin, e.what());
    }
  }
  for (const std::string& plugin : plugins) {
    try {
      const Json pipelines = server.call("informer.Jobs", plugin);
      if (!pipelines.empty()) text += heading("Jobs", plugin) + jobs_table(pipelines);
    } catch (const ConfigError&) {
      // A server without the method has no pipelines to show.
    }
  }
  return text;
}

void print_json(RpcClient& server, const std::vector<std::string>& plugins) {
  Json all = Json::object();
  for (const std::string& plugin : plugins) all[plugin] = workers_of(server, plugin);
  print(all.dump(2) + "\n");
}

// Redraws in place until a signal ends it.
[[noreturn]] void watch(RpcClient& server, const std::vector<std::string>& wanted) {
  for (const int number : {SIGINT, SIGTERM}) {
    ::signal(number, [](int) { ::_exit(0); });
  }
  print("\033[2J");
  for (;;) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    // Erased and drawn in one write: nothing is left of a larger picture.
    print("\033[1;1H\033[J" + tables(server, plugins_of(server, wanted)));
  }
}

}  // namespace

int run_workers(const Invocation& invocation) {
  RpcClient server(rpc_address(invocation.globals));
  if (invocation.has("interactive")) watch(server, invocation.arguments);
  const std::vector<std::string> plugins = plugins_of(server, invocation.arguments);
  if (invocation.has("json")) {
    print_json(server, plugins);
  } else {
    print(tables(server, plugins));
  }
  return 0;
}

}  // namespace rr::cli
