#include "runtime/net/http1/request_parser.h"

#include <algorithm>
#include <cstring>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/net/http/target.h"

namespace rr::net::http1 {
namespace {

namespace chars = http::chars;
using http::Port;
using http::valid_authority;
using http::valid_escapes;

constexpr std::uint8_t kMaxEmptyLines = 2;
constexpr std::size_t kMaxChunkLine = 4096;
// Bytes of chunk framing beyond what the data pays for (16 a chunk and two for each byte of it).
constexpr std::size_t kMaxChunkExcess = 16 * 1024;

TextSpan span_of(const char* data, std::string_view text) {
  return {static_cast<std::uint32_t>(text.data() - data), static_cast<std::uint32_t>(text.size())};
}

std::uint8_t count(std::uint8_t seen) {
  return seen < 2 ? seen + 1 : seen;
}

// A space where only tokens may be is told apart: RoadRunner complains about such a name only after
// it has looked at Host, and with a text of its own.
const char* skip_name_with_spaces(const char* at, const char* end) {
  while (at != end && (*at == ' ' || chars::is(*at, chars::kToken))) ++at;
  return at;
}

}  // namespace

void HeadParser::reset() {
  *this = HeadParser(limits_);
}

HeadResult HeadParser::parse(http::RequestBlock& block) {
  if (refused_) return HeadResult::refused;
  const char* const data = block.data();
  const std::size_t size = block.size();
  if (size == scanned_) return HeadResult::incomplete;

  // The line in hand was looked at before: nothing new to say until its end is there.
  bool wait = scanned_ > line_ && std::memchr(data + scanned_, '\n', size - scanned_) == nullptr;
  const char* const end = data + size;
  while (!wait) {
    const char* at = data + line_;
    if (at == end) break;
    const Line line = in_fields_ ? field_line(block, at, end) : request_line(block, at, end);
    switch (line) {
      case Line::partial:
        wait = true;
        break;
      case Line::bad: {
        // Judged only when the whole line is there, so that the result does not depend on how the
        // bytes arrived.
        const void* lf = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
        if (lf == nullptr) {
          refusal_ = {};
          wait = true;
          break;
        }
        const auto line_end = static_cast<std::size_t>(static_cast<const char*>(lf) + 1 - data);
        if (line_end > limits_.head_bytes) return refuse(431, {});
        return refuse(refusal_.status, refusal_.reason);
      }
      case Line::hopeless:
        return refuse(400, {});
      case Line::whole:
      case Line::last:
        line_ = static_cast<std::size_t>(at - data);
        if (line_ > limits_.head_bytes) return refuse(431, {});
        if (line == Line::last) {
          scanned_ = head_size_ = line_;
          return complete(block);
        }
        break;
    }
  }
  scanned_ = size;
  if (size >= limits_.head_bytes) return refuse(431, {});
  return HeadResult::incomplete;
}

// Leaves `at` behind the line, or for a bad one where the search for its end goes on.
HeadParser::Line HeadParser::request_line(http::RequestBlock& block, const char*& at,
                                          const char* end) {
  const char* const data = block.data();
  if (*at == '\r') {
    if (end - at < 2) return Line::partial;
    if (at[1] != '\n' || empty_lines_ == kMaxEmptyLines) return Line::bad;
    ++empty_lines_;
    at += 2;
    return Line::whole;
  }

  // No request at all (a TLS hello, say): it may never send an end of line.
  if (!chars::is(*at, chars::kToken)) return Line::hopeless;
  const char* method_end = at;
  while (method_end != end && chars::is(*method_end, chars::kToken)) ++method_end;
  if (method_end == end) return Line::partial;
  if (*method_end != ' ') return Line::bad;
  const std::string_view method(at, static_cast<std::size_t>(method_end - at));

  const char* const target = method_end + 1;
  const char* const target_end = chars::find_target_end(target, end);
  if (target_end == end) return Line::partial;
  if (target_end == target || *target_end != ' ') return Line::bad;

  constexpr std::string_view kName = "HTTP/";
  constexpr std::ptrdiff_t kVersionAndEnd = 10;  // "HTTP/1.1\r\n"
  const char* const version = target_end + 1;
  if (end - version < kVersionAndEnd) return Line::bad;  // or partial, as long as no LF follows
  if (std::memcmp(version, kName.data(), kName.size()) != 0 ||
      !chars::is(version[5], chars::kDigit) || version[6] != '.' ||
      !chars::is(version[7], chars::kDigit) || version[8] != '\r' || version[9] != '\n') {
    return Line::bad;
  }
  if (version[5] != '1') {
    refusal_ = {505, "unsupported protocol version"};
    return Line::bad;
  }

  HttpHead& head = block.head;
  head.version = version[7] == '0' ? HttpVersion::http10 : HttpVersion::http11;
  head.method = span_of(data, method);
  head.head_method = method == "HEAD";
  head.target = span_of(data, {target, static_cast<std::size_t>(target_end - target)});
  if (!read_target(block, method, head.target)) return Line::bad;
  at = version + kVersionAndEnd;
  in_fields_ = true;
  return Line::whole;
}

bool HeadParser::read_target(http::RequestBlock& block, std::string_view method, TextSpan span) {
  const char* const data = block.data();
  HttpHead& head = block.head;
  const std::string_view target(data + span.offset, span.length);

  if (method == "CONNECT") {
    if (!valid_authority(target, Port::required)) return false;
    head.host = span;
    return true;
  }
  std::string_view path = target;
  if (target.front() != '/') {
    if (target == "*") {
      head.path = span;
      return method == "OPTIONS";
    }
    // absolute-form
    const std::size_t colon = target.find(':');
    if (colon == std::string_view::npos || !chars::is(target.front(), chars::kAlpha)) return false;
    for (char byte : target.substr(0, colon)) {
      if (!chars::is(byte, chars::kAlpha | chars::kDigit) && byte != '+' && byte != '-' &&
          byte != '.') {
        return false;
      }
    }
    if (target.substr(colon + 1, 2) != "//") return false;
    const std::size_t start = colon + 3;
    const std::size_t stop = std::min(target.find_first_of("/?", start), target.size());
    std::string_view authority = target.substr(start, stop - start);
    if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos) {
      const std::string_view userinfo = authority.substr(0, user);
      if (!chars::all(userinfo, chars::kUserInfo) || !valid_escapes(userinfo)) return false;
      authority.remove_prefix(user + 1);
    }
    if (!valid_authority(authority, Port::optional)) return false;
    head.scheme_authority = span_of(data, target.substr(0, stop));
    head.host = span_of(data, authority);
    path = target.substr(stop);
  }
  if (const std::size_t mark = path.find('?'); mark != std::string_view::npos) {
    head.query = span_of(data, path.substr(mark + 1));
    path = path.substr(0, mark);
  }
  head.path = span_of(data, path);
  return valid_escapes(path);
}

