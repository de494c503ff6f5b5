// Contexts of answers, as PHP scripts may send them. JSON that is accepted must say the same to
// another library; protobuf must only stay within its bytes. First byte: flags of the frame.
#include "runtime/plugins/http/response_context.h"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using namespace std::string_literals;
using rr::http::ResponseContext;

void check(bool good) {
  if (!good) std::abort();
}

// Keys that come twice mean different things to the two readers.
bool repeats_keys(const std::string& text) {
  std::vector<std::map<std::string, int>> levels;
  bool repeated = false;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) levels.emplace_back();
    if (event == Event::object_end) levels.pop_back();
    if (event == Event::key) repeated |= ++levels.back()[value.get<std::string>()] > 1;
    return true;
  };
  [[maybe_unused]] const auto parsed = nlohmann::json::parse(text, watch, false);
  return repeated;
}

void compare(const ResponseContext& seen, const std::string& text) {
  // The other library refuses what is no UTF-8 and half a surrogate pair; ours takes them.
  const auto other = nlohmann::json::parse(text, nullptr, false);
  if (other.is_discarded() || repeats_keys(text)) return;
  check(other.is_object());
  const auto status = other.find("status");
  check(seen.status() ==
        (status == other.end() || status->is_null() ? 0 : status->get<std::int64_t>()));
  std::multimap<std::string, std::string> expected, actual;
  if (auto headers = other.find("headers"); headers != other.end() && headers->is_object()) {
    for (const auto& [name, values] : headers->items()) {
      for (const auto& value : values) expected.emplace(name, value.get<std::string>());
    }
  }
  for (const rr::HeaderView& header : seen.headers()) actual.emplace(header.name, header.value);
  check(expected == actual);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static ResponseContext context;  // reused, as in life
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool good = context.decode(data[0], text).has_value();
  if (!good) check(!context.has_head() && context.headers().empty() && context.status() == 0);
  std::string copy;  // reads every byte of every view
  for (const rr::HeaderView& header : context.headers())
    copy.append(header.name).append(header.value);
  check(copy.size() <= text.size() * context.headers().size());
  const bool json = (data[0] & 0xBC) == 0x08 || ((data[0] & 0xBC) == 0 && text.starts_with('{'));
  if (good && json && !text.empty()) compare(context, text);
  // What ours refuses is no JSON, or says something else than an answer. The other library passes
  // over a byte order mark and takes a NUL for the end.
  if (!good && data[0] == 0x08 && text.size() < 64 && text.find_first_of("\0\xEF"s) == text.npos) {
    const auto other = nlohmann::json::parse(text, nullptr, false);
    check(other.is_discarded() || !other.is_object() || other.contains("status") ||
          other.contains("headers"));
  }
  return 0;
}
