#include "runtime/plugins/http/middleware/sendfile/middleware.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <vector>

#include "runtime/net/files/open_file.h"
#include "runtime/net/http/response.h"

namespace rr::http::sendfile {
namespace {

bool is(std::string_view name, std::string_view other) {
  return net::http::equals_ignoring_case(name, other);
}

std::string_view file_of(const HttpResponseHead& head) {
  for (const HeaderView& header : head.headers) {
    if (is(header.name, "X-Sendfile")) return header.value;
  }
  return {};
}

// Those of the script's fields that are not about its own body.
std::vector<HeaderView> kept_fields(const HttpResponseHead& head) {
  std::vector<HeaderView> kept;
  for (const HeaderView& header : head.headers) {
    bool drop = false;
    for (const std::string_view name :
         {"X-Sendfile", "Content-Type", "Content-Length", "Transfer-Encoding", "Trailer"})
      drop |= is(header.name, name);
    if (!drop) kept.push_back(header);
  }
  return kept;
}

template <class Bytes>
void release(const Bytes& bytes) {
  if (bytes.release) bytes.release(bytes.owner);
}

class Sink final : public HttpAnswerFilter {
 public:
  using HttpAnswerFilter::HttpAnswerFilter;

  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    const std::string_view file = file_of(head);
    if (file.empty()) return next_.respond(head, body);
    release(body);
    return send(head, file);
  }
  bool start(const HttpResponseHead& head) override {
    const std::string_view file = file_of(head);
    if (file.empty()) return next_.start(head);
    sent_ = true;
    return send(head, file);
  }
  // What a script says beside the file does not count.
  bool write(PinnedBytes chunk, Wait wait) override {
    if (!sent_) return next_.write(chunk, wait);
    release(chunk);
    return true;
  }
  bool write_file(FileBytes chunk, Wait wait) override {
    if (!sent_) return next_.write_file(chunk, wait);
    release(chunk);
    return true;
  }
  bool add_trailers(std::span<const HeaderView> fields) override {
    return sent_ || next_.add_trailers(fields);
  }
  bool finish() override { return sent_ || next_.finish(); }

 private:
  bool send(const HttpResponseHead& head, std::string_view named) {
    const std::string path = cleaned(named);
    std::vector<HeaderView> headers = kept_fields(head);
    if (path.find("..") != std::string::npos)
      return next_.respond({.status = 403, .headers = headers}, {});
    struct stat info {};
    if (path.find('\0') != std::string::npos || stat(path.c_str(), &info) != 0)
      return refuse(404, "not found\n", headers);
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const auto file = descriptor < 0 ? nullptr : net::files::OpenFile::adopt(descriptor, path);
    if (!file) return refuse(500, "the file cannot be read\n", headers);
    headers.push_back({"Content-Type", "application/octet-stream"});
    const HttpResponseHead answer{.status = 200, .headers = headers};
    if (file->size() == 0) return next_.respond(answer, {});
    return next_.respond_file(answer, file->bytes(0, file->size()));
  }

  bool refuse(int status, std::string_view text, std::vector<HeaderView>& headers) {
    headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
    headers.push_back({"X-Content-Type-Options", "nosniff"});
    return next_.respond({.status = status, .headers = headers}, PinnedBytes{text});
  }

  bool sent_ = false;  // the file, in place of a stream
};

class Sendfile final : public HttpMiddleware {
 public:
  HttpVerdict handle(HttpCall& call) override {
    call.add_sink(std::make_unique<Sink>(call.next()));
    return HttpVerdict::pass;
  }
};

}  // namespace

std::string cleaned(std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!absolute) {
      parts.push_back(part);
    }
  }
  std::string out = absolute ? "/" : "";
  for (const std::string_view part : parts) {
    if (!out.empty() && out.back() != '/') out += '/';
    out += part;
  }
  return out.empty() ? "." : out;
}

std::unique_ptr<HttpMiddleware> make(const SendfileConfig&, Context&) {
  return std::make_unique<Sendfile>();
}

}  // namespace rr::http::sendfile