HeadParser::Line HeadParser::field_line(http::RequestBlock& block, const char*& at,
                                        const char* end) {
  const char* const data = block.data();
  if (*at == '\r') {
    if (end - at < 2) return Line::partial;
    if (at[1] != '\n') return Line::bad;
    at += 2;
    return Line::last;
  }

  const char* const name = at;
  const char* name_end = name;
  while (name_end != end && chars::is(*name_end, chars::kToken)) ++name_end;
  bool spaced = false;
  if (name_end != end && *name_end == ' ' && name_end != name) {
    spaced = true;
    name_end = skip_name_with_spaces(name_end, end);
  }
  if (name_end == end) return Line::partial;
  if (*name_end != ':' || name_end == name) return Line::bad;

  const char* value = name_end + 1;
  const char* value_end = chars::find_control(value, end);
  if (value_end == end) return Line::partial;
  if (*value_end != '\r') {
    at = value_end;
    return Line::bad;
  }
  if (value_end + 1 == end) return Line::partial;
  if (value_end[1] != '\n') {
    at = value_end;
    return Line::bad;
  }
  at = value_end + 2;
  if (spaced) {
    bad_name_ = true;
    return Line::whole;
  }
  while (value != value_end && (*value == ' ' || *value == '\t')) ++value;
  while (value != value_end && (value_end[-1] == ' ' || value_end[-1] == '\t')) --value_end;

  const std::string_view name_text(name, static_cast<std::size_t>(name_end - name));
  const TextSpan value_span = span_of(data, {value, static_cast<std::size_t>(value_end - value)});
  block.fields.push_back({span_of(data, name_text), value_span});
  recognise(block, name_text, value_span);
  return Line::whole;
}

