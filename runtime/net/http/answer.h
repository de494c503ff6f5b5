// An answer whose protocol frames bodies itself (HTTP/2, FastCGI): which fields it has and how much
// of a body may follow (spec 02 §3.3, §3.4). The counterpart of http1::ResponseWriter.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"
#include "runtime/net/http/field_rules.h"

namespace rr::net::http {

// One at a time; reset() between answers. Not thread-safe.
class Answer {
 public:
  enum class Names : std::uint8_t { lower, canonical };
  struct Form {
    Names names = Names::lower;
    bool head_method = false;
    bool trailers = true;       // they can be sent
    bool sniffs_empty = false;  // an empty body has a type too
  };
  void reset(const Form& form);

  // A final head with its whole body: body_to_send() is what may follow of it.
  void respond(const HttpResponseHead& head, std::string_view body);
  // A streamed one. The head is not ready() until the first piece when its type must be sniffed.
  void start(const HttpResponseHead& head);
  void piece(std::string_view bytes);
  void add_trailers(std::span<const HeaderView> fields);
  void finish();
  // An interim head (1xx): its fields alone.
  void inform(const HttpResponseHead& head);

  bool ready() const { return ready_; }
  int status() const { return status_; }
  std::string_view body_to_send() const { return body_; }
  // No body follows, nor may one.
  bool bodiless() const { return form_.head_method || forbids_body(status_); }
  // The worker promised a longer body than it gave. After respond() or finish().
  bool cut_short() const { return length_left_ > 0; }

  // Names and values, in order; without the status. Valid until the next call.
  const std::vector<HeaderView>& fields();
  const std::vector<HeaderView>& trailers();

 private:
  struct Line {
    TextSpan name;
    TextSpan value;
  };
  struct Lines {
    std::string text;
    std::vector<Line> all;
    std::vector<HeaderView> views;
    void clear();
    const std::vector<HeaderView>& show();
  };
  bool add(Lines& lines, std::string_view name, std::string_view value) const;
  FieldFacts sort(const HttpResponseHead& head);
  void complete(std::string_view first_piece);

  Form form_;
  bool ready_ = false;
  bool sniffs_ = false;
  bool dated_ = false;
  int status_ = 0;
  std::int64_t length_ = -1;       // to be said
  std::uint64_t length_left_ = 0;  // of what was said
  std::string_view body_;
  Lines lines_;
  Lines trailers_;
};

}  // namespace rr::net::http
