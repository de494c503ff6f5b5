// The context of HTTP frames (spec 02 §2): what a request says, what an answer begins with, each in
// JSON and in protobuf. No I/O. Fuzzed.
#ifndef RR_EMBED_PIPES_CONTEXT_H
#define RR_EMBED_PIPES_CONTEXT_H

#include <string>
#include <string_view>
#include <vector>

#include "rr/text.h"

namespace rr::ext {

struct Field {
  std::string_view name;
  std::string_view value;
};

// What a request says. Reused from one to the next: nothing is allocated when warm.
class RequestContext {
 public:
  enum class Codec { json, proto };

  // By the frame's flags, and by the first byte where they name neither.
  static Codec codec_of(unsigned flags, std::string_view context);

  // The views below live as long as `bytes` and until the next decode(). False: it is no such
  // context, fault() says why.
  bool decode(Codec codec, std::string_view bytes);
  const char* fault() const { return fault_; }

  std::string_view remote_address, protocol, method, uri, raw_query;
  std::string_view uploads;                     // JSON; empty: none
  bool parsed = false;                          // the body is the JSON tree of a form
  std::vector<Field> fields;                    // a value each, Host of the URI before them
  std::vector<Field> attributes;                // the first value of each
  std::string_view scheme, host, path, target;  // of the URI

 private:
  bool decode_json(std::string_view bytes);
  bool decode_proto(std::string_view bytes);
  bool decode_entry(std::string_view bytes, std::vector<Field>* into, bool first_alone);
  bool fail(const char* why);
  void split_uri();

  std::string unescaped_;  // texts of JSON that had escapes; never grows during a decode()
  const char* fault_ = "";
};

// Adds an answer's context. False: JSON cannot carry bytes of the headers; `out` is as before.
bool encode_json(int status, const rr_header* headers, std::size_t count, std::string* out);
void encode_proto(int status, const rr_header* headers, std::size_t count, std::string* out);

}  // namespace rr::ext

#endif
