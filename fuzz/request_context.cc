// The context of a request as a worker in a process reads it, in JSON and protobuf, and what it
// answers: an answer that was encoded is read back by nobody here, but it is JSON, and as long as
// it says.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "ext/pipes/context.h"
#include "ext/pipes/json.h"

namespace {

using rr::ext::Field;
using rr::ext::RequestContext;

void require(bool condition) {
  if (!condition) std::abort();
}

// Reads every byte that a view names.
void touch(std::string_view text) {
  volatile char sum = 0;
  for (const char c : text) sum = static_cast<char>(sum ^ c);
}

void read(RequestContext& context, RequestContext::Codec codec, std::string_view bytes) {
  if (!context.decode(codec, bytes)) {
    require(*context.fault() != '\0');
    return;
  }
  for (const std::string_view text :
       {context.remote_address, context.protocol, context.method, context.uri, context.raw_query,
        context.uploads, context.scheme, context.host, context.path, context.target})
    touch(text);
  std::vector<rr_header> headers;
  for (const Field& field : context.fields) {
    touch(field.name);
    touch(field.value);
    headers.push_back(
        {{field.name.data(), field.name.size()}, {field.value.data(), field.value.size()}});
  }
  for (const Field& attribute : context.attributes) touch(attribute.value);

  std::string json;
  if (rr::ext::encode_json(200, headers.data(), headers.size(), &json)) {
    std::string unescaped;
    unescaped.reserve(json.size());
    rr::ext::JsonReader reader(json, &unescaped);
    require(reader.skip() && reader.at_end());
  } else {
    require(json.empty());
  }
  // The headers of an answer have the form of those of a request, at another number.
  std::string proto;
  rr::ext::encode_proto(200, headers.data(), headers.size(), &proto);
  require(proto.size() >= 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static RequestContext context;  // reused, as a worker does
  read(context, RequestContext::Codec::json, bytes);
  read(context, RequestContext::Codec::proto, bytes);
  read(context, RequestContext::codec_of(0, bytes), bytes);
  return 0;
}
