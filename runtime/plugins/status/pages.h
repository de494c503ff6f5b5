// What /health, /ready and /jobs answer (spec 04 §6.2). Pure but for the checks they ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rr/pipelines.h"
#include "runtime/plugins/status/checks.h"

namespace rr::status {

struct Page {
  int status = 200;
  std::string body;
};

// The values of `plugin` in a query, in order. Nothing: it was not asked for any.
std::vector<std::string> wanted_plugins(std::string_view query);

// `query`: without the '?'. `unavailable`: the status that says no.
Page health_page(const Checks& checks, Question question, std::string_view query, int unavailable);

// The pipelines of all hosts; without one there are no jobs.
Page jobs_page(const std::vector<PipelineHost*>& hosts, int unavailable);

}  // namespace rr::status
