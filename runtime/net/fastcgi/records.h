// FastCGI records, sans I/O (the specification of Open Market, version 1). Fuzzed: how bytes are
// cut into reads never changes the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "runtime/net/byte_buffer.h"

namespace rr::net::fastcgi {

enum class Type : std::uint8_t {
  begin_request = 1,
  abort_request = 2,
  end_request = 3,
  params = 4,
  standard_input = 5,
  standard_output = 6,
  standard_error = 7,
  data = 8,
  get_values = 9,
  get_values_result = 10,
  unknown_type = 11,
};

// Why a request ended (protocolStatus).
enum class Ended : std::uint8_t {
  complete = 0,
  cannot_multiplex = 1,
  overloaded = 2,
  unknown_role = 3,
};

struct Record {
  std::uint8_t type = 0;
  std::uint16_t id = 0;
  std::string_view content;
};

// Takes records apart.
class RecordReader {
 public:
  enum class Step : std::uint8_t { more, record, malformed };
  // Consumes from `input` (advances it). `record`: one whole record, whose content lies in the
  // input or here, until the next call. `more`: all of the input is consumed. `malformed` (another
  // version) stays.
  Step next(std::string_view& input, Record& record);
  void reset() {
    partial_.clear();
    used_ = malformed_ = false;
  }

 private:
  ByteBuffer partial_;  // a record that has not come whole
  bool used_ = false;   // the last record lies in partial_
  bool malformed_ = false;
};

// Name and value of FCGI_PARAMS, one after the other.
class PairReader {
 public:
  explicit PairReader(std::string_view bytes) : rest_(bytes) {}
  // False: no further pair. malformed() tells whether something was left over.
  bool next(std::string_view& name, std::string_view& value);
  bool malformed() const { return malformed_; }

 private:
  bool length(std::size_t& out);
  std::string_view rest_;
  bool malformed_ = false;
};

// A BEGIN_REQUEST's content. False: too short.
struct Begin {
  std::uint16_t role = 0;  // 1: responder
  bool keep_connection = false;
};
bool read_begin(std::string_view content, Begin& out);

// Appends one record for each 64 KiB of content; none for none (an empty record ends a stream).
void append_stream(ByteBuffer& out, Type type, std::uint16_t id, std::string_view content);
void append_record(ByteBuffer& out, Type type, std::uint16_t id, std::string_view content);
void append_end(ByteBuffer& out, std::uint16_t id, Ended ended);
void append_unknown_type(ByteBuffer& out, std::uint8_t type);
// The answer to a GET_VALUES.
void append_values(ByteBuffer& out, std::string_view asked, std::uint32_t connections,
                   std::uint32_t requests);

}  // namespace rr::net::fastcgi
