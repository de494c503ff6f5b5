#include "rr/http_middleware.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace rr {

bool HttpAnswerSink::respond_file(const HttpResponseHead& head, FileBytes body) {
  const std::string length = std::to_string(body.length);
  std::vector<HeaderView> headers(head.headers.begin(), head.headers.end());
  headers.push_back({"Content-Length", length});
  if (!start({.status = head.status, .reason = head.reason, .headers = headers})) {
    if (body.release) body.release(body.owner);
    return false;
  }
  return write_file(body, Wait::yes) && finish();
}

bool HttpAnswerSink::write_file(FileBytes chunk, Wait wait) {
  constexpr std::uint64_t kPiece = 256 * 1024;
  std::vector<char> buffer(std::min(chunk.length, kPiece));
  bool alive = true;
  while (alive && chunk.length > 0) {
    const ssize_t count = pread(chunk.descriptor, buffer.data(), std::min(chunk.length, kPiece),
                                static_cast<off_t>(chunk.offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;  // shorter than it was: the framing shows the client what is missing
    const auto bytes = static_cast<std::size_t>(count);
    alive = write(PinnedBytes{{buffer.data(), bytes}}, wait);
    chunk.offset += bytes;
    chunk.length -= bytes;
  }
  if (chunk.release) chunk.release(chunk.owner);
  return alive;
}

}  // namespace rr
