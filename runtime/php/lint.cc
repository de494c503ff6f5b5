#include <pthread.h>

#include <system_error>

#include "runtime/php/interpreter.h"

namespace rr::php {
namespace {

constexpr std::size_t kStackBytes = 8 * 1024 * 1024;  // compilers recurse

class NoWork final : public WorkSource {
  Exchange* next(TimePoint) override { return nullptr; }
  void done() override {}
  bool stopping() const override { return true; }
  void recycle() override {}
  int ready_descriptor() override { return -1; }
  int worker_id() const override { return 0; }
  TimePoint running_since() const override { return {}; }
};

struct Check {
  const std::vector<std::string>& files;
  std::vector<std::string> errors;
};

void check(Check& check) {
  const ScriptConfig config;
  NoWork work;
  const log::Logger nobody;  // the errors are returned
  Interpreter interpreter(config, work, nobody);
  for (const std::string& file : check.files) check.errors.push_back(interpreter.compile(file));
}

}  // namespace

std::vector<std::string> check_syntax(const std::vector<std::string>& files) {
  Check all{files, {}};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_t thread;
  const int error = pthread_create(
      &thread, &attributes,
      [](void* all_files) -> void* {
        check(*static_cast<Check*>(all_files));
        return nullptr;
      },
      &all);
  pthread_attr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "pthread_create");
  pthread_join(thread, nullptr);
  return std::move(all.errors);
}

}  // namespace rr::php
