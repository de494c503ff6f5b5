// Which plugins can be asked how they are, and what they say.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rr/health.h"
#include "rr/plugin.h"

namespace rr::status {

enum class Question : std::uint8_t { alive, ready };

// Thread-safe once made. What it was made from outlives it.
class Checks {
 public:
  // `hosts`: of these the plugins whose workers answer for them (spec 04 §6.2). `own`: a plugin's
  // own check counts before its workers.
  Checks(const std::vector<WorkerHost*>& hosts, const std::vector<HealthCheck*>& own);
  ~Checks();

  // By name.
  std::vector<std::string_view> names() const;
  bool has(std::string_view name) const { return checks_.find(name) != checks_.end(); }
  // Of a plugin that is there.
  HealthCheck::Code ask(std::string_view name, Question question) const;

 private:
  class OfWorkers;
  std::vector<std::unique_ptr<OfWorkers>> of_workers_;
  std::map<std::string, HealthCheck*, std::less<>> checks_;
};

}  // namespace rr::status
