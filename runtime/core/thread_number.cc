#include "runtime/core/thread_number.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace rr {

namespace {

// Never destroyed: threads may end after main() has returned.
struct Numbers {
  std::mutex mutex;         // guards the one below
  std::vector<bool> taken;  // by number
};
Numbers& numbers() {
  static auto* const all = new Numbers;
  return *all;
}

class Number {
 public:
  Number() {
    Numbers& all = numbers();
    std::lock_guard lock(all.mutex);
    value_ = static_cast<std::size_t>(std::find(all.taken.begin(), all.taken.end(), false) -
                                      all.taken.begin());
    if (value_ == all.taken.size()) all.taken.push_back(false);
    all.taken[value_] = true;
  }
  ~Number() {
    Numbers& all = numbers();
    std::lock_guard lock(all.mutex);
    all.taken[value_] = false;
  }
  std::size_t value() const { return value_; }

 private:
  std::size_t value_ = 0;
};

}  // namespace

std::size_t thread_number() {
  thread_local const Number number;
  return number.value();
}

}  // namespace rr
