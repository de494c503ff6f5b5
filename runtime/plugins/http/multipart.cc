#include "runtime/plugins/http/multipart.h"

#include <algorithm>

#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/media_type.h"
#include "runtime/plugins/http/percent.h"

namespace rr::http {
namespace {

constexpr std::size_t kMaxLine = 4096;       // between parts
constexpr std::int64_t kPairOverhead = 200;  // what a field counts besides its bytes
constexpr std::int64_t kFileOverhead = 400;
constexpr std::string_view kTooLarge = "multipart: message too large";

// Last component, as Go's filepath.Base.
std::string_view base_name(std::string_view path) {
  if (path.empty()) return path;
  const std::size_t last = path.find_last_not_of('/');
  if (last == path.npos) return "/";
  path = path.substr(0, last + 1);
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool header_value_byte(char c) {
  return (ascii::byte(c) >= 0x20 && c != 0x7F) || c == '\t';
}

}  // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
  const MediaType type = parse_media_type(content_type);
  if (type.type != "multipart/form-data") {
    return Error(Errc::invalid, "", "request Content-Type isn't multipart/form-data");
  }
  if (const std::string* boundary = type.parameter("boundary")) return *boundary;
  return Error(Errc::invalid, "", "no multipart boundary param in Content-Type");
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartSink& sink,
                                 const MultipartLimits& limits)
    : sink_(sink),
      limits_(limits),
      delimiter_("\r\n--" + std::string(boundary)),
      memory_left_(limits.text + limits.files),
      files_left_(limits.files) {}

Result<void> MultipartParser::feed(std::string_view bytes) {
  if (pending_.empty()) {
    auto result = run(bytes, More::yes);
    pending_ = bytes;
    return result;
  }
  pending_ += bytes;
  std::string_view rest = pending_;
  auto result = run(rest, More::yes);
  pending_.erase(0, pending_.size() - rest.size());
  return result;
}

Result<void> MultipartParser::finish() {
  std::string_view rest = pending_;
  return run(rest, More::no);
}

Result<void> MultipartParser::run(std::string_view& bytes, More more) {
  if (failure_.empty() && delimiter_.size() == 4) fail("multipart: boundary is empty");
  while (failure_.empty() && step(bytes, more)) {
  }
  if (failure_.empty()) return {};
  return Error(Errc::invalid, "", failure_);
}

bool MultipartParser::step(std::string_view& bytes, More more) {
  switch (state_) {
    case State::between:
      return step_between(bytes, more);
    case State::headers:
      return step_headers(bytes, more);
    case State::data:
      return step_data(bytes, more);
    case State::epilogue:
      bytes = {};
      return false;
  }
  return false;
}

bool MultipartParser::fail(std::string text) {
  failure_ = std::move(text);
  return false;
}

// ---------------------------------------------------------------- between parts

bool MultipartParser::step_between(std::string_view& bytes, More more) {
  const std::size_t feed = bytes.substr(0, kMaxLine).find('\n');
  if (feed == bytes.npos) {
    if (bytes.size() >= kMaxLine) return fail("multipart: NextPart: bufio: buffer full");
    if (more == More::yes) return false;
    if (!is_final(bytes)) return fail("multipart: NextPart: EOF");
    state_ = State::epilogue;
    return true;
  }
  const std::string_view line = bytes.substr(0, feed + 1);
  if (!take_line(line)) return false;
  bytes.remove_prefix(feed + 1);
  return true;
}

bool MultipartParser::take_line(std::string_view line) {
  if (is_delimiter(line)) {
    ++parts_;
    state_ = State::headers;
    separated_ = false;
    seen_ = 0;
    header_.clear();
    disposition_.clear();
    transfer_encoding_.clear();
    part_ = {};
    return true;
  }
  if (is_final(line)) {
    state_ = State::epilogue;
    return true;
  }
  if (separated_) return fail("multipart: expecting a new Part; got line " + quoted(line));
  if (parts_ == 0) return true;  // preamble
  if (line == newline()) {
    separated_ = true;
    return true;
  }
  return fail("multipart: unexpected line in Next(): " + quoted(line));
}

bool MultipartParser::is_final(std::string_view line) const {
  if (!line.starts_with(dash_boundary())) return false;
  line.remove_prefix(dash_boundary().size());
  if (!line.starts_with("--")) return false;
  line.remove_prefix(2);
  while (!line.empty() && (line[0] == ' ' || line[0] == '\t')) line.remove_prefix(1);
  return line.empty() || line == newline();
}

bool MultipartParser::is_delimiter(std::string_view line) {
  if (!line.starts_with(dash_boundary())) return false;
  line.remove_prefix(dash_boundary().size());
  while (!line.empty() && (line[0] == ' ' || line[0] == '\t')) line.remove_prefix(1);
  if (parts_ == 0 && line == "\n") lone_feeds_ = true;
  return line == newline();
}

// ---------------------------------------------------------------- headers of a part

bool MultipartParser::step_headers(std::string_view& bytes, More more) {
  const std::size_t feed = bytes.find('\n');
  const std::size_t length = feed == bytes.npos ? bytes.size() : feed + 1;
  if (length + header_.size() > limits_.header_line) return fail(std::string(kTooLarge));
  if (feed == bytes.npos) return more == More::yes ? false : fail("unexpected EOF");
  std::string_view line = bytes.substr(0, feed);
  bytes.remove_prefix(length);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool indented = line.starts_with(' ') || line.starts_with('\t');
  if (indented && !header_.empty()) {
    header_ += ' ';
    header_ += ascii::trim(line);
    return true;
  }
  if (indented) return fail("malformed MIME header initial line: " + std::string(line));
  if (!header_.empty() && !add_header()) return false;
  header_.clear();
  if (line.empty()) return begin_part();
  if (line.find(':') == line.npos) {
    return fail("malformed MIME header: missing colon: " + quoted(line));
  }
  header_ = ascii::trim(line);
  return true;
}

bool MultipartParser::add_header() {
  if (++headers_ > limits_.headers) return fail(std::string(kTooLarge));
  memory_left_ -= static_cast<std::int64_t>(header_.size());
  if (memory_left_ < 0) return fail(std::string(kTooLarge));
  const std::string_view line = header_;
  const std::string_view name = line.substr(0, line.find(':'));
  const std::string_view value = ascii::trim(line.substr(name.size() + 1));
  const bool good_name =
      std::all_of(name.begin(), name.end(), [](char c) { return ascii::token(c) || c == ' '; });
  if (!good_name || !std::all_of(value.begin(), value.end(), header_value_byte)) {
    return fail("malformed MIME header line: " + header_);
  }
  const auto first = [&](std::uint8_t bit, std::string_view wanted, std::string& into) {
    if ((seen_ & bit) != 0 || !ascii::iequals(name, wanted)) return;
    seen_ |= bit;
    into = value;
  };
  first(1, "content-disposition", disposition_);
  first(2, "content-type", part_.content_type);
  first(4, "content-transfer-encoding", transfer_encoding_);
  return true;
}

bool MultipartParser::begin_part() {
  if (parts_ > limits_.parts) return fail(std::string(kTooLarge));
  state_ = State::data;
  any_data_ = false;
  file_bytes_ = 0;
  quoted_printable_ = ascii::iequals(transfer_encoding_, "quoted-printable");
  decoder_.reset();
  MediaType disposition = parse_media_type(disposition_);
  const std::string* name = disposition.parameter("name");
  wanted_ = disposition.type == "form-data" && name != nullptr && !name->empty();
  if (!wanted_) return true;
  part_.name = *name;
  if (const std::string* file = disposition.parameter("filename"))
    part_.file_name = base_name(*file);
  memory_left_ -= kPairOverhead + static_cast<std::int64_t>(part_.name.size());
  if (part_.is_file()) memory_left_ -= kFileOverhead;
  if (memory_left_ < 0) return fail(std::string(kTooLarge));
  sink_.begin(part_);
  return true;
}

// ---------------------------------------------------------------- data of a part

// What `rest`, which follows a boundary's bytes, makes of them.
MultipartParser::After MultipartParser::after_prefix(std::string_view rest, More more) const {
  if (rest.empty()) return more == More::yes ? After::unknown : After::boundary;
  const char c = rest[0];
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return After::boundary;
  if (c != '-') return After::no_boundary;
  if (rest.size() == 1) return more == More::yes ? After::unknown : After::no_boundary;
  return rest[1] == '-' ? After::boundary : After::no_boundary;
}

bool MultipartParser::step_data(std::string_view& bytes, More more) {
  const auto cut_short = [&] { return more == More::yes ? false : fail("unexpected EOF"); };
  std::size_t at = 0;
  std::string_view found = dash_boundary();
  if (any_data_ || !bytes.starts_with(found)) {
    if (!any_data_ && found.starts_with(bytes)) return cut_short();
    found = line_boundary();
    at = bytes.find(found);
  }
  if (at != bytes.npos) {
    const After after = after_prefix(bytes.substr(at + found.size()), more);
    const std::size_t length = at + (after == After::no_boundary ? found.size() : 0);
    if (!emit(bytes.substr(0, length))) return false;
    bytes.remove_prefix(length);
    return after == After::boundary ? end_part() : after == After::no_boundary;
  }
  // Only from the last line end on could the bytes become a boundary.
  std::size_t length = bytes.rfind(found[0]);
  if (length == bytes.npos || !found.starts_with(bytes.substr(length))) length = bytes.size();
  if (more == More::no) length = bytes.size();
  if (!emit(bytes.substr(0, length))) return false;
  bytes.remove_prefix(length);
  return cut_short();
}

bool MultipartParser::emit(std::string_view bytes) {
  if (bytes.empty()) return true;
  any_data_ = true;
  if (!wanted_) return true;
  decoded_.clear();
  if (quoted_printable_) {
    if (!decoded(decoder_.feed(bytes, decoded_))) return false;
    bytes = decoded_;
  }
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (part_.is_file()) {
    file_bytes_ += size;
  } else if ((memory_left_ -= size) < 0) {
    return fail(std::string(kTooLarge));
  }
  if (!bytes.empty()) sink_.data(bytes);
  return true;
}

bool MultipartParser::decoded(Result<void> result) {
  return result ? true : fail(std::move(result).error().message);
}

bool MultipartParser::end_part() {
  state_ = State::between;
  if (!wanted_) return true;
  if (quoted_printable_) {
    decoded_.clear();
    if (!decoded(decoder_.finish(decoded_))) return false;
    file_bytes_ += static_cast<std::int64_t>(decoded_.size());
    if (!decoded_.empty()) sink_.data(decoded_);
  }
  if (part_.is_file() && file_bytes_ <= files_left_) {
    files_left_ -= file_bytes_;
    memory_left_ -= file_bytes_;
    if (memory_left_ < 0) return fail(std::string(kTooLarge));
  }
  sink_.end();
  return true;
}

}  // namespace rr::http
