// Compresses one answer where that is worth it.
#pragma once

#include <string>
#include <vector>

#include "rr/http_middleware.h"
#include "runtime/net/compress/encoder.h"
#include "runtime/net/compress/negotiation.h"

namespace rr::net::compress {

// For a request whose client takes `encoding`.
class CompressingSink final : public HttpAnswerFilter {
 public:
  CompressingSink(HttpAnswerSink& next, Encoding encoding)
      : HttpAnswerFilter(next), encoding_(encoding) {}

  bool respond(const HttpResponseHead& head, PinnedBytes body) override;
  bool start(const HttpResponseHead& head) override;
  bool write(PinnedBytes chunk, Wait wait) override;
  bool finish() override;
  bool respond_file(const HttpResponseHead& head, FileBytes body) override;
  bool write_file(FileBytes chunk, Wait wait) override;

 private:
  enum class Stage {
    undecided,  // no head yet
    held,       // a head whose type the first bytes tell
    plain,
    compressing,
  };
  bool start_plain(const HttpResponseHead& head);
  bool start_compressed(const HttpResponseHead& head, std::string_view type);
  bool release_head(std::string_view first_bytes);

  const Encoding encoding_;
  Stage stage_ = Stage::undecided;
  Encoder::Pointer encoder_;
  // A head that is held, with its texts.
  int status_ = 200;
  std::string reason_;
  std::vector<std::pair<std::string, std::string>> held_;
};

// The head without what a compressed body makes wrong and with its encoding; `type`: of a body that
// came without one, else empty. Views into the head and into `storage`.
HttpResponseHead compressed_head(const HttpResponseHead& head, Encoding encoding,
                                 std::string_view type, std::vector<HeaderView>& headers,
                                 std::string& storage);

}  // namespace rr::net::compress
