#include "runtime/net/http1/response_writer.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/field_rules.h"
#include "runtime/net/http/response.h"

namespace rr::net::http1 {
namespace {

namespace chars = http::chars;
using http::KnownField;

constexpr std::string_view kCrlf = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n";
constexpr std::string_view kChunkedLine = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view kLengthName = "Content-Length: ";

// Takes the lines of that name out of `lines`.
void erase_field(std::string& lines, std::string_view name) {
  std::size_t begin = 0;
  while (begin < lines.size()) {
    const std::size_t end = lines.find(kCrlf, begin) + kCrlf.size();
    const std::string_view line = std::string_view(lines).substr(begin, end - begin);
    if (chars::same_name(line.substr(0, line.find(':')), name)) {
      lines.erase(begin, end - begin);
    } else {
      begin = end;
    }
  }
}

void append_hex(std::string& out, std::uint64_t number) {
  char digits[16];
  const auto result = std::to_chars(digits, digits + sizeof digits, number, 16);
  out.append(digits, result.ptr);
}

void append_length(std::string& out, std::uint64_t length) {
  out.append(kLengthName);
  http::append_number(out, length);
  out.append(kCrlf);
}

void append_type(std::string& out, std::string_view body) {
  out.append("Content-Type: ");
  out.append(http::sniff_content_type(body));
  out.append(kCrlf);
}

}  // namespace

void ResponseWriter::reset(const AnswerTo& to) {
  constexpr std::size_t kKeptCapacity = 64 * 1024;
  to_ = to;
  framing_ = Framing::none;
  close_ = refused_ = head_held_ = false;
  status_ = 0;
  body_bytes_ = length_left_ = 0;
  body_ = {};
  held_head_.clear();
  trailers_.clear();
  if (held_head_.capacity() > kKeptCapacity) held_head_.shrink_to_fit();
  if (trailers_.capacity() > kKeptCapacity) trailers_.shrink_to_fit();
}

void ResponseWriter::status_line(std::string& out, const HttpResponseHead& head) const {
  if (head.status == 200 && http11() && head.reason.empty()) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append(http11() ? "HTTP/1.1 " : "HTTP/1.0 ");
  http::append_number(out, static_cast<std::uint64_t>(std::clamp(head.status, 100, 999)));
  out.push_back(' ');
  std::string storage;
  http::append_field_value(
      out, head.reason.empty() ? http::reason_phrase(head.status, storage) : head.reason);
  out.append(kCrlf);
}

// One field line; false for a name that is not fit to send.
bool ResponseWriter::field(std::string& out, const HeaderView& header) const {
  const auto form = to_.add_canonical_names ? http::Case::canonical : http::Case::as_given;
  if (!http::append_field_name(out, header.name, form)) return false;
  out.append(": ");
  http::append_field_value(out, header.value);
  out.append(kCrlf);
  return true;
}

// Appends the worker's fields but those about framing and the connection; collects trailers.
http::FieldFacts ResponseWriter::fields(std::string& out, const HttpResponseHead& head) {
  return http::sort_fields(
      head.headers, status_, [&](const HeaderView& header) { return field(out, header); },
      [&](const HeaderView& header) { return field(trailers_, header); });
}

void ResponseWriter::connection_fields(std::string& out, const HttpResponseHead& head,
                                       const http::FieldFacts& seen, bool known) {
  if (!seen.date) out.append(http::date_line());
  close_ |= !to_.keep_alive || seen.close || !known;
  if (close_) {
    if (http11()) out.append("Connection: close\r\n");  // HTTP/1.0 closes unless told otherwise
    return;
  }
  if (seen.connection) {
    for (const HeaderView& header : head.headers) {
      if (http::recognise_field(header.name) == KnownField::connection) field(out, header);
    }
  } else if (!http11()) {
    out.append("Connection: keep-alive\r\n");
  }
}

void ResponseWriter::inform(std::string& out, const HttpResponseHead& head) {
  if (!http11() || head.status < 100 || head.status > 199 || head.status == 101) return;
  status_line(out, head);
  for (const HeaderView& header : head.headers) {
    if (http::describes_framing(header.name)) continue;
    field(out, header);
  }
  out.append(kCrlf);
}

void ResponseWriter::respond(std::string& out, const HttpResponseHead& head,
                             std::string_view body) {
  status_ = head.status;
  status_line(out, head);
  const http::FieldFacts seen = fields(out, head);
  const bool forbidden = http::forbids_body(status_);
  const bool sniff = http::wants_sniffing(seen, status_) && !body.empty();
  const std::string_view whole = body;
  bool known = true;
  bool chunked = false;

  if (forbidden) {
    refused_ = !body.empty();
    body = {};
  } else if (to_.head_method) {
    if (seen.length >= 0) {
      append_length(out, static_cast<std::uint64_t>(seen.length));
    } else if (!body.empty() && !seen.identity) {
      append_length(out, body.size());
    }
    body = {};
  } else if (seen.length >= 0) {
    const auto length = static_cast<std::uint64_t>(seen.length);
    append_length(out, length);
    if (body.size() > length) {
      refused_ = true;
      body = body.substr(0, length);
      known = false;
    }
  } else if (seen.identity) {
    known = false;
  } else if (seen.trailers && http11()) {
    chunked = true;
    out.append(kChunkedLine);
  } else {
    append_length(out, body.size());
  }
  if (sniff) append_type(out, whole);
  connection_fields(out, head, seen, known);
  out.append(kCrlf);

  // The client sees a body cut short by the end of the connection.
  const bool has_body = !forbidden && !to_.head_method;
  if (has_body && seen.length > static_cast<std::int64_t>(body.size())) close_ = true;
  body_bytes_ = body.size();
  body_ = body;
  if (chunked) {
    if (!body.empty()) {
      append_hex(out, body.size());
      out.append(kCrlf);
      out.append(body);
      out.append(kCrlf);
    }
    out.append(kLastChunk);
    out.append(trailers_);
    out.append(kCrlf);
    body_ = {};
  }
}

void ResponseWriter::start(std::string& out, const HttpResponseHead& head) {
  status_ = head.status;
  std::string& text = held_head_;
  text.clear();
  status_line(text, head);
  const http::FieldFacts seen = fields(text, head);
  if (http::forbids_body(status_) || to_.head_method) {
    framing_ = Framing::none;
    if (seen.length >= 0 && !http::forbids_body(status_)) {
      append_length(text, static_cast<std::uint64_t>(seen.length));
    }
  } else if (seen.length >= 0) {
    framing_ = Framing::length;
    length_left_ = static_cast<std::uint64_t>(seen.length);
    append_length(text, length_left_);
  } else if (http11() && !seen.identity) {
    framing_ = Framing::chunked;
  } else {
    framing_ = Framing::until_close;
  }
  connection_fields(text, head, seen, framing_ != Framing::until_close);
  if (framing_ != Framing::chunked) trailers_.clear();
  head_held_ = http::wants_sniffing(seen, status_);
  if (!head_held_) {
    head_held_ = true;
    release_head(out, {});
  }
}

void ResponseWriter::release_head(std::string& out, std::string_view first_piece) {
  head_held_ = false;
  out.append(held_head_);
  if (!first_piece.empty()) append_type(out, first_piece);
  if (framing_ == Framing::chunked) out.append(kChunkedLine);
  out.append(kCrlf);
}

void ResponseWriter::piece(std::string& out, std::string_view piece) {
  body_ = {};
  if (piece.empty()) return;
  if (head_held_) release_head(out, piece);
  body_ = piece.substr(0, frame_piece(out, piece.size()));
}

std::uint64_t ResponseWriter::outside_piece(std::string& out, std::uint64_t size) {
  body_ = {};
  if (size == 0) return 0;
  if (head_held_) release_head(out, {});
  return frame_piece(out, size);
}

// Appends what stands before a piece; how much of it may follow.
std::uint64_t ResponseWriter::frame_piece(std::string& out, std::uint64_t size) {
  switch (framing_) {
    case Framing::none:
      refused_ |= http::forbids_body(status_);
      return 0;
    case Framing::length:
      if (size > length_left_) {
        refused_ = close_ = true;
        size = length_left_;
      }
      length_left_ -= size;
      break;
    case Framing::chunked:
      append_hex(out, size);
      out.append(kCrlf);
      break;
    case Framing::until_close:
      break;
  }
  body_bytes_ += size;
  return size;
}

std::string_view ResponseWriter::piece_tail() const {
  return outside_tail(body_.size());
}

std::string_view ResponseWriter::outside_tail(std::uint64_t sent) const {
  return framing_ == Framing::chunked && sent != 0 ? kCrlf : std::string_view();
}

void ResponseWriter::add_trailers(std::span<const HeaderView> fields) {
  if (framing_ != Framing::chunked) return;
  std::string added;
  for (const HeaderView& header : fields) {
    if (!http::listed_as_trailer(fields, header.name)) continue;
    erase_field(trailers_, header.name);
    field(added, header);
  }
  trailers_.append(added);
}

void ResponseWriter::finish(std::string& out) {
  body_ = {};
  if (head_held_) {
    // Nothing was written and nothing was sent: the length is known after all.
    if (framing_ == Framing::chunked && trailers_.empty()) {
      framing_ = Framing::none;
      append_length(held_head_, 0);
    }
    release_head(out, {});
  }
  if (framing_ == Framing::chunked) {
    out.append(kLastChunk);
    out.append(trailers_);
    out.append(kCrlf);
  }
  if (framing_ == Framing::length && length_left_ > 0) close_ = true;
  framing_ = Framing::none;
}

void write_refusal(std::string& out, int status, std::string_view reason) {
  std::string storage;
  std::string text = std::to_string(status) + ' ';
  text += http::reason_phrase(status, storage);
  // RoadRunner keeps the status line of this one bare and its body to the reason.
  const bool reason_alone = status == 501 && !reason.empty();
  if (!reason.empty() && !reason_alone) {
    text += ": ";
    text += reason;
  }
  out.append("HTTP/1.1 ");
  out.append(text);
  out.append("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n");
  out.append(reason_alone ? reason : std::string_view(text));
}

}  // namespace rr::net::http1