void HeadParser::recognise(http::RequestBlock& block, std::string_view name, TextSpan span) {
  switch (name.size()) {
    case 4:
      if (chars::same_name(name, "host")) {
        hosts_ = count(hosts_);
        host_ = span;
      }
      break;
    case 6:
      if (chars::same_name(name, "expect")) {
        std::string_view list(block.data() + span.offset, span.length);
        while (!list.empty()) {
          const std::string_view member = chars::next_member(list);
          if (member.empty()) continue;
          if (http::equals_ignoring_case(member, "100-continue")) {
            expects_continue_ = true;
          } else {
            expectation_failed_ = true;
          }
        }
      }
      break;
    case 10:
      if (chars::same_name(name, "connection")) {
        std::string_view list(block.data() + span.offset, span.length);
        while (!list.empty()) {
          const std::string_view member = chars::next_member(list);
          close_ |= http::equals_ignoring_case(member, "close");
          keep_alive_ |= http::equals_ignoring_case(member, "keep-alive");
        }
      }
      break;
    case 12:
      if (block.head.content_type.offset == 0 && chars::same_name(name, "content-type")) {
        block.head.content_type = span;
      }
      break;
    case 14:
      if (chars::same_name(name, "content-length")) {
        const char* const data = block.data();
        const std::string_view value(data + span.offset, span.length);
        if (lengths_ == 0) {
          length_ = span;
          block.head.content_length = chars::parse_length(value);
          bad_length_ = block.head.content_length < 0;
        } else if (value != std::string_view(data + length_.offset, length_.length)) {
          bad_length_ = true;
        }
        lengths_ = count(lengths_);
      }
      break;
    case 17:
      if (chars::same_name(name, "transfer-encoding")) {
        codings_ = count(codings_);
        const std::string_view value(block.data() + span.offset, span.length);
        bad_coding_ |= !http::equals_ignoring_case(value, "chunked");
      }
      break;
    default:
      break;
  }
}

// The order of the checks is RoadRunner's: it decides which text a request with two faults gets.
HeadResult HeadParser::complete(http::RequestBlock& block) {
  HttpHead& head = block.head;
  const bool http11 = head.version == HttpVersion::http11;
  if (hosts_ > 1) return refuse(400, {});
  if (codings_ > 0) {
    if (!http11) return refuse(400, {});
    if (codings_ > 1 || bad_coding_) return refuse(501, "Unsupported transfer encoding");
    if (lengths_ > 0) return refuse(400, {});
    head.chunked = true;
  }
  if (bad_length_) return refuse(400, {});
  if (hosts_ == 0) {
    if (http11) return refuse(400, "missing required Host header");
  } else {
    const std::string_view host(block.data() + host_.offset, host_.length);
    // With one of these it is no authority but a part of a URL, which no text explains.
    if (host.find_first_of("/?#@\\") != std::string_view::npos) return refuse(400, {});
    if (!chars::all(host, chars::kHost)) return refuse(400, "malformed Host header");
    if (head.host.offset == 0) head.host = host_;  // else the target names the host
  }
  if (bad_name_) return refuse(400, "invalid header name");

  head.keep_alive = http11 ? !close_ : keep_alive_ && !close_;
  head.expect_continue = expects_continue_ && http11 && (head.chunked || head.content_length > 0);
  return HeadResult::complete;
}

HeadResult HeadParser::refuse(int status, std::string_view reason) {
  refused_ = true;
  refusal_ = {status, reason};
  return HeadResult::refused;
}

void ChunkedDecoder::reset() {
  *this = ChunkedDecoder(limits_);
}

