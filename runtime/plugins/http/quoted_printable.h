// Content-Transfer-Encoding: quoted-printable of a multipart part, sans I/O, as tolerant as Go's
// reader.
#pragma once

#include <string>
#include <string_view>

#include "rr/result.h"

namespace rr::http {

// Decodes one part: bytes in any pieces, then finish(). One owner at a time.
class QuotedPrintableDecoder {
 public:
  // Appends what is decoded to `out`. After an error only a new part may follow (reset()).
  Result<void> feed(std::string_view bytes, std::string& out);
  Result<void> finish(std::string& out);
  void reset() { line_.clear(); }

 private:
  std::string line_;  // begun, without its end; at most kMaxLine
};

}  // namespace rr::http
