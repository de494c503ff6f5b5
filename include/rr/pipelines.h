// The pipelines of jobs as others see them: `informer.Jobs`, `/jobs` of the plugin `status`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rr/result.h"

namespace rr {

struct PipelineState {
  std::string pipeline;
  std::string driver;
  std::string queue;
  std::int64_t active = 0;
  std::int64_t delayed = 0;
  std::int64_t reserved = 0;
  bool ready = false;  // it is being consumed
  std::uint64_t priority = 0;
  std::string error;
};

// A plugin with pipelines. Thread-safe.
class PipelineHost {
 public:
  virtual std::string_view host_name() const = 0;  // "jobs"
  // Asks the drivers, which ask their brokers: may block, for a minute at most. Not to be called on
  // a data-plane or control thread.
  virtual Result<std::vector<PipelineState>> pipelines() = 0;

 protected:
  ~PipelineHost() = default;
};

}  // namespace rr
