#include "runtime/net/files/file_answer.h"

#include <algorithm>
#include <random>
#include <vector>

#include "runtime/net/files/conditions.h"
#include "runtime/net/http/response.h"

namespace rr::net::files {
namespace {

std::string content_range(const Range& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.offset) + "-" +
         std::to_string(range.offset + range.length - 1) + "/" + std::to_string(size);
}

std::string make_boundary() {
  thread_local std::mt19937_64 random(std::random_device{}());
  std::string out;
  for (int i = 0; i < 60; ++i) out += "0123456789abcdef"[random() & 15];
  return out;
}

// One answer on its way.
class Answer {
 public:
  Answer(HttpExchange& exchange, const OpenFile& file, const FileAnswer& how)
      : exchange_(exchange), request_(exchange.request()), file_(file), how_(how) {
    headers_.assign(how.headers.begin(), how.headers.end());
    type_ = file.type();
    for (const HeaderView& header : how.headers) {
      if (!http::equals_ignoring_case(header.name, "Content-Type")) continue;
      type_ = header.value;
      type_given_ = true;
    }
  }

  void give() {
    const Validators validators{file_.etag(), file_.modified()};
    switch (check_conditions(request_, validators)) {
      case Condition::not_modified:
        return without_body(304, validators.etag.empty());
      case Condition::failed:
        return without_body(412, true);
      case Condition::proceed:
        break;
    }
    std::vector<Range> ranges;
    const bool ranged = how_.ranges && range_counts(request_, validators);
    switch (parse_ranges(ranged ? request_.field("Range") : "", file_.size(), ranges)) {
      case RangeResult::whole:
        return whole();
      case RangeResult::some:
        return ranges.size() == 1 ? one(ranges.front()) : many(ranges);
      case RangeResult::no_overlap:
        return refuse("invalid range: failed to overlap\n");
      case RangeResult::malformed:
        return refuse("invalid range\n");
    }
  }

 private:
  void add(std::string_view name, std::string_view value) { headers_.push_back({name, value}); }

  void add_validators(bool date) {
    if (date) add("Last-Modified", file_.last_modified());
    if (!file_.etag().empty()) add("Etag", file_.etag());
  }

  void add_file_fields() {
    if (!type_given_) add("Content-Type", type_);
    if (how_.ranges) add("Accept-Ranges", "bytes");
    add_validators(true);
  }

  void without_body(int status, bool date) {
    add_validators(date);
    exchange_.respond({.status = status, .headers = headers_}, {});
  }

  void whole() {
    add_file_fields();
    if (file_.size() == 0) {
      add("Content-Length", "0");  // also of an answer to HEAD
      exchange_.respond({.status = 200, .headers = headers_}, {});
      return;
    }
    exchange_.respond_file({.status = 200, .headers = headers_}, file_.bytes(0, file_.size()));
  }

  void one(const Range& range) {
    add_file_fields();
    const std::string where = content_range(range, file_.size());
    add("Content-Range", where);
    exchange_.respond_file({.status = 206, .headers = headers_},
                           file_.bytes(range.offset, range.length));
  }

  void many(const std::vector<Range>& ranges) {
    const std::string boundary = make_boundary();
    std::vector<std::string> heads;
    const std::string end = "\r\n--" + boundary + "--\r\n";
    std::uint64_t length = end.size();
    for (const Range& range : ranges) {
      heads.push_back((heads.empty() ? "--" : "\r\n--") + boundary +
                      "\r\nContent-Range: " + content_range(range, file_.size()) +
                      "\r\nContent-Type: " + std::string(type_) + "\r\n\r\n");
      length += heads.back().size() + range.length;
    }
    std::erase_if(headers_, [](const HeaderView& header) {
      return http::equals_ignoring_case(header.name, "Content-Type");
    });
    const std::string type = "multipart/byteranges; boundary=" + boundary;
    const std::string size = std::to_string(length);
    type_given_ = true;
    add("Content-Type", type);
    add("Content-Length", size);
    add_file_fields();
    exchange_.start({.status = 206, .headers = headers_});
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      exchange_.write(PinnedBytes{heads[i]});
      exchange_.write_file(file_.bytes(ranges[i].offset, ranges[i].length));
    }
    exchange_.write(PinnedBytes{end});
    exchange_.finish();
  }

  // As Go does: what is said about the file is not about this text.
  void refuse(std::string_view text) {
    std::erase_if(headers_, [](const HeaderView& header) {
      return http::equals_ignoring_case(header.name, "Content-Type") ||
             http::equals_ignoring_case(header.name, "Cache-Control");
    });
    const std::string size = "bytes */" + std::to_string(file_.size());
    if (text.find("overlap") != std::string_view::npos) add("Content-Range", size);
    add("Content-Type", "text/plain; charset=utf-8");
    add("X-Content-Type-Options", "nosniff");
    exchange_.respond({.status = 416, .headers = headers_}, PinnedBytes{text});
  }

  HttpExchange& exchange_;
  const HttpRequest& request_;
  const OpenFile& file_;
  const FileAnswer& how_;
  std::vector<HeaderView> headers_;
  std::string_view type_;
  bool type_given_ = false;
};

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void answer_with_file(HttpExchange& exchange, const OpenFile& file, const FileAnswer& how) {
  Answer(exchange, file, how).give();
}

std::string decoded_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && i + 2 < path.size() && hex(path[i + 1]) >= 0 && hex(path[i + 2]) >= 0) {
      out += static_cast<char>(hex(path[i + 1]) * 16 + hex(path[i + 2]));
      i += 2;
    } else {
      out += path[i];
    }
  }
  return out;
}

}  // namespace rr::net::files