ChunkedDecoder::Step ChunkedDecoder::fail(std::string_view reason) {
  state_ = State::malformed;
  reason_ = reason;
  return Step::malformed;
}

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view& input, std::string_view& piece) {
  constexpr std::string_view kBadSize = "invalid byte in chunk length";
  constexpr std::string_view kBadFraming = "malformed chunked encoding";
  constexpr std::string_view kTooLong = "header line too long";

  piece = {};
  while (!input.empty() && state_ != State::done && state_ != State::malformed) {
    if (state_ == State::data) {
      piece = input.substr(0, std::min<std::uint64_t>(left_, input.size()));
      input.remove_prefix(piece.size());
      left_ -= piece.size();
      if (left_ == 0) state_ = State::data_cr;
      return Step::data;
    }

    const char byte = input.front();
    input.remove_prefix(1);
    switch (state_) {
      case State::size:
      case State::digits:
        if (chars::is(byte, chars::kHex)) {
          if (state_ == State::size) {
            state_ = State::digits;
            left_ = 0;
            digits_ = 0;
            line_ = 0;
          }
          if (++digits_ > 16) return fail("http chunk length too large");
          ++line_;
          left_ = left_ << 4 | static_cast<std::uint64_t>(chars::is(byte, chars::kDigit)
                                                              ? byte - '0'
                                                              : (byte | 0x20) - 'a' + 10);
          break;
        }
        if (state_ == State::size) {
          return fail(byte == '\r' || byte == '\n' || byte == ';'
                          ? "empty hex number for chunk length"
                          : kBadSize);
        }
        if (byte == '\r') {
          state_ = State::size_lf;
        } else if (byte == ';') {
          state_ = State::extension;
          ++line_;
        } else if (byte == ' ' || byte == '\t') {
          state_ = State::before_extension;
          ++line_;
        } else {
          return fail(kBadSize);
        }
        break;
      case State::before_extension:
        if (++line_ > kMaxChunkLine) return fail(kTooLong);
        if (byte == ';') {
          state_ = State::extension;
        } else if (byte != ' ' && byte != '\t') {
          return fail(kBadSize);
        }
        break;
      case State::extension:
        if (byte == '\r') {
          state_ = State::size_lf;
        } else if (chars::is_control(byte)) {
          return fail(kBadFraming);
        } else if (++line_ > kMaxChunkLine) {
          return fail(kTooLong);
        }
        break;
      case State::size_lf: {
        if (byte != '\n') return fail(kBadFraming);
        if (left_ == 0) {
          state_ = State::trailer_start;
          extra_ = 0;
          break;
        }
        state_ = State::data;
        const std::uint64_t paid = left_ < kMaxChunkExcess ? 16 + 2 * left_ : UINT32_MAX;
        extra_ += line_ + 2;
        extra_ = extra_ > paid ? extra_ - paid : 0;
        if (extra_ > kMaxChunkExcess) {
          return fail("chunked encoding contains too much non-data");
        }
        break;
      }
      case State::data_cr:
        if (byte != '\r') return fail(kBadFraming);
        state_ = State::data_lf;
        break;
      case State::data_lf:
        if (byte != '\n') return fail(kBadFraming);
        state_ = State::size;
        break;
      case State::trailer_start:
        if (byte == '\r') {
          state_ = State::last_lf;
          break;
        }
        state_ = State::trailer_name;
        if (!chars::is(byte, chars::kToken)) return fail(kBadFraming);
        if (++extra_ > limits_.trailer_bytes) return fail(kTooLong);
        break;
      case State::trailer_name:
        if (byte == ':') {
          state_ = State::trailer_value;
        } else if (!chars::is(byte, chars::kToken)) {
          return fail(kBadFraming);
        }
        if (++extra_ > limits_.trailer_bytes) return fail(kTooLong);
        break;
      case State::trailer_value:
        if (byte == '\r') {
          state_ = State::trailer_lf;
        } else if (chars::is_control(byte)) {
          return fail(kBadFraming);
        }
        if (++extra_ > limits_.trailer_bytes) return fail(kTooLong);
        break;
      case State::trailer_lf:
        if (byte != '\n') return fail(kBadFraming);
        state_ = State::trailer_start;
        break;
      case State::last_lf:
        if (byte != '\n') return fail(kBadFraming);
        state_ = State::done;
        break;
      case State::data:
      case State::done:
      case State::malformed:
        break;
    }
  }
  if (state_ == State::done) return Step::done;
  if (state_ == State::malformed) return Step::malformed;
  return Step::more;
}

}  // namespace rr::net::http1
