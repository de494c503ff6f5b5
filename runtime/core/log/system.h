// All logging of a process: loggers by name, and the thread that formats and writes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rr/log.h"
#include "runtime/core/log/config.h"
#include "runtime/core/log/plan.h"
#include "runtime/core/log/queue.h"

namespace rr::log {

// Created before and destroyed after everything that logs. Its destructor writes what is left.
// Thread-safe.
class System {
 public:
  // Opens the outputs and starts the writer. Throws ConfigError with RoadRunner's text: an output
  // that cannot be opened, an unknown encoding.
  explicit System(const LogsConfig& config);
  ~System();
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  // The logger of a name, with the channel's settings where `logs.channels` has it. The same name
  // gets the same channel.
  Logger logger(std::string_view name);

  // Goes on with another configuration: all of it, nothing needs a restart. Levels count at once,
  // the rest once what was logged before the call is written the old way. Files that stay are
  // opened anew, as by reopen(). Does not wait; flush() does. Throws ConfigError as the constructor
  // does: then nothing has changed.
  void apply(const LogsConfig& config);

  // Opens every log file anew, by its name (somebody renamed them), once what was logged before the
  // call is in the old ones. Does not wait; flush() does. A file that cannot be opened stays the
  // old one, with a line in err_output.
  void reopen();

  // Returns once everything logged before the call is written: before _exit, abort, exec. False
  // when `at_most` passed: nobody reads an output.
  bool flush(Duration at_most = std::chrono::seconds(5));

 private:
  class NamedChannel;  // a name and its route

  void ask(std::function<void()> task);
  void run();
  void write_out(const Queued& record);
  void replace_plan(std::shared_ptr<Plan> plan);

  Queue queue_;
  std::shared_ptr<Plan> plan_;  // the writer's

  std::mutex names_mutex_;  // guards both below
  // The last one that was applied, which the writer has yet to reach: the other owner is plan_.
  std::shared_ptr<Plan> newest_;
  std::map<std::string, std::unique_ptr<NamedChannel>, std::less<>> names_;

  std::mutex state_mutex_;  // guards the four below
  std::condition_variable answered_;
  std::vector<std::function<void()>> asked_;  // for the writer, behind all records before them
  std::uint64_t asked_count_ = 0;
  std::uint64_t answered_count_ = 0;
  bool stopping_ = false;
  std::thread writer_;  // last: it uses all of the above
};

}  // namespace rr::log
