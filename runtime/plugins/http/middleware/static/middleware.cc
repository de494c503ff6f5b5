#include "runtime/plugins/http/middleware/static/middleware.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "rr/log.h"
#include "runtime/net/files/content_types.h"
#include "runtime/net/files/file_answer.h"
#include "runtime/net/files/file_store.h"

namespace rr::http::static_files {
namespace {

namespace files = net::files;
using Outcome = files::FileStore::Outcome;

constinit const files::Crc32::Tables kTables = files::Crc32::make_tables(0x48D90782);

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::vector<std::string> extensions(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (!name.empty()) out.push_back(lower(name));
  }
  return out;
}

files::EtagRule etag_rule(const StaticConfig& config) {
  using Kind = files::EtagRule::Kind;
  const Kind kind = !config.calculate_etag ? Kind::none
                    : config.weak          ? Kind::weak_name
                                           : Kind::content;
  return {kind, &kTables};
}

class Static final : public HttpMiddleware {
 public:
  Static(const StaticConfig& config, Logger log)
      : config_(config),
        forbid_(extensions(config.forbid)),
        allow_(extensions(config.allow)),
        store_({.folder = config.dir,
                .links = config.follow_links ? files::FileStore::Links::anywhere
                                             : files::FileStore::Links::stay_inside,
                .etag = etag_rule(config)}),
        log_(log) {
    for (const auto& [name, value] : config_.response) headers_.push_back({name, value});
  }

  HttpVerdict handle(HttpCall& call) override {
    const HttpRequest& request = call.request();
    std::string path = files::decoded_path(request(request.head.path));
    if (path.find("..") != std::string::npos) {
      call.respond({.status = 403});
      return HttpVerdict::answered;
    }
    const std::string_view method = request(request.head.method);
    if (method != "GET" && method != "HEAD") return HttpVerdict::pass;
    std::erase_if(path, [](char c) { return c == '\r' || c == '\n'; });
    if (!served(path)) return HttpVerdict::pass;
    const auto opened = store_.open(path);
    if (opened.outcome != Outcome::opened) {
      say_why(opened.outcome, path);
      return HttpVerdict::pass;
    }
    for (const auto& [name, value] : config_.request) call.add_field(name, value);
    if (HttpExchange* exchange = call.take())
      files::answer_with_file(*exchange, *opened.file, {.headers = headers_});
    return HttpVerdict::answered;
  }

 private:
  bool served(std::string_view path) const {
    const std::string extension = lower(files::extension_of(path));
    if (extension.empty()) return false;
    const auto in = [&](const std::vector<std::string>& list) {
      return std::ranges::find(list, extension) != list.end();
    };
    if (in(forbid_)) {
      log_.debug("file extension is forbidden", kv("ext", extension));
      return false;
    }
    if (!allow_.empty() && !in(allow_)) return false;
    return !config_.deny_dotfiles || path.find("/.") == std::string_view::npos;
  }

  void say_why(Outcome outcome, std::string_view path) {
    switch (outcome) {
      case Outcome::folder:
        log_.debug("possible path to dir provided", kv("path", path));
        break;
      case Outcome::outside:
        // Once: whoever asks for it again would fill the log.
        if (!said_outside_.exchange(true))
          log_.warn(
              "a link leads out of http.static.dir and is not followed; "
              "http.static.follow_links: true allows it",
              kv("path", path));
        break;
      default:
        log_.debug("no such file or directory", kv("path", path));
    }
  }

  const StaticConfig config_;
  const std::vector<std::string> forbid_;
  const std::vector<std::string> allow_;
  files::FileStore store_;
  const Logger log_;
  std::vector<HeaderView> headers_;  // of config_.response
  std::atomic<bool> said_outside_{false};
};

}  // namespace

void StaticConfig::check(config::Errors& errors) const {
  struct stat info {};
  const bool exists = stat(dir.c_str(), &info) == 0;
  if (errors.require(exists, "dir", "root directory '" + dir + "' does not exists"))
    errors.require(S_ISDIR(info.st_mode), "dir", "invalid root directory '" + dir + "'");
}

std::unique_ptr<HttpMiddleware> make(const StaticConfig& config, Context& context) {
  if (!context.has("http.static")) return nullptr;
  return std::make_unique<Static>(config, context.logger("static"));
}

}  // namespace rr::http::static_files
