#include "runtime/net/compress/sink.h"

#include <unistd.h>

#include <memory>

#include "runtime/net/http/response.h"

namespace rr::net::compress {
namespace {

constexpr std::uint64_t kWholeFile = 1024 * 1024;  // longer ones are compressed as a stream
// Longer ones stay as they are: compressing would hold the thread for too long.
constexpr std::uint64_t kLongestFile = 4 * 1024 * 1024;
constexpr std::size_t kKeptBuffer = 1024 * 1024;

// Compressed bytes on their way on; borrowed by the next sink for the call.
std::string& output() {
  thread_local std::string buffer;
  if (buffer.capacity() > kKeptBuffer) buffer = std::string();
  buffer.clear();
  return buffer;
}

bool is(std::string_view name, std::string_view other) {
  return http::equals_ignoring_case(name, other);
}

template <class Bytes>
void release(const Bytes& bytes) {
  if (bytes.release) bytes.release(bytes.owner);
}

// Without the field that is not for the client.
HttpResponseHead plain_head(const HttpResponseHead& head, std::vector<HeaderView>& headers) {
  for (const HeaderView& header : head.headers) {
    if (!is(header.name, "No-Gzip-Compression")) headers.push_back(header);
  }
  return {.status = head.status, .reason = head.reason, .headers = headers};
}

}  // namespace

HttpResponseHead compressed_head(const HttpResponseHead& head, Encoding encoding,
                                 std::string_view type, std::vector<HeaderView>& headers,
                                 std::string& storage) {
  headers.clear();
  for (const HeaderView& header : head.headers) {
    if (is(header.name, "Content-Length") || is(header.name, "Accept-Ranges")) continue;
    if (is(header.name, "Etag") && !header.value.starts_with("W/")) {
      storage = "W/" + std::string(header.value);
      headers.push_back({header.name, storage});
    } else {
      headers.push_back(header);
    }
  }
  if (!type.empty()) headers.push_back({"Content-Type", type});
  headers.push_back({"Content-Encoding", name_of(encoding)});
  return {.status = head.status, .reason = head.reason, .headers = headers};
}

bool CompressingSink::respond(const HttpResponseHead& head, PinnedBytes body) {
  const Outlook outlook = look_at(head);
  const std::string_view type =
      outlook.typed ? std::string_view() : http::sniff_content_type(body.bytes);
  if (!outlook.possible || body.bytes.size() < kLeast || (!outlook.typed && !compressible(type))) {
    if (!outlook.opted_out) return next_.respond(head, body);
    std::vector<HeaderView> headers;
    return next_.respond(plain_head(head, headers), body);
  }
  std::string& out = output();
  Encoder::take(encoding_)->encode(body.bytes, Encoder::Flush::finish, out);
  std::vector<HeaderView> headers;
  std::string storage;
  const bool alive =
      next_.respond(compressed_head(head, encoding_, type, headers, storage), PinnedBytes{out});
  release(body);
  return alive;
}

// Not the filter's, which gives files on as they are: the base reads them, through write().
// NOLINTBEGIN(bugprone-parent-virtual-call)
bool CompressingSink::respond_file(const HttpResponseHead& head, FileBytes body) {
  if (!look_at(head).possible || body.length < kLeast || body.length > kLongestFile) {
    std::vector<HeaderView> headers;
    return next_.respond_file(plain_head(head, headers), body);
  }
  if (body.length > kWholeFile) return HttpAnswerSink::respond_file(head, body);
  thread_local std::unique_ptr<char[]> buffer(new char[kWholeFile]);
  const ssize_t count =
      pread(body.descriptor, buffer.get(), body.length, static_cast<off_t>(body.offset));
  if (count < 0 || static_cast<std::uint64_t>(count) != body.length)
    return HttpAnswerSink::respond_file(head, body);
  release(body);
  return respond(head, PinnedBytes{{buffer.get(), static_cast<std::size_t>(count)}});
}
// NOLINTEND(bugprone-parent-virtual-call)

bool CompressingSink::start(const HttpResponseHead& head) {
  const Outlook outlook = look_at(head);
  if (!outlook.possible) return start_plain(head);
  if (outlook.typed) return start_compressed(head, {});
  stage_ = Stage::held;
  status_ = head.status;
  reason_ = head.reason;
  held_.clear();
  for (const HeaderView& header : head.headers) held_.emplace_back(header.name, header.value);
  return true;
}

bool CompressingSink::start_plain(const HttpResponseHead& head) {
  stage_ = Stage::plain;
  std::vector<HeaderView> headers;
  return next_.start(plain_head(head, headers));
}

bool CompressingSink::start_compressed(const HttpResponseHead& head, std::string_view type) {
  stage_ = Stage::compressing;
  encoder_ = Encoder::take(encoding_);
  std::vector<HeaderView> headers;
  std::string storage;
  return next_.start(compressed_head(head, encoding_, type, headers, storage));
}

// Decides about the head that was held. Without bytes there is nothing to compress.
bool CompressingSink::release_head(std::string_view first_bytes) {
  std::vector<HeaderView> headers;
  for (const auto& [name, value] : held_) headers.push_back({name, value});
  const HttpResponseHead head{.status = status_, .reason = reason_, .headers = headers};
  if (first_bytes.empty()) return start_plain(head);
  const std::string_view type = http::sniff_content_type(first_bytes);
  return compressible(type) ? start_compressed(head, type) : start_plain(head);
}

bool CompressingSink::write(PinnedBytes chunk, Wait wait) {
  if (stage_ == Stage::held && !chunk.bytes.empty() && !release_head(chunk.bytes)) {
    release(chunk);
    return false;
  }
  if (stage_ != Stage::compressing) return next_.write(chunk, wait);
  std::string& out = output();
  encoder_->encode(chunk.bytes, Encoder::Flush::all, out);
  release(chunk);
  return next_.write(PinnedBytes{out}, wait);
}

bool CompressingSink::write_file(FileBytes chunk, Wait wait) {
  if (stage_ == Stage::plain) return next_.write_file(chunk, wait);
  // NOLINTNEXTLINE(bugprone-parent-virtual-call): as in respond_file()
  return HttpAnswerSink::write_file(chunk, wait);
}

bool CompressingSink::finish() {
  if (stage_ == Stage::held) release_head({});
  if (stage_ == Stage::compressing) {
    std::string& out = output();
    encoder_->encode({}, Encoder::Flush::finish, out);
    encoder_.reset();
    next_.write(PinnedBytes{out}, Wait::no);
  }
  return next_.finish();
}

}  // namespace rr::net::compress
