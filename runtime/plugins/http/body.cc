#include "runtime/plugins/http/body.h"

#include <deque>
#include <utility>
#include <vector>

#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/form_tree.h"
#include "runtime/plugins/http/multipart.h"
#include "runtime/plugins/http/urlencoded.h"

namespace rr::http {
namespace {

Result<void> form_urlencoded(const HttpRequest& request, FormedBody& out) {
  const std::string_view method = request(request.head.method);
  std::string decoded;
  std::vector<HeaderView> pairs;
  if (method == "POST" || method == "PUT" || method == "PATCH") {
    if (auto parsed = parse_urlencoded(request.body, decoded, pairs); !parsed) return parsed;
  }
  if (auto checked = check_urlencoded(request(request.head.query)); !checked) return checked;
  FormTree tree(FormTree::Leaves::text);
  for (const HeaderView& pair : pairs) tree.add(pair.name, pair.value);
  if (auto built = tree.build(); !built) return built;
  tree.append_json(out.storage);
  return {};
}

// Fields to a tree, files to the disk.
class FormCollector final : public MultipartSink {
 public:
  explicit FormCollector(Uploads& uploads) : uploads_(uploads) {}

  void begin(const MultipartPart& part) override {
    is_file_ = part.is_file();
    if (is_file_) return uploads_.begin(part.name, part.file_name, part.content_type);
    fields_.emplace_back(part.name, std::string());
  }
  void data(std::string_view bytes) override {
    if (is_file_) return uploads_.write(bytes);
    fields_.back().second += bytes;
  }
  void end() override {
    if (is_file_) uploads_.end();
  }

  Result<void> append_json(std::string& out) const {
    FormTree tree(FormTree::Leaves::text);
    for (const auto& [name, value] : fields_) tree.add(name, value);
    if (auto built = tree.build(); !built) return built;
    tree.append_json(out);
    return {};
  }

 private:
  Uploads& uploads_;
  std::deque<std::pair<std::string, std::string>> fields_;
  bool is_file_ = false;
};

Result<void> form_multipart(const HttpRequest& request, const UploadRules& rules, FormedBody& out) {
  auto boundary = multipart_boundary(request(request.head.content_type));
  if (!boundary) return std::move(boundary).error();
  out.uploads = std::make_unique<Uploads>(rules);
  FormCollector collector(*out.uploads);
  MultipartParser parser(*boundary, collector);
  if (auto fed = parser.feed(request.body); !fed) return fed;
  if (auto finished = parser.finish(); !finished) return finished;
  if (auto checked = check_urlencoded(request(request.head.query)); !checked) return checked;
  if (auto fields = collector.append_json(out.storage); !fields) return fields;
  return out.uploads->append_json(out.uploads_json);
}

}  // namespace

Refusal body_too_large() {
  return {413, "serve_http: http: request body too large\n"};
}

Refusal malformed_body(std::string_view reason) {
  return {400, "serve_http: " + std::string(reason) + "\n"};
}

bool reads_body(const HttpRequest& request) {
  const std::string_view method = request(request.head.method);
  return method != "HEAD" && method != "OPTIONS";
}

std::optional<Refusal> form_body(const HttpRequest& request, const BodyRules& rules,
                                 FormedBody& out) {
  out.bytes = {};
  out.storage.clear();
  out.parsed = false;
  out.uploads.reset();
  out.uploads_json.clear();
  if (!reads_body(request)) return std::nullopt;
  if (request.body.size() > rules.max_bytes) return body_too_large();
  const std::string_view type = request(request.head.content_type);
  const auto is = [&](std::string_view wanted) {
    return !rules.raw && !type.empty() && ascii::icontains(type, wanted);
  };
  Result<void> formed;
  if (is("application/x-www-form-urlencoded")) {
    formed = form_urlencoded(request, out);
  } else if (is("multipart/form-data")) {
    formed = form_multipart(request, *rules.uploads, out);
  } else {
    out.bytes = request.body;
    return std::nullopt;
  }
  if (!formed) return malformed_body(formed.error().message);
  out.parsed = true;
  out.bytes = out.storage;
  return std::nullopt;
}

}  // namespace rr::http
