#include "ext/pipes/context.h"

#include <cstdint>
#include <cstring>

#include "ext/pipes/json.h"

#include "runtime/goridge/frame.h"

namespace rr::ext {

// ---------------------------------------------------------------- what a request says

RequestContext::Codec RequestContext::codec_of(unsigned flags, std::string_view context) {
  if ((flags & goridge::flag::codec_proto) != 0) return Codec::proto;
  if ((flags & goridge::flag::codec_json) != 0) return Codec::json;
  return !context.empty() && context.front() == '{' ? Codec::json : Codec::proto;
}

bool RequestContext::fail(const char* why) {
  fault_ = why;
  return false;
}

bool RequestContext::decode(Codec codec, std::string_view bytes) {
  remote_address = raw_query = uploads = uri = {};
  protocol = "HTTP/1.1";
  method = "GET";
  parsed = false;
  fields.assign(1, {"Host", {}});
  attributes.clear();
  unescaped_.clear();
  if (!(codec == Codec::json ? decode_json(bytes) : decode_proto(bytes))) return false;
  split_uri();
  // The server moves Host into the URI.
  if (host.empty()) {
    fields.erase(fields.begin());
  } else {
    fields.front().value = host;
  }
  for (const Field& attribute : attributes) {
    if (attribute.name == "ipAddress" && !attribute.value.empty()) remote_address = attribute.value;
  }
  return true;
}

bool RequestContext::decode_json(std::string_view bytes) {
  unescaped_.reserve(bytes.size());
  JsonReader json(bytes, &unescaped_);
  // A value, or the values of a list; anything else says nothing.
  const auto values = [&](std::string_view name, std::vector<Field>* into, bool first_alone) {
    std::string_view value;
    if (json.peek() == '"') {
      if (!json.string(&value)) return false;
      into->push_back({name, value});
      return true;
    }
    if (json.peek() != '[') return json.skip();
    bool more = true;
    return json.array([&] {
      if (json.peek() != '"') return json.skip();
      if (!json.string(&value)) return false;
      if (more) into->push_back({name, value});
      more = !first_alone;
      return true;
    });
  };
  const auto map = [&](std::vector<Field>* into, bool first_alone) {
    // An empty one is [] where PHP or Lua made it, and null where there is none.
    if (json.peek() != '{') return json.skip();
    return json.object([&](std::string_view name) { return values(name, into, first_alone); });
  };
  const auto text = [&](std::string_view* out) {
    return json.peek() == '"' ? json.string(out) : json.skip();
  };
  const bool read = json.object([&](std::string_view key) {
    if (key == "remoteAddr") return text(&remote_address);
    if (key == "protocol") return text(&protocol);
    if (key == "method") return text(&method);
    if (key == "uri") return text(&uri);
    if (key == "rawQuery") return text(&raw_query);
    if (key == "headers") return map(&fields, false);
    if (key == "attributes") return map(&attributes, true);
    if (key == "parsed") {
      return json.peek() == 't' || json.peek() == 'f' ? json.boolean(&parsed) : json.skip();
    }
    if (key == "uploads") {
      const bool tree = json.peek() == '{' || json.peek() == '[';
      return json.skip(tree ? &uploads : nullptr);
    }
    return json.skip();
  });
  return (read && json.at_end()) || fail("malformed request context: it is no JSON of a request");
}

namespace {

// protobuf's wire format.
class ProtoReader {
 public:
  explicit ProtoReader(std::string_view bytes) : rest_(bytes) {}
  bool done() const { return rest_.empty(); }

