#include "rr/config/describe.h"

#include "runtime/core/config/numbers.h"

namespace rr::config {

const Description* Description::find(std::string_view child) const {
  for (const Description& candidate : children) {
    if (candidate.key == child) return &candidate;
  }
  return nullptr;
}

namespace detail {

std::string show_double(double value) {
  return float_text(value);
}

std::string show_list(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) text += (text.size() > 1 ? ", " : "") + item;
  return text + "]";
}

}  // namespace detail
}  // namespace rr::config
