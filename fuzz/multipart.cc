// Bodies of forms. Multipart: the same bytes at once and in pieces must give the same parts or the
// same error. Urlencoded: whatever is accepted must come out as JSON that another library reads.
// First byte: which of the two, and the length of the pieces.
#include "runtime/plugins/http/multipart.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/plugins/http/form_tree.h"
#include "runtime/plugins/http/urlencoded.h"

namespace {

using namespace rr::http;

void check(bool good) {
  if (!good) std::abort();
}

struct Part {
  std::string name, file, type, data;
  bool operator==(const Part&) const = default;
};

class Recorder final : public MultipartSink {
 public:
  void begin(const MultipartPart& part) override {
    check(!open_ && !part.name.empty());
    open_ = true;
    parts.push_back({part.name, part.file_name, part.content_type, {}});
  }
  void data(std::string_view bytes) override {
    check(open_ && !bytes.empty());
    parts.back().data += bytes;
  }
  void end() override {
    check(open_);
    open_ = false;
  }
  void finished() const { check(!open_); }

  std::vector<Part> parts;

 private:
  bool open_ = false;
};

// The error, empty when there was none.
std::string parse(std::string_view body, std::size_t piece, std::vector<Part>& parts) {
  Recorder recorder;
  // Small enough to be met, as is the largest input.
  MultipartParser parser(
      "B-", recorder, {.parts = 8, .headers = 12, .header_line = 256, .text = 1500, .files = 300});
  for (std::size_t i = 0; i < body.size(); i += piece) {
    if (auto fed = parser.feed(body.substr(i, piece)); !fed) return fed.error().message;
  }
  if (auto end = parser.finish(); !end) return end.error().message;
  recorder.finished();
  parts = std::move(recorder.parts);
  return {};
}

void build_tree(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  FormTree tree(FormTree::Leaves::text);
  for (const auto& [name, value] : pairs) tree.add(name, value);
  if (!tree.build()) return;
  std::string json;
  tree.append_json(json);
  check(nlohmann::json::parse(json).is_object());
}

void multipart(std::string_view body, std::size_t piece) {
  std::vector<Part> whole, pieces;
  const std::string error = parse(body, body.size() + 1, whole);
  check(parse(body, piece, pieces) == error);
  check(whole == pieces);
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const Part& part : whole) pairs.emplace_back(part.name, part.data);
  build_tree(pairs);
}

void urlencoded(std::string_view body) {
  std::string storage;
  std::vector<rr::HeaderView> fields;
  const bool good = check_urlencoded(body).has_value();
  check(parse_urlencoded(body, storage, fields).has_value() == good);
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const rr::HeaderView& field : fields) pairs.emplace_back(field.name, field.value);
  build_tree(pairs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 == 0) {
    urlencoded(body);
  } else {
    multipart(body, 1 + data[0] / 4);
  }
  return 0;
}
