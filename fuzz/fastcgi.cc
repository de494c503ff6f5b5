// FastCGI records of a web server, all at once and cut into small reads: both must see the same.
// Parameters that are accepted must hold what callers rely on.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/net/fastcgi/records.h"
#include "runtime/net/fastcgi/request.h"

namespace {

using namespace rr;
using namespace rr::net;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_params(std::string_view params) {
  http::RequestBlock block;
  if (fastcgi::read_params(block, params)) return;
  const auto text = [&](TextSpan span) {
    require(span.offset + std::uint64_t{span.length} <= block.size());
    return std::string_view(block.data() + span.offset, span.length);
  };
  require(!text(block.head.method).empty());
  require(text(block.head.target).find_first_of(" \r\n") == std::string_view::npos);
  text(block.head.path);
  text(block.head.query);
  text(block.head.host);
  text(block.head.remote_address);
  for (const HttpField& field : block.fields) {
    require(!text(field.name).empty());
    require(text(field.value).find_first_of("\r\n") == std::string_view::npos);
  }
}

std::string run(std::string_view bytes, std::size_t at_a_time) {
  std::string seen;
  std::string params;
  fastcgi::RecordReader reader;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, at_a_time);
    bytes.remove_prefix(part.size());
    fastcgi::Record record;
    for (;;) {
      const auto step = reader.next(part, record);
      if (step == fastcgi::RecordReader::Step::more) {
        require(part.empty());
        break;
      }
      if (step == fastcgi::RecordReader::Step::malformed) return seen + "malformed";
      seen += std::to_string(record.type) + "/" + std::to_string(record.id) + ":";
      seen += record.content;
      fastcgi::Begin begin;
      fastcgi::read_begin(record.content, begin);
      ByteBuffer out;
      if (record.id == 0) fastcgi::append_values(out, record.content, 1, 1);
      if (record.type == static_cast<std::uint8_t>(fastcgi::Type::params)) {
        if (record.content.empty()) {
          check_params(params);
          params.clear();
        }
        params += record.content;
      }
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  require(run(bytes, SIZE_MAX) == run(bytes, 1 + data[0] % 16));
  check_params(bytes);
  return 0;
}