  bool varint(std::uint64_t* out) {
    *out = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      *out |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool bytes(std::string_view* out) {
    std::uint64_t size = 0;
    if (!varint(&size) || size > rest_.size()) return false;
    *out = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return true;
  }
  // The value of a field that is no text.
  bool other(unsigned wire_type, std::uint64_t* out) {
    *out = 0;
    if (wire_type == 0) return varint(out);
    const std::size_t size = wire_type == 1 ? 8 : wire_type == 5 ? 4 : 0;
    if (size == 0 || size > rest_.size()) return false;
    rest_.remove_prefix(size);
    return true;
  }

 private:
  std::string_view rest_;
};

constexpr unsigned kBytes = 2;
constexpr const char* kCutOff = "malformed request context: cut off";

}  // namespace

bool RequestContext::decode_proto(std::string_view bytes) {
  protocol = method = {};
  ProtoReader proto(bytes);
  while (!proto.done()) {
    std::uint64_t tag = 0, number = 0;
    std::string_view value;
    if (!proto.varint(&tag)) return fail(kCutOff);
    if ((tag & 7) != kBytes) {
      if (!proto.other(tag & 7, &number)) return fail(kCutOff);
      if (tag >> 3 == 8) parsed = number != 0;
      continue;
    }
    if (!proto.bytes(&value)) return fail(kCutOff);
    switch (tag >> 3) {
      case 1:
        remote_address = value;
        break;
      case 2:
        protocol = value;
        break;
      case 3:
        method = value;
        break;
      case 4:
        uri = value;
        break;
      case 5:
        if (!decode_entry(value, &fields, false)) return false;
        break;
      case 7:
        raw_query = value;
        break;
      case 9:
        uploads = value;
        break;
      case 10:
        if (!decode_entry(value, &attributes, true)) return false;
        break;
      default:  // cookies are in their header, too
        break;
    }
  }
  return true;
}

// map<string, HeaderValue>: the name may come behind the values.
bool RequestContext::decode_entry(std::string_view bytes, std::vector<Field>* into,
                                  bool first_alone) {
  const std::size_t start = into->size();
  std::string_view name;
  ProtoReader entry(bytes);
  while (!entry.done()) {
    std::uint64_t tag = 0, number = 0;
    std::string_view value;
    if (!entry.varint(&tag)) return fail(kCutOff);
    if ((tag & 7) != kBytes) {
      if (!entry.other(tag & 7, &number)) return fail(kCutOff);
      continue;
    }
    if (!entry.bytes(&value)) return fail(kCutOff);
    if (tag >> 3 == 1) name = value;
    if (tag >> 3 != 2) continue;
    ProtoReader values(value);
    while (!values.done()) {
      if (!values.varint(&tag)) return fail(kCutOff);
      if ((tag & 7) != kBytes) {
        if (!values.other(tag & 7, &number)) return fail(kCutOff);
        continue;
      }
      if (!values.bytes(&value)) return fail(kCutOff);
      if (tag >> 3 == 1 && !(first_alone && into->size() > start)) into->push_back({{}, value});
    }
  }
  for (std::size_t i = start; i < into->size(); ++i) (*into)[i].name = name;
  return true;
}

void RequestContext::split_uri() {
  const bool absolute = !uri.empty() && uri.front() != '/';
  const std::size_t colon = absolute ? uri.find("://") : std::string_view::npos;
  std::size_t start = 0;
  if (colon != std::string_view::npos) {
    start = colon + 3;
  } else if (uri.substr(0, 2) == "//") {
    start = 2;
  }
  std::size_t end = start == 0 ? 0 : uri.find_first_of("/?#", start);
  if (end == std::string_view::npos) end = uri.size();
  host = uri.substr(start, end - start);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos)
    host.remove_prefix(at + 1);
  scheme = colon == std::string_view::npos ? std::string_view("http") : uri.substr(0, colon);
  target = uri.substr(end);
  path = target.substr(0, target.find('?'));
  if (path.empty()) path = "/";
  if (target.empty()) target = "/";
}

// ---------------------------------------------------------------- what an answer begins with

namespace {

std::string_view view_of(rr_text text) {
  return {text.data, text.size};
}

// How long the sequence of UTF-8 at `at` is; 0: it is none.
std::size_t utf8_size(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<std::uint8_t>(text[at + i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool append_json(std::string_view text, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  out->push_back('"');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = utf8_size(text, at);
    if (size == 0) return false;
    const char c = text[at];
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (static_cast<std::uint8_t>(c) < 0x20) {
      out->append("\\u00");
      out->push_back(kDigits[static_cast<std::uint8_t>(c) >> 4]);
      out->push_back(kDigits[c & 15]);
    } else {
      out->append(text.substr(at, size));
    }
    at += size;
  }
  out->push_back('"');
  return true;
}

// Calls `name(text)` for each name once, then `value(text)` for each of its values; false ends it.
template <class Name, class Value>
bool each_name(const rr_header* headers, std::size_t count, Name name, Value value) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view current = view_of(headers[i].name);
    bool before = false;
    for (std::size_t j = 0; j < i && !before; ++j) before = view_of(headers[j].name) == current;
    if (before) continue;
    if (!name(current)) return false;
    for (std::size_t j = i; j < count; ++j) {
      if (view_of(headers[j].name) == current && !value(view_of(headers[j].value), j == i))
        return false;
    }
  }
  return true;
}

void append_varint(std::uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

std::size_t field_size(std::size_t bytes) {
  return 1 + varint_size(bytes) + bytes;
}

void append_field(char tag, std::string_view bytes, std::string* out) {
  out->push_back(tag);
  append_varint(bytes.size(), out);
  out->append(bytes);
}

}  // namespace

bool encode_json(int status, const rr_header* headers, std::size_t count, std::string* out) {
  const std::size_t before = out->size();
  out->append("{\"status\":").append(std::to_string(status)).append(",\"headers\":{");
  bool first = true;
  const bool carried = each_name(
      headers, count,
      [&](std::string_view name) {
        if (!first) out->append("],");
        first = false;
        if (!append_json(name, out)) return false;
        out->append(":[");
        return true;
      },
      [&](std::string_view value, bool first_value) {
        if (!first_value) out->push_back(',');
        return append_json(value, out);
      });
  if (!carried) {
    out->resize(before);
    return false;
  }
  out->append(first ? "}}" : "]}}");
  return true;
}

void encode_proto(int status, const rr_header* headers, std::size_t count, std::string* out) {
  constexpr char kStatus = 0x08, kHeaders = 0x12, kKey = 0x0A, kValue = 0x12, kText = 0x0A;
  out->push_back(kStatus);
  append_varint(static_cast<std::uint64_t>(status), out);
  each_name(
      headers, count,
      [&](std::string_view name) {
        std::size_t values = 0;
        for (std::size_t i = 0; i < count; ++i) {
          if (view_of(headers[i].name) == name) values += field_size(headers[i].value.size);
        }
        out->push_back(kHeaders);
        append_varint(field_size(name.size()) + field_size(values), out);
        append_field(kKey, name, out);
        out->push_back(kValue);
        append_varint(values, out);
        return true;
      },
      [&](std::string_view value, bool) {
        append_field(kText, value, out);
        return true;
      });
}

}  // namespace rr::ext
