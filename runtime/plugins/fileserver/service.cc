#include "runtime/plugins/fileserver/service.h"

#include <array>
#include <optional>
#include <vector>

#include "runtime/net/compress/sink.h"
#include "runtime/net/files/file_answer.h"
#include "runtime/net/http/response.h"

namespace rr::fileserver {
namespace {

using net::files::FileStore;
namespace compress = net::compress;

constinit const net::files::Crc32::Tables kTables = net::files::Crc32::make_tables(0xD5828281);

constexpr compress::Encoding kOffered[] = {compress::Encoding::gzip, compress::Encoding::br,
                                           compress::Encoding::zstd};

net::files::EtagRule etag_rule(const FileServerConfig& config) {
  using Kind = net::files::EtagRule::Kind;
  const Kind kind = !config.calculate_etag ? Kind::none
                    : config.weak          ? Kind::weak_content
                                           : Kind::content;
  return {kind, &kTables};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// A request of this server. No worker ever sees it. Recycled through a free list of each thread.
class Request final : public net::http::Transaction {
 public:
  static Request* make() {
    auto& list = free_list();
    if (list.empty()) return new Request;
    Request* request = list.back().release();
    list.pop_back();
    return request;
  }

  Result<void> encode(WireRequest&) override {
    return Error(Errc::invalid, "fileserver", "no worker answers for files");
  }
  bool answer(const WireAnswer&) override { return false; }

  void compress_with(compress::Encoding encoding) {
    enter_answers_at(sink_.emplace(way_out(), encoding));
  }

 private:
  static std::vector<std::unique_ptr<Request>>& free_list() {
    thread_local std::vector<std::unique_ptr<Request>> list;
    return list;
  }

  void answer_error(const Error&) override { respond_now({.status = 500}, {}); }
  void dispose() override {
    constexpr std::size_t kKept = 64;
    sink_.reset();
    recycle();
    std::unique_ptr<Request> self(this);
    if (free_list().size() < kKept) free_list().push_back(std::move(self));
  }

  std::optional<compress::CompressingSink> sink_;
};

void refuse(net::http::Transaction& request) {
  const std::string text = "Cannot " +
                           std::string(request.request()(request.request().head.method)) + " " +
                           std::string(request.request()(request.request().head.path));
  const HeaderView type{"Content-Type", "text/plain; charset=utf-8"};
  request.answer_at_once({.status = 404, .headers = {&type, 1}}, text);
}

}  // namespace

Service::Folder::Folder(const FileServerConfig& config, const ServeConfig& serve)
    : prefix(lower(serve.prefix)),
      compress(serve.compress),
      ranges(serve.bytes_range),
      store({.folder = serve.root,
             .etag = etag_rule(config),
             .fresh_for = std::chrono::seconds(serve.cache_duration)}) {
  if (prefix.ends_with('/')) prefix.pop_back();
  if (serve.max_age > 0) cache_control = "public, max-age=" + std::to_string(serve.max_age);
}

Service::Service(const FileServerConfig& config) {
  for (const ServeConfig& each : config.serve) folders_.emplace_back(config, each);
}

net::http::Transaction* Service::make_transaction() {
  return Request::make();
}

Service::Found Service::find(std::string_view path) {
  const std::string name = lower(path);
  for (Folder& folder : folders_) {
    if (!name.starts_with(folder.prefix)) continue;
    const std::string_view rest = path.substr(folder.prefix.size());
    if (!rest.empty() && rest.front() != '/') continue;
    auto opened = folder.store.open(rest);
    if (opened.outcome == FileStore::Outcome::folder)
      opened = folder.store.open(std::string(rest) + "/index.html");
    if (opened.file) return {std::move(opened.file), &folder};
  }
  return {};
}

void Service::handle(net::http::Transaction* transaction) {
  ExchangePtr owned(transaction);
  auto& exchange = static_cast<Request&>(*transaction);
  const HttpRequest& request = exchange.request();
  const std::string_view method = request(request.head.method);
  Found found;
  if (method == "GET" || method == "HEAD")
    found = find(net::files::decoded_path(request(request.head.path)));
  if (!found.file) {
    refuse(exchange);
    return exchange.conclude();
  }
  if (found.folder->compress && method == "GET") {
    if (const auto encoding = compress::choose(request.field("Accept-Encoding"), kOffered))
      exchange.compress_with(*encoding);
  }
  std::vector<HeaderView> headers;
  if (found.folder->compress) headers.push_back({"Vary", "Accept-Encoding"});
  if (!found.folder->cache_control.empty())
    headers.push_back({"Cache-Control", found.folder->cache_control});
  if (exchange.begin())
    net::files::answer_with_file(exchange, *found.file,
                                 {.headers = headers, .ranges = found.folder->ranges});
  exchange.conclude();
}

}  // namespace rr::fileserver
