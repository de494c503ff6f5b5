#include "runtime/plugins/http/context.h"

#include <algorithm>
#include <array>

#include "rr/protobuf.h"
#include "rr/utf8.h"
#include "runtime/plugins/http/ascii.h"
#include "runtime/plugins/http/json_text.h"
#include "runtime/plugins/http/text_writer.h"
#include "runtime/plugins/http/uri.h"

namespace rr::http {
namespace {

constexpr std::uint32_t kEnd = ~std::uint32_t{0};
constexpr std::size_t kFew = 64;  // up to here fields are compared with each other

// Fields that workers do not see: the URI has the host, framing is the server's business.
bool hidden(std::string_view name, bool chunked) {
  switch (name.size()) {
    case 4:
      return ascii::iequals(name, "host");
    case 7:
      return ascii::iequals(name, "trailer");
    case 14:
      return chunked && ascii::iequals(name, "content-length");
    case 17:
      return ascii::iequals(name, "transfer-encoding");
    default:
      return false;
  }
}

int compare_names(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const int difference = ascii::byte(ascii::lower(a[i])) - ascii::byte(ascii::lower(b[i]));
    if (difference != 0) return difference;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

// One of 64 bits; equal names have the same.
std::uint64_t name_bit(std::string_view name) {
  if (name.empty()) return 1;
  const unsigned first = ascii::byte(ascii::lower(name.front()));
  const unsigned middle = ascii::byte(ascii::lower(name[name.size() / 2]));
  const unsigned last = ascii::byte(ascii::lower(name.back()));
  return std::uint64_t{1} << ((name.size() * 13 + first * 5 + middle * 3 + last) & 63);
}

void write_json_name(TextWriter& out, std::string_view name) {
  if (!ascii::is_token(name)) return write_json_string(out, name, Escape::plain);
  char* at = out.room(name.size() + 2);
  *at++ = '"';
  at = write_canonical_name(name, at);
  *at++ = '"';
  out.commit(at);
}

std::size_t estimate(const ContextInput& input) {
  std::size_t bytes = 1024 + input.uploads.size() + input.request.head.target.length * 2;
  for (const HttpField& field : input.request.fields) {
    bytes += 8 + field.name.length + field.value.length + field.value.length / 8;
  }
  return bytes;
}

// First of each name: what a worker reads.
bool first_of_name(std::span<const HeaderView> attributes, std::size_t i) {
  for (std::size_t k = 0; k < i; ++k) {
    if (attributes[k].name == attributes[i].name) return false;
  }
  return true;
}

// ---------------------------------------------------------------- protobuf

using proto::bytes_field_size;

void put_varint(TextWriter& out, std::uint64_t value) {
  out.commit(proto::write_varint(out.room(proto::kMaxVarint), value));
}

void put_bytes(TextWriter& out, unsigned field, std::string_view bytes) {
  out.put(proto::tag(field, proto::Wire::bytes));
  put_varint(out, bytes.size());
  out.put(bytes);
}

// A proto3 string; the default is left out.
void put_string(TextWriter& out, unsigned field, std::string_view text) {
  if (text.empty()) return;
  if (utf8::valid(text)) return put_bytes(out, field, text);
  std::string clean;
  while (!text.empty()) {
    const std::size_t length = utf8::sequence(text);
    clean += length == 0 ? utf8::kReplacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  put_bytes(out, field, clean);
}

// A map entry: key and HeaderValue, whose values take `value_bytes` and are put next.
void put_entry(TextWriter& out, unsigned field, std::string_view key, std::size_t value_bytes) {
  out.put(proto::tag(field, proto::Wire::bytes));
  put_varint(out, bytes_field_size(key.size()) + bytes_field_size(value_bytes));
  put_bytes(out, 1, key);
  out.put(proto::tag(2, proto::Wire::bytes));
  put_varint(out, value_bytes);
}

}  // namespace

char* write_canonical_name(std::string_view name, char* out) {
  if (!ascii::is_token(name)) return std::copy(name.begin(), name.end(), out);
  bool begins_word = true;
  for (char c : name) {
    *out++ = begins_word ? ascii::upper(c) : ascii::lower(c);
    begins_word = c == '-';
  }
  return out;
}

void ContextEncoder::encode(ContextCodec codec, const ContextInput& input, std::string& out) {
  out.clear();
  group_fields(input.request);
  cookies_.parse(input.request);
  uri_.clear();
  append_uri(uri_, input.request);
  query_.clear();
  append_raw_query(query_, input.request);
  codec == ContextCodec::json ? encode_json(input, out) : encode_proto(input, out);
}

void ContextEncoder::group_fields(const HttpRequest& request) {
  heads_.clear();
  next_.clear();
  if (request.fields.size() > kFew) return group_many(request);
  std::array<std::uint32_t, kFew> last;  // of the list that begins with head k
  std::uint64_t seen = 0;
  for (std::uint32_t i = 0; i < request.fields.size(); ++i) {
    next_.push_back(kEnd);
    const std::string_view name = request(request.fields[i].name);
    if (hidden(name, request.head.chunked)) continue;
    const std::uint64_t bit = name_bit(name);
    std::size_t k = heads_.size();
    if ((seen & bit) != 0) {
      for (k = 0; k < heads_.size(); ++k) {
        if (ascii::iequals(request(request.fields[heads_[k]].name), name)) break;
      }
    }
    seen |= bit;
    if (k == heads_.size()) {
      heads_.push_back(i);
    } else {
      next_[last[k]] = i;
    }
    last[k] = i;
  }
}

// By sorting: comparing each with each would let one request of many fields take seconds.
void ContextEncoder::group_many(const HttpRequest& request) {
  order_.clear();
  for (std::uint32_t i = 0; i < request.fields.size(); ++i) {
    next_.push_back(kEnd);
    if (!hidden(request(request.fields[i].name), request.head.chunked)) order_.push_back(i);
  }
  const auto name = [&](std::uint32_t i) { return request(request.fields[i].name); };
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int difference = compare_names(name(a), name(b));
    return difference != 0 ? difference < 0 : a < b;
  });
  for (std::size_t k = 0; k < order_.size(); ++k) {
    if (k > 0 && compare_names(name(order_[k - 1]), name(order_[k])) == 0) {
      next_[order_[k - 1]] = order_[k];
    } else {
      heads_.push_back(order_[k]);
    }
  }
}

void ContextEncoder::encode_json(const ContextInput& input, std::string& out) {
  const HttpRequest& request = input.request;
  TextWriter writer(out, estimate(input));
  writer.put("{\"remoteAddr\":");
  write_json_string(writer, input.remote_address, Escape::plain);
  writer.put(",\"protocol\":\"");
  writer.put(protocol_name(request.head.version));
  writer.put("\",\"method\":");
  write_json_string(writer, request(request.head.method), Escape::plain);
  writer.put(",\"uri\":");
  write_json_string(writer, uri_, Escape::plain);
  writer.put(",\"headers\":{");
  for (std::size_t k = 0; k < heads_.size(); ++k) {
    if (k > 0) writer.put(',');
    write_json_name(writer, request(request.fields[heads_[k]].name));
    std::string_view separator = ":[";
    for (std::uint32_t i = heads_[k]; i != kEnd; i = next_[i]) {
      writer.put(separator);
      write_json_string(writer, request(request.fields[i].value), Escape::plain);
      separator = ",";
    }
    writer.put(']');
  }
  writer.put("},\"cookies\":{");
  std::string_view separator;
  for (const HeaderView& cookie : cookies_.list()) {
    writer.put(separator);
    write_json_string(writer, cookie.name, Escape::plain);
    writer.put(':');
    write_json_string(writer, cookie.value, Escape::plain);
    separator = ",";
  }
  writer.put("},\"rawQuery\":");
  write_json_string(writer, query_, Escape::plain);
  writer.put(input.parsed ? ",\"parsed\":true,\"uploads\":" : ",\"parsed\":false,\"uploads\":");
  writer.put(input.uploads.empty() ? "null" : input.uploads);
  writer.put(",\"attributes\":{");
  separator = {};
  for (std::size_t i = 0; i < input.attributes.size(); ++i) {
    if (!first_of_name(input.attributes, i)) continue;
    writer.put(separator);
    write_json_string(writer, input.attributes[i].name, Escape::plain);
    writer.put(':');
    write_json_string(writer, input.attributes[i].value, Escape::plain);
    separator = ",";
  }
  writer.put("}}");
}

void ContextEncoder::encode_proto(const ContextInput& input, std::string& out) {
  const HttpRequest& request = input.request;
  TextWriter writer(out, estimate(input));
  put_string(writer, 1, input.remote_address);
  put_bytes(writer, 2, protocol_name(request.head.version));
  put_string(writer, 3, request(request.head.method));
  put_string(writer, 4, uri_);
  for (std::uint32_t head : heads_) {
    const std::string_view name = request(request.fields[head].name);
    name_.resize(name.size());
    write_canonical_name(name, name_.data());
    std::size_t bytes = 0;
    for (std::uint32_t i = head; i != kEnd; i = next_[i]) {
      bytes += bytes_field_size(request.fields[i].value.length);
    }
    put_entry(writer, 5, name_, bytes);
    for (std::uint32_t i = head; i != kEnd; i = next_[i]) {
      put_bytes(writer, 1, request(request.fields[i].value));
    }
  }
  for (const HeaderView& cookie : cookies_.list()) {
    put_entry(writer, 6, cookie.name, bytes_field_size(cookie.value.size()));
    put_bytes(writer, 1, cookie.value);
  }
  put_string(writer, 7, query_);
  if (input.parsed) writer.put("\x40\x01");
  if (!input.uploads.empty()) put_bytes(writer, 9, input.uploads);
  for (std::size_t i = 0; i < input.attributes.size(); ++i) {
    if (!first_of_name(input.attributes, i)) continue;
    const std::string_view name = input.attributes[i].name;
    std::size_t bytes = 0;
    for (const HeaderView& attribute : input.attributes) {
      if (attribute.name == name) bytes += bytes_field_size(attribute.value.size());
    }
    put_entry(writer, 10, name, bytes);
    for (const HeaderView& attribute : input.attributes) {
      if (attribute.name == name) put_bytes(writer, 1, attribute.value);
    }
  }
}

}  // namespace rr::http
