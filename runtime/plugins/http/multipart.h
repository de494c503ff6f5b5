// multipart/form-data, sans I/O: bytes in, parts out (spec 02 §2.5, after Go's mime/multipart). The
// same bytes give the same events however they are cut. Fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "rr/result.h"
#include "runtime/plugins/http/quoted_printable.h"

namespace rr::http {

struct MultipartPart {
  std::string name;
  std::string file_name;     // last component of a path; empty: a text field
  std::string content_type;  // as sent, empty when absent

  bool is_file() const { return !file_name.empty(); }
};

// Receives the parts of one body in order: begin, any number of data, end. Parts without a name and
// parts that are no form-data are left out. Views live for the call, the part until its end().
class MultipartSink {
 public:
  virtual void begin(const MultipartPart& part) = 0;
  virtual void data(std::string_view bytes) = 0;
  virtual void end() = 0;

 protected:
  ~MultipartSink() = default;
};

struct MultipartLimits {
  std::size_t parts = 1000;
  std::size_t headers = 10000;           // of all parts
  std::size_t header_line = 64 * 1024;   // bytes
  std::int64_t text = 10 * 1024 * 1024;  // fields, names and overhead, plus what is left of `files`
  std::int64_t files = 32 * 1024 * 1024;  // files that fit into it count; larger ones do not
};

// The boundary of a Content-Type, or why there is none: `request Content-Type isn't
// multipart/form-data`, `no multipart boundary param in Content-Type`.
Result<std::string> multipart_boundary(std::string_view content_type);

// Parses one body. One owner at a time.
class MultipartParser {
 public:
  // `sink` outlives it.
  MultipartParser(std::string_view boundary, MultipartSink& sink,
                  const MultipartLimits& limits = {});

  // After an error nothing more may be fed; the part in hand gets no end(). Texts as Go's:
  // `multipart: NextPart: EOF`, `multipart: message too large`, `unexpected EOF`, …
  Result<void> feed(std::string_view bytes);
  // The body has ended.
  Result<void> finish();

 private:
  enum class State : std::uint8_t { between, headers, data, epilogue };
  enum class More : bool { no, yes };  // may further bytes come
  enum class After : std::uint8_t { unknown, no_boundary, boundary };

  // Each takes what it can from the front of `bytes`; false: more are needed, or failed.
  Result<void> run(std::string_view& bytes, More more);
  bool step(std::string_view& bytes, More more);
  bool step_between(std::string_view& bytes, More more);
  bool step_headers(std::string_view& bytes, More more);
  bool step_data(std::string_view& bytes, More more);
  bool take_line(std::string_view line);
  bool add_header();
  bool begin_part();
  bool emit(std::string_view bytes);
  bool end_part();
  bool decoded(Result<void> result);
  bool is_delimiter(std::string_view line);
  bool is_final(std::string_view line) const;
  After after_prefix(std::string_view rest, More more) const;
  bool fail(std::string text);

  std::string_view newline() const { return lone_feeds_ ? "\n" : "\r\n"; }
  std::string_view dash_boundary() const { return std::string_view(delimiter_).substr(2); }
  std::string_view line_boundary() const {
    return std::string_view(delimiter_).substr(lone_feeds_ ? 1 : 0);
  }

  MultipartSink& sink_;
  const MultipartLimits limits_;
  const std::string delimiter_;  // CR LF "--" boundary
  State state_ = State::between;
  bool lone_feeds_ = false;  // lines end with LF only, as the first delimiter did
  bool separated_ = false;   // the line end before a delimiter was seen
  bool any_data_ = false;    // of the part in hand
  bool wanted_ = false;      // the part in hand goes to the sink
  bool quoted_printable_ = false;
  std::size_t parts_ = 0;
  std::size_t headers_ = 0;
  std::int64_t memory_left_;
  std::int64_t files_left_;
  std::int64_t file_bytes_ = 0;
  std::string pending_;  // fed, but not to be decided yet
  std::string header_;   // a header line with its continuations
  std::string disposition_;
  std::string transfer_encoding_;
  std::uint8_t seen_ = 0;  // headers of which the first counts
  MultipartPart part_;
  QuotedPrintableDecoder decoder_;
  std::string decoded_;
  std::string failure_;
};

}  // namespace rr::http
