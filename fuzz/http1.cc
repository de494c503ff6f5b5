// HTTP/1.x bytes of a client, all at once and again cut into random reads: both must see the same
// requests and bodies. What the parser accepts must also hold what its callers rely on, and a body
// that an answer is made of must come out of the answer again.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/net/http1/request_parser.h"
#include "runtime/net/http1/response_writer.h"

namespace {

using namespace rr;
using namespace rr::net;
using http1::ChunkedDecoder;
using http1::HeadResult;

void require(bool holds) {
  if (!holds) std::abort();
}

// Small, so that the fuzzer reaches them.
constexpr http1::Limits kLimits{.head_bytes = 2048, .trailer_bytes = 128};

// Sizes of reads, from a seed: mostly small ones.
class Cuts {
 public:
  explicit Cuts(std::uint32_t seed) : state_(seed | 1), whole_(seed == 0) {}
  std::size_t next() {
    if (whole_) return SIZE_MAX;
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return 1 + state_ % ((state_ >> 8) % 5 == 0 ? 200 : 7);
  }

 private:
  std::uint32_t state_;
  bool whole_;
};

std::string_view text_of(const http::RequestBlock& block, TextSpan span) {
  require(span.offset + std::uint64_t{span.length} <= block.size());
  return {block.data() + span.offset, span.length};
}

void check_head(const http::RequestBlock& block, std::size_t head_size) {
  const HttpHead& head = block.head;
  require(head_size <= block.size() && head_size <= kLimits.head_bytes);
  const std::string_view method = text_of(block, head.method);
  const std::string_view target = text_of(block, head.target);
  const std::string_view path = text_of(block, head.path);
  require(http::valid_field_name(method) && !target.empty());
  require(head.head_method == (method == "HEAD"));
  require(http::chars::all(text_of(block, head.host), http::chars::kHost));
  if (target.front() == '/') {
    std::string joined(path);
    if (head.query.offset != 0) joined.append("?").append(text_of(block, head.query));
    require(joined == target);
  } else if (head.scheme_authority.length > 0) {
    require(target.starts_with(text_of(block, head.scheme_authority)));
  } else {
    require(target == "*" || method == "CONNECT");
  }
  for (char byte : target) require(static_cast<unsigned char>(byte) > 0x20 && byte != 0x7f);

  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  for (const HttpField& field : block.fields) {
    const std::string_view name = text_of(block, field.name);
    const std::string_view value = text_of(block, field.value);
    require(http::valid_field_name(name));
    require(http::chars::trim(value) == value);
    for (char byte : value) require(!http::chars::is_control(byte));
    hosts += http::equals_ignoring_case(name, "host");
    lengths += http::equals_ignoring_case(name, "content-length");
    codings += http::equals_ignoring_case(name, "transfer-encoding");
  }
  require(hosts == 1 || (hosts == 0 && head.version == HttpVersion::http10));
  require(head.chunked == (codings == 1) && codings <= 1);
  require((head.content_length >= 0) == (lengths > 0));
  require(!head.chunked || lengths == 0);
}

void describe(std::string& story, const http::RequestBlock& block) {
  const HttpHead& head = block.head;
  for (TextSpan span : {head.method, head.target, head.path, head.query, head.scheme_authority,
                        head.host, head.content_type}) {
    story.append(text_of(block, span)).append("|");
  }
  for (const HttpField& field : block.fields) {
    story.append(text_of(block, field.name)).append(":").append(text_of(block, field.value));
    story += '\n';
  }
  story += std::to_string(static_cast<int>(head.version)) + std::to_string(head.content_length) +
           (head.keep_alive ? "k" : "c") + (head.expect_continue ? "e" : "-");
}

// What a connection would make of the bytes: every request of them, until one ends it.
std::string serve(std::string_view bytes, Cuts cuts) {
  std::string story;
  http::RequestBlock block;
  http1::HeadParser parser(kLimits);
  ChunkedDecoder decoder(kLimits);
  std::string carried;
  auto more = [&]() -> bool {
    if (bytes.empty()) return false;
    const std::string_view piece = bytes.substr(0, cuts.next());
    bytes.remove_prefix(piece.size());
    carried.append(piece);
    return true;
  };
  for (int request = 0; request < 8; ++request) {
    block.clear();
    parser.reset();
    HeadResult result = HeadResult::incomplete;
    do {
      if (!carried.empty()) {
        std::memcpy(block.room(carried.size()), carried.data(), carried.size());
        block.commit(carried.size());
        carried.clear();
        result = parser.parse(block);
      }
    } while (result == HeadResult::incomplete && more());
    if (result == HeadResult::incomplete) return story + "(incomplete)";
    if (result == HeadResult::refused) {
      return story + "(refused " + std::to_string(parser.refusal().status) +
             std::string(parser.refusal().reason) + ")";
    }
    check_head(block, parser.head_size());
    describe(story, block);
    story += parser.expectation_failed() ? "!" : "";
    carried.assign(block.data() + parser.head_size(), block.size() - parser.head_size());

    if (block.head.chunked) {
      decoder.reset();
      ChunkedDecoder::Step step = ChunkedDecoder::Step::more;
      do {
        std::string_view input = carried;
        std::string_view piece;
        while ((step = decoder.next(input, piece)) == ChunkedDecoder::Step::data) story += piece;
        require(step != ChunkedDecoder::Step::more || input.empty());
        carried = std::string(input);
      } while (step == ChunkedDecoder::Step::more && more());
      if (step == ChunkedDecoder::Step::more) return story + "(body incomplete)";
      if (step == ChunkedDecoder::Step::malformed) {
        return story + "(malformed: " + std::string(decoder.reason()) + ")";
      }
    } else if (block.head.content_length > 0) {
      const auto length = static_cast<std::uint64_t>(block.head.content_length);
      while (carried.size() < length && more()) {
      }
      if (carried.size() < length) return story + "(body incomplete)";
      story.append(carried, 0, length);
      carried.erase(0, length);
    }
    story += "\n--\n";
  }
  return story;
}

// The bytes as a worker's answer: fields, then a body.
void answer(std::string_view bytes, std::uint8_t flags, Cuts cuts) {
  std::vector<HeaderView> headers;
  while (headers.size() < 12) {
    const std::size_t colon = bytes.find(':');
    if (colon == std::string_view::npos) break;
    const std::size_t end = bytes.find('\n', colon);
    if (end == std::string_view::npos) break;
    headers.push_back({bytes.substr(0, colon), bytes.substr(colon + 1, end - colon - 1)});
    bytes.remove_prefix(end + 1);
  }
  constexpr int kStatuses[] = {200, 204, 304, 404, 599, 200, 206, 500};
  HttpResponseHead head;
  head.status = kStatuses[flags & 7];
  head.headers = headers;
  http1::AnswerTo to;
  to.version = (flags & 8) != 0 ? HttpVersion::http10 : HttpVersion::http11;
  to.head_method = (flags & 16) != 0;
  to.keep_alive = (flags & 32) != 0;
  http1::ResponseWriter writer;
  writer.reset(to);
  std::string out;
  if ((flags & 64) != 0) {
    writer.respond(out, head, bytes);
    out += writer.body_to_send();
  } else {
    writer.start(out, head);
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, cuts.next());
      rest.remove_prefix(piece.size());
      writer.piece(out, piece);
      out += writer.piece_to_send();
      out += writer.piece_tail();
    }
    writer.finish(out);
  }

  // Read it as a client does.
  const std::size_t head_end = out.find("\r\n\r\n");
  require(head_end != std::string::npos);
  std::string_view lines = std::string_view(out).substr(0, head_end + 2);
  lines.remove_prefix(lines.find("\r\n") + 2);
  std::int64_t length = -1;
  bool chunked = false;
  bool says_close = false;
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 2);
    require(line.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    const std::size_t colon = line.find(':');
    require(colon != std::string_view::npos && http::valid_field_name(line.substr(0, colon)));
    const std::string_view value = http::chars::trim(line.substr(colon + 1));
    if (http::equals_ignoring_case(line.substr(0, colon), "content-length")) {
      require(length == -1);
      length = http::chars::parse_length(value);
      require(length >= 0);
    } else if (http::equals_ignoring_case(line.substr(0, colon), "transfer-encoding")) {
      require(!chunked && value == "chunked");
      chunked = true;
    } else if (http::equals_ignoring_case(line.substr(0, colon), "connection")) {
      says_close |= value == "close";
    }
  }
  require(!says_close || writer.must_close());
  require(!chunked || length == -1);
  std::string_view body = std::string_view(out).substr(head_end + 4);
  if (to.head_method || http::forbids_body(head.status)) {
    require(body.empty() && !chunked && writer.body_bytes() == 0);
  } else if (chunked) {
    ChunkedDecoder decoder(http1::Limits{});
    std::string decoded;
    std::string_view piece;
    ChunkedDecoder::Step step;
    while ((step = decoder.next(body, piece)) == ChunkedDecoder::Step::data) decoded += piece;
    require(step == ChunkedDecoder::Step::done && body.empty() && decoded == bytes);
  } else if (length >= 0) {
    require(body.size() <= static_cast<std::uint64_t>(length));
    require(bytes.starts_with(body));
    require(body.size() == static_cast<std::uint64_t>(length) || writer.must_close());
  } else {
    require(body == bytes && writer.must_close());
  }
}

}  // namespace

// Four bytes of seed for the cuts, one of flags, then what the client (or the worker) sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5) return 0;
  std::uint32_t seed = 0;
  std::memcpy(&seed, data, sizeof seed);
  const std::uint8_t flags = data[4];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 5, size - 5);
  if ((flags & 128) != 0) {
    answer(bytes, flags, Cuts(seed));
    return 0;
  }
  const std::string whole = serve(bytes, Cuts(0));
  require(whole == serve(bytes, Cuts(seed | 1)));
  require(whole == serve(bytes, Cuts(seed * 2654435761U | 1)));
  return 0;
}
