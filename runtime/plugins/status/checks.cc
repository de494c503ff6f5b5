#include "runtime/plugins/status/checks.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "rr/worker_hosts.h"

namespace rr::status {

namespace {

constexpr int kWell = 200;
constexpr int kUnavailable = 503;

// tcp has workers, but no check.
bool answers_for_plugin(std::string_view host) {
  constexpr std::string_view kHosts[] = {"http", "grpc", "jobs", "centrifuge", "temporal"};
  return std::ranges::find(kHosts, host) != std::end(kHosts);
}

}  // namespace

// One worker that could take a request is enough, of each pool that requests may be for: to be
// alive it may be busy.
class Checks::OfWorkers final : public HealthCheck {
 public:
  explicit OfWorkers(WorkerHost& first) : hosts_{&first} {}
  void add(WorkerHost& host) { hosts_.push_back(&host); }

  std::string_view check_name() const override { return hosts_.front()->host_name(); }
  Code alive() override {
    return code([](WorkerState state) {
      return state == WorkerState::ready || state == WorkerState::working;
    });
  }
  Code ready() override {
    return code([](WorkerState state) { return state == WorkerState::ready; });
  }

 private:
  template <class Good>
  std::optional<int> code(Good good) const {
    const auto has_one = [&](const std::shared_ptr<Pool>& pool) {
      return std::ranges::any_of(pool->workers(), good, &WorkerInfo::state);
    };
    const bool any = std::ranges::any_of(
        hosts_, [&](WorkerHost* host) { return std::ranges::all_of(pools_of(*host), has_one); });
    return any ? kWell : kUnavailable;
  }

  std::vector<WorkerHost*> hosts_;  // pools of one plugin
};

Checks::Checks(const std::vector<WorkerHost*>& hosts, const std::vector<HealthCheck*>& own) {
  for (WorkerHost* host : hosts) {
    if (!answers_for_plugin(host->host_name())) continue;
    const auto same = std::ranges::find(of_workers_, host->host_name(), &OfWorkers::check_name);
    if (same != of_workers_.end()) {
      (*same)->add(*host);
    } else {
      of_workers_.push_back(std::make_unique<OfWorkers>(*host));
    }
  }
  for (HealthCheck* each : own) checks_.emplace(each->check_name(), each);
  for (const auto& each : of_workers_) checks_.emplace(each->check_name(), each.get());
}

Checks::~Checks() = default;

std::vector<std::string_view> Checks::names() const {
  std::vector<std::string_view> all;
  for (const auto& [name, check] : checks_) all.push_back(name);
  return all;
}

HealthCheck::Code Checks::ask(std::string_view name, Question question) const {
  HealthCheck& check = *checks_.find(name)->second;
  return question == Question::alive ? check.alive() : check.ready();
}

}  // namespace rr::status
