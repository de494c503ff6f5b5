// Which body a worker gets (spec 02 §2.5, §2.8): the client's bytes, or the JSON of a form.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rr/http.h"
#include "runtime/plugins/http/uploads.h"

namespace rr::http {

// An answer instead of a worker: plain text with `X-Content-Type-Options: nosniff` (spec 02 §6),
// logged as "request forming error".
struct Refusal {
  int status = 400;
  std::string text;  // the body, line feed included
};

// 413 "serve_http: http: request body too large\n".
Refusal body_too_large();
// 400 "serve_http: <reason>\n".
Refusal malformed_body(std::string_view reason);

struct BodyRules {
  std::uint64_t max_bytes = 1000ull * 1024 * 1024;  // max_request_size
  bool raw = false;                                 // raw_body
  const UploadRules* uploads = nullptr;             // the plugin's; needed unless raw
};

// Whether the body of this request counts and is read at all: not with HEAD and OPTIONS.
bool reads_body(const HttpRequest& request);

struct FormedBody {
  std::string_view bytes;  // into the request's body or `storage`
  std::string storage;
  bool parsed = false;               // `bytes` are the JSON of a form
  std::unique_ptr<Uploads> uploads;  // of a multipart body; to be kept until the exchange ends
  std::string uploads_json;          // empty: no multipart body was parsed
};

// Forms the body of a request whose own body is complete. On a refusal `out` is of no use (its
// files go with it). Media types are compared without regard to case; an empty form is "{}". Writes
// upload files: may wait for the disk.
std::optional<Refusal> form_body(const HttpRequest& request, const BodyRules& rules,
                                 FormedBody& out);

}  // namespace rr::http
