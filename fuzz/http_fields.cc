// Fields of requests that middleware and the answers with files read: dates, ranges, entity tags,
// encodings, directives of caches, addresses by proxies. First byte: which of them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/compress/negotiation.h"
#include "runtime/net/files/conditions.h"
#include "runtime/net/files/file_answer.h"
#include "runtime/net/files/http_date.h"
#include "runtime/plugins/http/middleware/cache/directives.h"
#include "runtime/plugins/http/middleware/cache/policy.h"
#include "runtime/plugins/http/middleware/proxy_ip_parser/parse.h"
#include "runtime/plugins/http/middleware/sendfile/middleware.h"
#include "runtime/plugins/http/routes/path.h"
#include "runtime/plugins/http/routes/pattern.h"

namespace {

using namespace rr;

void check(bool good) {
  if (!good) std::abort();
}

// A GET with one field of each name, all of that value.
class Request {
 public:
  Request(std::string_view value, std::initializer_list<std::string_view> names) {
    std::string clean(value);
    std::erase_if(clean, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    const TextSpan shared = add(clean);
    for (const std::string_view name : names) fields_.push_back({add(name), shared});
    request_.head.method = add("GET");
    request_.text = text_.data();
    request_.fields = fields_;
  }
  const HttpRequest& operator*() const { return request_; }

 private:
  TextSpan add(std::string_view text) {
    const TextSpan span{static_cast<std::uint32_t>(text_.size()),
                        static_cast<std::uint32_t>(text.size())};
    text_ += text;
    return span;
  }

  std::string text_;
  std::vector<HttpField> fields_;
  HttpRequest request_;
};

void date(std::string_view text) {
  const auto seconds = net::files::parse_http_date(text);
  if (seconds) check(net::files::parse_http_date(net::files::http_date(*seconds)) == *seconds);
}

void ranges(std::string_view text) {
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, std::uint64_t{INT64_MAX}}) {
    std::vector<net::files::Range> found;
    const auto result = net::files::parse_ranges(text, size, found);
    check((result == net::files::RangeResult::some) == !found.empty());
    check(found.size() <= net::files::kMaxRanges);
    std::uint64_t total = 0;
    for (const net::files::Range& range : found) {
      check(range.length > 0 && range.length <= size && range.offset <= size - range.length);
      total += range.length;
    }
    check(total <= size);
  }
}

void conditions(std::string_view text) {
  const Request request(
      text, {"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"});
  for (const std::string_view etag : {"", "\"a\"", "W/\"a\""}) {
    net::files::check_conditions(*request, {etag, 784111777});
    net::files::range_counts(*request, {etag, 784111777});
  }
}

void encodings(std::string_view text) {
  using net::compress::Encoding;
  const std::vector<Encoding> offered{Encoding::br, Encoding::gzip};
  const auto chosen = net::compress::choose(text, offered);
  check(!chosen || *chosen != Encoding::zstd);
  net::compress::compressible(text);
}

void caching(std::string_view text) {
  http::cache::Directives directives;
  directives.add(text);
  for (const char* name : {"max-age", "s-maxage", "private"}) {
    const auto seconds = directives.seconds(name);
    check(!seconds || (*seconds >= 0 && directives.has(name)));
  }
  const Request request(text, {"Cache-Control", "Pragma", "Accept"});
  const auto demand = http::cache::demand_of(*request);
  const HeaderView headers[] = {
      {"Cache-Control", text}, {"Expires", text}, {"Vary", text}, {"Age", text}};
  http::cache::Policy policy;
  policy.ttl = std::chrono::seconds(1);
  const http::cache::Moment now{TimePoint(std::chrono::hours(1)), 1'800'000'000};
  const auto entry =
      http::cache::storable(policy, *request, {.status = 200, .headers = headers}, now);
  if (!entry) return;
  check(entry->lifetime > Duration(0) && entry->age_then >= Duration(0));
  check(entry->suits(*request));
  http::cache::usable(*entry, demand, now.steady);
}

void addresses(std::string_view text) {
  using namespace http::proxy_ip;
  client_of_forwarded(text);
  first_forwarded_for(text);
  const std::vector<Subnet> trusted{*Subnet::parse("10.0.0.0/8"), *Subnet::parse("::/1")};
  const Request request(text, {"X-Forwarded-For", "X-Forwarded-For"});
  last_untrusted(*request, trusted);
  if (const auto subnet = Subnet::parse(text)) {
    const auto address = parse_address(text.substr(0, text.find('/')));
    check(address && subnet->contains(*address));
  }
}

void paths(std::string_view text) {
  const std::string cleaned = http::sendfile::cleaned(text);
  check(http::sendfile::cleaned(cleaned) == cleaned);
  check(net::files::decoded_path(text).size() <= text.size());
}

// A pattern in the first line, a path behind it.
void routes(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const auto pattern = http::routes::PathPattern::parse(text.substr(0, end));
  if (pattern) check(pattern->covers(*pattern));
  const std::string_view sent = text.substr(std::min(end + 1, text.size()));
  http::routes::Path path;
  if (!sent.starts_with('/') || !path.read(sent)) return;
  check(!path.readings().empty());
  for (const std::string_view reading : path.readings()) {
    check(reading.starts_with('/') && !reading.ends_with("/.."));
    check(reading.find("/../") == reading.npos && reading.find("/./") == reading.npos);
    if (pattern) pattern->matches(reading);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr void (*kTargets[])(std::string_view) = {date,    ranges,    conditions, encodings,
                                                    caching, addresses, paths,      routes};
  kTargets[data[0] % std::size(kTargets)](text);
  return 0;
}
