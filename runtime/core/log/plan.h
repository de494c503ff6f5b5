// Where the records of each logger go and how they are written: what the `logs` section means,
// replaced as a whole when it changes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/log/config.h"
#include "runtime/core/log/output.h"
#include "runtime/core/log/style.h"

namespace rr::log {

// One configured channel, or the root.
struct Route {
  Style style;
  Level level = Level::info;
  std::vector<Output*> outputs;  // borrowed from the plan
  std::vector<Output*> error_outputs;
  std::string batch;  // formatted lines that are not written yet; the writer's
};

// Any thread makes one; from then on its levels may be read by any thread, all else is the
// writer's.
class Plan final {
 public:
  // Opens the outputs that `before` (may be null) does not have open already. Throws ConfigError
  // with RoadRunner's text: an output that cannot be opened, an unknown encoding.
  Plan(const LogsConfig& config, const Plan* before);

  // The route of a logger: its channel's, else the root's.
  Route& of(std::string_view name) const;
  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

  // Writes all batches.
  void write();
  // Opens every file anew.
  void reopen();

 private:
  // The plan that replaces this one shares what both write to, for as long as both exist.
  using Outputs = std::map<std::string, std::shared_ptr<Output>>;

  Route* make_route(const ChannelConfig& config, const Plan* before);
  Output* output(const std::string& name, const Plan* before);
  Output* rotating(const FileConfig& config, const Plan* before);
  static void complain(const Route& route, const std::string& what);

  Outputs outputs_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::map<std::string, Route*, std::less<>> channels_;
  Route* root_ = nullptr;
};

}  // namespace rr::log
