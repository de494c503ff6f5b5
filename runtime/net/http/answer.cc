#include "runtime/net/http/answer.h"

#include <algorithm>

namespace rr::net::http {
namespace {

// Of a connection, which is HTTP/1's (RFC 9113 §8.2.2).
bool of_connection(std::string_view name) {
  return equals_ignoring_case(name, "keep-alive") ||
         equals_ignoring_case(name, "proxy-connection") || equals_ignoring_case(name, "upgrade");
}

TextSpan span(std::size_t from, std::size_t to) {
  return {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to - from)};
}

}  // namespace

void Answer::Lines::clear() {
  constexpr std::size_t kKept = 64 * 1024;
  text.clear();
  if (text.capacity() > kKept) text.shrink_to_fit();
  all.clear();
}

const std::vector<HeaderView>& Answer::Lines::show() {
  views.clear();
  const std::string_view bytes = text;
  for (const Line& line : all) {
    views.push_back({bytes.substr(line.name.offset, line.name.length),
                     bytes.substr(line.value.offset, line.value.length)});
  }
  return views;
}

void Answer::reset(const Form& form) {
  form_ = form;
  ready_ = sniffs_ = dated_ = false;
  status_ = 0;
  length_ = -1;
  length_left_ = 0;
  body_ = {};
  lines_.clear();
  trailers_.clear();
}

// False, and nothing added, for a name that is not fit to send.
bool Answer::add(Lines& lines, std::string_view name, std::string_view value) const {
  std::string& text = lines.text;
  const std::size_t begin = text.size();
  const bool lower = form_.names == Names::lower;
  if (!append_field_name(text, name, lower ? Case::as_given : Case::canonical)) return false;
  const std::size_t end_of_name = text.size();
  if (lower) {
    for (std::size_t i = begin; i < end_of_name; ++i) {
      if (text[i] >= 'A' && text[i] <= 'Z') text[i] = static_cast<char>(text[i] + 32);
    }
  }
  append_field_value(text, value);
  lines.all.push_back({span(begin, end_of_name), span(end_of_name, text.size())});
  return true;
}

FieldFacts Answer::sort(const HttpResponseHead& head) {
  status_ = head.status;
  lines_.clear();
  const FieldFacts facts = sort_fields(
      head.headers, status_,
      [this](const HeaderView& header) {
        return !of_connection(header.name) && add(lines_, header.name, header.value);
      },
      [this](const HeaderView& header) {
        return form_.trailers && add(trailers_, header.name, header.value);
      });
  dated_ = facts.date;
  sniffs_ = wants_sniffing(facts, status_);
  return facts;
}

void Answer::inform(const HttpResponseHead& head) {
  status_ = head.status;
  lines_.clear();
  for (const HeaderView& header : head.headers) {
    if (describes_framing(header.name) || of_connection(header.name)) continue;
    add(lines_, header.name, header.value);
  }
}

void Answer::respond(const HttpResponseHead& head, std::string_view body) {
  const FieldFacts facts = sort(head);
  const std::string_view whole = body;
  if (forbids_body(status_)) {
    body = {};
  } else if (form_.head_method) {
    length_ = facts.length;
    if (length_ < 0 && !body.empty() && !facts.identity) {
      length_ = static_cast<std::int64_t>(body.size());
    }
    body = {};
  } else {
    length_ = facts.length >= 0 ? facts.length : static_cast<std::int64_t>(body.size());
    body = body.substr(0, static_cast<std::size_t>(length_));
    length_left_ = static_cast<std::uint64_t>(length_) - body.size();
  }
  complete(whole);
  body_ = body;
}

void Answer::start(const HttpResponseHead& head) {
  const FieldFacts facts = sort(head);
  if (!forbids_body(status_)) length_ = facts.length;
  if (!bodiless() && length_ > 0) length_left_ = static_cast<std::uint64_t>(length_);
  if (!sniffs_) complete({});
}

void Answer::piece(std::string_view bytes) {
  body_ = {};
  if (bytes.empty()) return;
  if (!ready_) complete(bytes);
  if (bodiless()) return;
  if (length_ >= 0) {
    bytes = bytes.substr(0, length_left_);
    length_left_ -= bytes.size();
  }
  body_ = bytes;
}

void Answer::add_trailers(std::span<const HeaderView> fields) {
  if (!form_.trailers) return;
  Lines added;
  const std::vector<HeaderView> before = trailers_.show();
  for (const HeaderView& header : fields) {
    if (listed_as_trailer(fields, header.name)) add(added, header.name, header.value);
  }
  const std::vector<HeaderView>& now = added.show();
  for (const HeaderView& old : before) {
    const bool replaced = std::any_of(now.begin(), now.end(), [&](const HeaderView& header) {
      return equals_ignoring_case(header.name, old.name);
    });
    if (!replaced) add(added, old.name, old.value);
  }
  trailers_ = std::move(added);
}

void Answer::finish() {
  body_ = {};
  if (ready_) return;
  // Nothing was written and nothing was sent: the length is known after all.
  if (!bodiless() && length_ < 0 && trailers_.all.empty()) length_ = 0;
  complete({});
}

void Answer::complete(std::string_view first_piece) {
  ready_ = true;
  if (length_ >= 0) {
    std::string digits;
    append_number(digits, static_cast<std::uint64_t>(length_));
    add(lines_, "Content-Length", digits);
  }
  if (sniffs_ && (!first_piece.empty() || form_.sniffs_empty)) {
    add(lines_, "Content-Type", sniff_content_type(first_piece));
  }
  if (!dated_) add(lines_, "Date", date_now());
}

const std::vector<HeaderView>& Answer::fields() {
  return lines_.show();
}

const std::vector<HeaderView>& Answer::trailers() {
  return trailers_.show();
}

}  // namespace rr::net::http
