#include "runtime/plugins/http/access_log.h"

#include <time.h>

#include <string>

namespace rr::http {
namespace {

// Clients must not be able to forge lines or steer terminals.
std::string clean(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
  }
  return out;
}

// "04/Mar/26:10:15:00 +0000"
std::string local_time(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  tm parts{};
  localtime_r(&seconds, &parts);
  char text[40];
  return {text, strftime(text, sizeof text, "%d/%b/%y:%H:%M:%S %z", &parts)};
}

}  // namespace

std::chrono::system_clock::time_point started_at(const net::http::Transaction& transaction) {
  return std::chrono::system_clock::time_point(
      std::chrono::microseconds(transaction.request().received_unix_us));
}

void log_access(const Logger& log, const net::http::Transaction& transaction, AccessRecord record) {
  const HttpRequest& request = transaction.request();
  const HttpHead& head = request.head;
  const std::string uri = clean(request(head.target));
  const std::string_view remote_host = request(head.remote_address);
  std::string remote(remote_host);
  if (head.remote_port != 0) {
    if (remote.find(':') != std::string::npos) remote = "[" + remote + "]";
    remote += ":" + std::to_string(head.remote_port);
  }
  const auto start = started_at(transaction);
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - request.received)
          .count();
  const auto read_bytes = static_cast<std::int64_t>(request.body.size());
  const auto written = static_cast<std::int64_t>(transaction.body_bytes_sent());
  const int status = transaction.status() == 0 ? 200 : transaction.status();
  const std::string method = clean(request(head.method));
  if (record == AccessRecord::brief) {
    log.info("http log", kv("status", status), kv("method", method), kv("URI", uri), kv("URL", uri),
             kv("remote_address", remote), kv("read_bytes", read_bytes), kv("write_bytes", written),
             kv("start", start), kv("elapsed", elapsed));
    return;
  }
  log.info("http access log", kv("read_bytes", read_bytes), kv("write_bytes", written),
           kv("status", status), kv("method", method), kv("URI", uri), kv("URL", uri),
           kv("remote_address", remote), kv("query", clean(request(head.query))),
           kv("content_len", head.content_length), kv("host", clean(request(head.host))),
           kv("user_agent", clean(request.field("User-Agent"))),
           kv("referer", clean(request.field("Referer"))), kv("time_local", local_time(start)),
           kv("request_time", start), kv("start", start), kv("elapsed", elapsed));
}

}  // namespace rr::http
