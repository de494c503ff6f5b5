// All logging of a process: channels by name, outputs, and the thread that formats and writes.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rr/log.h"
#include "runtime/core/log/config.h"
#include "runtime/core/log/output.h"
#include "runtime/core/log/queue.h"
#include "runtime/core/log/style.h"

namespace rr::log {

// Created before and destroyed after everything that logs. Its destructor writes what is left.
class System {
 public:
  // Opens the outputs and starts the writer. Throws ConfigError with RoadRunner's text: an output
  // that cannot be opened, an unknown encoding.
  explicit System(const LogsConfig& config);
  ~System();
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  // The logger of a name, with the channel's settings where `logs.channels` has it. Any thread; the
  // same name gets the same channel.
  Logger logger(std::string_view name);

  // Returns once everything logged before the call is written: before _exit, abort, exec. Any
  // thread.
  void flush();

 private:
  struct Route;        // style and outputs of one configured channel
  class NamedChannel;  // a name on a route

  const Route* make_route(const ChannelConfig& config, Mode mode, Level level);
  Output* output(const std::string& name);
  void run();
  void write_out(const Queued& record);
  void write_batches();
  void complain(const Route& route, int error);

  Queue queue_;
  std::map<std::string, std::unique_ptr<Output>> outputs_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::map<std::string, const Route*> channels_;
  const Route* root_ = nullptr;

  std::mutex names_mutex_;  // guards names_
  std::map<std::string, std::unique_ptr<NamedChannel>, std::less<>> names_;

  std::mutex state_mutex_;  // guards the three below
  std::condition_variable written_;
  std::uint64_t flush_wanted_ = 0;
  std::uint64_t flush_done_ = 0;
  bool stopping_ = false;
  std::thread writer_;  // last: it uses all of the above
};

}  // namespace rr::log
